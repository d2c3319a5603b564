"""The two encoders of marks, how a mark looks and what it shows, each with the name its vectors are kept under."""

import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from services.image_search.concept import ConceptEncoder
from services.image_search.concept_views import concept_views_of
from services.image_search.embedding import MarkEmbedder
from services.image_search.image import MarkImage
from services.image_search.marks import Vectors
from services.image_search.portrait import VERSION, Portrait, portray, sketch
from services.image_search.vienna import ViennaTable

_CONCEPT_VERSION: Final = 2  # of how a mark is shown to the concept encoder


@dataclass(frozen=True)
class Encoders:
    """What describes marks and queries; either may be of another version than the one that described a register."""

    looks: MarkEmbedder
    concepts: ConceptEncoder
    # Held while marks are described in the background: those of several registers are, one after another.
    in_background: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    @classmethod
    def open(cls, artifacts_dir: Path) -> Self:
        """Open the artifacts `mark-embedder`, `concept-encoder` and `vienna-codes`; raise ArtifactError."""
        table = ViennaTable.open(artifacts_dir / "vienna-codes")
        looks = MarkEmbedder(artifacts_dir / "mark-embedder")
        return cls(looks, ConceptEncoder(artifacts_dir / "concept-encoder", table))

    @property
    def looks_signature(self) -> str:
        """Return the name under which a register keeps how marks look, and in which form."""
        return f"{self.looks.name}/{self.looks.version}+{VERSION}"

    @property
    def concepts_signature(self) -> str:
        """Return the name under which a register keeps what marks show."""
        return f"{self.concepts.name}/{self.concepts.version}+{_CONCEPT_VERSION}"

    @property
    def signatures(self) -> tuple[str, str]:
        """Return both names."""
        return self.looks_signature, self.concepts_signature

    def describe(self, image: MarkImage, known: Collection[str] = ()) -> dict[str, Vectors]:
        """Describe a mark, looked at once, by each encoder whose signature is not `known`; blank images are refused."""
        drawn = sketch(image)
        made: dict[str, Vectors] = {}
        if self.looks_signature not in known:
            made[self.looks_signature] = portray(self.looks, drawn).to_vectors()
        if self.concepts_signature not in known:
            made[self.concepts_signature] = self.concepts.embed_views(concept_views_of(image.pixels, drawn.views))
        return made

    def portrait(self, descriptions: Mapping[str, Vectors]) -> Portrait:
        """Put together what `describe` made; what the mark shows may be missing."""
        concept = descriptions.get(self.concepts_signature)
        return Portrait.from_vectors(descriptions[self.looks_signature], self.looks.shape_dims, concept)

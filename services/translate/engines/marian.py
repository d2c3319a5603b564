"""A Marian student as an engine."""

from collections.abc import Sequence

from examkit.artifact import Artifact
from services.translate.engines import beam
from services.translate.engines.decoder import decode
from services.translate.engines.protocol import Draft
from services.translate.engines.student import Student
from services.translate.languages import LanguagePair, LanguageTag


class MarianEngine:
    """Translates with the student of an artifact."""

    name = "marian-student"

    def __init__(self, artifact: Artifact) -> None:
        """Open and warm the student up; raise ArtifactError when the artifact cannot be trusted."""
        manifest = artifact.manifest
        source, target = (LanguageTag.parse(str(manifest.properties[f"{s}_language"])) for s in ("source", "target"))
        self.pair = LanguagePair(source, target)
        self.model = manifest.name, manifest.version
        self._student = Student(artifact)
        decode(self._student, ["1"])

    def keeps(self, character: str) -> bool:
        """Tell whether the vocabulary has a character."""
        return self._student.keeps(character)

    def translate(self, segments: Sequence[str]) -> list[Draft]:
        """Translate segments greedily; one of more pieces than the student reads gives an empty text."""
        return decode(self._student, segments)

    def alternatives(self, segment: str) -> list[Draft]:
        """Translate a segment in several ways; see `beam`."""
        return beam.alternatives(self._student, segment)

"""Training texts through an encoder: documents, and the titles that describe main groups without any."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from models.classify.dense import TaughtVectors
from models.classify.labels import labels_of
from models.classify.material import Material
from models.classify.titles import PseudoPatent
from services.classify.dense import meaning_of
from services.classify.encoder import Encoder
from services.classify.index import Floats
from services.classify.ipc import Level

# A title stands for a group, not for a patent: it counts less.
_TITLE_WEIGHT: Final = 0.3
# Of all that is embedded few texts are translations, but they are the ones most like what offices will ask about.
_TRANSLATION_WEIGHT: Final = 2.0
# So many texts are kept in one file: after a stop, or with more texts, only what is new is embedded.
_PART: Final = 5000


def leading_titles(titles: Iterable[PseudoPatent]) -> list[PseudoPatent]:
    """Return the first description of each main group in each language: the one that holds its own title."""
    first: dict[tuple[str, str], PseudoPatent] = {}
    for title in titles:
        first.setdefault((str(title.main_group), title.language), title)
    return list(first.values())


@dataclass(frozen=True)
class Embedder:
    """An encoder with a folder in which its vectors are kept, so that a run that was stopped does not begin again."""

    encoder: Encoder
    kept: Path
    report: Callable[[str], None]

    def __call__(self, texts: Sequence[str]) -> Floats:
        """Return the embeddings of texts: float32 of shape (texts, dim)."""
        parts = []
        for start in range(0, len(texts), _PART):
            parts.append(self._embedded(texts[start : start + _PART]))
            self.report(f"{self.encoder.name}: {min(start + _PART, len(texts))} of {len(texts)} texts")
        return np.concatenate(parts)

    def _embedded(self, texts: Sequence[str]) -> Floats:
        file = self.kept / f"{self.encoder.name}-{self._fingerprint(texts)}.npy"
        if not file.exists():
            with ThreadPoolExecutor() as threads:
                vectors = np.stack(list(threads.map(self.encoder.encode, texts)))
            draft = file.with_suffix(".draft.npy")
            np.save(draft, vectors)
            draft.replace(file)
        return np.asarray(np.load(file), np.float32)

    def _fingerprint(self, texts: Sequence[str]) -> str:
        whole = "\0".join((self.encoder.version, str(self.encoder.properties), *texts))
        return hashlib.sha256(whole.encode(errors="replace")).hexdigest()[:16]


def embed_all(embed: Embedder, material: Material) -> TaughtVectors:
    """Embed the documents, leading titles and translations in the languages of an encoder, in their order."""
    languages = embed.encoder.properties.languages
    patents, titles = material.patents, leading_titles(material.titles)
    rows = [row for row, patent in enumerate(patents) if _reads(languages, patent.language)]
    described = [title for title in titles if _reads(languages, title.language)]
    rendered = [patent for patent in material.translations if _reads(languages, patent.language)]
    texts = (
        [meaning_of(patents[row].text) for row in rows],
        [title.text for title in described],
        [meaning_of(patent.text) for patent in rendered],
    )
    vectors = np.concatenate([embed(some) for some in texts if some])
    symbols = [patents[row].symbols for row in rows] + [(title.main_group,) for title in described]
    symbols += [patent.symbols for patent in rendered]
    counts = {1.0: len(rows), _TITLE_WEIGHT: len(described), _TRANSLATION_WEIGHT: len(rendered)}
    weights = np.repeat(np.array(list(counts), np.float32), list(counts.values()))
    subclasses, main_groups = (labels_of(symbols, material.tree, level) for level in (Level.SUBCLASS, Level.MAIN_GROUP))
    return TaughtVectors(vectors, subclasses, main_groups, weights, np.array(rows, np.int64))


def _reads(languages: Sequence[str], language: str) -> bool:
    """Tell whether an encoder is for a language; one without a list of languages reads them all."""
    return not languages or language in languages

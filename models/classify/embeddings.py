"""Training texts through an encoder: documents, and the titles that describe main groups without any."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from models.classify.corpus import LabelledPatent
from models.classify.dense import TaughtVectors
from models.classify.labels import labels_of
from models.classify.titles import PseudoPatent
from services.classify.dense import meaning_of
from services.classify.encoder import Encoder
from services.classify.index import Floats, LabelTree
from services.classify.ipc import Level

# A title stands for a group, not for a patent: it counts less.
_TITLE_WEIGHT: Final = 0.3
_REPORT_EVERY: Final = 5000


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
        file = self.kept / f"{self.encoder.name}-{self._fingerprint(texts)}.npy"
        if not file.exists():
            vectors = np.concatenate([self._encoded(part, texts) for part in _parts(texts)])
            draft = file.with_suffix(".draft.npy")
            np.save(draft, vectors)
            draft.replace(file)
        return np.asarray(np.load(file), np.float32)

    def _encoded(self, part: range, texts: Sequence[str]) -> Floats:
        with ThreadPoolExecutor() as threads:
            vectors = np.stack(list(threads.map(self.encoder.encode, texts[part.start : part.stop])))
        self.report(f"{self.encoder.name}: {part.stop} of {len(texts)} texts")
        return vectors

    def _fingerprint(self, texts: Sequence[str]) -> str:
        whole = "\0".join((self.encoder.version, str(self.encoder.properties), *texts))
        return hashlib.sha256(whole.encode(errors="replace")).hexdigest()[:16]


def embed_all(
    embed: Embedder, patents: Sequence[LabelledPatent], titles: Sequence[PseudoPatent], tree: LabelTree
) -> TaughtVectors:
    """Embed the documents and titles in the languages of an encoder, in their order."""
    languages = embed.encoder.properties.languages
    rows = [row for row, patent in enumerate(patents) if _reads(languages, patent.language)]
    described = [title for title in titles if _reads(languages, title.language)]
    texts = [meaning_of(patents[row].text) for row in rows] + [title.text for title in described]
    vectors = embed(texts)
    symbols = [patents[row].symbols for row in rows] + [(title.main_group,) for title in described]
    weights = np.concatenate((np.ones(len(rows)), np.full(len(described), _TITLE_WEIGHT))).astype(np.float32)
    subclasses, main_groups = (labels_of(symbols, tree, level) for level in (Level.SUBCLASS, Level.MAIN_GROUP))
    return TaughtVectors(vectors, subclasses, main_groups, weights, np.array(rows, np.int64))


def _parts(texts: Sequence[str]) -> Iterator[range]:
    return (range(len(texts))[start : start + _REPORT_EVERY] for start in range(0, len(texts), _REPORT_EVERY))


def _reads(languages: Sequence[str], language: str) -> bool:
    """Tell whether an encoder is for a language; one without a list of languages reads them all."""
    return not languages or language in languages

"""Labelled patents for training: reading, cleaning and splitting the collected JSON lines files."""

import gzip
import hashlib
import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from services.classify.ipc import MalformedSymbolError, Symbol
from services.classify.text import PatentText

FILES: Final = ("docs_text.jsonl.gz", "docs_text2.jsonl.gz", "docs_titles_only.jsonl.gz", "docs_titles2.jsonl.gz")

# CC BY-NC-SA: weights trained on it could not be used by an office without asking.
_NON_COMMERCIAL: Final = frozenset({"ospa_synbio"})
# Nearly all of this source is B01D and C02F: one document in eight keeps it from swamping the priors.
_ONE_IN: Final = {"ro_membrane": 8}
# These give one class of several, or only the classes somebody searched for.
INCOMPLETE_SOURCES: Final = frozenset(
    {"juliusgeo", "lucaslopes_patstat", "newzhoujian", "ro_membrane", "us_semimap", "p2n_hn"}
)


class Part(StrEnum):
    """Which use a document is kept for."""

    TRAIN = "train"
    DEV = "dev"
    HOLD_OUT = "hold-out"


@dataclass(frozen=True)
class LabelledPatent:
    """One patent document with the symbols an office or a concordance gave it; some stop at the subclass."""

    document_id: str
    source: str
    language: str
    text: PatentText
    symbols: tuple[Symbol, ...]

    @property
    def part(self) -> Part:
        """Return the split the document falls into: 10 % hold-out, 6 % dev, by a hash of its title or abstract."""
        text = self.text
        key = text.title or text.abstract[:240] or text.claims[:240] or text.text[:240] or text.description[:240]
        value = _hash(f"split {_letters(key)}") % 100
        if value < 10:
            return Part.HOLD_OUT
        return Part.DEV if value < 16 else Part.TRAIN


def read_patents(folder: Path, names: Iterable[str] = FILES) -> Iterator[LabelledPatent]:
    """Yield the usable documents of the collection; symbols that cannot be read are left out."""
    for name in names:
        with gzip.open(folder / name, "rt", encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                if _is_usable(row):
                    yield _patent_of(row)


def _is_usable(row: Mapping[str, Any]) -> bool:
    if row["source"] in _NON_COMMERCIAL or row.get("flag"):
        return False
    return _hash(row["id"]) % _ONE_IN.get(row["source"], 1) == 0


def _patent_of(row: Mapping[str, Any]) -> LabelledPatent:
    text = PatentText(title=row.get("title", ""), abstract=row.get("abstract", ""), claims=row.get("claim1", ""))
    symbols = dict.fromkeys(_readable(row["ipc"]))
    return LabelledPatent(row["id"], row["source"], row.get("lang", ""), text, tuple(symbols))


def _readable(texts: Iterable[str]) -> Iterator[Symbol]:
    for text in texts:
        try:
            yield Symbol.parse(text)
        except MalformedSymbolError:
            continue


def _letters(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKC", text).lower() if char.isalnum())


def _hash(key: str) -> int:
    return int(hashlib.sha256(key.encode()).hexdigest()[:8], 16)

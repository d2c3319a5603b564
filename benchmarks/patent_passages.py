"""Passages of real patents to measure translation on, chosen by a hash: one share to develop on, another to report."""

import gzip
import hashlib
import json
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Any, Final

from examkit.errors import InvalidInputError
from services.translate.documents.document import Encoded
from services.translate.documents.patent import open_patent
from services.translate.languages import LanguageTag
from services.translate.markup.unit import Role, Unit

_TEXTS: Final = ("docs_text.jsonl.gz", "docs_text2.jsonl.gz")
_TITLES: Final = ("docs_titles_only.jsonl.gz", "docs_titles2.jsonl.gz")
_UNITS_TOGETHER: Final = 5
_FEWEST_WORDS: Final = 8
_LONG_CLAIM: Final = 200
# Of each kind at most so many.
_SIZES: Final = {"claim": 250, "long claim": 60, "abstract": 150, "passage": 250}
_MOST_TITLES: Final = 1_000
_MOST_OF_A_DOCUMENT: Final = 25


class Share(StrEnum):
    """What a document is used for: to look at and mend, or to report."""

    DEVELOPMENT = "development"
    REPORT = "report"


@dataclass(frozen=True)
class Passage:
    """A piece of a patent; `kind` is one of claim, long claim, abstract, passage (lines of an XML document), title."""

    document: str
    kind: str
    text: str


def english_passages(folder: Path, share: Share) -> list[Passage]:
    """Give passages of the English patents under `folder`, in an order told by a hash, so many of each kind."""
    found = sorted(_of_share([*_claims_and_abstracts(folder), *_xml_passages(folder)], share), key=_order)
    return [
        passage
        for kind, count in _SIZES.items()
        for passage in islice((each for each in found if each.kind == kind), count)
    ]


def titles(folder: Path, share: Share, language: str) -> list[Passage]:
    """Give titles of patents in a language that have something besides letters in them."""
    rows = (row for name in _TITLES for row in _rows(folder / name) if row.get("lang") == language)
    wanted = [Passage(row["id"], "title", row["title"]) for row in rows if _is_telling(row["title"])]
    return sorted(_of_share(wanted, share), key=_order)[:_MOST_TITLES]


def scheme_titles(folder: Path, share: Share) -> list[Passage]:
    """Give Spanish titles of the IPC that refer to other symbols, or have numbers or signs in them."""
    with gzip.open(folder / "ipc_scheme.tsv.gz", "rt", encoding="utf-8") as lines:
        columns = next(lines).rstrip("\n").split("\t")
        rows = (dict(zip(columns, line.rstrip("\n").split("\t"), strict=True)) for line in lines)
        wanted = [Passage(row["symbol"], "title", row["title_es"]) for row in rows if _is_telling(row["title_es"])]
    return sorted(_of_share(wanted, share), key=_order)[:_MOST_TITLES]


def _of_share(passages: Sequence[Passage], share: Share) -> Iterator[Passage]:
    for passage in passages:
        is_reported = _digest(passage.document)[0] % 2 == 0
        if is_reported is (share is Share.REPORT):
            yield passage


def _order(passage: Passage) -> bytes:
    return _digest(passage.text)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _is_telling(text: str) -> bool:
    return any(character.isdigit() or not (character.isalpha() or character in " ,;.-()") for character in text)


def _claims_and_abstracts(folder: Path) -> Iterator[Passage]:
    for name in _TEXTS:
        for row in _rows(folder / name):
            claim, abstract = row.get("claim1", ""), row.get("abstract", "")
            if row.get("lang") == "en" and len(claim.split()) >= _FEWEST_WORDS:
                kind = "long claim" if len(claim.split()) >= _LONG_CLAIM else "claim"
                yield Passage(row["id"], kind, claim)
            if row.get("lang") == "en" and _is_telling(abstract):
                yield Passage(row["id"], "abstract", abstract)


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _xml_passages(folder: Path) -> Iterator[Passage]:
    with tarfile.open(folder / "xml_samples.tar.gz") as archive:
        for member in archive:
            stored = archive.extractfile(member)
            if stored and member.name.startswith(("ep_st36", "uspto/xml", "uspto/pap")):
                yield from _of_document(member.name, stored.read().decode())


def _of_document(name: str, text: str) -> Iterator[Passage]:
    try:
        document = open_patent(Encoded(text, "utf-8"), LanguageTag("en"))
    except InvalidInputError:  # some samples are not well-formed or have entities of their own
        return
    lines = [_shown(unit) for section in document.sections for unit in section.units if unit.has_words]
    starts = range(0, len(lines), _UNITS_TOGETHER)
    passages = [Passage(name, "passage", "\n".join(lines[start : start + _UNITS_TOGETHER])) for start in starts]
    yield from sorted(passages, key=_order)[:_MOST_OF_A_DOCUMENT]


def _shown(unit: Unit) -> str:
    """Give the text of a unit as a reader sees it, in one line."""
    shown = {offset: tag.shown for offset, tag in unit.tags if tag.role is Role.WORD}
    return " ".join("".join(shown.get(i, character) for i, character in enumerate(unit.text)).split())

"""The patent glossary of English, Portuguese and Spanish that comes with Examkit.

A row of the table is a concept. Forms are parted by `|`, the preferred one first; one after `=` is good enough where a
translation has it, and is not looked for. A plural that its ending does not give stands after `/`. A gender `-` says
that the term is no noun.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from itertools import permutations
from pathlib import Path
from typing import Final

from services.translate.languages import LanguagePair, LanguageTag
from services.translate.terminology.glossary import Glossary, Term, Wording
from services.translate.terminology.inflection import Gender, plural

PATENT: Final = "patent"
_TABLE: Final = Path(__file__).with_name("patent.tsv")
_NO_NOUN: Final = "-"
_LANGUAGES: Final = ("en", "pt", "es")

_Row = Mapping[str, str]


@cache
def patent_glossaries() -> tuple[Glossary, ...]:
    """Give the glossary of each direction."""
    with _TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return tuple(_glossary(rows, source, target) for source, target in permutations(_LANGUAGES, 2))


def _glossary(rows: Iterable[_Row], source: str, target: str) -> Glossary:
    pair = LanguagePair(LanguageTag(source), LanguageTag(target))
    return Glossary(PATENT, pair, _united(_term(row, source, target) for row in rows))


def _term(row: _Row, source: str, target: str) -> Term:
    gender = row.get(f"{target}_gender")
    return Term(
        tuple(_wordings(row, source, is_accepted=False)),
        tuple(_wordings(row, target, is_accepted=False)),
        tuple(_wordings(row, target, is_accepted=True)),
        Gender(gender) if gender and gender != _NO_NOUN else None,
        is_noun=gender != _NO_NOUN,
        needs_sign=source in row["ambiguous_in"].split(),
    )


def _wordings(row: _Row, language: str, *, is_accepted: bool) -> Iterator[Wording]:
    for form in row[language].split("|"):
        if form.startswith("=") == is_accepted:
            singular, _, other = form.removeprefix("=").partition("/")
            yield Wording(singular, other or plural(singular, language))


def _united(terms: Iterable[Term]) -> Iterator[Term]:
    """Give each wording a term of its own; of one that several concepts share, accept what any of them is called."""
    everything = list(terms)
    targets: dict[Wording, list[Wording]] = {}
    for term in everything:
        for wording in term.sources:
            targets.setdefault(wording, []).extend((*term.targets, *term.accepted))
    for term in everything:
        for wording in term.sources:
            yield replace(term, sources=(wording,), accepted=tuple(dict.fromkeys(targets[wording])))

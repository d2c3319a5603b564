"""The documents that the classifier is measured on: what is right for each, and which groups it belongs to."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.classify.corpus import INCOMPLETE_SOURCES, LabelledPatent, Part, read_patents
from models.classify.translations import SOURCE as TRANSLATED
from services.classify.ipc import Level, Symbol
from services.classify.scheme import Scheme

ENGLISH: Final = "English texts"
COMPLETE: Final = "English texts, complete labels"
PYGRAMS: Final = "source pygrams"
LUCASLOPES: Final = "source lucaslopes"
ENGLISH_TITLES: Final = "English titles"
KOREAN: Final = "Korean texts"
PORTUGUESE_TITLES: Final = "Portuguese titles"
EUROPEAN_TITLES: Final = "French, German, Italian, Spanish titles"
ALL_COMPLETE: Final = "all languages, complete labels"

_LANGUAGES: Final = {
    **{"en": "English", "ko": "Korean", "zh": "Chinese", "pt": "Portuguese"},
    **{"fr": "French", "de": "German", "it": "Italian", "es": "Spanish"},
}
_EUROPEAN: Final = frozenset({"fr", "de", "it", "es"})
# The sources that name the main class first. `lucaslopes` does so where its codes are IPC; where they are CPC, its
# numbers begin with LL.
_MAIN_FIRST: Final = frozenset(
    {"lucaslopes", "pygrams", "br_rpi2861", "kr_inu", "kr_kipris_neojune", "kr_skn15", "newzhoujian", "cn_carrot"}
)

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Documents:
    """Patents with their symbols at each level, as far as the scheme has them, and masks (patents,) of groups."""

    patents: Sequence[LabelledPatent]
    labels: Mapping[Level, Sequence[frozenset[Symbol]]]
    groups: Mapping[str, Mask]

    def __len__(self) -> int:
        return len(self.patents)

    @classmethod
    def of(cls, patents: Sequence[LabelledPatent], scheme: Scheme) -> "Documents":
        """Find labels and groups."""
        labels = {level: [known_labels(patent, level, scheme) for patent in patents] for level in Level}
        named = [frozenset(groups_of(patent)) for patent in patents]
        names = sorted(frozenset().union(*named))
        return cls(patents, labels, {name: np.array([name in each for each in named], bool) for name in names})

    def first_listed(self, level: Level, row: int) -> Symbol | None:
        """Return the symbol a document lists first, where its source puts the main class first and it has the level."""
        patent = self.patents[row]
        if not is_main_first(patent):
            return None
        first = patent.symbols[0]
        symbol = first if level is Level.SUBGROUP else first.at(level) if first.level.depth >= level.depth else None
        return symbol if symbol in self.labels[level][row] else None


def read_part(folder: Path, part: Part) -> list[LabelledPatent]:
    """Read the labelled patents of one part of the collection."""
    return [patent for patent in read_patents(folder) if patent.part is part and patent.symbols]


def known_labels(patent: LabelledPatent, level: Level, scheme: Scheme) -> frozenset[Symbol]:
    """Return a document's symbols at a level as far as the installed edition has them; whole symbols for subgroups."""
    if level is Level.SUBGROUP:
        labels = {symbol for symbol in patent.symbols if symbol.main_group}
    else:
        labels = {symbol.at(level) for symbol in patent.symbols if symbol.level.depth >= level.depth}
    return frozenset(symbol for symbol in labels if symbol in scheme)


def groups_of(patent: LabelledPatent) -> Iterator[str]:
    """Name the groups a document is counted in."""
    yield f"source {patent.source}"
    kind = "texts" if is_text(patent) else "titles"
    yield f"{_LANGUAGES.get(patent.language, 'Other')} {kind}"
    if patent.language in _EUROPEAN and kind == "titles":
        yield EUROPEAN_TITLES
    if is_complete(patent) and patent.source != TRANSLATED:
        yield ALL_COMPLETE
    if patent.language == "en" and kind == "texts":
        yield from _english_groups(patent)


def _english_groups(patent: LabelledPatent) -> Iterable[str]:
    if is_complete(patent):
        yield COMPLETE
    for section in sorted({symbol.section for symbol in patent.symbols}):
        yield f"section {section}, English texts"


def is_text(patent: LabelledPatent) -> bool:
    """Tell whether a document has more than its title."""
    return bool(patent.text.abstract or patent.text.claims)


def is_complete(patent: LabelledPatent) -> bool:
    """Tell whether the source lists every symbol of its documents."""
    return patent.source not in INCOMPLETE_SOURCES


def is_main_first(patent: LabelledPatent) -> bool:
    """Tell whether the order of a document's symbols means something."""
    return patent.source in _MAIN_FIRST and not patent.document_id.startswith("LL")

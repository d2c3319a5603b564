"""Training documents in the languages that the installed translators write: machine translations of English ones.

Few offices publish abstracts in their own language under open terms, so hardly any are in the collection.
"""

import hashlib
import json
import multiprocessing
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Final

from examkit.artifact import sha256_of
from models.classify.corpus import INCOMPLETE_SOURCES, LabelledPatent
from services.classify.ipc import Level
from services.classify.text import PatentText
from services.translate.engine import RoutedTranslator
from services.translate.languages import LanguageTag
from services.translate.routing import Status

# What a document's source is called when its text is no longer the source's.
SOURCE: Final = "translated"
_SOURCE_LANGUAGE: Final = LanguageTag.parse("en")
# Encoder and abstract say most of what they say in so many letters, and time grows with them.
_ABSTRACT_LETTERS: Final = 600
_BATCH: Final = 10

Report = Callable[[str], None]


def spread(patents: Sequence[LabelledPatent], most: int) -> list[LabelledPatent]:
    """Choose English documents with an abstract, about `most` of each subclass, the rare ones with the frequent.

    The same documents give the same choice, whatever their order. Sources that list some symbols only are left out.
    """
    usable = [each for each in patents if each.text.abstract and each.source not in INCOMPLETE_SOURCES]
    taken: Counter[str] = Counter()
    chosen = []
    for patent in sorted(usable, key=lambda each: hashlib.sha256(each.document_id.encode()).digest()):
        subclasses = {str(symbol.at(Level.SUBCLASS)) for symbol in patent.symbols if symbol.subclass_letter}
        if patent.language == _SOURCE_LANGUAGE.language and any(taken[each] < most for each in subclasses):
            taken.update(subclasses)
            chosen.append(patent)
    return chosen


def translated(
    patents: Sequence[LabelledPatent], translators: Path, kept: Path, report: Report
) -> list[LabelledPatent]:
    """Return English patents in every language that a translator in the folder `translators` writes; none without one.

    Translations are kept in the folder `kept`, so that a run that was stopped does not begin again.
    """
    if not any(translators.glob("translator-*")):
        return []
    routes = RoutedTranslator.load(translators).routes()
    good = [route for route in routes if route.status is Status.READY and not route.is_gist]
    targets = [route.pair.target for route in good if route.pair.source == _SOURCE_LANGUAGE]
    return [each for target in targets for each in _in_language(patents, target, translators, kept, report)]


def _in_language(
    patents: Sequence[LabelledPatent], target: LanguageTag, translators: Path, kept: Path, report: Report
) -> Iterator[LabelledPatent]:
    file = kept / f"translations-{target}-{_fingerprint(patents, translators)}.json"
    if not file.exists():
        draft = file.with_suffix(".draft")
        draft.write_text(json.dumps(list(_texts(patents, target, translators, report))), "utf-8")
        draft.replace(file)
    for patent, (title, abstract) in zip(patents, json.loads(file.read_bytes()), strict=True):
        yield replace(patent, source=SOURCE, language=str(target), text=PatentText(title=title, abstract=abstract))


def _texts(
    patents: Sequence[LabelledPatent], target: LanguageTag, translators: Path, report: Report
) -> Iterator[tuple[str, str]]:
    texts = [(patent.text.title, patent.text.abstract[:_ABSTRACT_LETTERS]) for patent in patents]
    batches = [texts[start : start + _BATCH] for start in range(0, len(texts), _BATCH)]
    # Processes, since a translator spends much of its time between the calls of its network.
    with ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as pool:
        for number, batch in enumerate(pool.map(partial(_translate, translators, str(target)), batches), 1):
            yield from batch
            if number % 50 == 0:
                report(f"translated to {target}: {number * _BATCH} of {len(texts)} documents")


def _translate(translators: Path, target: str, texts: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    # A blank text is refused: some documents have no title.
    whole = [part for parts in texts for part in parts if part.strip()]
    answer = _opened(translators).translate(whole, _SOURCE_LANGUAGE, LanguageTag.parse(target))
    found = iter(translation.text for translation in answer.translations)
    return [(next(found) if title.strip() else "", next(found)) for title, _ in texts]


@cache
def _opened(translators: Path) -> RoutedTranslator:
    return RoutedTranslator.load(translators)


def _fingerprint(patents: Sequence[LabelledPatent], translators: Path) -> str:
    manifests = [sha256_of(file) for file in sorted(translators.glob("translator-*/manifest.json"))]
    texts = [f"{patent.text.title}\0{patent.text.abstract}" for patent in patents]
    whole = "\0".join(manifests + texts)
    return hashlib.sha256(whole.encode(errors="replace")).hexdigest()[:16]

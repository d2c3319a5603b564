"""Which documents are translated for training, and that the work is kept."""

from pathlib import Path

import pytest

from models.classify.corpus import LabelledPatent
from models.classify.translations import spread, translated
from services.classify.ipc import Symbol
from services.classify.text import PatentText
from tests.tiny_student import write_artifact, write_package


def patent(number: int, symbol: str = "A46B 9/04", **changes: str) -> LabelledPatent:
    source, language = changes.get("source", "lucaslopes"), changes.get("language", "en")
    text = PatentText(changes.get("title", f"Toothbrush {number}"), changes.get("abstract", "A brush with a spring."))
    return LabelledPatent(f"US{number}", source, language, text, (Symbol.parse(symbol),))


@pytest.fixture(scope="module")
def translators(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("translators")
    package = write_package(folder / "package")
    for languages in (("en", "pt"), ("pt", "en")):
        write_artifact(folder / f"translator-{'-'.join(languages)}", package, languages)
    return folder


def test_frequent_subclasses_leave_room_for_rare_ones():
    patents = [*map(patent, range(50)), patent(99, "H01L 21/00")]
    chosen = spread(patents, 4)
    assert [each.symbols[0] for each in chosen].count(Symbol.parse("A46B 9/04")) == 4
    assert patents[-1] in chosen
    assert spread(patents[::-1], 4) == chosen


@pytest.mark.parametrize("change", [{"language": "ko"}, {"abstract": ""}, {"source": "juliusgeo"}])
def test_only_english_abstracts_with_all_their_symbols_are_chosen(change):
    assert spread([patent(1, **change)], 4) == []


def test_english_documents_come_in_the_languages_that_are_written(translators, tmp_path):
    patents = [patent(1), patent(2, title="")]
    found = translated(patents, translators, tmp_path, print)
    assert [(each.document_id, each.language, each.symbols) for each in found] == [
        ("US1", "pt", patents[0].symbols),
        ("US2", "pt", patents[1].symbols),
    ]
    assert [bool(each.text.title) for each in found] == [True, False]
    assert all(each.text.abstract not in {"", "A brush with a spring."} for each in found)


def test_work_is_kept_for_the_same_documents_only(translators, tmp_path):
    first = translated([patent(1)], translators, tmp_path, print)
    (kept,) = tmp_path.iterdir()
    before = kept.stat().st_mtime_ns
    assert translated([patent(1)], translators, tmp_path, print) == first
    assert kept.stat().st_mtime_ns == before
    translated([patent(2)], translators, tmp_path, print)
    assert len(list(tmp_path.iterdir())) == 2

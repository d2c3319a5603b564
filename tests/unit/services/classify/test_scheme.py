"""The installed scheme: look-up, hierarchy, search, and files that do not fit together."""

import pytest

from examkit.artifact import Manifest, hash_files, write_manifest
from examkit.errors import ArtifactError
from services.classify.ipc import Symbol
from services.classify.scheme import FORMAT, FORMAT_VERSION, SYMBOLS_FILE, Scheme, SchemeEntry
from tests.fakes_classify import small_scheme

SCHEME = small_scheme()
INTERCONNECTIONS = Symbol.parse("H01L 21/768")


def symbols_of(entries):
    return [str(entry.symbol) for entry in entries]


def test_an_entry_has_its_title_and_indentation():
    assert SCHEME.entry(INTERCONNECTIONS) == SchemeEntry(INTERCONNECTIONS, "Applying interconnections", 2)
    assert INTERCONNECTIONS in SCHEME
    assert SCHEME.title(INTERCONNECTIONS) == "Applying interconnections"


def test_what_the_edition_lacks_has_nothing():
    unknown = Symbol.parse("G06F 17/00")
    assert unknown not in SCHEME
    assert (SCHEME.entry(unknown), SCHEME.parent(unknown), SCHEME.title(unknown)) == (None, None, "")
    assert SCHEME.children(unknown) == SCHEME.ancestors(unknown) == []
    assert SCHEME.knows(["H01L", "G06F"]).tolist() == [True, False]


def test_ancestors_follow_the_dots_from_the_section_down():
    assert symbols_of(SCHEME.ancestors(INTERCONNECTIONS)) == ["H", "H01", "H01L", "H01L 21/00", "H01L 21/70"]
    assert SCHEME.parent(INTERCONNECTIONS) == SCHEME.entry(Symbol.parse("H01L 21/70"))
    assert SCHEME.parent(Symbol.parse("H")) is None


def test_children_are_the_entries_directly_below():
    assert symbols_of(SCHEME.children(Symbol.parse("A46B 9/00"))) == ["A46B 9/02", "A46B 9/04"]
    assert symbols_of(SCHEME.children(Symbol.parse("H01L 21/00"))) == ["H01L 21/70"]


def test_titles_come_in_the_language_asked_for_or_the_default():
    electricity = Symbol.parse("H")
    assert SCHEME.title(electricity, "fr") == "ÉLECTRICITÉ"
    assert SCHEME.title(electricity, "ko") == SCHEME.title(electricity) == "ELECTRICITY"
    assert SCHEME.languages == ("en", "fr")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("Toothbrush", ["A46B 9/04"]),
        ("semiconductor dev", ["H01L", "H01L 21/00"]),
        ("brush", ["A46", "A46B", "A46B 9/00"]),
        ("rush", []),
        ("h01l21/768", ["H01L 21/768"]),
        ("H01L 99/00", []),
        ("12 ( * .", []),
    ],
)
def test_search_wants_every_word_and_puts_broader_symbols_first(query, found):
    result = SCHEME.search(query, limit=10)
    assert symbols_of(result.entries) == found
    assert result.count == len(found)


def test_search_folds_accents_and_pages():
    assert symbols_of(SCHEME.search("electricite", limit=5, language="fr").entries) == ["H"]
    page = SCHEME.search("brush", limit=1, offset=1)
    assert (symbols_of(page.entries), page.count) == (["A46B"], 3)


@pytest.fixture
def write(tmp_path):
    def write_scheme(symbols: str, titles: str):
        (tmp_path / SYMBOLS_FILE).write_text(symbols)
        (tmp_path / "titles-en.txt").write_text(titles)
        files = hash_files(tmp_path, [SYMBOLS_FILE, "titles-en.txt"])
        properties = {"edition": "2026.01", "languages": ["en"]}
        write_manifest(tmp_path, Manifest("ipc-scheme", "1", FORMAT, FORMAT_VERSION, "", "", files, properties))
        return tmp_path

    return write_scheme


def test_an_artifact_is_read_with_its_edition(write):
    scheme = Scheme.open(write("A\t0\t-1\nA01\t0\t0", "HUMAN NECESSITIES\nAGRICULTURE"))
    assert (scheme.edition, scheme.title(Symbol.parse("A01"))) == ("2026.01", "AGRICULTURE")


@pytest.mark.parametrize(
    ("symbols", "titles"),
    [("A\t0\t-1\nA01\t0\t0", "one title"), ("A\t0\t-1\nA01", "a\nb"), ("A\tx\t-1", "a"), ("", "a")],
)
def test_files_that_do_not_fit_are_refused(write, symbols, titles):
    with pytest.raises(ArtifactError, match="cannot be read, or the titles"):
        Scheme.open(write(symbols, titles))

"""The installed scheme: look-up, hierarchy, search, and files that do not fit together."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from examkit.artifact import Manifest, hash_files, write_manifest
from examkit.errors import ArtifactError, InvalidInputError, NotFoundError
from services.classify.concordance import Concordance, Transfer
from services.classify.ipc import Lifetime, Symbol
from services.classify.scheme import FORMAT, FORMAT_VERSION, SYMBOLS_FILE, Scheme, SchemeEntry, packed, titles_file
from tests.fakes_classify import small_scheme

SCHEME = small_scheme()
INTERCONNECTIONS = Symbol.parse("H01L 21/768")


def symbols_of(entries):
    return [str(entry.symbol) for entry in entries]


def test_an_entry_has_its_title_indentation_and_number_of_children():
    assert SCHEME.entry(INTERCONNECTIONS) == SchemeEntry(INTERCONNECTIONS, "Applying interconnections", 2, 0)
    brushes = SCHEME.entry(Symbol.parse("A46B 9/00"))
    assert brushes is not None
    assert (brushes.dots, brushes.child_count) == (0, 2)
    assert INTERCONNECTIONS in SCHEME
    assert SCHEME.title(INTERCONNECTIONS) == "Applying interconnections"


def test_what_the_edition_lacks_has_nothing():
    unknown = Symbol.parse("G06F 17/00")
    assert unknown not in SCHEME
    assert (SCHEME.entry(unknown), SCHEME.title(unknown)) == (None, "")
    assert SCHEME.children(unknown) == SCHEME.ancestors(unknown) == []
    assert SCHEME.knows(["H01L", "G06F"]).tolist() == [True, False]


def test_ancestors_follow_the_dots_from_the_section_down():
    assert symbols_of(SCHEME.ancestors(INTERCONNECTIONS)) == ["H", "H01", "H01L", "H01L 21/00", "H01L 21/70"]
    assert SCHEME.ancestors(INTERCONNECTIONS)[-1] == SCHEME.entry(Symbol.parse("H01L 21/70"))
    assert SCHEME.ancestors(Symbol.parse("H")) == []


def test_children_are_the_entries_directly_below():
    assert symbols_of(SCHEME.children(Symbol.parse("A46B 9/00"))) == ["A46B 9/02", "A46B 9/04"]
    assert symbols_of(SCHEME.children(Symbol.parse("H01L 21/00"))) == ["H01L 21/70"]
    assert symbols_of(SCHEME.children(None)) == ["A", "H"]


def test_titles_come_in_the_language_asked_for_or_the_default():
    electricity = Symbol.parse("H")
    assert SCHEME.title(electricity, "fr") == "ÉLECTRICITÉ"
    assert SCHEME.title(electricity, "fr-CA") == SCHEME.title(electricity, "FR") == "ÉLECTRICITÉ"
    assert SCHEME.title(electricity, "ko") == SCHEME.title(electricity) == "ELECTRICITY"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("Toothbrush", ["A46B 9/04"]),
        ("semiconductor dev", ["H01L", "H01L 21/00", "H01L 21/70"]),
        ("brush", ["A46B", "A46B 9/00", "A46"]),
        ("rush", []),
        ("h01l21/768", ["H01L 21/768"]),
        ("H01L 99/00", []),
        ("12 ( * .", []),
        ("brush\nbodies", ["A46B 9/00"]),
    ],
)
def test_search_wants_every_word_and_puts_whole_words_before_words_begun(query, found):
    result = SCHEME.search(query, limit=10)
    assert symbols_of(result.entries) == found
    assert result.count == len(found)


def test_search_folds_accents_and_pages():
    assert symbols_of(SCHEME.search("electricite", limit=5, language="fr").entries) == ["H"]
    page = SCHEME.search("brush", limit=1, offset=1)
    assert (symbols_of(page.entries), page.count) == (["A46B 9/00"], 3)


def titled(language, **titles):
    """Make a scheme of main groups below one subclass: A01B 1/00, 3/00 and so on, or the subgroups `g1_02`."""
    rows = {"A": "section", "A01": "class", "A01B": titles.pop("top", "subclass")}
    symbols, parents = list(rows), [-1, 0, 1]
    for name, title in titles.items():
        main_group, _, subgroup = name[1:].partition("_")
        rows[f"A01B {main_group}/{subgroup or '00'}"] = title
        parents.append(symbols.index(f"A01B {main_group}/00") if subgroup else 2)
        symbols = list(rows)
    dots = np.zeros(len(rows), np.uint8)
    texts = {language: "\n".join(rows.values())}
    return Scheme("2020.01", symbols, dots, np.array(parents, np.int32), texts)


def found_in(scheme, query, language="en"):
    return [
        str(entry.symbol).removeprefix("A01B ") for entry in scheme.search(query, limit=100, language=language).entries
    ]


@pytest.mark.parametrize(
    ("language", "title", "queries"),
    [
        ("en", "Brushes; Batteries", ("brush", "brushing", "battery", "BATTERIES")),
        ("es", "Motores eléctricos", ("electricidad", "eléctrico", "electrica", "motor", "MOTORES ELECTRICOS")),
        ("fr", "Électricité; chevaux", ("électrique", "electrique", "électricité", "cheval")),
        ("de", "Bürsten; Geräte", ("Bürste", "bursten", "gerat", "Gerät")),
        ("pt", "Escovas de dentes; ligações", ("escova", "ligacoes", "dente")),
        ("ru", "Щётки и двигатели", ("щётка", "двигатель")),
        ("xx", "Brushes", ("brushes", "brush")),
        ("zh", "半导体器件的制造；LED 装置", ("半导体", "器件", "装置 led", "导体 制造")),
        ("ja", "半導体装置、ＬＥＤ", ("半導体", "led", "装置")),
        ("ko", "반도체의 제조", ("반도체", "제조", "도체")),
    ],
)
def test_words_are_found_in_every_inflection_accent_and_script(language, title, queries):
    scheme = titled(language, g1="nothing", g3=title, g5="something else")
    for query in queries:
        assert found_in(scheme, query, language) == ["3/00"], query
    assert found_in(scheme, "夜夜", language) == found_in(scheme, "zzz", language) == []


def test_the_most_fitting_title_comes_first():
    scheme = titled(
        "en",
        g1="Pumps, with valves of a kind",
        g1_02="Pump valves",
        g3="Pump valves of rubber",
        g5="Valve pumps",
        g7="Pumpkin valves",
        g9="Pumps",
        g9_02="having valves",
        g9_04="having nothing",
        g11="Valves",
    )
    assert found_in(scheme, "pump valves") == ["5/00", "3/00", "1/00", "1/02", "7/00", "9/02"]


def test_words_above_count_from_the_subclass_down_and_only_beside_words_of_the_own_title():
    scheme = titled("en", top="Looms", g1="Reeds", g1_02="of steel", g3="Healds of steel", g3_02="woven")
    assert found_in(scheme, "loom steel") == ["3/00", "1/02"]
    assert found_in(scheme, "loom reed steel") == ["1/02"]
    assert found_in(scheme, "section steel") == []


def test_words_of_thousands_of_titles_are_asked_for_only_where_they_stand_alone():
    groups = {f"g{number}": "of the kind" for number in range(1, 1200)}
    scheme = titled("en", **groups, g5000="brushes for teeth", g5001="brushes of the kind")
    assert found_in(scheme, "brushes of teeth") == ["5000/00"]
    assert len(found_in(scheme, "of")) == 100


@given(st.text(max_size=60), st.sampled_from(["en", "fr", "zh", "ar", "xx"]))
def test_no_query_breaks_the_search(query, language):
    scheme = titled(language, g1="半导体 Brushes, Électricité 3D", g3="")
    assert set(found_in(scheme, query, language)) <= {"A", "A01", "A01B", "1/00"}


def test_threads_may_search_at_once():
    scheme = titled("en", **{f"g{number}": f"{word}s" for number, word in enumerate(("brush", "pump", "loom"), 1)})
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda word: found_in(scheme, word), ["brush", "pump", "loom"] * 100))
    assert found == [["1/00"], ["2/00"], ["3/00"]] * 100


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("brushes", "A46B"),
        ("brushing machines", "A46D 9/00"),
        ("semiconductor devices", "H01L"),
        ("ELECTRICITY", "H"),
        ("toothbrushes", "A47K 5/18"),
        ("neural network model", "G06N 3/02"),
        ("machine learning", "G06N 20/00"),
        ("lighting devices", "F21L"),
    ],
)
def test_the_installed_scheme_gives_an_examiner_the_place_that_fits(installed, query, first):
    assert str(installed.search(query, limit=1).entries[0].symbol) == first


@pytest.fixture(scope="module")
def installed(artifacts_dir):
    return Scheme.open(artifacts_dir / "ipc-scheme")


def test_families_of_the_installed_scheme_are_whole(installed):
    sections = installed.children(None)
    assert "".join(str(entry.symbol) for entry in sections) == "ABCDEFGH"
    assert all(len(installed.children(entry.symbol)) == entry.child_count > 0 for entry in sections)


@pytest.fixture
def write(tmp_path):
    def write_scheme(symbols: str, titles: str):
        (tmp_path / SYMBOLS_FILE).write_bytes(packed([symbols]))
        (tmp_path / titles_file("en")).write_bytes(packed([titles]))
        files = hash_files(tmp_path, [SYMBOLS_FILE, titles_file("en")])
        properties = {"edition": "2026.01", "languages": ["en"]}
        write_manifest(tmp_path, Manifest("ipc-scheme", "1", FORMAT, FORMAT_VERSION, "", "", files, properties))
        return tmp_path

    return write_scheme


def test_an_artifact_is_read_with_its_edition(write):
    scheme = Scheme.open(write("A\t0\t-1\nA01\t0\t0", "HUMAN NECESSITIES\nAGRICULTURE"))
    assert (scheme.edition, scheme.title(Symbol.parse("A01"))) == ("2026.01", "AGRICULTURE")


@pytest.mark.parametrize(
    ("symbols", "titles"),
    [
        ("A\t0\t-1\nA01\t0\t0", "one title"),
        ("A\t0\t-1\nA01", "a\nb"),
        ("A\tx\t-1", "a"),
        ("", "a"),
        ("A01\t0\t1\nA\t0\t-1", "a\nb"),
    ],
)
def test_files_that_do_not_fit_are_refused(write, symbols, titles):
    with pytest.raises(ArtifactError, match="cannot be read, or the titles"):
        Scheme.open(write(symbols, titles))


OTHERS = Concordance(
    [
        Transfer("H01L 99/00", "H01L 21/768", "2018.01"),
        Transfer("H01L 99/00", "A46B 9/02", "2018.01"),
        Transfer("H01L 21/70", "H10D 1/00", "2025.01"),
        Transfer("F24J 2/00", "A46B 9/00", ""),
    ],
    {"H01L 99/00": Lifetime("1995.01", "2018.01"), "A01B 1/00": Lifetime("1968.09")},
    "2026.01",
)


def with_history(history):
    """Make the small scheme once more, in English and with a concordance."""
    entries = list(walked(None))
    symbols = symbols_of(entries)
    above = [SCHEME.ancestors(entry.symbol) for entry in entries]
    parents = [symbols.index(str(each[-1].symbol)) if each else -1 for each in above]
    titles = {"en": "\n".join(entry.title for entry in entries)}
    return Scheme("2020.01", symbols, np.zeros(len(symbols), np.uint8), np.array(parents, np.int32), titles, history)


def walked(symbol):
    for entry in SCHEME.children(symbol):
        yield entry
        yield from walked(entry.symbol)


@pytest.fixture
def scheme_with_history():
    return with_history(OTHERS)


@pytest.mark.parametrize(
    ("symbol", "named"),
    [
        ("H01L 99/00", ["A46B 9/02: arranged in an undulating formation", "H01L 21/768: Applying interconnections"]),
        ("H10D 1/00", ["H01L 21/70: Manufacture of integrated circuit devices"]),
        ("F24J", ["A46B: BRUSHES"]),
        ("A01B 1/00", []),
    ],
)
def test_a_symbol_of_another_edition_is_refused_with_what_it_has_become(scheme_with_history, symbol, named):
    with pytest.raises(InvalidInputError) as refused:
        scheme_with_history.check(Symbol.parse(symbol), "/startFrom", InvalidInputError)
    assert (refused.value.code, refused.value.target) == ("symbol-of-another-edition", "/startFrom")
    assert [detail.message for detail in refused.value.details] == named
    assert {detail.pointer for detail in refused.value.details} <= {"/startFrom"}


def test_a_symbol_that_no_edition_is_known_to_have_is_unknown(scheme_with_history):
    for scheme in (scheme_with_history, with_history(None)):
        with pytest.raises(NotFoundError) as refused:
            scheme.check(Symbol.parse("G06F 17/00"), "/path/symbol", NotFoundError)
        assert refused.value.code == "unknown-symbol"
        scheme.check(INTERCONNECTIONS, "/path/symbol", NotFoundError)


@pytest.mark.parametrize(
    ("symbol", "edition", "standing"),
    [
        ("H01L 21/768", "2020.01", "valid"),
        ("H01L 99/00", "2020.01", "invalid"),
        ("H01L 99/00", "2017.01", "valid"),
        ("H01L 99/00", "2018.01", "invalid"),
        ("H01L 99/00", "1990.01", "invalid"),
        ("A01B 1/00", "2026.01", "valid"),
        ("A01B 1/00", "2027.01", "unknown"),
        ("A01B 7/00", "2015.01", "invalid"),
    ],
)
def test_validity_is_told_by_the_scheme_for_its_edition_and_by_the_concordance_for_others(
    scheme_with_history, symbol, edition, standing
):
    assert scheme_with_history.validity(Symbol.parse(symbol), edition).standing == standing
    alone = with_history(None).validity(Symbol.parse(symbol), edition)
    assert alone.standing == (standing if edition == "2020.01" else "unknown")
    assert (alone.lifetime, alone.successors, alone.predecessors) == (None, [], [])


def test_validity_names_successors_and_predecessors_of_this_edition(scheme_with_history):
    gone = scheme_with_history.validity(Symbol.parse("H01L 99/00"), "2020.01")
    assert (symbols_of(gone.successors), symbols_of(gone.predecessors)) == (["A46B 9/02", "H01L 21/768"], [])
    assert gone.lifetime == Lifetime("1995.01", "2018.01")
    newer = scheme_with_history.validity(Symbol.parse("H10D 1/00"), "2020.01")
    assert (symbols_of(newer.successors), symbols_of(newer.predecessors)) == ([], ["H01L 21/70"])
    kept = scheme_with_history.validity(Symbol.parse("A46B 9/02"), "2020.01")
    assert (symbols_of(kept.successors), symbols_of(kept.predecessors)) == ([], [])

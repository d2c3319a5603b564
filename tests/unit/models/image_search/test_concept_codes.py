"""Concepts find their Vienna codes by rule, by kind and by likeness; an office's table is read or refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from examkit.errors import ArtifactError
from models.image_search.concept_codes import CodeFinder, Rules, sections_by_noun
from models.image_search.vienna import build_from_table, read_table, write_own
from models.image_search.wordnet import Synset, WordNet
from services.image_search.codes import ViennaCode
from services.image_search.vienna import CODES_FILE, ViennaTable

BIRDS, CROWNS = ViennaCode((3, 7)), ViennaCode((24, 9))
WORDNET = WordNet(
    {
        "e": Synset(("eagle",), "05", ("b",)),
        "b": Synset(("bird",), "05", ()),
        "c": Synset(("crown",), "06", ()),
    },
    {"eagle": ("e",), "bird": ("b",), "crown": ("c",)},
)
RULES = Rules({BIRDS: "Birds", CROWNS: "Crowns"}, {"bird": (BIRDS,), "crown": (CROWNS,)})
TITLES = {BIRDS: "BIRDS", ViennaCode((3, 7, 1)): "Eagles; falcons", ViennaCode((24, 9, 1)): "Crowns closed"}
FINDER = CodeFinder(RULES, WORDNET, np.eye(2, dtype=np.float32), sections_by_noun(TITLES, WORDNET))
NOWHERE = np.array([0.9, 0.1], np.float32)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("eagle", "03.07.01"),
        ("bird", "03.07"),
        ("golden eagle", "03.07.01"),
        ("iron crown", "24.09"),
    ],
)
def test_a_concept_goes_where_it_or_its_kind_belongs(name, code):
    assert {str(found): share for found, share in FINDER.codes_of(name, NOWHERE).items()} == {code: 1.0}


def test_what_no_rule_knows_goes_where_what_is_like_it_goes():
    shares = FINDER.codes_of("unheard of", NOWHERE)
    assert sum(shares.values()) == pytest.approx(1)
    assert shares[BIRDS] > 0.9


def test_our_rules_name_every_division_once_and_no_noun_is_empty():
    rules = Rules.read()
    assert len(rules.titles) > 120
    assert all(len(code.numbers) == 2 and title for code, title in rules.titles.items())
    assert all(noun == noun.strip() and noun for noun in rules.nouns)
    assert BIRDS in rules.divisions["eagle"]


def test_our_own_table_is_an_artifact(tmp_path):
    card = tmp_path / "card.md"
    card.write_text("# card\n")
    target = tmp_path / "vienna-codes"
    target.mkdir()
    write_own(target, card, "1.0.0")
    table = ViennaTable.open(target)
    assert table.titles[BIRDS] == "Birds, bats"
    assert table.known(ViennaCode((3, 7, 1))) == BIRDS
    assert table.known(ViennaCode((99, 1, 1))) is None


@pytest.mark.parametrize(
    "text",
    ["code\ttitle\n3.7.1\tEagles\n03.07\tBirds\n", 'code;title\n030701;"Eagles"\n0307;Birds\n'],
)
def test_an_offices_table_is_read(tmp_path, text):
    file = tmp_path / "vienna_9.tsv"
    file.write_text(text)
    properties = build_from_table([file], tmp_path, lambda done, total: None)
    assert properties == {"edition": "9", "codes": 2}
    assert (tmp_path / CODES_FILE).read_text() == "03.07\tBirds\n03.07.01\tEagles\n"


@pytest.mark.parametrize("text", ["", "code\n3.7\n", "code\ttitle\nx\tEagles\n", "code\ttitle\n3.7\t\n", "a\tb\n"])
def test_another_file_is_refused_with_a_sentence(tmp_path, text):
    file = tmp_path / "table.tsv"
    file.write_text(text)
    with pytest.raises(ArtifactError, match=r"table\.tsv"):
        read_table(file)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(tmp_path_factory, data):
    file = tmp_path_factory.mktemp("tables") / "table.tsv"
    file.write_bytes(data)
    try:
        titles = read_table(file)
    except ArtifactError:
        return
    assert titles


def test_the_shared_table_has_the_divisions_of_our_rules(shared_data):
    titles = read_table(shared_data / "trademark-classes" / "vienna_en.tsv")
    assert set(Rules.read().titles) <= set(titles)

"""What is written into a document."""

from examkit_office.texts import Texts
from examkit_office.wording import Prediction, comment, lines, row, shortened

ANSWER = {"model": {"name": "ipc-classifier", "version": "2.1.0"}, "edition": "2020.01"}
ITEM = {"symbol": "A46B", "level": "subclass", "title": "BRUSHES", "score": 0.456, "evidence": None}


def test_an_answer_is_read():
    evidence = [{"term": f"term {number}", "weight": 0.1} for number in range(20)]
    assert Prediction.of(ITEM) == Prediction("A46B", "subclass", "BRUSHES", 0.456)
    assert Prediction.of({**ITEM, "evidence": evidence}).terms == tuple(f"term {number}" for number in range(8))


def test_symbols_are_written_a_line_each():
    chosen = [Prediction.of(ITEM), Prediction("H04L", "subclass", "", 0.1)]
    assert lines(chosen) == "A46B\tBRUSHES\nH04L"


def test_a_comment_says_how_sure_what_made_it_and_who_decides():
    text = comment([Prediction.of(ITEM)], ANSWER, Texts("es"))
    assert text.startswith("A46B (46 %) BRUSHES\n\nSugerido por una máquina (ipc-classifier 2.1.0, CIP 2020.01)")


def test_rows_are_aligned_and_no_wider_than_the_list():
    rows = [
        row(Prediction(symbol, "subgroup", "T" * 200, score))
        for symbol, score in [("A46B", 1.0), ("H01L 21/76898", 0.004)]
    ]
    assert rows[0].index("T") == rows[1].index("T")
    assert rows[0].startswith("A46B            100 %  T")
    assert {len(item) for item in rows} == {81}


def test_a_long_title_is_cut():
    assert shortened("a" * 160) == "a" * 160
    assert shortened("a " * 100).endswith("a…")
    assert len(shortened("a" * 500)) == 160

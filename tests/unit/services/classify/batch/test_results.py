"""What is written can be read again by programs and opened in a spreadsheet without running anything."""

import csv
import io
import json
from pathlib import Path

import pytest

from examkit.errors import StartError
from services.classify.batch.pieces import Refusal
from services.classify.batch.results import (
    JsonLines,
    Origin,
    Rows,
    format_of,
    refused_header,
    refused_line,
)
from services.classify.batch.workers import Answer, Outcome, Proposal, Suggestion
from services.classify.ipc import Level

ORIGIN = Origin("ipc-classifier", "1.0.0", "2023.01")
ANSWER = Answer(
    "en",
    Level.SUBCLASS,
    [Proposal("A46B", "BRUSHES, e.g. “tooth” ones", 0.75), Proposal("A01B", "SOIL WORKING", 0.1)],
    [Suggestion("A46B", "inventive", 0.75)],
)
CLASSIFIED = Outcome("a.xml", 3, "EP1", ANSWER)
REFUSED = Outcome("a.xml", 4, "a.xml#4", Refusal("blank-text", "The document holds no text."))


def as_rows(*lines):
    text = b"".join(lines).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_line_of_json_says_all_of_itself():
    line = JsonLines(ORIGIN).line(CLASSIFIED)
    assert line.endswith(b"\n")
    assert json.loads(line) == {
        "documentId": "EP1",
        "file": "a.xml",
        "position": 3,
        "language": "en",
        "level": "subclass",
        "predictions": [
            {"symbol": "A46B", "title": "BRUSHES, e.g. “tooth” ones", "score": 0.75},
            {"symbol": "A01B", "title": "SOIL WORKING", "score": 0.1},
        ],
        "suggested": [{"symbol": "A46B", "role": "inventive", "score": 0.75}],
        "edition": "2023.01",
        "model": {"name": "ipc-classifier", "version": "1.0.0"},
    }


def test_a_refused_document_has_a_problem_in_place_of_predictions():
    found = json.loads(JsonLines(ORIGIN).line(REFUSED))
    assert found["problem"] == {"code": "blank-text", "detail": "The document holds no text."}
    assert found["documentId"] == "a.xml#4"
    assert "predictions" not in found


def test_names_of_files_that_are_no_text_survive():
    name = b"caf\xe9\n.xml".decode(errors="surrogateescape")
    line = JsonLines(ORIGIN).line(Outcome(name, 1, "1", ANSWER))
    assert line.count(b"\n") == 1
    assert json.loads(line)["file"] == name


def test_rows_have_three_columns_for_each_prediction():
    rows = Rows(ORIGIN, limit=3)
    (row,) = as_rows(rows.header(), rows.line(CLASSIFIED))
    assert (row["documentId"], row["file"], row["position"], row["edition"]) == ("EP1", "a.xml", "3", "2023.01")
    assert (row["model"], row["version"], row["language"], row["level"]) == (
        "ipc-classifier",
        "1.0.0",
        "en",
        "subclass",
    )
    assert row["suggested"] == "A46B (inventive)"
    assert (row["symbol1"], row["score1"], row["title1"]) == ("A46B", "0.75", "BRUSHES, e.g. “tooth” ones")
    assert (row["symbol2"], row["symbol3"], row["title3"], row["code"]) == ("A01B", "", "", "")


def test_a_refused_document_has_a_row_of_the_same_width():
    rows = Rows(ORIGIN, limit=3)
    (row,) = as_rows(rows.header(), rows.line(REFUSED))
    assert (row["code"], row["detail"], row["symbol1"]) == ("blank-text", "The document holds no text.", "")
    assert None not in row
    assert None not in row.values()


def test_refused_documents_are_listed_and_others_are_not():
    assert as_rows(refused_header(), refused_line(CLASSIFIED), refused_line(REFUSED)) == [
        {
            "documentId": "a.xml#4",
            "file": "a.xml",
            "position": "4",
            "code": "blank-text",
            "detail": "The document holds no text.",
        }
    ]


@pytest.mark.parametrize("document_id", ["=1+1", "+1", "-1", "@sum", "\t=1"])
def test_no_cell_is_a_formula(document_id):
    outcome = Outcome("a.xml", 1, document_id, Refusal("blank-text", "None."))
    (row,) = as_rows(refused_header(), refused_line(outcome))
    assert row["documentId"].startswith("'")


def test_a_row_is_one_line_whatever_names_hold():
    line = refused_line(Outcome("a\r\nb\x1b.xml", 1, "1\x00\n\x85", Refusal("blank-text", "None.")))
    assert line == b"1   ,a  b .xml,1,blank-text,None.\n"


@pytest.mark.parametrize(("name", "kind"), [("o.jsonl", JsonLines), ("o.NDJSON", JsonLines), ("o.csv", Rows)])
def test_the_name_says_the_format(name, kind):
    assert isinstance(format_of(Path(name), ORIGIN, 5), kind)


@pytest.mark.parametrize("name", ["o", "o.xml", "o.json"])
def test_other_names_are_refused(name):
    with pytest.raises(StartError, match=r"\.jsonl or \.csv"):
        format_of(Path(name), ORIGIN, 5)

"""Reading labelled patents: what is left out, what is kept, and a split that keeps equal titles together."""

import gzip
import json

import pytest

from models.classify.corpus import FILES, Part, read_patents

ROW = {"id": "US1", "lang": "en", "title": "Toothbrush", "abstract": "A brush.", "ipc": ["A46B9/04"], "source": "x"}


@pytest.fixture
def read(tmp_path):
    def read_rows(*rows):
        (tmp_path / FILES[0]).write_bytes(gzip.compress("\n".join(map(json.dumps, rows)).encode()))
        return list(read_patents(tmp_path, FILES[:1]))

    return read_rows


def test_a_row_becomes_a_patent_with_readable_symbols_once_each(read):
    (patent,) = read({**ROW, "claim1": "A brush comprising", "ipc": ["A46B9/04", "A46B 9/04", "nonsense", "H01L"]})
    assert [str(symbol) for symbol in patent.symbols] == ["A46B 9/04", "H01L"]
    assert (patent.document_id, patent.language, patent.text.claims) == ("US1", "en", "A brush comprising")


@pytest.mark.parametrize("flaw", [{"source": "ospa_synbio"}, {"flag": "vendor-export"}])
def test_what_may_not_be_used_is_left_out(read, flaw):
    assert read({**ROW, **flaw}) == []


def test_a_source_of_one_topic_is_thinned_out(read):
    found = read(*({**ROW, "id": f"US{number}", "source": "ro_membrane"} for number in range(800)))
    assert 60 < len(found) < 140


def test_the_split_is_fixed_and_by_title(read):
    rows = [{**ROW, "id": f"US{number}", "title": f"Brush {number}"} for number in range(2000)]
    parts = [patent.part for patent in read(*rows)]
    assert parts == [patent.part for patent in read(*rows)]
    assert 150 < parts.count(Part.HOLD_OUT) < 250
    assert 80 < parts.count(Part.DEV) < 160
    first, second = read(
        {**ROW, "title": "A brush, 1"}, {**ROW, "id": "US2", "title": "a BRUSH 1", "abstract": "Other"}
    )
    assert first.part == second.part

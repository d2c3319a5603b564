"""The register keeps marks whole, filters them as asked, and belongs to one process at a time."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import StatementError

from examkit.errors import NotFoundError, StartError
from services.image_search import tables
from services.image_search.codes import NiceClass, ViennaCode
from services.image_search.marks import Entry, Mark, MarkFilter, MarkMetadata, StoredImage, Written
from services.image_search.name_words import words_of_name, words_to_search
from services.image_search.register import Register

FERN = MarkMetadata(
    name="Rising Fern",
    applicant="Fern & Söhne GmbH 100%",
    office="NZ",
    status="registered",
    application_date=date(2021, 3, 4),
    nice_classes=(NiceClass(29), NiceClass(30)),
    vienna_codes=(ViennaCode((5, 3, 13)), ViennaCode((26, 1, 3))),
    mark_feature="figurative",
)
OTHER = MarkMetadata(
    applicant="Other Ltd",
    office="FR",
    status="expired",
    application_date=date(2022, 1, 1),
    nice_classes=(NiceClass(9),),
    vienna_codes=(ViennaCode((5, 30, 1)),),
)


NOTHING = MarkMetadata()


def entry(mark_id: str, metadata: MarkMetadata = NOTHING, embedder: str = "e/1") -> Entry:
    vectors = np.arange(6, dtype=np.float16).reshape(2, 3)
    return Entry(mark_id, metadata, StoredImage(mark_id.encode(), "image/png"), vectors, embedder)


@pytest.fixture
def register(tmp_path):
    opened = Register(tmp_path / "data")
    yield opened
    opened.close()


def ids(register, wanted):
    marks, count = register.page(wanted, limit=100, offset=0)
    assert count == len(marks) == len(register.matching_rows(wanted))
    return {mark.mark_id for mark in marks}


def test_what_is_written_is_there_after_a_new_start(tmp_path):
    register = Register(tmp_path)
    (written,) = register.write([entry("A", FERN)])
    register.close()
    register = Register(tmp_path)
    assert register.mark("A") == entry("A", FERN).mark
    assert register.image("A") == StoredImage(b"A", "image/png")
    ((row_id, vectors),) = register.embeddings("e/1")
    assert row_id == written.row_id == register.row_id("A")
    assert np.array_equal(vectors, entry("A").vectors)
    register.close()


def test_a_mark_that_is_replaced_keeps_its_row_and_nothing_else(register):
    (first,) = register.write([entry("A", FERN)])
    (second,) = register.write([replace(entry("A", OTHER), image=StoredImage(b"new", "image/gif"))])
    assert (first.is_new, second.is_new) == (True, False)
    assert first.row_id == second.row_id
    assert register.mark("A").metadata == OTHER
    assert register.image("A").data == b"new"
    assert ids(register, MarkFilter(nice_classes=(NiceClass(29),))) == set()


def test_a_batch_is_written_whole_or_not_at_all(register):
    unusable = replace(entry("C"), metadata=MarkMetadata(application_date="no date"))  # type: ignore[arg-type]
    with pytest.raises(StatementError):
        register.write([entry("A"), entry("B", FERN), unusable])
    assert ids(register, MarkFilter()) == set()
    assert list(register.embeddings("e/1")) == []


def test_a_mark_that_is_removed_leaves_nothing_behind(register):
    register.write([entry("A", FERN), entry("B")])
    removed = register.row_id("A")
    assert register.delete("A") == removed
    for ask in (register.mark, register.image, register.row_id, register.delete):
        with pytest.raises(NotFoundError) as raised:
            ask("A")
        assert raised.value.code == "unknown-mark"
    assert [row_id for row_id, _ in register.embeddings("e/1")] == [register.row_id("B")]
    assert register.marks([removed]) == {}


def test_a_row_is_never_given_to_another_mark(register):
    (first,) = register.write([entry("A")])
    register.delete("A")
    (second,) = register.write([entry("B")])
    assert second.row_id != first.row_id


@pytest.mark.parametrize(
    ("wanted", "passing"),
    [
        (MarkFilter(), "ABC"),
        (MarkFilter(nice_classes=(NiceClass(30), NiceClass(9))), "AB"),
        (MarkFilter(vienna_prefixes=(ViennaCode((5,)),)), "AB"),
        (MarkFilter(vienna_prefixes=(ViennaCode((5, 3)),)), "A"),
        (MarkFilter(vienna_prefixes=(ViennaCode((5, 3, 13)), ViennaCode((5, 30)))), "AB"),
        (MarkFilter(status="registered"), "A"),
        (MarkFilter(office="FR"), "B"),
        (MarkFilter(applicant="söhne"), "A"),
        (MarkFilter(applicant="FERN & SÖHNE"), "A"),
        (MarkFilter(applicant="100%"), "A"),
        (MarkFilter(applicant="%"), "A"),
        (MarkFilter(applicant="_"), ""),
        (MarkFilter(date_from=date(2021, 3, 4)), "AB"),
        (MarkFilter(date_to=date(2021, 3, 4)), "A"),
        (MarkFilter(date_from=date(2021, 3, 5), date_to=date(2021, 12, 31)), ""),
        (MarkFilter(excluded_mark_id="A"), "BC"),
        (MarkFilter(office="NZ", nice_classes=(NiceClass(9),)), ""),
    ],
)
def test_a_filter_lets_pass_what_it_says(register, wanted, passing):
    register.write([entry("A", FERN), entry("B", OTHER), entry("C")])
    assert ids(register, wanted) == set(passing)


def test_pages_follow_one_another_in_order_of_ids(register):
    register.write([entry(mark_id) for mark_id in "DACB"])
    pages = [register.page(MarkFilter(), limit=3, offset=offset) for offset in (0, 3, 6)]
    assert [[mark.mark_id for mark in marks] for marks, _ in pages] == [["A", "B", "C"], ["D"], []]
    assert {count for _, count in pages} == {4}


def test_more_marks_can_be_read_at_once_than_a_statement_takes(register):
    register.write([entry(f"M{number}") for number in range(1200)])
    named = register.marks_named([f"M{number}" for number in range(1200)])
    assert len(named) == len(register.marks(register.matching_rows(MarkFilter()).tolist())) == 1200
    assert named["M7"] == Mark("M7", MarkMetadata(), entry("M7").image.sha256)


def test_marks_of_another_embedder_wait_to_be_described_anew(register):
    old, new = register.write([entry("A", embedder="e/1"), entry("B", embedder="e/2")])
    assert register.rows_without("e/2") == [old.row_id]
    register.replace_vectors(old.row_id, np.ones((1, 3), np.float16), "e/2")
    assert register.rows_without("e/2") == []
    described = {row_id: vectors.tolist() for row_id, vectors in register.embeddings("e/2")}
    assert described == {old.row_id: [[1, 1, 1]], new.row_id: entry("B").vectors.tolist()}


def test_several_embedders_describe_one_mark(register):
    both = replace(entry("A"), further={"words/1": np.ones((1, 2), np.float16)})
    (written,) = register.write([both])
    assert register.rows_without("e/1") == register.rows_without("words/1") == []
    register.replace_vectors(written.row_id, np.zeros((1, 2), np.float16), "words/1")
    ((_, shape),), ((_, words),) = register.embeddings("e/1"), register.embeddings("words/1")
    assert np.array_equal(shape, entry("A").vectors)
    assert words.tolist() == [[0, 0]]
    register.write([entry("A")])
    assert register.rows_without("words/1") == [written.row_id]


def test_only_older_versions_of_an_embedder_are_dropped(register):
    register.write(
        [replace(entry("A", embedder="e/1"), further={"e/2": entry("A").vectors, "e2/1": entry("A").vectors})]
    )
    assert register.drop_older_vectors("e/2") == 1
    assert [len(list(register.embeddings(name))) for name in ("e/1", "e/2", "e2/1")] == [0, 1, 1]


def test_marks_of_one_image_are_found_by_it(register):
    register.write([entry("A"), replace(entry("C"), image=entry("A").image), entry("B")])
    hashes = [entry(mark_id).mark.image_sha256 for mark_id in "AB"]
    assert register.marks_by_image([*hashes, "0" * 64]) == {hashes[0]: ["A", "C"], hashes[1]: ["B"]}


def test_a_second_process_is_refused_and_the_first_goes_on(register, tmp_path):
    script = (
        "import sys; from pathlib import Path; from examkit.errors import StartError\n"
        "from services.image_search.register import Register\n"
        "try: Register(Path(sys.argv[1]))\n"
        "except StartError as error: sys.exit(str(error))"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "data")]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert "in use by another process" in done.stderr
    assert done.returncode == 1
    register.write([entry("A")])


def test_a_register_can_be_opened_again_once_it_is_closed(tmp_path):
    Register(tmp_path).close()
    Register(tmp_path).close()
    with pytest.raises(StartError):
        (Register(tmp_path), Register(tmp_path))


TEXT = st.none() | st.text(st.characters(codec="utf-8"), max_size=20)


@settings(max_examples=10, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("ABC"), TEXT, TEXT), min_size=1, max_size=6))
def test_any_text_is_kept_as_it_is(tmp_path_factory, rows):
    register = Register(tmp_path_factory.mktemp("register"))
    for mark_id, name, applicant in rows:
        register.write([entry(mark_id, MarkMetadata(name=name, applicant=applicant))])
    last = {mark_id: MarkMetadata(name=name, applicant=applicant) for mark_id, name, applicant in rows}
    assert {mark.mark_id: mark.metadata for mark in register.page(MarkFilter(), limit=9, offset=0)[0]} == last
    register.close()


BEFORE_MIGRATIONS = """
CREATE TABLE marks (row_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, mark_id VARCHAR NOT NULL, name VARCHAR,
  applicant VARCHAR, applicant_folded VARCHAR, office VARCHAR, status VARCHAR, application_date DATE,
  mark_feature VARCHAR, image_sha256 VARCHAR NOT NULL, UNIQUE (mark_id));
CREATE INDEX ix_marks_application_date ON marks (application_date);
CREATE INDEX ix_marks_office ON marks (office);
CREATE INDEX ix_marks_status ON marks (status);
CREATE TABLE images (row_id INTEGER NOT NULL, media_type VARCHAR NOT NULL, data BLOB NOT NULL, PRIMARY KEY (row_id),
  FOREIGN KEY(row_id) REFERENCES marks (row_id) ON DELETE CASCADE);
CREATE TABLE embeddings (row_id INTEGER NOT NULL, embedder VARCHAR NOT NULL, views INTEGER NOT NULL,
  vectors BLOB NOT NULL, PRIMARY KEY (row_id), FOREIGN KEY(row_id) REFERENCES marks (row_id) ON DELETE CASCADE);
CREATE TABLE nice_classes (row_id INTEGER NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (row_id, number),
  FOREIGN KEY(row_id) REFERENCES marks (row_id) ON DELETE CASCADE);
CREATE INDEX ix_nice_classes_number ON nice_classes (number);
CREATE TABLE vienna_codes (row_id INTEGER NOT NULL, code VARCHAR NOT NULL, PRIMARY KEY (row_id, code),
  FOREIGN KEY(row_id) REFERENCES marks (row_id) ON DELETE CASCADE);
CREATE INDEX ix_vienna_codes_code ON vienna_codes (code);
INSERT INTO marks VALUES (7, 'A', 'Rising Fern', 'Fern & Söhne GmbH 100%', 'fern & söhne gmbh 100%', 'NZ', 'registered',
  '2021-03-04', 'figurative', '559aead08264d5795d3909718cdd05abd49572e84fe55590eef31a88a08fdffd');
INSERT INTO images VALUES (7, 'image/png', X'41');
INSERT INTO embeddings VALUES (7, 'e/1', 2, X'0000003c0040004200440045');
INSERT INTO nice_classes VALUES (7, 29), (7, 30);
INSERT INTO vienna_codes VALUES (7, '05.03.13'), (7, '26.01.03');
PRAGMA journal_mode = WAL;
"""


@pytest.fixture
def older_register(tmp_path):
    """A folder with the database of the release before migrations, one mark in it."""
    with closing(sqlite3.connect(tmp_path / "register.sqlite")) as connection:
        connection.executescript(BEFORE_MIGRATIONS)
    return tmp_path


def test_a_register_of_an_older_release_is_brought_up_to_date_with_all_it_holds(older_register):
    for _ in range(2):
        register = Register(older_register)
        assert register.mark("A") == entry("A", FERN).mark
        assert register.image("A") == StoredImage(b"A", "image/png")
        ((row_id, vectors),) = register.embeddings("e/1")
        assert (row_id, vectors.tolist()) == (7, entry("A").vectors.tolist())
        assert register.rows_named(["fern", "rising"]) == {7: 2}
        register.close()
    register = Register(older_register)
    assert register.write([replace(entry("A", OTHER), further={"words/1": entry("A").vectors})]) == [Written(7, False)]
    assert register.write([entry("B")])[0].row_id > 7
    register.close()


def test_marks_are_found_by_the_words_of_their_names(register):
    names = {"A": "Rising FERN", "B": "Café Férnandez & Sons", "C": "Fernsehen 24", "D": None, "E": "fern Fern fern"}
    register.write([entry(mark_id, replace(NOTHING, name=name)) for mark_id, name in names.items()])
    rows = {register.row_id(mark_id): mark_id for mark_id in names}

    def found(*words):
        return {rows[row]: count for row, count in register.rows_named(words).items()}

    assert found("fern") == {"A": 1, "B": 1, "C": 1, "E": 1}
    assert found("rising", "fern") == {"A": 2, "B": 1, "C": 1, "E": 1}
    assert found("24") == {"C": 1}
    assert found("fe") == found("sehen") == found() == {}
    with register._writer.begin() as connection:
        read = {"row_id": register.row_id("D"), "source": "reader/1"}
        connection.execute(tables.mark_words.insert(), [read | {"word": word} for word in ("fern", "fernweh", "24")])
    assert found("fern", "24") == {"A": 1, "B": 1, "C": 2, "D": 2, "E": 1}
    register.delete("D")
    register.write([entry("A", replace(NOTHING, name="Other"))])
    register.delete("B")
    assert found("fern") == {"C": 1, "E": 1}


@given(st.lists(st.text(max_size=12), max_size=5), st.text(max_size=12))
@settings(deadline=None, max_examples=60)
def test_any_name_is_found_by_its_words_and_no_text_breaks_the_search(names, text):
    with TemporaryDirectory() as folder, closing(Register(Path(folder))) as register:
        register.write([entry(f"M{n}", replace(NOTHING, name=name)) for n, name in enumerate(names)])
        register.rows_named(words_to_search(text))
        for n, name in enumerate(names):
            for word in words_of_name(name):
                assert register.row_id(f"M{n}") in register.rows_named([word])


@pytest.mark.parametrize("start", ["older", "new"])
def test_the_last_migration_leaves_the_tables_as_the_code_names_them(start, request, tmp_path):
    folder = request.getfixturevalue("older_register") if start == "older" else tmp_path
    register = Register(folder)
    with register._engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": "image_search_version"})
        assert compare_metadata(context, tables.schema) == []
    register.close()


def test_a_register_of_a_newer_release_stops_the_start_and_stays_as_it_is(tmp_path):
    Register(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / "register.sqlite")) as connection:
        connection.execute("UPDATE image_search_version SET version_num = '999'")
        connection.commit()
    for _ in range(2):
        with pytest.raises(StartError, match="written by a newer release"):
            Register(tmp_path)


def test_a_file_that_is_no_database_stops_the_start_in_one_sentence(tmp_path):
    (tmp_path / "register.sqlite").write_bytes(b"no database" * 100)
    with pytest.raises(StartError, match="not a database"):
        Register(tmp_path)


@pytest.mark.parametrize("url", ["mysql://host/name", "postgresql://user:geheim@:x/", "geheim"])
def test_a_url_that_names_no_postgresql_database_is_refused_without_being_quoted(url, tmp_path):
    with pytest.raises(StartError) as raised:
        Register(tmp_path, url)
    assert "geheim" not in str(raised.value)

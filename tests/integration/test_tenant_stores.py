"""Every store of every service keeps departments apart, whatever the order of what is done, and through a kill."""

import signal
import subprocess
import sys
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, make_url, text

from examkit.errors import NotReadyError
from examkit.tenants import DEFAULT_TENANT, tenant_folder
from services.image_search import ownership
from services.image_search.register import Register
from services.translate.library import Library, Resources
from services.translate.terminology.entries import Entry
from tests.integration.tenant_writer import KINDS, PAIR, Stores
from tests.postgres import new_database, postgresql

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[2]
TENANTS = (DEFAULT_TENANT, "ours", "trade-marks")
ACTIONS = st.lists(st.tuples(st.sampled_from(TENANTS), st.sampled_from(KINDS), st.integers(0, 9)), max_size=10)
_NUMBERS = count()


@pytest.fixture(scope="module")
def server():
    with postgresql() as server:
        yield server


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def url(request):
    if request.param == "sqlite":
        return None
    return new_database(request.getfixturevalue("server"), f"stores_{next(_NUMBERS)}")


@pytest.fixture(scope="module")
def kept(url, tmp_path_factory):
    """Stores of which one is open at a time, so that each change of department closes and opens some; and a model."""
    with closing(Stores(tmp_path_factory.mktemp("stores"), url, most=1)) as stores:
        yield stores, defaultdict(set)


@settings(max_examples=8)
@given(ACTIONS)
def test_after_any_actions_each_department_has_what_it_wrote_and_nothing_else(kept, actions):
    stores, model = kept
    for tenant, what, number in actions:
        stores.write(what, tenant, f"{what} {number} of {tenant}")
        stores.write(what, tenant, f"{what} {number}")  # of the same name as others'
        model[tenant, what] |= {f"{what} {number} of {tenant}", f"{what} {number}"}
    for tenant in TENANTS:
        for what in KINDS:
            assert set(stores.names(what, tenant)) == model[tenant, what]


def test_a_kill_loses_nothing_that_was_acknowledged_to_either_department(tmp_path, url):
    folder, kills, acknowledged = tmp_path, 2, defaultdict(set)
    tenants = [f"ours-{next(_NUMBERS)}", f"theirs-{next(_NUMBERS)}"]
    for _ in range(kills):
        command = [sys.executable, "-m", "tests.integration.tenant_writer", str(folder), url or "", *tenants]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            lines = [writer.stdout.readline() for _ in range(120)]
            writer.send_signal(signal.SIGKILL)
            lines += [line for line in writer.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
        for line in lines:
            tenant, what, _ = line.split()
            acknowledged[tenant, what].add(line.strip())
    with closing(Stores(folder, url)) as stores:
        for tenant in tenants:
            for what in KINDS:
                names = set(stores.names(what, tenant))
                assert len(acknowledged[tenant, what]) > 1
                assert acknowledged[tenant, what] <= names
                assert all(name.startswith(f"{tenant} {what} ") for name in names)


def test_departments_may_come_for_the_first_time_all_at_once(tmp_path, url):
    tenants = [f"tenant-{next(_NUMBERS)}" for _ in range(8)]
    if url is not None:
        url = new_database_like(url)
    with closing(Stores(tmp_path, url)) as stores, ThreadPoolExecutor(24) as threads:
        writes = [(what, tenant) for tenant in tenants for what in KINDS]
        list(threads.map(lambda write: stores.write(write[0], write[1], "N"), writes))
        assert [stores.names(what, tenant) for what, tenant in writes] == [["N"]] * len(writes)


def test_terms_and_memory_of_a_department_are_in_its_own_translations_only(tmp_path, url):
    tenants = [f"ours-{next(_NUMBERS)}", f"theirs-{next(_NUMBERS)}"]
    with closing(Stores(tmp_path, url)) as stores:
        ours, theirs = (stores.libraries.take(tenant) for tenant in tenants)
        own = ours.glossaries.add("Brushes", PAIR, [Entry("brush", "escova")])
        stores.write("memory", tenants[0], "The brush has bristles.")
        assert list(ours.memory.recall(PAIR, ["The brush has bristles."])) == ["The brush has bristles."]
        assert theirs.memory.recall(PAIR, ["The brush has bristles."]) == {}
        assert ours.memory.similar(PAIR, ["The brush has a bristle."]) != [()]
        assert theirs.memory.similar(PAIR, ["The brush has a bristle."]) == [()]
        assert own.id in {stored.id for stored in ours.glossaries.page(limit=9, offset=0)[0]}
        assert theirs.glossaries.page(limit=9, offset=0) == ([], 0)
        terms = [library.wishes(Resources(), *_languages()).terms for library in (ours, theirs)]
        assert terms[0].find("a dependent claim", PAIR) == terms[1].find("a dependent claim", PAIR) != []


def _languages():
    return PAIR.source, PAIR.target


def test_each_department_has_one_owner_of_its_register_and_holds_up_no_other(tmp_path, url, monkeypatch):
    monkeypatch.setattr(ownership, "_PATIENCE_SECONDS", 0.1)
    tenants = [DEFAULT_TENANT, f"ours-{next(_NUMBERS)}", f"theirs-{next(_NUMBERS)}"]
    if url is not None:
        url = new_database_like(url)
    with closing(Stores(tmp_path, url)) as first:
        for tenant in tenants:
            first.write("marks", tenant, "M")
        with closing(Stores(tmp_path, url)) as second:
            for tenant in tenants:
                with pytest.raises(NotReadyError) as refused:
                    second.write("marks", tenant, "M")
                assert refused.value.code == "tenant-unavailable"
            second.write("marks", "another", "M")
        assert first.names("marks", tenants[1]) == ["M"]
        first.write("marks", tenants[1], "N")
    reader = Register(tmp_path / "marks", url, tenant=tenants[1], read_only=True)
    assert reader.mark("N").mark_id == "N"
    reader.close()


def new_database_like(url):
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    name = f"stores_{next(_NUMBERS)}"
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def test_what_was_there_before_there_were_departments_is_the_default_ones(tmp_path, url):
    if url is not None:
        url = new_database_like(url)
    library = Library.open(tmp_path / "terms", url)
    library.glossaries.add("from before", PAIR, [Entry("brush", "escova")])
    library.close()
    with closing(Stores(tmp_path, url)) as stores:
        assert stores.names("glossaries", DEFAULT_TENANT) == ["from before"]
        assert stores.names("glossaries", "ours") == []


def test_a_url_cannot_lead_a_department_astray(tmp_path, server):
    url = make_url(new_database(server, f"stores_{next(_NUMBERS)}"))
    astray = url.update_query_dict({"options": "-c search_path=public"}).render_as_string(hide_password=False)
    with closing(Stores(tmp_path, astray)) as stores:
        stores.write("glossaries", "ours", "G")
        assert stores.names("glossaries", DEFAULT_TENANT) == []
        assert stores.names("glossaries", "ours") == ["G"]


def test_a_department_whose_files_are_damaged_holds_up_no_other(tmp_path):
    with closing(Stores(tmp_path)) as stores:
        file = tenant_folder(tmp_path / "terms", "damaged") / "translate.sqlite"
        file.parent.mkdir(parents=True)
        file.write_bytes(b"no database" * 1000)
        with pytest.raises(NotReadyError):
            stores.names("glossaries", "damaged")
        stores.write("glossaries", "ours", "G")
        assert stores.names("glossaries", "ours") == ["G"]

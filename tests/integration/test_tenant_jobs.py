"""Jobs of departments go on at a start before anybody asks, in turn, and the trouble of one holds up no other."""

import threading
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from examkit.jobs import rounds as rounds_module
from examkit.jobs.job import JobStatus
from examkit.tenants import DEFAULT_TENANT, Tenants, tenant_folder
from services.image_search.collection import Collection
from services.image_search.feedback import FeedbackStore
from services.image_search.importing.background import ImportJobs
from services.image_search.importing.tenants import open_imports
from services.image_search.marks import MarkFilter
from services.image_search.register import Register
from services.translate.documents.background import DocumentJobs
from services.translate.documents.jobs import Order
from services.translate.documents.output import Output
from services.translate.documents.tenants import open_documents
from services.translate.library import Library
from tests.archives import marks_of, zipped
from tests.fakes_image_search import FakeImageSearcher, take_in_nothing
from tests.fakes_translate import FakeTranslator
from tests.integration.departments import wait_until

pytestmark = pytest.mark.integration

ARTIFACTS = Path(__file__).resolve().parents[2] / "models" / "artifacts"
ORDER = Order("en", "pt", Output.DOCUMENT, "txt")


class Waiting(FakeTranslator):
    """Translates when a test lets it, and remembers in which order."""

    def __init__(self):
        self.may_begin = threading.Event()
        self.begun = []

    def translate(self, texts, source, target, wishes=None):
        self.begun += texts
        assert self.may_begin.wait(30)
        return super().translate(texts, source, target)


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch):
    monkeypatch.setattr(rounds_module, "_PAUSE_SECONDS", 0.05)


def left_behind(folder, tenant, *texts):
    """Have documents accepted by a service that ended before it translated any."""
    jobs = DocumentJobs(tenant_folder(folder, tenant) / "documents", lambda *_: pytest.fail("not begun"))
    with closing(jobs):
        return [accepted(jobs, text) for text in texts]


def accepted(jobs, text):
    with jobs.arrival() as file:
        file.write_text(text)
        return jobs.accept(file, ORDER).id


@contextmanager
def documents_in(folder, translator):
    libraries = Library.of_tenants(folder)
    with closing(libraries), closing(open_documents(folder, translator, libraries)) as documents:
        yield documents


def has_succeeded(jobs, job_id):
    return jobs.job(job_id).status is JobStatus.SUCCEEDED


def test_documents_of_all_departments_go_on_after_a_start_in_turn(tmp_path):
    ours = left_behind(tmp_path, "ours", *(f"ours {number}" for number in range(6)))
    (theirs,) = left_behind(tmp_path, "theirs", "theirs 0")
    translator = Waiting()
    with documents_in(tmp_path, translator) as documents:
        wait_until(lambda: translator.begun)
        translator.may_begin.set()
        wait_until(lambda: has_succeeded(documents.take("ours"), ours[-1]))
        wait_until(lambda: has_succeeded(documents.take("theirs"), theirs))
        assert documents.take("theirs").result(theirs)[1] == b"[pt] theirs 0"
    assert sorted(translator.begun) == sorted([f"ours {number}" for number in range(6)] + ["theirs 0"])
    assert translator.begun.index("theirs 0") <= 2


def test_a_department_whose_library_cannot_be_opened_holds_up_no_other_and_goes_on_later(tmp_path):
    (hers,) = left_behind(tmp_path, "damaged", "hers")
    file = tenant_folder(tmp_path, "damaged") / "translate.sqlite"
    file.write_bytes(b"no database" * 1000)
    translator = Waiting()
    translator.may_begin.set()
    with documents_in(tmp_path, translator) as documents:
        damaged, well = documents.take("damaged"), documents.take("well")
        for number in range(3):
            job_id = accepted(well, f"well {number}")
            wait_until(lambda job_id=job_id: has_succeeded(well, job_id))
        wait_until(lambda: (job := damaged.job(hers)).trouble and job.trouble.code == "tenant-unavailable")
        file.unlink()
        wait_until(lambda: has_succeeded(damaged, hers))
        assert damaged.job(hers).trouble is None


def test_an_import_of_a_department_goes_on_after_a_start(tmp_path):
    jobs = ImportJobs(tenant_folder(tmp_path, "ours") / "imports", take_in_nothing)
    with closing(jobs), jobs.arrival() as file:
        file.write_bytes(zipped(marks_of(2)))
        job_id = jobs.accept(file, look_for_alike=False).id
    searchers = {}

    def open_collection(tenant):
        register = Register(tmp_path, tenant=tenant)
        searchers[tenant] = FakeImageSearcher()
        return Collection(searchers[tenant], register, FeedbackStore(register.database))

    with closing(open_imports(tmp_path, ARTIFACTS, Tenants(open_collection))) as imports:
        ledger = imports.take("ours").ledger
        wait_until(lambda: ledger.job(job_id).status is JobStatus.SUCCEEDED, 200)
        assert ledger.job(job_id).counts.rows == 2
        assert imports.take(DEFAULT_TENANT).ledger.unfinished() == []
    assert list(searchers) == ["ours"]
    assert searchers["ours"].page(MarkFilter(), limit=9, offset=0)[1] == 2

"""Documents over the network: taken on, watched, fetched and removed; a real process killed in the midst of one."""

import re
import signal
import stat
import time
from uuid import uuid4

import httpx2
import pytest

from examkit.jobs.job import JobStatus
from examkit.jobs.rounds import Rounds
from examkit.service_token import SERVICE_TOKEN_HEADER, write_service_token
from services.translate.documents.background import DocumentJobs
from services.translate.documents.jobs import Order
from services.translate.documents.ledger import Ledger
from services.translate.documents.output import Output, Result
from stack.ports import free_ports
from tests.integration.import_service import START_SECONDS, run_uvicorn, wait_until
from tests.office_files import docx_parts, odt_parts, packed, paragraph, run, unpacked

pytestmark = pytest.mark.integration

SECRET = "Quagga-Zephyr-4711"
DOCUMENTS = "/api/v1/translate/documents"
ENDED = ("succeeded", "failed")


class TranslateService:
    """A service over one folder, with the gateway before it; it can be killed and started again."""

    def __init__(self, folder, artifacts):
        self.folder, self.artifacts = folder, artifacts
        self.documents = folder / "translate" / "documents"
        self.log = folder / "service.log"
        self.token = folder / "service_token"
        write_service_token(self.token)
        self.port, self.gateway_port = free_ports(2)
        self.client = httpx2.Client(
            base_url=f"http://127.0.0.1:{self.port}",
            headers={SERVICE_TOKEN_HEADER: self.token.read_text()},
            timeout=60,
            trust_env=False,
        )
        self.process = self.gateway = None

    def start(self):
        environment = {
            "TRANSLATE_ARTIFACTS_DIR": str(self.artifacts),
            "TRANSLATE_DATA_DIR": str(self.folder / "translate"),
            "TRANSLATE_SERVICE_TOKEN_FILE": str(self.token),
            "TRANSLATE_MAX_DOCUMENT_BYTES": "1000000",
            "TRANSLATE_LOG_LEVEL": "debug",
        }
        with self.log.open("ab") as log:
            self.process = run_uvicorn("services.translate.app:create_app", self.port, environment, log)
        wait_until(lambda: self.answers(self.client), START_SECONDS)

    def start_gateway(self):
        url = f"http://127.0.0.1:{self.port}"
        environment = {
            "GATEWAY_SERVICE_TOKEN_FILE": str(self.token),
            "GATEWAY_DATA_DIR": str(self.folder / "gateway"),
            "GATEWAY_API_KEY_FILE": str(self.folder / "api_key"),
            **{f"GATEWAY_{name}_URL": url for name in ("CLASSIFY", "IMAGE_SEARCH", "TRANSLATE")},
        }
        with self.log.open("ab") as log:
            self.gateway = run_uvicorn("gateway.app:create_app", self.gateway_port, environment, log)
        client = httpx2.Client(base_url=f"http://127.0.0.1:{self.gateway_port}", timeout=60, trust_env=False)
        wait_until(lambda: self.answers(client), START_SECONDS)
        client.headers["API-Key"] = (self.folder / "api_key").read_text().strip()
        return client

    @staticmethod
    def answers(client):
        try:
            return client.get("/readyz").status_code == httpx2.codes.OK
        except httpx2.TransportError:
            return False

    def kill(self):
        for process in (self.process, self.gateway):
            if process is not None:
                process.send_signal(signal.SIGKILL)
                process.wait(60)
        self.process = self.gateway = None

    def files(self):
        return sorted(f.suffix for f in self.documents.iterdir() if not f.name.startswith("jobs-"))


@pytest.fixture
def service(tmp_path, artifacts_dir):
    service = TranslateService(tmp_path, artifacts_dir)
    service.start()
    yield service
    service.kill()
    service.client.close()


def post(client, data, name=f"{SECRET}.docx", **fields):
    fields = {"targetLanguage": "pt"} | fields
    return client.post(DOCUMENTS, files={"file": (name, data)}, data=fields)


def ended(client, url):
    return wait_until(lambda: (job := client.get(url).json())["status"] in ENDED and job, 200)


def long_document(paragraphs=150):
    sentence = "The fastening device ({n}) comprises a housing ({n}a) and a spring that is held by the wall number {n}."
    return packed(docx_parts([paragraph(run(sentence.format(n=n))) for n in range(paragraphs)]))


def test_through_the_gateway_a_document_is_taken_on_watched_fetched_and_removed(service):
    client = service.start_gateway()
    answer = post(client, packed(docx_parts()), sourceLanguage="en")
    assert answer.status_code == 202
    url = answer.headers["location"]
    assert (answer.json()["kind"], answer.json()["status"]) == ("translate-document", "queued")
    job = ended(client, url)
    assert (job["status"], job["progress"], job["sourceLanguage"]) == ("succeeded", 1, "en")
    result = client.get(job["resultUrl"])
    assert result.headers["content-disposition"] == 'attachment; filename="translation.docx"'
    assert "wordprocessingml" in result.headers["content-type"]
    assert "Dispositivo" in unpacked(result.content)["word/document.xml"].decode()
    assert service.files() == [".result"]
    (kept,) = service.documents.glob("*.result")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(service.documents.stat().st_mode) == 0o700
    assert client.delete(url).status_code == 204
    assert service.files() == []
    assert client.get(url).json()["code"] == "unknown-job"
    for output, kind in (("bilingual-html", "text/html"), ("tmx", "application/x-tmx+xml")):
        job = ended(client, post(client, packed(docx_parts()), output=output).headers["location"])
        found = client.get(job["resultUrl"])
        assert found.headers["content-type"].startswith(kind)
        assert "dispositivo" in found.text.lower()
    client.close()
    assert SECRET not in service.log.read_text()


def test_what_cannot_be_taken_is_refused_at_once_and_what_cannot_be_read_by_the_job(service):
    client = service.client
    refusals = [
        (post(client, b""), 422, "missing-part"),
        (client.post(DOCUMENTS, files={"file": ("a.txt", b"one")}), 422, "missing-part"),
        (
            client.post(DOCUMENTS, files={"other": ("a.txt", b"one")}, data={"targetLanguage": "pt"}),
            422,
            "missing-part",
        ),
        (post(client, b"one", targetLanguage="?"), 422, "malformed-language-tag"),
        (post(client, b"one", output="pdf"), 422, "invalid-input"),
        (post(client, b"one", patentTerms="maybe"), 422, "invalid-input"),
        (post(client, b"one", glossaryId="mechanics"), 422, "invalid-input"),
        (post(client, b"one", glossaryIds=[str(uuid4()) for _ in range(9)]), 422, "invalid-input"),
        (post(client, b"one", glossary="mechanics"), 422, "invalid-input"),
        (post(client, b"one", glossaryIds=[str(uuid4()) for _ in range(40)]), 400, "malformed-request"),
        (post(client, b"one", glossaryId=str(uuid4())), 404, "unknown-glossary"),
        (post(client, b"x" * 1_100_000), 413, "body-too-large"),
        (client.post(DOCUMENTS, json={}), 415, "unsupported-media-type"),
        (client.get(f"/api/v1/jobs/translate-{'0' * 32}"), 404, "unknown-job"),
    ]
    for answer, status, code in refusals:
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert service.files() == []
    url = post(client, packed(docx_parts() | {"word/vbaProject.bin": b"x"})).headers["location"]
    job = ended(client, url)
    assert (job["status"], job["problem"]["code"]) == ("failed", "document-with-macros")
    assert client.get(f"{url}/result").json()["code"] == "no-result"
    assert service.files() == []
    url = post(client, b"ein Auto", "a.txt", sourceLanguage="de").headers["location"]
    assert ended(client, url)["problem"]["code"] == "unsupported-language-pair"


PATENT = """<?xml version="1.0" encoding="UTF-8"?>
<us-patent-application lang="en"><us-bibliographic-data-application>
<invention-title id="t">Lid with a coil spring</invention-title></us-bibliographic-data-application>
<claims><claim id="c1" num="1"><claim-text>1. A lid (6) that is closed by a <b>spring</b> (14).</claim-text></claim>
</claims></us-patent-application>"""


XLIFF = (
    "a.xlf",
    b"""<xliff version="1.2"><file original="a" source-language="en" target-language="pt" datatype="plaintext"><body>
    <trans-unit id="1"><source>A lid is closed.</source></trans-unit></body></file></xliff>""",
)


def glossary(client, **terms):
    entries = [{"source": source, "target": target} for source, target in terms.items()]
    body = {"name": "Mechanics", "sourceLanguage": "en", "targetLanguage": "pt", "terms": entries}
    return client.post("/api/v1/glossaries", json=body).json()["id"]


def content_of(client, answer):
    assert answer.status_code == 202, answer.text
    job = ended(client, answer.headers["location"])
    assert job["status"] == "succeeded", job
    return client.get(job["resultUrl"]).content


def test_through_the_gateway_documents_get_the_terms_of_the_office_and_the_memory(service):
    client = service.start_gateway()
    mechanics, second = glossary(client, lid="cobertura"), glossary(client, lid="capa", rod="vareta")
    wanted = {"glossaryId": mechanics, "glossaryIds": [second, mechanics]}
    document = packed(docx_parts([paragraph(run("The lid (6) rests on the rod (7) and on the spring (14)."))]))
    answer = post(client, document, **wanted)
    assert answer.json()["glossaryIds"] == [mechanics, second, mechanics]
    assert (answer.json()["patentTerms"], answer.json()["memory"]) == (True, True)
    found = unpacked(content_of(client, answer))["word/document.xml"].decode()
    assert all(words in found for words in ("cobertura (6)", "vareta (7)", "mola (14)"))
    patent = content_of(client, post(client, PATENT.encode(), "a.xml", **wanted)).decode()
    assert re.search("<invention-title[^<]*cobertura", patent, re.IGNORECASE)
    assert "cobertura (6)" in patent
    assert patent.count("<") == PATENT.count("<")
    odt = content_of(client, post(client, packed(odt_parts("<text:p>The lid (6) is closed.</text:p>")), **wanted))
    assert "cobertura (6)" in unpacked(odt)["content.xml"].decode()
    for name, data in (("a.txt", b"A lid is closed."), ("a.html", b"<p>A <b>lid</b> is closed.</p>"), XLIFF):
        assert "cobertura" in content_of(client, post(client, data, name, sourceLanguage="en", **wanted)).decode()
    segments = [{"source": "A lid is closed.", "target": "APROVADA."}]
    memory = {"sourceLanguage": "en", "targetLanguage": "pt", "segments": segments}
    assert client.post("/api/v1/translate/memory", json=memory).json()["stored"] == 1
    text = b"A lid is closed.", "a.txt"
    assert content_of(client, post(client, *text, sourceLanguage="en")) == b"APROVADA."
    without = content_of(client, post(client, *text, memory="False", patentTerms="false", glossaryId=mechanics))
    assert "cobertura" in without.decode().lower()
    client.close()
    assert "cobertura" not in service.log.read_text()


def test_glossaries_of_other_languages_are_refused_or_end_the_job(service):
    client = service.client
    head = {"name": "x", "sourceLanguage": "pt", "targetLanguage": "en", "terms": [{"source": "a", "target": "b"}]}
    backwards = client.post("/api/v1/glossaries", json=head).json()["id"]
    refused = post(client, b"a lid", "a.txt", sourceLanguage="en", glossaryId=backwards)
    assert (refused.status_code, refused.json()["code"]) == (422, "glossary-languages")
    assert service.files() == []
    spanish = client.post("/api/v1/glossaries", json=head | {"sourceLanguage": "es", "targetLanguage": "pt"}).json()[
        "id"
    ]
    job = ended(client, post(client, b"the lid of the housing", "a.txt", glossaryId=spanish).headers["location"])
    assert (job["status"], job["problem"]["code"]) == ("failed", "glossary-languages")


def test_glossaries_of_a_document_outlive_a_kill_and_one_that_was_removed_ends_its_job(service):
    kept, removed = glossary(service.client, housing="carapaça"), glossary(service.client, housing="carcaça")
    wanted = {"sourceLanguage": "en", "memory": "false", "patentTerms": "false"}
    first = post(service.client, long_document(60), glossaryId=kept, **wanted).headers["location"]
    second = post(service.client, long_document(60), glossaryIds=[kept, removed], **wanted).headers["location"]
    wait_until(lambda: service.client.get(first).json()["progress"] > 0)
    assert service.client.delete(f"/api/v1/glossaries/{removed}").status_code == 204
    service.kill()
    service.start()
    job = ended(service.client, first)
    assert (job["status"], job["glossaryIds"], job["patentTerms"], job["memory"]) == ("succeeded", [kept], False, False)
    document = unpacked(service.client.get(job["resultUrl"]).content)["word/document.xml"].decode()
    assert document.count("carapaça") == 60
    job = ended(service.client, second)
    assert (job["status"], job["problem"]["code"]) == ("failed", "unknown-glossary")
    assert service.files() == [".result"]


def test_a_document_killed_in_its_midst_is_translated_whole_after_the_next_start(service):
    url = post(service.client, long_document(), sourceLanguage="en").headers["location"]
    wait_until(lambda: service.client.get(url).json()["progress"] > 0)
    service.kill()
    assert service.files() == [".document"]
    (service.documents / "half.arriving").write_bytes(b"an upload that was cut off")
    service.start()
    job = ended(service.client, url)
    assert job["status"] == "succeeded"
    document = unpacked(service.client.get(job["resultUrl"]).content)["word/document.xml"].decode()
    assert all(f"({n})" in document and f"({n}a)" in document for n in range(150))
    assert service.files() == [".result"]


def test_a_cancelled_document_is_gone_and_the_next_one_is_done(service):
    url = post(service.client, long_document(), sourceLanguage="en").headers["location"]
    waiting = post(service.client, packed(docx_parts()), sourceLanguage="en").headers["location"]
    wait_until(lambda: service.client.get(url).json()["status"] == "running")
    assert service.client.delete(url).status_code == 204
    assert service.client.get(url).status_code == 404
    assert ended(service.client, waiting)["status"] == "succeeded"
    assert service.files() == [".result"]


# ---- the jobs themselves, over a fake

ORDER = Order("en", "pt", Output.DOCUMENT, "txt")


def jobs_of(folder, work):
    jobs = DocumentJobs(folder, work)
    jobs.start(Rounds("documents"))
    return jobs


def accepted(jobs, content=b"text"):
    with jobs.arrival() as file:
        file.write_bytes(content)
        return jobs.accept(file, ORDER).id


def trouble_of(jobs, job_id):
    trouble = jobs.job(job_id).trouble
    return trouble and trouble.code


def test_too_many_documents_are_refused_and_a_bug_ends_one_only(tmp_path):
    def work(data, _order, _report):
        if data == b"bug":
            raise RuntimeError(SECRET)
        time.sleep(0.01)
        return Result(data, "text/plain", "txt")

    jobs = DocumentJobs(tmp_path / "documents", work)
    ids = [accepted(jobs, b"bug"), *(accepted(jobs) for _ in range(15))]
    with pytest.raises(Exception, match="Too many documents wait"):
        accepted(jobs)
    jobs.start(Rounds("documents"))
    wait_until(lambda: jobs.job(ids[-1]).status is JobStatus.SUCCEEDED)
    assert trouble_of(jobs, ids[0]) == "internal-error"
    assert jobs.result(ids[-1])[1] == b"text"
    jobs.close()


def test_a_result_is_removed_a_day_after_its_job_ended(tmp_path, monkeypatch):
    folder = tmp_path / "documents"
    jobs = jobs_of(folder, lambda data, _order, _report: Result(data, "text/plain", "txt"))
    old = accepted(jobs)
    wait_until(lambda: jobs.job(old).status is JobStatus.SUCCEEDED)
    monkeypatch.setattr(Ledger, "ended_before", lambda self, _age: self.succeeded())
    accepted(jobs)
    wait_until(lambda: not list(folder.glob(f"{old}*")))
    jobs.close()


def test_a_document_at_which_the_service_ends_again_and_again_is_given_up(tmp_path):
    folder = tmp_path / "documents"
    jobs = DocumentJobs(folder, lambda data, _order, _report: Result(data, "text/plain", "txt"))
    job_id = accepted(jobs)
    jobs.close()
    ledger = Ledger(folder)
    for _ in range(3):
        ledger.begin(job_id)
    ledger.close()
    jobs = jobs_of(folder, lambda data, _order, _report: Result(data, "text/plain", "txt"))
    wait_until(lambda: jobs.job(job_id).status is JobStatus.FAILED)
    assert trouble_of(jobs, job_id) == "document-broke-off"
    jobs.close()

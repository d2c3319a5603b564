"""Archives that were made to harm: each ends as a failed job or a refused row, and the service answers as before."""

import gzip
import io
import tarfile
import time
import zipfile
import zlib
from dataclasses import dataclass

import pytest
from fastapi.testclient import TestClient

from examkit.service_token import SERVICE_TOKEN_HEADER
from services.image_search.app import create_app
from services.image_search.importing.bundle import open_bundle
from services.image_search.importing.reading import read_batches
from services.image_search.settings import Settings
from tests.archives import TABLE, image_of, marks_of, tarred, zipped
from tests.integration.import_service import ARTIFACTS, IMPORT, wait_until

pytestmark = pytest.mark.integration

MEGABYTE = 1024 * 1024


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    token = folder / "service_token"
    token.write_text("0" * 40)
    settings = Settings(
        service_token_file=token, artifacts_dir=ARTIFACTS, data_dir=folder / "marks", max_import_bytes=64 * MEGABYTE
    )
    with TestClient(create_app(settings), headers={SERVICE_TOKEN_HEADER: token.read_text()}) as opened:
        wait_until(lambda: opened.get("/readyz").status_code == 200)
        opened.put("/api/v1/marks/KNOWN", files={"image": ("mark", image_of(7))}).raise_for_status()
        yield opened


def table(*names: str) -> bytes:
    return ("markId,image\n" + "".join(f"M{n},{name}\n" for n, name in enumerate(names))).encode()


def link(name: str, target: str, kind: bytes) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member


def encrypted() -> bytes:
    """Say of every member of a zip that it is encrypted."""
    data = bytearray(zipped(marks_of(1)))
    for magic, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(magic)
        while at >= 0:
            data[at + flags] |= 1
            at = data.find(magic, at + 1)
    return bytes(data)


def flat_bomb() -> bytes:
    """Pack a table of 200 MB of nothing into a few hundred kilobytes."""
    return zipped({TABLE: bytes(200 * MEGABYTE)}, zipfile.ZIP_DEFLATED)


def lying_bomb() -> bytes:
    """Say of a member of 64 MB that it is small."""
    data = bytearray(zipped({"a.png": bytes(64 * MEGABYTE), TABLE: table("a.png")}, zipfile.ZIP_DEFLATED))
    size = (64 * MEGABYTE).to_bytes(4, "little")
    return bytes(data.replace(size, (1000).to_bytes(4, "little")))


def overlapping_bomb() -> bytes:
    """Let every entry of a zip's directory name the same packed megabytes (after Fifield, 2019)."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("0.png", bytes(8 * MEGABYTE))
        (first,) = archive.filelist
        for number in range(1, 2000):
            further = zipfile.ZipInfo(f"{number}.png")
            for name in ("header_offset", "CRC", "compress_size", "file_size", "compress_type"):
                setattr(further, name, getattr(first, name))
            archive.filelist.append(further)
    return stream.getvalue()


def xml_bomb() -> bytes:
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "ha"}">' for n in range(12))
    return zipped({"marks.xml": f"<!DOCTYPE T [{entities}]><T><TradeMark>&a11;</TradeMark></T>".encode()})


def outside_entity() -> bytes:
    xml = '<!DOCTYPE T [<!ENTITY a SYSTEM "file:///etc/passwd">]><T><TradeMark><ApplicationNumber>&a;</ApplicationNumber></TradeMark></T>'
    return zipped({"marks.xml": xml.encode()})


@dataclass(frozen=True)
class Case:
    """A body, and what becomes of it: the code of the failed job, else the codes of refused rows."""

    body: bytes
    failure: str | None = None
    refusals: tuple[str, ...] = ()
    added: int = 0


WHOLE = zipped(marks_of(3))
NESTED = zipped({"inner.zip": WHOLE})
CASES = {
    "not an archive": lambda: Case(b"A zip in name only. " * 100, "unreadable-file"),
    "text called zip": lambda: Case(b"PK\x03\x04 and nothing more", "unreadable-file"),
    "empty zip": lambda: Case(zipped({}), "unreadable-file"),
    "empty tar": lambda: Case(tarred({}), "unreadable-file"),
    "no records": lambda: Case(zipped({"a.png": image_of(1)}), "unreadable-file"),
    "archive in an archive": lambda: Case(NESTED, "unreadable-file"),
    "zip cut off": lambda: Case(WHOLE[: len(WHOLE) // 2], "unreadable-file"),
    "packed tar cut off": lambda: Case(gzip.compress(tarred(marks_of(3)))[:-300], "unreadable-file"),
    "flat bomb": lambda: Case(flat_bomb(), "unreadable-file"),
    "overlapping bomb": lambda: Case(overlapping_bomb(), "unreadable-file"),
    "packed tar bomb": lambda: Case(gzip.compress(tarred({TABLE: bytes(600 * MEGABYTE)}), 1), "unreadable-file"),
    "endless packed stream": lambda: Case(gzip.compress(bytes(600 * MEGABYTE), 1), "unreadable-file"),
    "bomb that lies": lambda: Case(lying_bomb(), None, ("unreadable-file",)),
    "encrypted": lambda: Case(encrypted(), None, ("unreadable-file",)),
    "names that lead out": lambda: Case(
        zipped({TABLE: table("../../../etc/passwd", "/etc/passwd", "..\\..\\secret.png", "C:\\secret.png")}),
        None,
        ("mark-without-image",) * 4,
    ),
    "members that lead out": lambda: Case(
        tarred({TABLE: table("passwd", "../passwd"), "../passwd": image_of(1), "/passwd": image_of(1)}),
        None,
        ("mark-without-image",) * 2,
    ),
    "links and devices": lambda: Case(
        tarred(
            {TABLE: table("soft.png", "hard.png", "fifo.png", "device.png")},
            link("soft.png", "/etc/passwd", tarfile.SYMTYPE),
            link("hard.png", "/etc/passwd", tarfile.LNKTYPE),
            link("fifo.png", "", tarfile.FIFOTYPE),
            link("device.png", "", tarfile.CHRTYPE),
        ),
        None,
        ("mark-without-image",) * 4,
    ),
    "image bomb and text as image": lambda: Case(
        zipped(
            {
                TABLE: table("a.png", "b.png", "c.png"),
                "a.png": b"text",
                "b.png": bytes(25 * MEGABYTE),
                "c.png": image_of(3),
            }
        ),
        None,
        ("unreadable-image", "image-too-large"),
        1,
    ),
    "entities that multiply": lambda: Case(xml_bomb(), None, ("unreadable-file",)),
    "entity of a file": lambda: Case(outside_entity(), None, ("unreadable-file",)),
    "nested too deep": lambda: Case(
        zipped({"marks.xml": b"<T><TradeMark>" + b"<a>" * 100_000}), None, ("unreadable-file",)
    ),
    "one endless line": lambda: Case(
        zipped({"marks.jsonl": b'{"markId": "' + b"x" * 30 * MEGABYTE}), None, ("unreadable-record",)
    ),
    "one endless cell": lambda: Case(
        zipped({TABLE: b'markId,image\n"' + b"x" * 30 * MEGABYTE}), None, ("unreadable-file",)
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_hostile_is_refused_and_the_service_goes_on(client, name):
    case = CASES[name]()
    before = client.get("/api/v1/marks/status").json()["count"]
    answer = client.post(IMPORT, content=case.body, headers={"Content-Type": "application/octet-stream"})
    url = answer.headers["location"]
    job = wait_until(lambda: (job := client.get(url).json())["status"] not in ("queued", "running") and job)
    assert (job["status"], job.get("problem", {}).get("code")) == (
        "failed" if case.failure else "succeeded",
        case.failure,
    )
    rows = client.get(job["resultUrl"]).json()["items"]
    assert sorted(row["code"] for row in rows if row["outcome"] == "refused") == sorted(case.refusals)
    assert client.get("/api/v1/marks/status").json()["count"] == before + case.added
    assert client.get("/api/v1/marks/KNOWN").status_code == 200


def test_a_hundred_thousand_tiny_files_are_read_in_bounded_time_and_named_row_by_row(client, tmp_path):
    files = {f"images/{number}.png": b"" for number in range(100_000)}
    body = zipped({TABLE: table("images/0.png", "images/99999.png", "images/100000.png"), **files})
    url = client.post(IMPORT, files={"archive": ("marks.zip", body)}).headers["location"]
    job = wait_until(lambda: (job := client.get(url).json())["status"] == "succeeded" and job)
    assert job["counts"]["refused"] == 3
    # In this process, so that the reading alone is timed, and not the asking for the job.
    (tmp_path / "marks.zip").write_bytes(body)
    began = time.process_time()
    with open_bundle(tmp_path / "marks.zip") as bundle:
        assert [len(batch.rows) for batch in read_batches(bundle)] == [3]
    assert time.process_time() - began < 10


def test_a_body_over_the_limit_is_refused_whether_it_says_so_or_not(client):
    too_much = bytes(64 * MEGABYTE + 1)
    said = client.post(IMPORT, content=too_much, headers={"Content-Type": "application/zip"})
    pieces = (bytes(MEGABYTE) for _ in range(65))
    unsaid = client.post(IMPORT, content=pieces, headers={"Content-Type": "application/zip"})
    for answer in (said, unsaid):
        assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")
        assert str(64 * MEGABYTE) in answer.json()["detail"]


FORM = "multipart/form-data; boundary=x"


def part(name: str) -> bytes:
    return f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\nPK'.encode()


@pytest.mark.parametrize(
    ("media_type", "body", "status", "code"),
    [
        ("application/json", b"{}", 415, "unsupported-media-type"),
        ("application/zip", b"", 422, "missing-part"),
        ("multipart/form-data", b"x", 400, "malformed-request"),
        (FORM, b"nothing of the kind", 400, "malformed-request"),
        (FORM, part("archive"), 400, "malformed-request"),
        (FORM, part("other") + b"\r\n--x--\r\n", 422, "missing-part"),
    ],
)
def test_a_body_without_an_archive_is_refused_at_once(client, media_type, body, status, code):
    answer = client.post(IMPORT, content=body, headers={"Content-Type": media_type})
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_what_was_packed_by_other_programs_is_taken_in(client):
    packed = zlib.compressobj(9, zlib.DEFLATED, 31)
    body = packed.compress(tarred(marks_of(2))) + packed.flush()
    url = client.post(IMPORT, content=body, headers={"Content-Type": "application/gzip"}).headers["location"]
    job = wait_until(lambda: (job := client.get(url).json())["status"] == "succeeded" and job)
    assert job["counts"]["added"] == 2

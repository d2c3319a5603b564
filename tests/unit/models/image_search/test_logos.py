"""The logo benchmark is read as its own description says."""

import csv
import gzip
import io
import tarfile

import pytest

from models.image_search.logos import LogoSet, fraction

COLUMNS = ("image_id", "file", "brand", "licence", "colour", "is_query")
ROWS = [
    ("L1", "images/L1.png", "alpha", "MIT", "mono", "1"),
    ("L2", "images/L2.png", "alpha", "none stated", "colour", "1"),
    ("L3", "images/L3.png", "beta", "CC-BY-NC-SA-4.0", "colour", "0"),
]


def table(header, rows) -> bytes:
    stream = io.StringIO()
    csv.writer(stream, delimiter="\t").writerows([header, *rows])
    return gzip.compress(stream.getvalue().encode())


@pytest.fixture
def logos(tmp_path):
    (tmp_path / "manifest.tsv.gz").write_bytes(table(COLUMNS, ROWS))
    relevance = [("L1", "L2", "near", "0.7"), ("L2", "L1", "far", "0.5")]
    (tmp_path / "qrels.tsv.gz").write_bytes(table(("query_id", "relevant_id", "level", "shape_sim"), relevance))
    with tarfile.open(tmp_path / "images.tar.gz", "w:gz") as archive:
        for name in ("images/L3.png", "images/unknown.png", "images/L1.png", "images/L2.png"):
            member = tarfile.TarInfo(name)
            member.size = len(name)
            archive.addfile(member, io.BytesIO(name.encode()))
    return LogoSet(tmp_path)


def test_only_images_with_a_stated_licence_for_any_use_may_train(logos):
    assert [image_id for image_id, logo in logos.logos.items() if logo.may_train] == ["L1"]


def test_relevance_and_labels_are_read(logos):
    assert [(other.image_id, other.level) for other in logos.relevant["L1"]] == [("L2", "near")]
    assert [logo.is_colored for logo in logos.logos.values()] == [False, True, True]
    assert [logo.is_query for logo in logos.logos.values()] == [True, True, False]


def test_images_of_the_manifest_are_given_and_no_others(logos):
    assert dict(logos.images()) == {name: f"images/{name}.png".encode() for name in ("L1", "L2", "L3")}


def test_parts_are_fixed_and_about_equal():
    counts = [sum(fraction(f"val:{number}", 5) == part for number in range(5000)) for part in range(5)]
    assert fraction("val:alpha", 5) == fraction("val:alpha", 5)
    assert all(900 < count < 1100 for count in counts)


@pytest.mark.integration
def test_the_real_benchmark_is_what_its_description_counts(shared_data):
    real = LogoSet(shared_data / "logos")
    assert len(real.logos) == 6036
    assert len(real.queries()) == 4061
    assert sum(not logo.may_train for logo in real.logos.values()) == 246 + 84

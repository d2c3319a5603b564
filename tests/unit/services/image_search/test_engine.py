"""The engine finds marks at once, exactly and whole, and after a new start just the same."""

import threading
import time
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFilter
from sqlalchemy import text

from examkit.errors import InvalidInputError, NotFoundError
from services.image_search.codes import NiceClass
from services.image_search.concept import ConceptEncoder
from services.image_search.encoders import Encoders
from services.image_search.engine import (
    FaissImageSearcher,
    ImageSubject,
    MarkSubject,
    NewMark,
    PaletteSubject,
    Search,
    TextSubject,
)
from services.image_search.image import Box
from services.image_search.marks import Entry, MarkFilter, MarkMetadata, StoredImage
from services.image_search.register import Register
from services.image_search.strategies import Strategy, Weights
from services.image_search.vienna import ViennaTable
from services.image_search.word_ranking import Understood
from tests.drawings import draw_mark, encode
from tests.fakes_image_search import FakeImageSearcher
from tests.tiny_concept import write_concept_encoder, write_vienna_codes

MARKS = {
    "CROSS": ("cross", "red", 9),
    "CROSS-BLUE": ("cross", "blue", 9),
    "DISC": ("disc", "red", 30),
    "STAIRS": ("stairs", "black", 30),
    "TRIANGLE": ("triangle", "green", 30),
}


def new_mark(mark_id: str) -> NewMark:
    shape, color, nice_class = MARKS[mark_id]
    metadata = MarkMetadata(name=mark_id, nice_classes=(NiceClass(nice_class),))
    return NewMark(mark_id, metadata, encode(draw_mark(shape, color)))


@pytest.fixture(params=["real", "fake"])
def any_searcher(request, searcher):
    """Whatever a client could notice must be the same for the engine and for the fake that stands in for it."""
    chosen = searcher if request.param == "real" else FakeImageSearcher()
    for mark_id in MARKS:
        chosen.put(new_mark(mark_id))
    return chosen


@pytest.fixture
def filled(searcher):
    for mark_id in MARKS:
        searcher.put(new_mark(mark_id))
    return searcher


def search(searcher, subject, strategy=Strategy.SHAPE, limit=10, **options):
    return searcher.search(Search(subject, strategy, limit, **options))


def found(searcher, subject, **options):
    return [hit.mark.mark_id for hit in search(searcher, subject, **options).hits]


def drawn(shape: str, color: str) -> ImageSubject:
    return ImageSubject(encode(draw_mark(shape, color)))


def test_the_same_image_comes_first_and_scores_one(any_searcher):
    for mark_id in MARKS:
        hits = search(any_searcher, ImageSubject(new_mark(mark_id).image), Strategy.COMBINED).hits
        assert hits[0].mark.mark_id == mark_id
        assert hits[0].likeness.score == pytest.approx(1, abs=2e-3)


def test_a_ranking_is_best_first_and_always_the_same(any_searcher):
    first, second = (search(any_searcher, drawn("cross", "green")) for _ in range(2))
    scores = [hit.likeness.score for hit in first.hits]
    assert scores == sorted(scores, reverse=True)
    assert first == second


def test_limit_and_offset_cut_pages_out_of_one_ranking(any_searcher):
    whole = found(any_searcher, drawn("stairs", "red"))
    pages = [found(any_searcher, drawn("stairs", "red"), limit=2, offset=offset) for offset in (0, 2, 4, 6)]
    assert [mark_id for page in pages for mark_id in page] == whole
    assert search(any_searcher, drawn("stairs", "red"), limit=1).count == len(MARKS)


def test_a_filter_goes_before_the_ranking(any_searcher):
    wanted = MarkFilter(nice_classes=(NiceClass(30),), excluded_mark_id="DISC")
    answer = search(any_searcher, drawn("cross", "red"), limit=1, wanted=wanted)
    assert answer.count == 2
    assert answer.hits[0].mark.mark_id in {"STAIRS", "TRIANGLE"}


def test_a_filter_that_nothing_passes_finds_nothing(any_searcher):
    answer = search(any_searcher, drawn("cross", "red"), wanted=MarkFilter(office="XX"))
    assert (answer.hits, answer.count) == ((), 0)


def outlined(image):
    """Draw the contours of a mark as lines."""
    dilated, eroded = image.filter(ImageFilter.MinFilter(5)), image.filter(ImageFilter.MaxFilter(5))
    return ImageChops.invert(ImageChops.difference(dilated, eroded))


def pierced(image):
    """Draw a mark full of holes, so that little but its silhouette is left as it was."""
    canvas = image.copy()
    for x in range(0, canvas.width, 10):
        for y in range(0, canvas.height, 10):
            ImageDraw.Draw(canvas).ellipse((x, y, x + 4, y + 4), "white")
    return canvas


def untouched(image):
    return image


@pytest.mark.parametrize(
    ("registered", "asked", "least"),
    [
        (untouched, outlined, 0.85),
        (outlined, untouched, 0.85),
        (untouched, pierced, 0.2),
        (pierced, untouched, 0.2),
    ],
)
def test_a_silhouette_and_what_has_its_outline_find_one_another(searcher, registered, asked, least):
    shapes = ("cross", "disc", "stairs", "triangle")
    searcher.write(
        [searcher.describe(NewMark(shape, MarkMetadata(), encode(registered(draw_mark(shape))))) for shape in shapes]
    )
    for shape in shapes:
        best, second, *_ = search(searcher, ImageSubject(encode(asked(draw_mark(shape))))).hits
        assert best.mark.mark_id == shape
        assert best.likeness.score > max(least, second.likeness.score + 0.1)


def test_a_search_by_a_mark_is_a_search_by_its_image(any_searcher):
    by_image = search(any_searcher, ImageSubject(new_mark("DISC").image))
    assert search(any_searcher, MarkSubject("DISC")) == by_image


def test_a_mark_that_is_not_there_cannot_be_searched_by_or_removed(any_searcher):
    for call in (any_searcher.delete, any_searcher.mark, any_searcher.image):
        with pytest.raises(NotFoundError):
            call("NOWHERE")
    for box in (None, Box(0, 0, 20, 20)):
        with pytest.raises(NotFoundError):
            search(any_searcher, MarkSubject("NOWHERE", box))


def test_a_blank_or_unreadable_image_changes_nothing(any_searcher):
    for data, code in ((b"no image", "unreadable-image"), (b"", "unreadable-image")):
        with pytest.raises(InvalidInputError) as raised:
            any_searcher.put(NewMark("CROSS", MarkMetadata(), data))
        assert raised.value.code == code
    assert any_searcher.mark("CROSS").metadata.name == "CROSS"


def test_a_replaced_mark_is_found_as_it_is_now(any_searcher):
    stored = any_searcher.put(NewMark("CROSS", MarkMetadata(name="now"), new_mark("STAIRS").image))
    assert not stored.is_new
    assert found(any_searcher, ImageSubject(new_mark("STAIRS").image))[:2] == ["CROSS", "STAIRS"]
    assert any_searcher.mark("CROSS") == stored.mark
    assert any_searcher.image("CROSS").data == new_mark("STAIRS").image


def test_a_removed_mark_is_not_found(any_searcher):
    any_searcher.delete("CROSS")
    assert "CROSS" not in found(any_searcher, drawn("cross", "red"))


def test_shape_ignores_color_and_color_ignores_shape(filled):
    assert set(found(filled, drawn("cross", "green"))[:2]) == {"CROSS", "CROSS-BLUE"}
    assert set(found(filled, drawn("stairs", "red"), strategy=Strategy.COLOR)[:2]) == {"CROSS", "DISC"}


def test_combined_uses_color_to_order_what_shape_leaves_equal(filled):
    for color, first in (("red", "CROSS"), ("blue", "CROSS-BLUE")):
        assert found(filled, drawn("cross", color), strategy=Strategy.COMBINED)[0] == first


def test_a_mix_shifts_the_ranking(filled):
    by_color = search(filled, drawn("disc", "blue"), Strategy.COMBINED, mix=Weights(0.01, 0.99))
    by_shape = search(filled, drawn("disc", "blue"), Strategy.COMBINED, mix=Weights(0.99, 0.01))
    assert by_color.hits[0].mark.mark_id == "CROSS-BLUE"
    assert by_shape.hits[0].mark.mark_id == "DISC"


def test_a_palette_finds_marks_of_its_colors(filled):
    hits = search(filled, PaletteSubject(((0, 128, 0),)), Strategy.COLOR).hits
    assert hits[0].mark.mark_id == "TRIANGLE"
    assert hits[0].likeness.shape is None


def test_a_box_searches_by_a_part(filled):
    composed = Image.new("RGB", (400, 200), "white")
    composed.paste(draw_mark("disc", "red"), (0, 0))
    composed.paste(draw_mark("stairs"), (200, 0))
    data = encode(composed)
    assert found(filled, ImageSubject(data, Box(200, 0, 200, 200)))[0] == "STAIRS"
    filled.put(NewMark("BOTH", MarkMetadata(), data))
    assert found(filled, MarkSubject("BOTH", Box(0, 0, 200, 200)))[0] == "DISC"


def test_a_new_start_finds_the_same(encoders, tmp_path):
    searcher = FaissImageSearcher(encoders, Register(tmp_path))
    searcher.write([searcher.describe(new_mark(mark_id)) for mark_id in MARKS])
    before = search(searcher, drawn("cross", "red"), Strategy.COMBINED)
    searcher.close()
    again = FaissImageSearcher(encoders, Register(tmp_path))
    assert search(again, drawn("cross", "red"), Strategy.COMBINED) == before
    again.close()


def described_by_another(encoders, tmp_path, mark_ids):
    """Make a register whose marks an older version of the embedder has described."""
    register = Register(tmp_path)
    older = FaissImageSearcher(encoders, register)
    for mark_id in mark_ids:
        older.put(new_mark(mark_id))
        register.replace_vectors(register.row_id(mark_id), np.ones((1, 3), np.float16), "mark-embedder/0.0.1")
    with register._writer.begin() as connection:
        connection.execute(text("DELETE FROM embeddings WHERE embedder != 'mark-embedder/0.0.1'"))
    older.close()


def forget(register, embedders):
    """Drop what these embedders described."""
    with register._writer.begin() as connection:
        connection.execute(text("DELETE FROM embeddings WHERE embedder LIKE :name"), {"name": embedders})


def test_marks_that_an_older_embedder_described_are_described_anew_while_the_engine_works(encoders, tmp_path):
    described_by_another(encoders, tmp_path, ["CROSS", "DISC"])
    newer = FaissImageSearcher(encoders, Register(tmp_path))
    newer.put(new_mark("STAIRS"))
    newer.reembedding.wait()
    assert (newer.reembedding.state.done, newer.reembedding.state.waiting) == (2, 0)
    for mark_id in ("CROSS", "DISC", "STAIRS"):
        hits = search(newer, ImageSubject(new_mark(mark_id).image)).hits
        assert (hits[0].mark.mark_id, hits[0].likeness.score) == (mark_id, pytest.approx(1, abs=2e-3))
    assert list(newer._register.embeddings("mark-embedder/0.0.1")) == []
    newer.close()


def test_a_register_from_before_concepts_is_searched_by_them_once_they_are_described(encoders, tmp_path):
    register = Register(tmp_path)
    older = FaissImageSearcher(encoders, register)
    for mark_id in ("CROSS", "DISC"):
        older.put(new_mark(mark_id))
    forget(register, "concept-encoder/%")
    before = {row_id: vectors.tobytes() for row_id, vectors in register.embeddings(encoders.looks_signature)}
    older.close()
    newer = FaissImageSearcher(encoders, Register(tmp_path))
    assert len(found(newer, drawn("cross", "red"))) == 2
    newer.reembedding.wait()
    assert newer.reembedding.state.done == 2
    for mark_id in ("CROSS", "DISC"):
        hits = search(newer, ImageSubject(new_mark(mark_id).image), Strategy.CONCEPT).hits
        assert (hits[0].mark.mark_id, hits[0].likeness.concept) == (mark_id, pytest.approx(1, abs=2e-3))
    after = {row_id: vectors.tobytes() for row_id, vectors in newer._register.embeddings(encoders.looks_signature)}
    assert after == before
    newer.close()


def test_marks_are_found_by_their_looks_while_another_encoder_of_concepts_describes_them(encoders, tmp_path):
    register = Register(tmp_path)
    older = FaissImageSearcher(encoders, register)
    older.put(new_mark("CROSS"))
    forget(register, "concept-encoder/%")
    register.replace_vectors(register.row_id("CROSS"), np.ones((1, 3), np.float16), "concept-encoder/0.0.1+1")
    older.close()
    newer = FaissImageSearcher(encoders, Register(tmp_path))
    assert found(newer, drawn("cross", "red")) == ["CROSS"]
    newer.reembedding.wait()
    assert found(newer, drawn("cross", "red"), strategy=Strategy.CONCEPT) == ["CROSS"]
    assert list(newer._register.embeddings("concept-encoder/0.0.1+1")) == []
    newer.close()


def test_the_marks_of_several_registers_are_described_anew_one_after_another(encoders, tmp_path, monkeypatch):
    under_way: list[int] = []
    most: list[int] = []

    def describe(_encoders, _image, known=()):
        under_way.append(1)
        most.append(len(under_way))
        time.sleep(0.02)
        under_way.pop()
        return {}

    registers = [Register(tmp_path / name) for name in ("ours", "theirs")]
    for register in registers:
        for number in range(5):
            image = StoredImage(drawn("cross", "red").data, "image/png")
            register.write([Entry(f"M{number}", MarkMetadata(), image, np.ones((1, 3), np.float16), "mark-embedder/0")])
    monkeypatch.setattr(Encoders, "describe", describe)
    searchers = [FaissImageSearcher(encoders, register) for register in registers]
    for searcher in searchers:
        searcher.reembedding.wait()
        searcher.close()
    assert (len(most), max(most)) == (10, 1)


def test_another_pack_of_concepts_with_rows_of_another_length_takes_over(encoders, tmp_path):
    ours = FaissImageSearcher(encoders, Register(tmp_path / "register"))
    for mark_id in MARKS:
        ours.put(new_mark(mark_id))
    ours.close()
    table = ViennaTable.open(write_vienna_codes(tmp_path / "codes", {"03": "Animals", "24": "Signs"}))
    pack = ConceptEncoder(write_concept_encoder(tmp_path / "pack"), table)
    theirs = FaissImageSearcher(replace(encoders, concepts=pack), Register(tmp_path / "register"))
    theirs.reembedding.wait()
    assert pack.dims != encoders.concepts.dims
    assert set(found(theirs, TextSubject("crown"), strategy=Strategy.CONCEPT)) == set(MARKS)
    assert found(theirs, drawn("cross", "red"), strategy=Strategy.CONCEPT)[0] in {"CROSS", "CROSS-BLUE"}
    assert search(theirs, TextSubject("a buzzard")).understood == Understood(("falcon", "eagle"), is_approximate=True)
    theirs.close()


def test_describing_anew_goes_on_where_it_was_stopped(encoders, tmp_path):
    described_by_another(encoders, tmp_path, MARKS)
    for _ in range(len(MARKS)):
        stopped = FaissImageSearcher(encoders, Register(tmp_path))
        stopped.close()
    last = FaissImageSearcher(encoders, Register(tmp_path))
    last.reembedding.wait()
    assert last.reembedding.state.waiting == 0
    assert set(found(last, drawn("cross", "red"))) == set(MARKS)
    last.close()


def test_a_mark_replaced_or_removed_meanwhile_is_not_described_by_its_old_image(encoders, tmp_path):
    described_by_another(encoders, tmp_path, ["CROSS", "DISC"])
    register = Register(tmp_path)
    cross, disc = register.row_id("CROSS"), register.row_id("DISC")
    old_image = register.image("CROSS").sha256
    searcher = FaissImageSearcher(encoders, register)
    searcher.put(NewMark("CROSS", MarkMetadata(), new_mark("STAIRS").image))
    searcher.delete("DISC")
    searcher.reembedding.wait()
    assert not register.replace_vectors(cross, np.ones((1, 3), np.float16), "mark-embedder/1", old_image)
    assert not register.replace_vectors(disc, np.ones((1, 3), np.float16), "mark-embedder/1")
    assert found(searcher, ImageSubject(new_mark("STAIRS").image)) == ["CROSS"]
    searcher.close()


def test_writes_at_once_leave_register_and_index_agreeing(filled):
    ids = [f"NEW-{number}" for number in range(4)]

    def churn(mark_id: str) -> None:
        for _ in range(5):
            filled.put(NewMark(mark_id, MarkMetadata(), new_mark("DISC").image))
            filled.delete(mark_id)
        filled.put(NewMark(mark_id, MarkMetadata(), new_mark("STAIRS").image))

    threads = [threading.Thread(target=churn, args=(mark_id,)) for mark_id in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(found(filled, ImageSubject(new_mark("STAIRS").image), limit=5)) == {"STAIRS", *ids}
    assert filled.page(MarkFilter(), limit=50, offset=0)[1] == len(MARKS) + 4

"""How well concepts are found however they are drawn, by image and by word, and Vienna divisions suggested."""

import csv
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from rich.console import Console
from rich.progress import track

from benchmarks.classify_statistics import mean_of
from benchmarks.concept_figures import (
    BARE,
    BOTH,
    ENCODER,
    HELD_OUT,
    NEVER_TAUGHT,
    SEVERAL_HANDS,
    TAUGHT_NAMES,
    UNSEEN_HANDS,
    ConceptFigures,
    FramedFigures,
    ImageFigures,
    Suggestions,
    goals_of,
)
from benchmarks.concept_frames import FRAMES
from benchmarks.concept_judging import Found, Judgement, judge, judge_all, judge_far, summarize
from benchmarks.concept_protocol import Asked, Gallery, is_held_out, is_unseen_hand
from benchmarks.concept_tables import show
from examkit.errors import ArtifactError
from models.image_search.concept_drawings import Drawing, DrawingSet
from models.image_search.concepts import is_apart
from services.image_search.codes import ViennaCode
from services.image_search.concept import ConceptEncoder
from services.image_search.concept_views import ConceptViews, make_concept_views
from services.image_search.descriptors import describe_gradients
from services.image_search.image import WORKING_SIDE_PIXELS
from services.image_search.vienna import ViennaTable

_DIVISIONS_FILE: Final = Path(__file__).with_name("concept_divisions.tsv")
_SUGGESTED: Final = 5
_HISTOGRAM_SHARE: Final = 1 / 3
_NETWORK_DIMS: Final = 1280  # of the features that training keeps, what things are; the rest is their layout
_TIMED: Final = 200
_FRAMED_SHARE: Final = 3  # every third drawing is put into frames

Rows = NDArray[np.float32]
Scorer = Callable[[Asked], Rows]


@dataclass(frozen=True)
class Bench:
    """The encoder, the drawings and the gallery that it is judged on."""

    encoder: ConceptEncoder
    drawings: DrawingSet
    work: Path

    @cached_property
    def gallery(self) -> Gallery:
        """Return what is judged."""
        return Gallery.of(self.drawings)

    @cached_property
    def rows(self) -> Rows:
        """Return the encoder's row of every drawing in the gallery."""
        found = track(self.gallery.rows, "Describing drawings", console=Console(stderr=True))
        return np.concatenate([self.describe(int(row)) for row in found])

    @cached_property
    def histograms(self) -> Rows:
        """Return gradient histograms of the ink."""
        return np.stack([describe_gradients(self.drawings.inked[row]) for row in self.gallery.rows])

    @property
    def features(self) -> Path:
        """Return where training keeps the features of the network as it is (drawings x 2 x features)."""
        return self.work / "features.npy"

    def describe(self, row: int) -> Rows:
        """Embed one drawing as the service does."""
        return self.encoder.embed_views(self.see(row)).astype(np.float32)

    def see(self, row: int) -> list[ConceptViews]:
        """See a drawing as it was drawn; what its tile or frame holds is looked for in its view, enlarged."""
        whole = self.whole(row)
        enlarged = Image.fromarray(whole.colored).resize((WORKING_SIDE_PIXELS,) * 2, Image.Resampling.BICUBIC)
        return [whole, *make_concept_views(np.asarray(enlarged))[1:]]

    def whole(self, row: int) -> ConceptViews:
        """Return the views that were drawn."""
        return ConceptViews(np.array(self.drawings.colored[row]), np.array(self.drawings.inked[row]))

    def untaught_network(self) -> Rows:
        """Return what the network says of the colored view before it is taught, of unit length."""
        features = np.load(self.features, mmap_mode="r")[self.gallery.rows, 0, :_NETWORK_DIMS].astype(np.float32)
        return np.asarray(features / np.linalg.norm(features, axis=1, keepdims=True), np.float32)


def run(artifacts: Path, work: Path, console: Console) -> ConceptFigures:
    """Measure the installed concept encoder on the drawings in `work`; some minutes on one core.

    Raise ArtifactError when they have not been drawn (`python -m models.image_search.concept_train draw WORK`).
    """
    if not (work / "drawings").is_dir():
        raise ArtifactError(f"{work} holds no drawings; make them with models.image_search.concept_train draw.")
    table = ViennaTable.open(artifacts / "vienna-codes")
    bench = Bench(ConceptEncoder(artifacts / "concept-encoder", table), DrawingSet(work / "drawings"), work)
    by_image = {name: _by_group(bench, rows) for name, rows in _methods(bench)}
    by_image[BOTH] = _judged(bench, lambda query: _mixed(bench, query))
    by_word, unread = _by_word(bench)
    suggestions = _suggest(bench)
    framed = _framed(bench)
    times = _times(bench)
    figures = ConceptFigures(
        gallery=len(bench.gallery.rows),
        concepts=len(bench.gallery.hands),
        goals=goals_of(by_image[ENCODER], by_word, suggestions),
        by_image=by_image,
        by_word=by_word,
        unread_names=unread,
        framed=framed,
        suggestions=suggestions,
        embed_p50_milliseconds=round(float(np.percentile(times, 50)), 1),
        embed_p95_milliseconds=round(float(np.percentile(times, 95)), 1),
    )
    show(figures, console)
    return figures


def _methods(bench: Bench) -> Iterator[tuple[str, Rows]]:
    yield "gradient histograms", bench.histograms
    if bench.features.is_file():
        yield "network before teaching", bench.untaught_network()
    yield ENCODER, bench.rows


def _by_group(bench: Bench, rows: Rows) -> dict[str, ImageFigures]:
    return _judged(bench, lambda query: rows @ rows[_drawing_of(query)])


def _mixed(bench: Bench, query: Asked) -> Rows:
    at = _drawing_of(query)
    by_histogram = bench.histograms @ bench.histograms[at]
    return np.asarray((1 - _HISTOGRAM_SHARE) * (bench.rows @ bench.rows[at]) + _HISTOGRAM_SHARE * by_histogram)


def _drawing_of(query: Asked) -> int:
    assert query.drawing is not None
    return query.drawing


def _judged(bench: Bench, score: Scorer) -> dict[str, ImageFigures]:
    groups: Mapping[str, Callable[[Drawing], bool]] = {
        HELD_OUT: is_held_out,
        UNSEEN_HANDS: _is_taught_by_unseen_hand,
    }
    figures = {}
    for name, asks in groups.items():
        asked = [(query, score(query)) for query in bench.gallery.images_of(asks)]
        figures[name] = ImageFigures(summarize(judge_all(asked)), summarize(judge_far(asked)))
    return figures


def _is_taught_by_unseen_hand(drawing: Drawing) -> bool:
    return is_unseen_hand(drawing) and not is_held_out(drawing)


def _by_word(bench: Bench) -> tuple[dict[str, Found], int]:
    """Ask by names: those never taught, and taught ones of which drawings of the unseen sets alone are right."""
    gallery = bench.gallery
    apart = sorted(name for name in gallery.hands if is_apart(name))
    taught = sorted(set(gallery.hands) - set(apart))
    never = list(gallery.words_of(apart, lambda drawing: True))
    seen = list(gallery.words_of(taught, is_unseen_hand))
    judged = [_ask(bench, query) for query in never]
    several = [each for each in judged if gallery.hands[each.concept] > 1]
    unread = sum(bench.encoder.reads(query.concept) is False for query in never)
    figures = {NEVER_TAUGHT: judged, SEVERAL_HANDS: several, TAUGHT_NAMES: [_ask(bench, query) for query in seen]}
    return {name: summarize(each) for name, each in figures.items()}, unread


def _ask(bench: Bench, query: Asked) -> Judgement:
    """Ask by a name; one of which no word is known finds nothing."""
    if not bench.encoder.reads(query.concept):
        return Judgement(query.concept, 0.0, 0.0, 0.0)
    return judge_all([(query, bench.rows @ bench.encoder.embed_text(query.concept).row)])[0]


def _framed(bench: Bench) -> dict[str, FramedFigures]:
    """Ask by taught things in frames, drawn by hands never taught, and for them by their names."""
    queries = list(bench.gallery.images_of(_is_taught_by_unseen_hand))[::_FRAMED_SHARE]
    rows = {BARE: [bench.rows[_drawing_of(query)] for query in queries]}
    for name, put in FRAMES.items():
        drawn = (put(bench.whole(int(bench.gallery.rows[_drawing_of(query)]))) for query in queries)
        rows[name] = [bench.encoder.embed_views(make_concept_views(each))[0].astype(np.float32) for each in drawn]
    return {name: _find_framed(bench, list(zip(queries, each, strict=True))) for name, each in rows.items()}


def _find_framed(bench: Bench, framed: Sequence[tuple[Asked, Rows]]) -> FramedFigures:
    by_image = judge_all((query, bench.rows @ row) for query, row in framed)
    return FramedFigures(summarize(by_image), summarize([_ask_for(bench, query, row) for query, row in framed]))


def _ask_for(bench: Bench, query: Asked, row: Rows) -> Judgement:
    """Ask by its name for a drawing that stands in the gallery as `row`; others of that name are left out."""
    at = _drawing_of(query)
    words = bench.encoder.embed_text(query.concept).row
    scores = bench.rows @ words
    scores[at] = row @ words
    others = np.union1d(query.left_out, bench.gallery.by_concept[query.concept])
    return judge(scores, query.concept, np.array([at]), np.setdiff1d(others, [at]))


def _suggest(bench: Bench) -> dict[str, Suggestions]:
    """Suggest divisions for the icons that were labelled by hand, concepts never taught apart from the others."""
    place = {(each.set_name, each.icon): row for row, each in enumerate(bench.drawings.drawings)}
    hits: dict[str, list[tuple[bool, bool]]] = {}
    with _DIVISIONS_FILE.open(newline="") as stream:
        for label in csv.DictReader(stream, delimiter="\t"):
            right = {ViennaCode.parse_prefix(code) for code in label["divisions"].split(",")}
            row = bench.describe(place[label["set"], label["icon"]])
            suggested = [each.code for each in bench.encoder.suggest_codes(row, _SUGGESTED)]
            hit = [any(code.starts_with(division) for division in right) for code in suggested]
            hits.setdefault(HELD_OUT if is_apart(label["concept"]) else "other icons", []).append((hit[0], any(hit)))
    groups = hits | {"all icons": [hit for each in hits.values() for hit in each]}
    return {
        name: Suggestions(len(each), *(mean_of(np.array(part)) for part in zip(*each, strict=True)))
        for name, each in groups.items()
    }


def _times(bench: Bench) -> list[float]:
    """Time single calls one after another, as one inference slot would; milliseconds."""
    times = []
    for row in bench.gallery.rows[:_TIMED]:
        views = bench.see(int(row))
        started = time.perf_counter()
        bench.encoder.embed_views(views)
        times.append((time.perf_counter() - started) * 1000)
    return times

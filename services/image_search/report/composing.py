"""Puts a report together from a search, what it found, and what the register and the titles say."""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

from examkit import __version__
from examkit.errors import InvalidInputError, NotFoundError, TooLargeError
from services.image_search.codes import NiceClass, ViennaCode
from services.image_search.engine import (
    Found,
    Hit,
    ImageSearcher,
    ImageSubject,
    MarkSubject,
    PaletteSubject,
    Search,
    Subject,
    TextSubject,
)
from services.image_search.image import Box
from services.image_search.marks import MarkFilter
from services.image_search.preview import MakePreview, Preview
from services.image_search.ranking import Likeness
from services.image_search.report.contents import Line, Picture, Report, ReportedHit
from services.image_search.report.wording import Wording
from services.image_search.strategies import Strategy, Weights
from services.image_search.titles import Language, Titles

_QUERY_SIDE: Final = 480
_HIT_SIDE: Final = 240
_MOST_TITLED: Final = 5  # codes of one mark
_PARTS: Final = ("shape", "color", "composition", "concept", "words")
# What turns or hides the text around it; a name must not.
_UNSEEN: Final = re.compile("[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]")


Code = TypeVar("Code")


@dataclass(frozen=True)
class Order:
    """What is to be reported: a search, for which file, in which language, and what the examiner found relevant."""

    search: Search
    language: Language
    reference: str
    judgements: Mapping[str, bool]


@dataclass(frozen=True)
class Sources:
    """Where a report is taken from."""

    searcher: ImageSearcher
    preview: MakePreview
    titles: Titles
    office: str


def compose(order: Order, found: Found, sources: Sources, now: datetime) -> Report:
    """Return the report of what a search found; an image that cannot be drawn any more is left out."""
    return _Composer(order, sources).report(found, now)


class _Composer:
    def __init__(self, order: Order, sources: Sources) -> None:
        self._order, self._sources = order, sources
        self._search = order.search
        self._say = Wording(order.language)

    def report(self, found: Found, now: datetime) -> Report:
        first = self._search.offset + 1
        subject = self._search.subject
        colors = subject.colors if isinstance(subject, PaletteSubject) else ()
        return Report(
            wording=self._say,
            office=plain(self._sources.office),
            reference=plain(self._order.reference),
            date=_moment(now),
            picture=self._asked(subject),
            colors=tuple("#" + bytes(color).hex() for color in colors),
            lines=tuple(self._lines(found, now)),
            hits=tuple(self._hit(rank, hit) for rank, hit in enumerate(found.hits, first)),
        )

    def _lines(self, found: Found, now: datetime) -> Iterable[Line]:
        yield self._line("reference", self._order.reference)
        yield self._line("date", _moment(now))
        yield from self._subject_lines(found)
        yield self._line("strategy", self._say(self._search.strategy))
        if found.weights is not None and self._search.strategy in (Strategy.COMBINED, Strategy.COLOR):
            yield self._line("mix", self._mix(found.weights))
        for key, examples in (("like", self._search.examples.liked), ("unlike", self._search.examples.disliked)):
            if examples:
                yield self._line(key, ", ".join(examples))
        yield self._line("filters", "; ".join(self._filters(self._search.wanted)) or self._say("none"))
        yield from self._figures(found)
        looks, concepts = (
            " ".join(each) for each in (self._sources.searcher.model, self._sources.searcher.concept_model)
        )
        yield self._line("models", f"{looks}, {concepts}")
        yield self._line("software", f"Examkit {__version__}")

    def _figures(self, found: Found) -> Iterable[Line]:
        searcher, count = self._sources.searcher, self._say.count
        _, registered = searcher.page(MarkFilter(), limit=1, offset=0)
        yield self._line("ranked", self._say("ranked-value", count=count(found.count), all=count(registered)))
        if waiting := searcher.reembedding.state.waiting:
            yield self._line("waiting", count(waiting))
        if not found.hits:
            return
        first = self._search.offset + 1
        last = self._search.offset + len(found.hits)
        yield self._line("shown", self._say("shown-value", first=count(first), last=count(last)))
        verdicts = [self._order.judgements.get(hit.mark.mark_id) for hit in found.hits]
        names = {"relevant": True, "irrelevant": False, "open": None}
        said = {name: count(verdicts.count(verdict)) for name, verdict in names.items()}
        yield self._line("judged", self._say("judged-value", **said))

    def _subject_lines(self, found: Found) -> Iterable[Line]:
        subject = self._search.subject
        yield self._line("searched-by", self._say(_kind_of(subject)))
        match subject:
            case TextSubject(text):
                yield self._line("text", text)
                if found.understood is not None and found.understood.names:
                    names = ", ".join(found.understood.names)
                    extent = f" ({self._say('approximately')})" if found.understood.is_approximate else ""
                    yield self._line("understood", names + extent)
            case PaletteSubject(colors):
                yield self._line("colors", ", ".join("#" + bytes(color).hex() for color in colors))
            case MarkSubject(mark_id, box):
                name = self._sources.searcher.mark(mark_id).metadata.name
                yield self._line("query-mark", f"{mark_id} {name or ''}")
                yield from self._part(box)
            case ImageSubject(data, box):
                yield self._line("image-hash", hashlib.sha256(data).hexdigest())
                yield from self._part(box)

    def _part(self, box: Box | None) -> Iterable[Line]:
        if box is not None:
            yield self._line("part", self._say("part-value", **vars(box)))

    def _mix(self, weights: Weights) -> str:
        shares = {self._say(name): round(100 * share) for name, share in vars(weights).items() if share}
        return ", ".join(f"{name} {share} %" for name, share in shares.items())

    def _filters(self, wanted: MarkFilter) -> Iterable[str]:
        say = self._say
        for nice_class in wanted.nice_classes:
            yield f"{say('nice')} {self._nice(nice_class)}"
        for code in wanted.vienna_prefixes:
            yield f"{say('vienna')} {self._vienna(code)}"
        others = {
            "status": wanted.status,
            "office": wanted.office,
            "applicant": wanted.applicant,
            "date-from": wanted.date_from,
            "date-to": wanted.date_to,
            "without": wanted.excluded_mark_id,
        }
        for key, value in others.items():
            if value is not None:
                yield f"{say(key)} {value}"

    def _asked(self, subject: Subject) -> Picture | None:
        if isinstance(subject, PaletteSubject | TextSubject):
            return None
        data = self._sources.searcher.image(subject.mark_id).data if isinstance(subject, MarkSubject) else subject.data
        preview = self._drawn(lambda: data, _QUERY_SIDE)
        return None if preview is None else Picture(preview, _scaled(subject.box, preview.scale))

    def _hit(self, rank: int, hit: Hit) -> ReportedHit:
        mark_id = hit.mark.mark_id
        preview = self._drawn(lambda: self._sources.searcher.image(mark_id).data, _HIT_SIDE)
        return ReportedHit(
            rank=rank,
            name=plain(hit.mark.metadata.name or self._say("no-name")),
            mark_id=mark_id,
            picture=None if preview is None else Picture(preview),
            lines=tuple(self._known_of(hit)),
            score=self._say.score(hit.likeness.score),
            scores=tuple(self._scores(hit.likeness)),
            verdict=self._order.judgements.get(mark_id),
        )

    def _known_of(self, hit: Hit) -> Iterable[Line]:
        known = hit.mark.metadata
        filed = known.application_date.isoformat() if known.application_date else None
        said = {
            "applicant": known.applicant,
            "office": known.office,
            "status": known.status,
            "filed": filed,
            "feature": known.mark_feature,
            "nice": _listed(known.nice_classes, self._nice),
            "vienna": _listed(known.vienna_codes, self._vienna),
            "words-read": ", ".join(hit.mark.words_read),
        }
        return (self._line(key, value) for key, value in said.items() if value)

    def _scores(self, likeness: Likeness) -> Iterable[Line]:
        scores = ((name, getattr(likeness, name)) for name in _PARTS)
        return (self._line(name, self._say.score(score)) for name, score in scores if score is not None)

    def _nice(self, nice_class: NiceClass) -> str:
        return f"{nice_class} {self._sources.titles.nice[self._order.language][nice_class]}"

    def _vienna(self, code: ViennaCode) -> str:
        return f"{code} {self._sources.titles.of_vienna(code, self._order.language) or ''}".rstrip()

    def _line(self, key: str, value: str) -> Line:
        return Line(self._say(key), plain(value))

    def _drawn(self, data: Callable[[], bytes], side: int) -> Preview | None:
        try:
            return self._sources.preview(data(), side)
        except (InvalidInputError, NotFoundError, TooLargeError):
            return None


def _listed(codes: Sequence[Code], titled: Callable[[Code], str]) -> str:
    """List codes with their titles, where they are few."""
    return "; ".join(map(titled, codes)) if len(codes) <= _MOST_TITLED else ", ".join(map(str, codes))


def _moment(now: datetime) -> str:
    return f"{now:%Y-%m-%d %H:%M} UTC"


def plain(text: str) -> str:
    """Return a text in one line, without signs that are not seen themselves but change what is."""
    shown = _UNSEEN.sub("", unicodedata.normalize("NFC", text))
    return " ".join(
        "".join(" " if unicodedata.category(sign) in ("Cc", "Zl", "Zp") else sign for sign in shown).split()
    )


def _kind_of(subject: Subject) -> str:
    match subject:
        case TextSubject():
            return "by-text"
        case PaletteSubject():
            return "by-palette"
        case MarkSubject(box=box):
            return "by-mark" if box is None else "by-mark-part"
        case ImageSubject(box=box):
            return "by-image" if box is None else "by-image-part"


def _scaled(box: Box | None, scale: float) -> Box | None:
    if box is None:
        return None
    x, y, width, height = (round(scale * pixels) for pixels in (box.x, box.y, box.width, box.height))
    return Box(x, y, max(1, width), max(1, height))

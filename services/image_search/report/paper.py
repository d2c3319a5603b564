"""A report as PDF, for the file and for paper."""

from datetime import datetime
from typing import Final

from services.image_search.report.contents import Line, Report, ReportedHit
from services.image_search.report.fonts import MISSING
from services.image_search.report.pen import ACCENT, GREY, INK, Pen, Style

# All in mm of A4, upright.
_LEFT: Final = 17.0
_RIGHT: Final = 195.0
_TOP: Final = 21.0
_BOTTOM: Final = 281.0
_QUERY_SIDE: Final = 58.0
_LABELS: Final = 40.0
_HIT_SIDE: Final = 31.0
_HIT_TEXT: Final = _LEFT + _HIT_SIDE + 4
_HIT_SCORES: Final = 160.0
_GAP: Final = 4.0
_HIT_GAP: Final = 3.0
# Lines of one value of a hit: what is longer is cut, so that a hit fits on a page.
_MOST_LINES_OF_NAME: Final = 16
_MOST_LINES: Final = 6

_TITLE: Final = Style(19, INK, is_thick=True)
_NOTICE: Final = Style(10, ACCENT, is_thick=True)
_HEADING: Final = Style(12.5, INK, is_thick=True)
_NAME: Final = Style(10.5, INK, is_thick=True)
_SCORE: Final = Style(14, ACCENT, is_thick=True)
_TEXT: Final = Style(9)
_LABEL: Final = Style(9, GREY)
_FACT: Final = Style(8.5)
_VERDICT: Final = Style(8.5, INK, is_thick=True)
_SMALL: Final = Style(8, GREY)

_Block = tuple[list[str], Style]


def to_pdf(report: Report, now: datetime) -> bytes:
    """Write a report as PDF; its pages are numbered."""
    paper = _Paper(report, now)
    paper.put_front()
    for hit in report.hits:
        paper.put_hit(hit)
    paper.put_end()
    return bytes(paper.output())


class _Paper(Pen):
    """The pages, each with a head line and a foot line."""

    def __init__(self, report: Report, now: datetime) -> None:
        super().__init__()
        self._report, self._say = report, report.wording
        self._at = _TOP
        self.set_lang(report.wording.language)
        self.set_title(self._say("title"))
        self.set_creator("Examkit")
        self.set_creation_date(now)
        self.add_page()

    def header(self) -> None:
        """Write of which search this is a page."""
        parts = (self._report.office, self._say("title"), self._report.reference)
        head = self.break_text(" · ".join(part for part in parts if part), _SMALL, _RIGHT - _LEFT - 40)
        self.put_line(head[0], _SMALL, _LEFT, 10)
        self.put_line_before(self._report.date, _SMALL, _RIGHT, 10)
        self.put_rule(_LEFT, 15.5, _RIGHT - _LEFT)
        self._at = _TOP

    def footer(self) -> None:
        """Write whose finding this is, and the number of the page."""
        self.put_rule(_LEFT, 284, _RIGHT - _LEFT)
        self.put_line(self._say("machine"), _SMALL, _LEFT, 285.5)
        page = self._say("page", page=self.page_no(), pages=self.str_alias_nb_pages)
        self.put_line_before(page, _SMALL, _RIGHT, 285.5)

    def put_front(self) -> None:
        """Write what was asked, and beside it the picture or the colors asked by."""
        width = _RIGHT - _LEFT
        self._paragraph(self._report.office, _LABEL, width)
        self._paragraph(self._say("title"), _TITLE, width)
        self._at += 1
        self._paragraph(self._say("machine"), _NOTICE, width)
        self._at += _GAP
        page, beside = self.page, self._at
        has_picture = self._put_subject(beside)
        right = _RIGHT - _QUERY_SIDE - _GAP if has_picture else _RIGHT
        for line in self._report.lines:
            self._put_fact(line, right)
        if has_picture and self.page == page:
            self._at = max(self._at, beside + _QUERY_SIDE)
        self._at += _GAP
        self._paragraph(self._say("hits"), _HEADING, width)
        self._at += 1

    def put_hit(self, hit: ReportedHit) -> None:
        """Write a hit, on the next page where it does not fit on this one."""
        width = _HIT_SCORES - _HIT_TEXT - _GAP
        blocks = [(self.break_text(hit.name, _NAME, width, _MOST_LINES_OF_NAME), _NAME)]
        blocks += [(self.break_text(hit.mark_id, _SMALL, width), _SMALL)]
        facts = (f"{line.label}: {line.value}" for line in hit.lines)
        blocks += [(self.break_text(fact, _FACT, width, _MOST_LINES), _FACT) for fact in facts]
        needed = max(_HIT_SIDE, *(_height(each) for each in (blocks, self._judged(hit)))) + 2 * _HIT_GAP
        if self._at + needed > _BOTTOM:
            self.add_page()
        self.put_rule(_LEFT, self._at, _RIGHT - _LEFT)
        top = self._at + _HIT_GAP
        self.put_line_before(str(hit.rank), _SMALL, _LEFT - 1.5, top)
        self.put_picture(hit.picture, _LEFT, top, _HIT_SIDE)
        for x, stack in ((_HIT_TEXT, blocks), (_HIT_SCORES, self._judged(hit))):
            y = top
            for lines, style in stack:
                y = self.put_lines(lines, style, x, y)
        self._at += needed

    def put_end(self) -> None:
        """Say what is left to be said: that nothing was found, or that a font lacks signs."""
        if not self._report.hits:
            self._paragraph(self._say("no-hits"), _TEXT, _RIGHT - _LEFT)
        if self.misses_signs:
            self._at += _GAP
            self._paragraph(self._say("missing", sign=MISSING), _SMALL, _RIGHT - _LEFT)

    def _judged(self, hit: ReportedHit) -> list[_Block]:
        verdict = _VERDICT if hit.verdict is not None else _SMALL
        scores = [f"{line.label} {line.value}" for line in hit.scores]
        said = self.break_text(self._report.judgement(hit), verdict, _RIGHT - _HIT_SCORES)
        return [([hit.score], _SCORE), (scores, _SMALL), ([""], _SMALL), (said, verdict)]

    def _put_subject(self, y: float) -> bool:
        x = _RIGHT - _QUERY_SIDE
        if self._report.picture is not None:
            self.put_picture(self._report.picture, x, y, _QUERY_SIDE)
        for n, color in enumerate(self._report.colors):
            self.put_color(color, x + n % 4 * 15, y + n // 4 * 15, 13)
        return self._report.picture is not None or bool(self._report.colors)

    def _put_fact(self, line: Line, right: float) -> None:
        lines = self.break_text(line.value, _TEXT, right - _LEFT - _LABELS)
        labels = self.break_text(line.label, _LABEL, _LABELS - 2)
        for n in range(max(len(lines), len(labels)) if line.value else 0):
            self._make_room(_TEXT.height)
            self.put_line(labels[n] if n < len(labels) else "", _LABEL, _LEFT, self._at)
            self.put_line(lines[n] if n < len(lines) else "", _TEXT, _LEFT + _LABELS, self._at)
            self._at += _TEXT.height
        self._at += 1 if line.value else 0

    def _paragraph(self, text: str, style: Style, width: float) -> None:
        for line in self.break_text(text, style, width) if text else ():
            self._make_room(style.height)
            self.put_line(line, style, _LEFT, self._at)
            self._at += style.height

    def _make_room(self, height: float) -> None:
        if self._at + height > _BOTTOM:
            self.add_page()


def _height(blocks: list[_Block]) -> float:
    return sum(len(lines) * style.height for lines, style in blocks)

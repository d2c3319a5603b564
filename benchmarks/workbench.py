"""How quick the workbench is in a real browser, before a stack with a register of 10,000 marks on the same machine."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Page, sync_playwright
from rich.console import Console
from rich.progress import track

from benchmarks.deployment import running_stack
from benchmarks.goals import Goal, Wanted
from benchmarks.workbench_register import MARKS, make_register
from examkit.errors import StartError
from stack.inputs import MARK_IMAGE, read_abstract
from stack.layout import Layout

_PROGRAM: Final = Path("/usr/bin/chromium")
_ROUNDS: Final = 11
_HITS: Final = 200
_SCROLLED_PIXELS: Final = 40
_SCROLLED_FRAMES: Final = 240

_PAINT: Final = Wanted("s to the first paint, nothing kept from before, median", (0.5,), is_ceiling=True)
_TRANSFER: Final = Wanted("kB transferred for page and all panels", (300,), is_ceiling=True)
_PREDICTIONS: Final = Wanted("s from paste to the first predictions, median", (0.7,), is_ceiling=True)
_FIRST_HITS: Final = Wanted(f"s from drop to the first hits among {MARKS:,} marks, median", (0.8,), is_ceiling=True)
_SCROLLING: Final = Wanted(f"ms between frames, 95th percentile, scrolling {_HITS} hits", (34,), is_ceiling=True)

# Counts from the event itself to the frame in which what it asks for is painted.
_WATCH: Final = """([event, selector]) => {
  addEventListener(event, () => {
    const start = performance.now();
    const look = () => document.querySelector(selector)
      ? requestAnimationFrame(() => setTimeout(() => { window.took = performance.now() - start; }))
      : requestAnimationFrame(look);
    look();
  }, { capture: true, once: true });
}"""
_DROP: Final = """([selector, bytes]) => {
  const zone = document.querySelector(selector);
  const data = new DataTransfer();
  data.items.add(new File([new Uint8Array(bytes)], "mark.png", { type: "image/png" }));
  zone.dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: data }));
}"""
_SCROLL: Final = """([pixels, frames]) => new Promise((resolve) => {
  const between = [];
  let last = performance.now();
  const step = (now) => {
    between.push(now - last);
    last = now;
    scrollBy(0, pixels);
    between.length < frames ? requestAnimationFrame(step) : resolve(between.slice(1));
  };
  requestAnimationFrame(step);
})"""
_PAINTED: Final = """() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime"""
_TRANSFERRED: Final = """() => ["resource", "navigation"].flatMap((type) => performance.getEntriesByType(type))
  .reduce((sum, entry) => sum + entry.transferSize, 0)"""


@dataclass(frozen=True)
class Seconds:
    """Several rounds of the same in one browser, each in a new profile."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, milliseconds: Sequence[float]) -> "Seconds":
        """Summarize rounds."""
        in_order = sorted(milliseconds)
        return cls(*(round(each / 1000, 3) for each in (statistics.median(in_order), in_order[0], in_order[-1])))


@dataclass(frozen=True)
class WorkbenchFigures:
    """Everything measured; frames are those of a browser that draws by software."""

    goals: Sequence[Goal]
    browser: str
    first_paint: Seconds
    first_predictions: Seconds
    first_hits: Seconds
    frame_milliseconds: Mapping[str, float]
    kilobytes_transferred: float


def run(home: Path, console: Console) -> WorkbenchFigures:
    """Measure, in a home of its own below `benchmarks` of this one, which is filled the first time."""
    if not _PROGRAM.exists():
        raise StartError(f"{_PROGRAM} is not installed.")
    own = home / "benchmarks" / "workbench"
    if not Layout(own).marks.exists():
        own.mkdir(parents=True, exist_ok=True)
        (own / "artifacts").symlink_to(home / "artifacts")
        console.print(f"Making a register of {MARKS:,} marks (once) ...")
        make_register(own)
    with running_stack(own) as (url, _), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_PROGRAM, args=["--no-sandbox"])
        with browser:
            return _measure(_Visitor(browser, url, Layout(own).api_key.read_text().strip()), console)


@dataclass(frozen=True)
class _Visitor:
    """Somebody who opens the workbench in a profile where it never was."""

    browser: Browser
    url: str
    key: str

    def visit(self, act: Callable[[Page], float]) -> float:
        """Sign in, do something, and return what that says."""
        context = self.browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        try:
            page = context.new_page()
            page.goto(self.url)
            page.locator("#api-key").fill(self.key)
            page.keyboard.press("Enter")
            page.get_by_role("tabpanel").wait_for()
            return act(page)
        finally:
            context.close()

    def rounds(self, what: str, act: Callable[[Page], float], console: Console) -> list[float]:
        """Do the same several times; the first, which finds the services cold, does not count."""
        return [self.visit(act) for _ in track(range(_ROUNDS + 1), what, console=console)][1:]


def _measure(visitor: _Visitor, console: Console) -> WorkbenchFigures:
    paint = Seconds.of(visitor.rounds("First paint", lambda page: page.evaluate(_PAINTED), console))
    predictions = Seconds.of(visitor.rounds("Predictions", _paste, console))
    hits = Seconds.of(visitor.rounds("Hits", _drop, console))
    kilobytes = round(visitor.visit(_open_everything) / 1000, 1)
    frames: list[float] = []
    visitor.visit(lambda page: _scroll(page, frames))
    figures = {"median": statistics.median(frames), "p95": _percentile(frames, 95), "most": max(frames)}
    measured = (
        (_PAINT, paint.median),
        (_TRANSFER, kilobytes),
        (_PREDICTIONS, predictions.median),
        (_FIRST_HITS, hits.median),
        (_SCROLLING, round(figures["p95"], 1)),
    )
    return WorkbenchFigures(
        goals=[Goal.of(wanted, (value,)) for wanted, value in measured],
        browser=visitor.browser.version,
        first_paint=paint,
        first_predictions=predictions,
        first_hits=hits,
        frame_milliseconds={name: round(value, 1) for name, value in figures.items()},
        kilobytes_transferred=kilobytes,
    )


def _paste(page: Page) -> float:
    page.get_by_role("tab", name="Classify").click()
    page.evaluate("text => navigator.clipboard.writeText(text)", read_abstract().abstract)
    page.get_by_role("tabpanel").get_by_role("textbox").first.focus()
    page.evaluate(_WATCH, ["paste", ".predictions [data-symbol]"])
    page.keyboard.press("Control+V")
    return _took(page)


def _drop(page: Page) -> float:
    page.get_by_role("tab", name="Marks").click()
    page.locator("#panel-marks").wait_for()
    page.evaluate(_WATCH, ["drop", "#panel-marks .hit"])
    page.evaluate(_DROP, ["#panel-marks .marks-input", list(MARK_IMAGE.read_bytes())])
    return _took(page)


def _took(page: Page) -> float:
    page.wait_for_function("() => window.took !== undefined")
    return float(page.evaluate("() => window.took"))


def _open_everything(page: Page) -> float:
    for name in ("Marks", "Translate", "Classify"):
        page.get_by_role("tab", name=name).click()
        page.get_by_role("tabpanel", name=name).wait_for()
    page.wait_for_load_state("networkidle")
    return float(page.evaluate(_TRANSFERRED))


def _scroll(page: Page, frames: list[float]) -> float:
    _drop(page)
    while page.locator("#panel-marks .hit").count() < _HITS:
        before = page.locator("#panel-marks .hit").count()
        page.get_by_role("button", name="More").click()
        page.wait_for_function("before => document.querySelectorAll('#panel-marks .hit').length > before", arg=before)
    page.evaluate("() => scrollTo(0, 0)")
    frames += page.evaluate(_SCROLL, [_SCROLLED_PIXELS, _SCROLLED_FRAMES])
    return float(len(frames))


def _percentile(values: Sequence[float], percent: int) -> float:
    return statistics.quantiles(values, n=100)[percent - 1]

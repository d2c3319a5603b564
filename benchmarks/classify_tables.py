"""The figures as tables of a terminal, 120 columns wide at most."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from rich.console import Console
from rich.table import Table

from benchmarks.classify_figures import ClassifyFigures, Quality, Speed
from benchmarks.classify_growth import Growth
from benchmarks.classify_quality import Accuracy, Share, Trust
from benchmarks.classify_rivals import Rival
from benchmarks.classify_speed import ServiceSpeed
from benchmarks.classify_statistics import Estimate
from benchmarks.goals import Goal, Reached
from services.classify.ipc import Level

_WIDTH: Final = 120
_HITS: Final = "right among the first 1/3/5, %, with half the width of the 95 % intervals"
_MARKS: Final = {
    Reached.AIM: "[green]✓ aim[/]",
    Reached.MUST: "[yellow]✓ must[/]",
    Reached.MISSED: "[red]✗[/]",
}


def show(figures: ClassifyFigures, console: Console) -> None:
    """Print every table."""
    for table in tables_of(figures):
        console.print(table)
    for note in figures.notes:
        console.print(note)


def tables_of(figures: ClassifyFigures) -> Iterator[Table]:
    """Yield the tables, goals first."""
    yield goals_table(figures.goals)
    yield accuracy_table(figures.quality.accuracy)
    yield from _quality_tables(figures.quality)
    yield from _speed_tables(figures.speed)


def goals_table(goals: Sequence[Goal]) -> Table:
    """Return goals beside what was measured."""
    table = _table("Goals, and how far they are reached", "measure", "must", "aim", "measured", "reached")
    for goal in goals:
        wanted = (_slashed(goal.wanted.must, "g"), _slashed(goal.wanted.aim, "g"))
        digits = ".3f" if max(goal.measured) < 1 else ".1f"
        margins = f" ±{_slashed(goal.margins, digits)}" if goal.margins else ""
        table.add_row(goal.wanted.measure, *wanted, _slashed(goal.measured, digits) + margins, _MARKS[goal.reached])
    return table


def accuracy_table(accuracy: Mapping[str, Mapping[str, Accuracy]], title: str = f"A symbol is {_HITS}") -> Table:
    """Return a row a group and a column a level: top-1/3/5 in percent, and under them half the interval."""
    table = _table(title, "documents (how many at the first level)", "n", *accuracy)
    for name in _names(accuracy):
        found = [groups.get(name) for groups in accuracy.values()]
        count = max(each.documents for each in found if each)
        table.add_row(name, str(count), *(_accuracy(each) if each else "" for each in found))
    return table


def _quality_tables(quality: Quality) -> Iterator[Table]:
    yield _trust_table(quality.trust)
    yield _shares_table("First-listed symbol is the best prediction, %", quality.first_listed)
    yield _shares_table("F1 of the suggested set, mean over documents, %", quality.suggested_f1)
    yield _shares_table("Like a patent learned from (cosine of terms .6 or more), %", {"share": quality.unseen.shares})
    yield accuracy_table(quality.unseen.accuracy, f"Without those, a symbol is {_HITS}")
    yield from map(_rival_table, quality.rivals)
    refused = _table(f"Refused, of {quality.documents} documents (they count as misses)", "code", "documents")
    for code, count in quality.refused.items():
        refused.add_row(code, str(count))
    yield refused


def _trust_table(trust: Mapping[str, Mapping[str, Trust]]) -> Table:
    title = "Trust in the first score; scores from the threshold on are accepted (elsewhere 90 % of these were right)"
    table = _table(title, "level, documents", "n", "error", "by chance", "less chance", "from", "accepted %", "right %")
    for level, groups in trust.items():
        for name, each in groups.items():
            error = each.calibration_error
            table.add_row(
                f"{level}, {name}",
                str(each.documents),
                f"{error.value:.3f}",
                f"{each.floor:.3f}",
                f"{error.low:.3f} to {error.high:.3f}",
                f"{each.threshold:.2f}" if each.threshold <= 1 else "none",
                _estimate(each.coverage),
                _estimate(each.precision) if each.precision else "",
            )
    return table


def _shares_table(title: str, shares: Mapping[str, Mapping[str, Share]]) -> Table:
    table = _table(title, "documents (how many)", *shares)
    for name in _names(shares):
        found = (groups.get(name) for groups in shares.values())
        table.add_row(name, *(f"{_estimate(each.percent)} ({each.documents})" if each else "" for each in found))
    return table


def _rival_table(rival: Rival) -> Table:
    title = (
        f"{rival.name}, {rival.level}: how often it is right among the first 1/3/5, %, and by how much ours is ahead"
    )
    table = _table(title, "documents", "n", "it reaches", "top-1", "top-3", "top-5")
    for name, each in rival.accuracy.items():
        ahead = rival.ours_ahead[name]
        figures = (
            f"{top.value:+.1f} ({top.low:+.1f} to {top.high:+.1f})" for top in (ahead.top1, ahead.top3, ahead.top5)
        )
        table.add_row(name, str(each.documents), _accuracy(each).partition("\n")[0], *figures)
    return table


def _speed_tables(speed: Speed) -> Iterator[Table]:
    for service in speed.services:
        yield _service_table(service)
    yield _costs_table(speed)
    yield _growth_table(speed.growth)


def _service_table(service: ServiceSpeed) -> Table:
    title = f"The service, {service.mode}: milliseconds a document, one client, one thread"
    table = _table(title, "level", "p50", "p95", "CPU p50", "CPU p95", "explained p50", "p95", "CPU p50", "CPU p95")
    for level in Level:
        rows = sorted((each for each in service.timings if each.level == level), key=lambda each: each.is_explained)
        numbers = [number for each in rows for number in (each.p50, each.p95, each.cpu_p50, each.cpu_p95)]
        table.add_row(level, *(f"{number:.1f}" for number in numbers))
    return table


def _costs_table(speed: Speed) -> Table:
    table = _table("What it costs", "measure", "figure")
    for service in speed.services:
        for name, figure in _costs_of(service):
            table.add_row(f"{service.mode}: {name}", figure)
    backfile = speed.backfile
    rate = f"{backfile.documents_per_second} documents/s, {backfile.cpu_milliseconds} ms CPU a document"
    table.add_row(f"back-file, {backfile.processes} processes, {backfile.documents} documents", rate)
    for name, megabytes in speed.pack.items():
        table.add_row(f"on disk: {name}", f"{megabytes:.1f} MB")
    table.add_row("on disk: the whole pack", f"{sum(speed.pack.values()):.1f} MB")
    return table


def _costs_of(service: ServiceSpeed) -> Iterator[tuple[str, str]]:
    yield "start to ready", f"{service.ready_seconds} s"
    batches = service.batches
    yield "batches of 32", f"{batches.documents_per_second} documents/s, {batches.cpu_milliseconds} ms CPU a document"
    for moment, memory in (
        ("after loading", service.memory_loaded),
        (f"after {service.requests} requests", service.memory_used),
    ):
        yield f"memory {moment}", f"RSS {memory.rss}, PSS {memory.pss}, own {memory.uss} MB"
    for long in service.long_texts:
        yield f"a text of {long.letters:,} letters", f"status {long.status} in {long.milliseconds} ms"


def _growth_table(growth: Sequence[Growth]) -> Table:
    title = "Processor time of an answer by the size of the tree (symbols: ms), and the line through it"
    table = _table(title, "level", "A", "A to B", "A to D", "A to H", "µs a symbol", "symbols x", "ms x")
    for each in growth:
        cells = [f"{cost.symbols:,}: {cost.milliseconds}" for cost in each.costs]
        first, last = each.costs[0], each.costs[-1]
        ratios = (f"{last.symbols / first.symbols:.1f}", f"{last.milliseconds / first.milliseconds:.1f}")
        table.add_row(each.level, *cells, str(each.microseconds_per_symbol), *ratios)
    return table


def _table(title: str, first: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", width=_WIDTH)
    table.add_column(first, overflow="fold")
    for column in columns:
        table.add_column(column, justify="right", no_wrap=True)
    return table


def _names(figures: Mapping[str, Mapping[str, object]]) -> list[str]:
    """Return the names of all groups: languages, then sections, then sources."""
    names = {name for groups in figures.values() for name in groups}
    return sorted(names, key=lambda name: (name.startswith("source"), name.startswith("section"), name))


def _accuracy(each: Accuracy) -> str:
    tops = (each.top1, each.top3, each.top5)
    return f"{_slashed([top.value for top in tops])}\n±{_slashed([top.margin for top in tops])}"


def _estimate(each: Estimate) -> str:
    return f"{each.value:.1f} ±{each.margin:.1f}"


def _slashed(numbers: Sequence[float], digits: str = ".1f") -> str:
    return "/".join(f"{number:{digits}}" for number in numbers)

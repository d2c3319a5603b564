"""The figures as tables of a terminal, 120 columns wide at most."""

from collections.abc import Iterator, Mapping, Sequence

from rich.console import Console
from rich.table import Table

from benchmarks.classify_figures import ClassifyFigures, Quality, Speed
from benchmarks.classify_goals import Goal, Reached
from benchmarks.classify_growth import Growth
from benchmarks.classify_quality import Accuracy, Difference, Share, Trust
from benchmarks.classify_speed import ServiceSpeed
from benchmarks.classify_statistics import Estimate
from services.classify.ipc import Level

_MARKS = {
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
        margins = f" ±{_slashed(goal.margins)}" if goal.margins else ""
        wanted = (_slashed(goal.wanted.must), _slashed(goal.wanted.aim))
        table.add_row(goal.wanted.measure, *wanted, _slashed(goal.measured) + margins, _MARKS[goal.reached])
    return table


def accuracy_table(accuracy: Mapping[str, Mapping[str, Accuracy]]) -> Table:
    """Return a row a group and a column a level: top-1/3/5 in percent, and under them half the interval."""
    title = "A right symbol among the first 1/3/5, % (documents with labels at the level; 95 % interval)"
    table = _table(title, "documents", *map(str, accuracy))
    for name in dict.fromkeys(name for groups in accuracy.values() for name in groups):
        cells = (groups.get(name) for groups in accuracy.values())
        table.add_row(name, *(_accuracy(cell) if cell else "" for cell in cells))
    return table


def _quality_tables(quality: Quality) -> Iterator[Table]:
    yield _trust_table(quality.trust)
    yield _shares_table("First-listed symbol is the best prediction, %", quality.first_listed)
    yield _shares_table("F1 of the suggested set, mean over documents, %", quality.suggested_f1)
    yield _shares_table("Like a patent learned from (cosine of terms .6 or more), %", {"share": quality.unseen.shares})
    unseen = accuracy_table(quality.unseen.accuracy)
    unseen.title = "Without those: a right symbol among the first 1/3/5, %"
    yield unseen
    yield _rivals_table(quality)
    refused = _table(f"Refused, of {quality.documents} documents (they count as misses)", "code", "documents")
    for code, count in quality.refused.items():
        refused.add_row(code, str(count))
    yield refused


def _trust_table(trust: Mapping[str, Mapping[str, Trust]]) -> Table:
    title = "Trust in the first score (threshold chosen on the documents kept apart for such choices: 90 % right there)"
    names = ("level", "documents", "calibration error", "by chance", "threshold", "accepted %", "of those right %")
    table = _table(title, *names)
    for level, groups in trust.items():
        for name, each in groups.items():
            table.add_row(
                f"{level}, {name}",
                str(each.documents),
                _estimate(each.calibration_error, 3),
                f"{each.floor:.3f}",
                f"{each.threshold:.3f}" if each.threshold <= 1 else "none",
                _estimate(each.coverage, 1),
                _estimate(each.precision, 1) if each.precision else "",
            )
    return table


def _shares_table(title: str, shares: Mapping[str, Mapping[str, Share]]) -> Table:
    table = _table(title, "documents", *shares)
    for name in dict.fromkeys(name for groups in shares.values() for name in groups):
        cells = (groups.get(name) for groups in shares.values())
        table.add_row(name, *(f"{_estimate(each.percent, 1)} ({each.documents})" if each else "" for each in cells))
    return table


def _rivals_table(quality: Quality) -> Table:
    table = _table(
        "Other systems on the same documents, top-1/3/5 %", "system", "documents", "it reaches", "ours ahead"
    )
    for rival in quality.rivals:
        for name, each in rival.accuracy.items():
            ahead = _difference(rival.ours_ahead[name])
            table.add_row(f"{rival.name}, {rival.level}", name, _accuracy(each).partition("\n")[0], ahead)
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
    table = _table(title, "level", "A", "A to B", "A to D", "A to H", "µs a symbol", "ms without symbols")
    for each in growth:
        cells = [f"{cost.symbols:,}: {cost.milliseconds}" for cost in each.costs]
        table.add_row(each.level, *cells, str(each.microseconds_per_symbol), str(each.milliseconds_without))
    return table


def _table(title: str, first: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", width=120)
    table.add_column(first, overflow="fold")
    for column in columns:
        table.add_column(column, justify="right", overflow="fold")
    return table


def _accuracy(each: Accuracy) -> str:
    tops = (each.top1, each.top3, each.top5)
    figures, margins = ("/".join(f"{number:.1f}" for number in numbers) for numbers in _split(tops))
    return f"{figures}\n±{margins} ({each.documents})"


def _difference(each: Difference) -> str:
    return "  ".join(f"{top.value:+.1f} [{top.low:+.1f}, {top.high:+.1f}]" for top in (each.top1, each.top3, each.top5))


def _split(tops: Sequence[Estimate]) -> tuple[list[float], list[float]]:
    return [top.value for top in tops], [top.margin for top in tops]


def _estimate(each: Estimate, digits: int) -> str:
    return f"{each.value:.{digits}f} [{each.low:.{digits}f}, {each.high:.{digits}f}]"


def _slashed(numbers: Sequence[float]) -> str:
    return "/".join(f"{number:g}" for number in numbers)

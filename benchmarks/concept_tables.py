"""The figures of concept search as tables of a terminal."""

from collections.abc import Iterator, Mapping

from rich.console import Console
from rich.table import Table

from benchmarks.classify_statistics import Estimate
from benchmarks.classify_tables import goals_table
from benchmarks.concept_figures import ConceptFigures, FramedFigures, ImageFigures, Suggestions
from benchmarks.concept_judging import Found

_COLUMNS = ("n", "mAP", "hit@1", "hit@10", "hit@10, mean of concepts")


def show(figures: ConceptFigures, console: Console) -> None:
    """Print every table, goals first."""
    for table in tables_of(figures):
        console.print(table)
    times = f"{figures.embed_p50_milliseconds} ms (95 % under {figures.embed_p95_milliseconds} ms)"
    console.print(f"Describing a drawing whose views are made: {times}, one thread.")
    console.print(f"Gallery: {figures.gallery} drawings of {figures.concepts} concepts.")
    console.print(f"Of the names never taught, {figures.unread_names} hold no known word: they count as not found.")


def tables_of(figures: ConceptFigures) -> Iterator[Table]:
    """Yield the tables."""
    yield goals_table(figures.goals)
    for group in next(iter(figures.by_image.values())):
        yield _images_table(group, {name: groups[group] for name, groups in figures.by_image.items()})
    yield _words_table(figures.by_word)
    yield _framed_table(figures.framed)
    yield _suggestions_table(figures.suggestions)


def _images_table(group: str, methods: Mapping[str, ImageFigures]) -> Table:
    table = _table(f"By image, {group}: the same thing by another hand", "method, right answers", *_COLUMNS)
    for name, each in methods.items():
        table.add_row(f"{name}, all", *_cells(each.all))
        table.add_row(f"{name}, really different", *_cells(each.far))
    return table


def _words_table(groups: Mapping[str, Found]) -> Table:
    table = _table("By word", "names", *_COLUMNS)
    for name, each in groups.items():
        table.add_row(name, *_cells(each))
    return table


def _framed_table(groups: Mapping[str, FramedFigures]) -> Table:
    table = _table("In a frame or tile, taught concepts, sets never taught", "drawing, asked", *_COLUMNS)
    for name, each in groups.items():
        table.add_row(f"{name}, by image", *_cells(each.by_image))
        table.add_row(f"{name}, by word", *_cells(each.by_word))
    return table


def _suggestions_table(groups: Mapping[str, Suggestions]) -> Table:
    table = _table("Vienna division suggested, icons labelled by hand", "icons", "n", "first", "among five")
    for name, each in groups.items():
        table.add_row(name, str(each.icons), _estimate(each.first), _estimate(each.five))
    return table


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold")
    for at, column in enumerate(columns):
        table.add_column(column, justify="right" if at else "left")
    return table


def _cells(found: Found) -> tuple[str, ...]:
    measures = (found.mean_average_precision, found.hit_at_1, found.hit_at_10, found.hit_at_10_by_concept)
    return (str(found.queries), *map(_estimate, measures))


def _estimate(each: Estimate) -> str:
    return f"{each.value:.3f} [{each.low:.3f}, {each.high:.3f}]"

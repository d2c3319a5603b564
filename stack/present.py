"""Lay the demo's answers out for an examiner's eye; readable at 80 columns, without color, in ASCII if need be."""

from collections.abc import Iterable, Sequence

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.rule import Rule
from rich.segment import Segment
from rich.style import Style
from rich.table import Table
from rich.text import Text

from stack.answers import (
    Classification,
    Hit,
    MarkSearch,
    Model,
    Prediction,
    SimilarDocument,
    Translation,
    Translations,
)
from stack.inputs import PatentAbstract, PatentClaims

CLOSING = "Suggestions made by a machine. The examiner decides."
_BAR_WIDTH = 12
_BAR_STYLE = Style(color="cyan")
_MOST_TERMS = 6


class ScoreBar:
    """A score in [0, 1] as a bar, in steps of a half cell."""

    def __init__(self, score: float) -> None:
        self._halves = round(score * _BAR_WIDTH * 2)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it with what the terminal's encoding has."""
        full, half, empty = "=- " if options.ascii_only else "━╸ "
        wholes, rest = divmod(self._halves, 2)
        drawn = full * wholes + half * rest
        yield Segment(drawn + empty * (_BAR_WIDTH - len(drawn)), _BAR_STYLE)


def classification_view(
    source: PatentAbstract, subclasses: Classification, subgroups: Classification
) -> RenderableType:
    """Show predictions at two levels, what carried the best ones, where they stand, and the nearest documents."""
    best = subclasses.predictions[0]
    parts: list[RenderableType] = [
        _heading("1", "IPC classification", f"Abstract of {source.number}: {source.title}"),
        _section(f"Subclass (IPC {subclasses.edition})", _predictions(subclasses.predictions)),
        _section(f"{best.symbol} stands under", _places(best)),
        _section(f"{best.symbol} is carried by the terms", Text(_terms(best))),
        _section(f"Subgroup (IPC {subgroups.edition})", _predictions(subgroups.predictions)),
    ]
    if subgroups.similar_documents:
        parts.append(_section("Nearest classified documents", _documents(subgroups.similar_documents)))
    return Group(*parts)


def marks_view(search: MarkSearch, words: str, by_words: MarkSearch) -> RenderableType:
    """Show the marks like an image, and the marks that show what words say."""
    what = f"A mark image drawn for this demo, among {search.count} marks of the demo register"
    return Group(
        _heading("2", "Mark image search", what),
        _section("Most similar first", _hits(search.hits)),
        _section(f"Marks that show {words}, or are called so", _hits(by_words.hits)),
    )


def _hits(hits: Sequence[Hit]) -> RenderableType:
    """Show hits as a table: mark, Nice classes, the score and how each strategy saw it."""
    strategies = list(dict.fromkeys(name for hit in hits for name in hit.scores))
    table = _table()
    for heading in ("", "Mark", "Name", "Nice", "Score"):
        table.add_column(heading, justify="right" if heading in ("", "Score") else "left")
    for strategy in strategies:
        table.add_column(strategy.capitalize(), justify="right")
    for place, hit in enumerate(hits, start=1):
        table.add_row(*_hit_row(place, hit, strategies))
    return table


def translation_view(source: PatentClaims, there: Translations, back: Translations) -> RenderableType:
    """Show claims, their translations and the translations back, side by side, with what the machine thinks of it."""
    table = _table()
    for heading in ("English, as published", "Portuguese", "and back in English"):
        table.add_column(heading, ratio=1)
    for original, translated, returned in zip(source.claims, there.translations, back.translations, strict=True):
        table.add_row()
        table.add_row(Text(original), Text(translated.text), Text(returned.text))
    quality = _grid()
    quality.add_row("into Portuguese", *_quality(there.translations))
    quality.add_row("back into English", *_quality(back.translations))
    return Group(
        _heading("3", "Translation", f"Claims of {source.number}: {source.title}"),
        Padding(table, (1, 0, 0, 2)),
        _section("Quality as the machine estimates it, at the lowest", quality),
    )


def closing_view(models: Iterable[Model], edition: str) -> RenderableType:
    """Show which models answered, by which edition of the IPC, and who decides."""
    names = dict.fromkeys(f"{model.name} {model.version}" for model in models)
    made_by = Text(f"Made by {', '.join(names)}; IPC edition {edition}.", style="dim")
    return Group(Text(), Rule(style="dim"), made_by, Text(CLOSING, style="bold"))


def _heading(number: str, what: str, of: str) -> RenderableType:
    return Group(Text(), Rule(Text(f"{number}  {what}", style="bold"), align="left", style="dim"), Text(of))


def _section(title: str, content: RenderableType) -> RenderableType:
    return Padding(Group(Text(title, style="bold"), Padding(content, (0, 0, 0, 2))), (1, 0, 0, 2))


def _table() -> Table:
    return Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")


def _grid() -> Table:
    return Table.grid(padding=(0, 2, 0, 0))


def _predictions(predictions: Sequence[Prediction]) -> RenderableType:
    grid = _grid()
    grid.add_column(no_wrap=True)
    grid.add_column(no_wrap=True)
    grid.add_column(no_wrap=True, width=_BAR_WIDTH)
    grid.add_column()
    for prediction in predictions:
        grid.add_row(
            Text(prediction.symbol), f"{prediction.score:.2f}", ScoreBar(prediction.score), Text(prediction.title)
        )
    return grid


def _places(prediction: Prediction) -> RenderableType:
    grid = _grid()
    for ancestor in prediction.ancestors:
        grid.add_row(Text(ancestor.symbol), Text(ancestor.title))
    return grid


def _terms(prediction: Prediction) -> str:
    terms = [evidence.term for evidence in prediction.evidence[:_MOST_TERMS]]
    return ", ".join(terms) or "none that stand out"


def _documents(documents: Sequence[SimilarDocument]) -> RenderableType:
    grid = _grid()
    for document in documents:
        grid.add_row(
            Text(document.document_id), f"{document.score:.2f}", Text(", ".join(document.symbols)), Text(document.title)
        )
    return grid


def _hit_row(place: int, hit: Hit, strategies: Sequence[str]) -> tuple[RenderableType, ...]:
    classes = ", ".join(str(number) for number in hit.metadata.nice_classes)
    seen = (f"{hit.scores[name]:.2f}" if name in hit.scores else "" for name in strategies)
    return (str(place), Text(hit.mark_id), Text(hit.metadata.name or ""), classes, f"{hit.score:.2f}", *seen)


def _quality(translations: Sequence[Translation]) -> tuple[str, str]:
    """Return the lowest score of all, and every flag once."""
    flags = sorted({flag for translation in translations for flag in translation.quality.flags})
    lowest = min(translation.quality.score for translation in translations)
    return f"{lowest:.2f}", ", ".join(flags) or "nothing flagged"

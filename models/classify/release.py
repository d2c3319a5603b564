"""python -m models.classify.release: let a retrained classifier out only if it is not worse than the current one."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.progress import track
from rich.table import Table

from examkit.artifact import open_artifact
from examkit.errors import StartError
from models.classify.corpus import LabelledPatent, Part, read_patents
from models.classify.feedback import read_feedback
from models.classify.judging import ALL, MEASURES, Comparison, Measure, Verdict, judge, try_both
from services.classify.engine import TermClassifier
from services.classify.ipc import Level
from services.classify.model import FORMAT, FORMAT_VERSION

_LEVEL_NAMES = {Level.SUBCLASS: "Subclass", Level.MAIN_GROUP: "Main group"}


def held_out(data: Path, feedback: Path | None) -> list[LabelledPatent]:
    """Return the documents that no training or tuning has seen, of the collection and of an office's feedback."""
    own = read_feedback(feedback) if feedback else ()
    return [patent for patent in chain(read_patents(data), own) if patent.symbols and patent.part is Part.HOLD_OUT]


def publish(candidate: Path, out: Path) -> None:
    """Copy an artifact to a folder that does not exist, whole or not at all; raise ArtifactError if it is damaged."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as folder:
        staged = Path(shutil.copytree(candidate, Path(folder) / out.name))
        open_artifact(staged, format=FORMAT, format_version=FORMAT_VERSION)
        staged.rename(out)


def table_of(verdict: Verdict) -> Table:
    """Show, a group of documents a row, the shares of hits of both models in %; what is surely worse is marked."""
    table = Table(
        title="Current → candidate, in %; ▼ is worse beyond chance", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0)
    )
    table.add_column("Documents", no_wrap=True)
    for heading in ("Count", *map(_name, MEASURES)):
        table.add_column(heading.replace(" top", "\ntop"), justify="right", no_wrap=True)
    for group in sorted({each.group for each in verdict.comparisons}, key=lambda group: (group != ALL, group)):
        of_group = {each.measure: each for each in verdict.comparisons if each.group == group}
        number = max(each.documents for each in of_group.values())
        table.add_row(group, str(number), *(_shares(of_group.get(measure), verdict) for measure in MEASURES))
    return table


def _name(measure: Measure) -> str:
    return f"{_LEVEL_NAMES[measure.level]} top-{measure.rank}"


def _shares(compared: Comparison | None, verdict: Verdict) -> str:
    if compared is None:
        return ""
    before, after = (f"{100 * hits / compared.documents:.1f}" for hits in (compared.current, compared.candidate))
    return f"[red]{before} → {after} ▼[/red]" if compared in verdict.worse else f"{before} → {after}"


def _reason(verdict: Verdict) -> str:
    if not verdict.worse:
        return "it has fewer hits on the whole"
    return "it is worse beyond chance: " + ", ".join(f"{each.group} ({_name(each.measure)})" for each in verdict.worse)


def _verdict(candidate: Path, current: Path, scheme: Path, patents: Sequence[LabelledPatent]) -> Verdict:
    old, new = (TermClassifier.open(model, scheme, encoders=current.parent) for model in (current, candidate))
    watched = track(patents, "Judging", console=Console(stderr=True), transient=True)
    return judge(trial for patent in watched for trial in try_both(patent, old, new))


def main(
    candidate: Annotated[Path, typer.Option(help="folder of the retrained classifier")],
    current: Annotated[Path, typer.Option(help="folder of the classifier in use")],
    scheme: Annotated[Path, typer.Option(help="folder of the installed scheme")],
    data: Annotated[Path, typer.Option(help="folder with the labelled patents")],
    out: Annotated[Path, typer.Option(help="folder for the released classifier; must not exist")],
    feedback: Annotated[Path | None, typer.Option(help="exported feedback, JSON lines")] = None,
) -> None:
    """Judge both on documents kept apart; copy the candidate to --out, or refuse it with exit status 1."""
    console = Console()
    with _one_sentence_on_error(console):
        if out.exists():
            raise StartError(f"{out} exists already.")
        verdict = _verdict(candidate, current, scheme, held_out(data, feedback))
        console.print(table_of(verdict))
        if not verdict.is_released:
            raise StartError(f"Refused: {_reason(verdict)}. Nothing was written.")
        publish(candidate, out)
        _say(console, f"Released: {out}")


def _say(console: Console, sentence: str) -> None:
    console.print(sentence, markup=False, highlight=False, soft_wrap=True)


@contextmanager
def _one_sentence_on_error(console: Console) -> Iterator[None]:
    try:
        yield
    except (StartError, OSError) as error:
        _say(console, str(error))
        raise typer.Exit(1) from None


if __name__ == "__main__":
    typer.run(main)

"""An operator's command: `python -m services.image_search.build REGISTER_FOLDER` takes a register artifact in.

Run it while the service is stopped. What is in the register already is left alone, so a broken-off import is simply
started again.
"""

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError
from rich.console import Console
from rich.progress import Progress

from examkit.artifact import Artifact, open_artifact
from examkit.errors import ArtifactError, ExamError, StartError
from examkit.web.wire import WireModel
from services.image_search.engine import FaissImageSearcher, NewMark, open_image_searcher
from services.image_search.marks import Entry, Mark, StoredImage
from services.image_search.schemas import MarkId, MetadataBody
from services.image_search.settings import BuildSettings

FORMAT = "mark-register"
FORMAT_VERSION = 1
_BATCH = 64
_MOST_SHOWN = 20


class _RowBody(WireModel):
    """One line of `marks.jsonl`."""

    mark_id: MarkId
    image: str
    metadata: MetadataBody


@dataclass(frozen=True)
class Refusal:
    """A row that was not taken in, and why."""

    line: int
    reason: str


@dataclass
class Report:
    """What became of the rows of an import."""

    added: int = 0
    replaced: int = 0
    unchanged: int = 0
    refused: list[Refusal] = field(default_factory=list)


@dataclass(frozen=True)
class _Row:
    line: int
    mark: NewMark

    def is_registered(self, known: Mark | None) -> bool:
        """Tell whether the register holds this very mark."""
        image = StoredImage(self.mark.image, "")
        return known == Mark(self.mark.mark_id, self.mark.metadata, image.sha256)


def import_register(folder: Path, searcher: FaissImageSearcher, progress: Progress) -> Report:
    """Take every mark of a register artifact in, in batches that are each written whole or not at all."""
    artifact = open_artifact(folder, format=FORMAT, format_version=FORMAT_VERSION)
    lines = artifact.file("marks.jsonl").read_text(encoding="utf-8").splitlines()
    report = Report()
    task = progress.add_task("Taking marks in", total=len(lines))
    with ThreadPoolExecutor(os.cpu_count()) as executor:
        for at in range(0, len(lines), _BATCH):
            rows = list(_read(artifact, lines[at : at + _BATCH], at + 1, report))
            _take_in(rows, searcher, executor, report)
            progress.update(task, advance=min(_BATCH, len(lines) - at))
    return report


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 1 when anything was refused."""
    parser = argparse.ArgumentParser(prog="python -m services.image_search.build", description=__doc__)
    parser.add_argument("register", type=Path, help="folder of a mark-register artifact")
    folder: Path = parser.parse_args(arguments).register
    console = Console(stderr=True)
    try:
        settings = BuildSettings.from_environment()
        searcher = open_image_searcher(settings.artifacts_dir / "mark-embedder", settings.data_dir)
        with Progress(console=console) as progress:
            report = import_register(folder, searcher, progress)
        searcher.close()
    except StartError as error:
        console.print(str(error), markup=False)
        return 1
    _show(report, console)
    return 1 if report.refused else 0


def _read(artifact: Artifact, lines: Sequence[str], first: int, report: Report) -> Iterator[_Row]:
    """Read rows with their images; those that cannot be used go to the report."""
    for number, line in enumerate(lines, start=first):
        try:
            row = _RowBody.model_validate_json(line)
            image = artifact.file(row.image).read_bytes()
            yield _Row(number, NewMark(row.mark_id, row.metadata.to_metadata(), image))
        except ValidationError as error:
            report.refused.append(Refusal(number, error.errors(include_url=False, include_input=False)[0]["msg"]))
        except ExamError as error:
            report.refused.append(Refusal(number, error.detail))
        except ArtifactError as error:
            report.refused.append(Refusal(number, str(error)))


def _take_in(rows: Sequence[_Row], searcher: FaissImageSearcher, executor: Executor, report: Report) -> None:
    """Describe the rows that are new or changed on all cores, and write them in one go."""
    known = searcher.marks([row.mark.mark_id for row in rows])
    due = [row for row in rows if not row.is_registered(known.get(row.mark.mark_id))]
    report.unchanged += len(rows) - len(due)
    described = executor.map(lambda row: _describe(row, searcher), due)
    entries: list[Entry] = []
    for result in described:
        entries.append(result) if isinstance(result, Entry) else report.refused.append(result)
    stored = searcher.write(entries)
    report.added += sum(item.is_new for item in stored)
    report.replaced += sum(not item.is_new for item in stored)


def _describe(row: _Row, searcher: FaissImageSearcher) -> Entry | Refusal:
    try:
        return searcher.describe(row.mark)
    except ExamError as error:
        return Refusal(row.line, error.detail)


def _show(report: Report, console: Console) -> None:
    console.print(f"{report.added} added, {report.replaced} replaced, {report.unchanged} unchanged.", markup=False)
    if report.refused:
        console.print(f"{len(report.refused)} refused:", markup=False)
    for refusal in sorted(report.refused, key=lambda refusal: refusal.line)[:_MOST_SHOWN]:
        console.print(f"  line {refusal.line}: {refusal.reason}", markup=False)


if __name__ == "__main__":
    sys.exit(main())

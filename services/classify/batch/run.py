"""One run of the command: the back-file through the classifier into the files of the run."""

import hashlib
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Final

from rich.console import Console

import examkit
from examkit.artifact import MANIFEST_NAME
from examkit.errors import StartError
from services.classify.batch.display import display, say, summary
from services.classify.batch.notes import Progress, RunKey
from services.classify.batch.pieces import Cutter
from services.classify.batch.results import Origin, format_of
from services.classify.batch.run_files import RunPaths, open_run
from services.classify.batch.sources import Backfile, Survey
from services.classify.batch.workers import Workers
from services.classify.engine import Classifier, Options, TermClassifier, UnknownSymbolError

_START: Final = "--start-from"
_ARTIFACTS: Final = ("ipc-classifier", "ipc-scheme")


@dataclass(frozen=True)
class Order:
    """What is to be classified, how, by which model and into which file."""

    backfile: Path
    out: Path
    artifacts: Path
    options: Options
    processes: int
    encode: bool


def carry_out(order: Order, console: Console) -> Progress:
    """Classify a back-file, going on where an earlier run of the same order ended; return how far it is now.

    Raise StartError or ExamError for an order that cannot be carried out, BrokenProcessPool when a process dies.
    """
    if order.out.is_relative_to(order.backfile):
        raise StartError("--out lies inside the back-file. Choose another place.")
    backfile = Backfile(order.backfile)
    survey = backfile.survey()
    classifier = _open_classifier(order)
    tell = partial(say, console)
    tell(_announcement(order, survey, classifier))
    results = format_of(
        order.out, Origin(classifier.name, classifier.version, classifier.scheme.edition), order.options.limit
    )
    with open_run(order.out, _key(order, survey, classifier), results) as files:
        before = files.progress
        if before.pieces:
            tell(f"Going on after {before.documents:,} documents ({before.file}, {before.position}).")
        pieces = islice(Cutter(backfile, tell).pieces(), before.pieces, None)
        with (
            Workers(classifier, order.options, order.processes) as workers,
            display(console, before, survey.size_bytes) as shown,
        ):
            for batch in workers.classify(pieces):
                files.append(batch, results)
                shown.show(files.progress, batch.read_bytes)
    tell(summary(files.progress, before))
    tell(_where(order.out, files.progress))
    return files.progress


def _open_classifier(order: Order) -> Classifier:
    model, scheme = (order.artifacts / name for name in _ARTIFACTS)
    classifier = TermClassifier.open(model, scheme, encode=order.encode)
    if order.options.start_from is not None:
        classifier.scheme.check(order.options.start_from, _START, UnknownSymbolError)
    return classifier


def _key(order: Order, survey: Survey, classifier: Classifier) -> RunKey:
    manifests = b"".join((order.artifacts / name / MANIFEST_NAME).read_bytes() for name in _ARTIFACTS)
    start = order.options.start_from
    return RunKey(
        program=examkit.__version__,
        model=f"{classifier.name} {classifier.version}",
        artifacts=hashlib.sha256(manifests).hexdigest(),
        level=order.options.level,
        limit=order.options.limit,
        threshold=order.options.threshold,
        start_from=None if start is None else str(start),
        input=survey.fingerprint,
    )


def _announcement(order: Order, survey: Survey, classifier: Classifier) -> str:
    model = f"{classifier.name} {classifier.version}, IPC {classifier.scheme.edition}"
    files = f"{survey.files:,} file{'s' if survey.files > 1 else ''}, {survey.size_bytes / 1e6:,.1f} MB"
    return f"{files}; {model}; {order.processes} processes."


def _where(out: Path, progress: Progress) -> str:
    refused = f"; refused documents: {RunPaths(out).refused}" if progress.refused else ""
    return f"Results: {out}{refused}"

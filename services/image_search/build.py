"""An operator's command: `python -m services.image_search.build SOURCE` takes an office's marks in.

SOURCE is a folder, a zip or a tar that holds trademark XML (ST.66, ST.96), JSONL, CSV or TSV files and the images that
they name; or one such file with the images beside it; or the folder of a register artifact. Run the command while the
service is stopped. What is in the register already is left alone, so an import that broke off is simply begun again.
"""

import argparse
import os
import signal
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

# One thread a process: two whose matrix products use both cores each take twice as long. Said before numpy is loaded.
os.environ["OMP_NUM_THREADS"] = "1"  # noqa: TID251 - it tells a library that is told no other way

from rich.console import Console

from examkit.errors import ExamError, StartError
from examkit.tenants import DEFAULT_TENANT, tenant_name
from services.image_search.engine import open_image_searcher
from services.image_search.importing.bundle import open_bundle
from services.image_search.importing.reading import read_batches
from services.image_search.importing.report import Display, Report, listed_in, progress_of, say
from services.image_search.importing.run import Importer, Taken
from services.image_search.importing.workers import DescribingProcesses
from services.image_search.settings import BuildSettings

_FAILED = 1
_INTERRUPTED = 130


@dataclass(frozen=True)
class Order:
    """What is to be taken in, and how."""

    source: Path
    report: Path | None
    processes: int
    look_for_alike: bool
    tenant: str


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 1 when anything was refused or it could not be carried out, 130 when interrupted."""
    order = _order(arguments)
    console = Console(stderr=True)
    # `docker stop` and service managers end a program with this signal: as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        report = _carry_out(order, BuildSettings.from_environment(), console)
    except (StartError, ExamError) as error:
        say(console, error.detail if isinstance(error, ExamError) else str(error))
        return _FAILED
    except KeyboardInterrupt:
        say(console, "Interrupted; what was taken in is kept. Give the same command again to go on.")
        return _INTERRUPTED
    report.show(console)
    return _FAILED if report.tally.refusals else 0


def _order(arguments: Sequence[str] | None) -> Order:
    parser = argparse.ArgumentParser(prog="python -m services.image_search.build", description=__doc__)
    parser.add_argument("source", type=Path, help="folder, zip, tar, or file of records")
    parser.add_argument("--report", type=Path, help="write what was refused or found twice to this CSV file")
    parser.add_argument(
        "--processes", type=int, default=len(os.sched_getaffinity(0)), help="how many at once; all cores"
    )
    parser.add_argument(
        "--alike", action="store_true", help="tell of marks that look the same, not only of the same images; slower"
    )
    parser.add_argument("--tenant", default=DEFAULT_TENANT, help="the department whose marks these are; %(default)s")
    given = parser.parse_args(arguments)
    return Order(given.source, given.report, given.processes, given.alike, given.tenant)


def _carry_out(order: Order, settings: BuildSettings, console: Console) -> Report:
    url = settings.database_url.get_secret_value() if settings.database_url else None
    tenant = tenant_name(order.tenant)
    with open_bundle(order.source) as bundle, listed_in(order.report) as listing:
        batches = read_batches(bundle)
        searcher = open_image_searcher(settings.artifacts_dir, settings.data_dir, url, tenant)
        try:
            report = Report(listing)
            with DescribingProcesses(settings.artifacts_dir, order.processes) as describing:
                importer = Importer(searcher, describing, look_for_alike=order.look_for_alike)
                with progress_of(console) as display:
                    _take_in(importer.run(batches), report, display)
        finally:
            searcher.close()
    return report


def _take_in(batches: Iterable[Taken], report: Report, display: Display) -> None:
    for taken in batches:
        for outcome in taken.outcomes:
            report.add(outcome)
        display.show(report.tally, taken.progress)


if __name__ == "__main__":
    sys.exit(main())

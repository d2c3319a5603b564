"""Make the concept encoder: `python -m models.image_search.concept_train draw WORK`, then `probe`, `tune`, `release`.

Every step leaves its result in the folder WORK and can be done again by itself; `tune` goes on where it was broken off.
"""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer
from rich.progress import Progress

from models.image_search.concept_drawings import DrawingSet, choose
from models.image_search.concept_features import describe
from models.image_search.concept_lessons import Lessons, Purpose, keywords_of
from models.image_search.concept_network import WORD_DIMS, Backbone, Heads
from models.image_search.concept_release import Taught, write_artifact
from models.image_search.concept_text import WordSpace, encode
from models.image_search.concept_training import Course, Loss, Report, fit_heads, fit_network
from models.image_search.icon_sets import read_sets
from models.image_search.keywords import Keywords
from models.image_search.npm_packages import PackageFolder
from models.image_search.wordnet import WordNet

_SEED = 1
_PROBE_STEPS = 700

app = typer.Typer(no_args_is_help=True, add_completion=False)


class Network(StrEnum):
    """Which network a release is made of."""

    PROBE = "probe"
    TUNED = "tuned"


@dataclass(frozen=True)
class _Work:
    """The folder that everything is kept in."""

    folder: Path

    @property
    def packages(self) -> PackageFolder:
        return PackageFolder(self.folder / "packages")

    @property
    def drawings(self) -> DrawingSet:
        return DrawingSet(self.folder / "drawings")

    def taught(self, purpose: Purpose) -> Taught:
        """Collect what is taught: lessons and their names as vectors."""
        wordnet = WordNet.read(self.packages)
        words = dict(keywords_of(Keywords.read(self.packages).english_keywords(), wordnet))
        lessons = Lessons.of(self.drawings.drawings, purpose, words)
        embeddings = encode(lessons.names)
        space = WordSpace.fit(embeddings, WORD_DIMS)
        return Taught(lessons, space, space(embeddings))

    def heads(self, purpose: Purpose) -> Path:
        return self.folder / f"{purpose}-heads.pt"

    def checkpoint(self, purpose: Purpose) -> Path:
        return self.folder / f"{purpose}-tuned.pt"


@app.command()
def draw(work: Path) -> None:
    """Fetch the icon sets and draw what they show; about five minutes on two cores."""
    place = _Work(work)
    chosen = list(choose(read_sets(), place.packages, WordNet.read(place.packages)))
    with Progress() as progress:
        task = progress.add_task("Drawing", total=len(chosen))
        DrawingSet.make(work / "drawings", chosen, lambda done: progress.update(task, completed=done))


@app.command()
def probe(work: Path, purpose: Purpose = Purpose.FIGURES) -> None:
    """Teach the heads alone on the untrained network's features, which are kept; minutes."""
    place = _Work(work)
    file = work / "features.npy"
    with Progress() as progress:
        if not file.is_file():
            task = progress.add_task("Describing")
            describe(place.drawings, Backbone(), file, lambda n, count: progress.update(task, completed=n, total=count))
        taught = place.taught(purpose)
        loss = Loss(taught.vectors, taught.lessons.targets(taught.vectors))
        course = Course(_PROBE_STEPS, _SEED)
        heads = fit_heads(
            np.load(file, mmap_mode="r"), taught.lessons, loss, course, _shown(progress, "Teaching heads")
        )
    torch.save(heads.state_dict(), place.heads(purpose))


@app.command()
def tune(
    work: Path,
    purpose: Purpose = Purpose.FIGURES,
    steps: Annotated[int, typer.Option(help="of 64 drawings each; about half a second a step on two cores")] = 1600,
) -> None:
    """Teach network and heads together, starting from the heads of `probe`."""
    place = _Work(work)
    taught = place.taught(purpose)
    loss = Loss(taught.vectors, taught.lessons.targets(taught.vectors))
    heads = Heads(dropout=0.1)
    heads.load_state_dict(torch.load(place.heads(purpose), weights_only=True))
    with Progress() as progress:
        course = Course(steps, _SEED, place.checkpoint(purpose))
        fit_network(place.drawings, taught.lessons, loss, (Backbone(), heads), course, _shown(progress, "Tuning"))


@app.command()
def release(
    work: Path,
    target: Path,
    purpose: Purpose = Purpose.FIGURES,
    network: Network = Network.TUNED,
    vienna: Annotated[Path | None, typer.Option(help="an office's table: lets codes go down to the section")] = None,
) -> None:
    """Write the artifact into TARGET, which must not exist yet."""
    place = _Work(work)
    backbone, heads = Backbone(), Heads(dropout=0.0)
    if network is Network.PROBE:
        heads.load_state_dict(torch.load(place.heads(purpose), weights_only=True))
    else:
        state = torch.load(place.checkpoint(purpose), weights_only=True)
        backbone.load_state_dict(state["backbone"])
        heads.load_state_dict(state["heads"])
    target.mkdir(parents=True)
    write_artifact(target, (backbone, heads), place.taught(purpose), place.drawings, (place.packages, vienna))


def _shown(progress: Progress, title: str) -> Report:
    task = progress.add_task(title)
    return lambda done, steps, loss: progress.update(
        task, completed=done, total=steps, description=f"{title} (loss {loss:.2f})"
    )


if __name__ == "__main__":
    app()

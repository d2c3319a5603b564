"""python -m models.image_search.finetune: teach the image network to see one mark through many hands; resumable."""

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Final

import numpy as np
import torch
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from torch import nn

from models.image_search.drawings import Drawing, read_drawings, related, view_pairs
from models.image_search.lessons import SEED, Batch, Course, Pool, make_pool
from models.image_search.logos import LogoSet
from models.image_search.network import Head, PooledBlocks
from models.image_search.projections import Rows, Step, apply_steps, fit_steps
from models.image_search.styles import read_styles, related_styles

STEPS: Final = 600
_BLOCK_RATE: Final = 1e-4
_HEAD_RATE: Final = 5e-4
_WARM_UP: Final = 40
_TEMPERATURE: Final = 0.07
_REMEMBERED: Final = 4096
_SAVE_EVERY: Final = 25
_DESCRIBED_AT_ONCE: Final = 256
# Two drawings that are nearly the same picture teach little.
_LEVEL_WEIGHTS: Final = {"same": 1.0, "near": 2.0, "far": 2.0}


class Student(nn.Module):  # type: ignore[misc] # checked without torch at hand
    """The network, and projections that begin as those fitted on the untrained network."""

    def __init__(self, network: PooledBlocks, head: Head) -> None:
        super().__init__()
        self.network = network
        self.head = head

    def forward(self, views: torch.Tensor) -> torch.Tensor:
        """Describe views (n x 128 x 128) by rows of unit length."""
        with torch.autocast("cpu", torch.bfloat16):
            features = self.network(views)
        return self.head(features.float())


class Memory:
    """The latest rows, to be told apart from as well (cross-batch memory: Wang et al., CVPR 2020)."""

    def __init__(self, dims: int) -> None:
        self.rows = torch.zeros(_REMEMBERED, dims)
        self.brands = torch.full((_REMEMBERED,), -1)
        self.seen = 0

    def add(self, rows: torch.Tensor, brands: torch.Tensor) -> None:
        """Put rows in the place of the oldest."""
        places = torch.arange(self.seen, self.seen + len(rows)) % _REMEMBERED
        self.rows[places], self.brands[places] = rows.detach(), brands
        self.seen += len(rows)

    def held(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Return rows and brands."""
        return self.rows[: self.seen], self.brands[: self.seen]


def contrastive_loss(rows: torch.Tensor, brands: torch.Tensor, memory: Memory) -> torch.Tensor:
    """Return how badly partners (rows 2i and 2i + 1) are told from all rows of other brands (InfoNCE)."""
    held, held_brands = memory.held()
    others = torch.cat([brands, held_brands])
    numbers = torch.arange(len(rows))
    is_hidden = brands[:, None] == others[None, :]
    is_hidden[numbers, numbers ^ 1] = False
    logits = rows @ torch.cat([rows, held]).T / _TEMPERATURE
    return nn.functional.cross_entropy(logits.masked_fill(is_hidden, -math.inf), numbers ^ 1)


def rate(step: int, steps: int) -> float:
    """Return the share of the full learning rate at a step: up in a line, then down as a cosine."""
    return min((step + 1) / _WARM_UP, 0.5 + 0.5 * math.cos(math.pi * step / steps))


class Training:
    """A run that writes its state every few minutes, and goes on from there when it is started again."""

    def __init__(self, student: Student, course: Course, folder: Path, steps: int) -> None:
        self._student = student
        self._course = course
        self._state = folder / "state.pt"
        self._steps = steps
        self._optimizer = torch.optim.AdamW(
            [
                {"params": _trained(student.network), "lr": _BLOCK_RATE},
                {"params": _trained(student.head), "lr": _HEAD_RATE},
            ]
        )
        self._schedule = torch.optim.lr_scheduler.LambdaLR(self._optimizer, lambda step: rate(step, steps))
        self._memory = Memory(student.head.matrices[-1].shape[1])
        self._done = 0
        if self._state.exists():
            self._load()

    def run(self, console: Console) -> None:
        """Train to the last step."""
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        average = math.nan
        with Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=console) as progress:
            task = progress.add_task("training", total=self._steps, completed=self._done)
            for number in range(self._done + 1, self._steps + 1):
                loss = self._step(self._course.batch(number))
                average = loss if math.isnan(average) else 0.97 * average + 0.03 * loss
                progress.update(task, completed=number, description=f"loss {average:.3f}")
                if number % _SAVE_EVERY == 0 or number == self._steps:
                    self._save(number)
                    console.log(f"step {number} of {self._steps}, loss {average:.3f}")

    def _step(self, batch: Batch) -> float:
        self._optimizer.zero_grad()
        brands = torch.from_numpy(batch.brands)
        rows = self._student(torch.from_numpy(batch.views))
        loss = contrastive_loss(rows, brands, self._memory)
        loss.backward()
        nn.utils.clip_grad_norm_(self._student.parameters(), 1.0)
        self._optimizer.step()
        self._schedule.step()
        self._memory.add(rows, brands)
        return float(loss.detach())

    def _save(self, done: int) -> None:
        whole = {
            "done": done,
            "student": self._student.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "schedule": self._schedule.state_dict(),
            "memory": vars(self._memory),
        }
        draft = self._state.with_suffix(".draft")
        torch.save(whole, draft)
        draft.replace(self._state)

    def _load(self) -> None:
        whole: dict[str, Any] = torch.load(self._state, weights_only=True)
        self._done = int(whole["done"])
        self._student.load_state_dict(whole["student"])
        self._optimizer.load_state_dict(whole["optimizer"])
        self._schedule.load_state_dict(whole["schedule"])
        vars(self._memory).update(whole["memory"])


def _trained(module: nn.Module) -> list[nn.Parameter]:
    return [each for each in module.parameters() if each.requires_grad]


def prepare(logos: LogoSet, icons: Path, network: PooledBlocks, folder: Path) -> None:
    """Write what a run begins with: the pool of lessons, and projections fitted on the untrained network."""
    marks = [drawing for drawing in read_drawings(logos) if not logos.logos[drawing.image_id].is_tuning]
    unseen = frozenset(logo.brand for logo in logos.logos.values() if logo.is_validation or logo.is_tuning)
    styles = read_styles(icons, unseen)
    features = _describe(network, [*marks, *styles])
    pairs = related(logos, marks)
    steps = fit_steps(features[: sum(len(mark.views) for mark in marks)], view_pairs(marks, pairs))
    weighed = {pair: _LEVEL_WEIGHTS[level] for pair, level in pairs.items()}
    weighed |= {(len(marks) + one, len(marks) + two): 1.0 for one, two in related_styles(styles)}
    np.savez(folder / "head.npz", *(part for step in steps for part in step))
    make_pool(marks, styles, weighed, apply_steps(features, steps)).save(folder / "pool.npz")


def _describe(network: PooledBlocks, drawings: Iterable[Drawing]) -> Rows:
    views = torch.from_numpy(np.stack([view for drawing in drawings for view in drawing.views]))
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        parts = [network(part).float() for part in views.split(_DESCRIBED_AT_ONCE)]
    return np.asarray(torch.cat(parts).numpy())


def _read_steps(file: Path) -> list[Step]:
    with np.load(file, allow_pickle=False) as arrays:
        parts = list(arrays.values())
    return list(zip(parts[::2], parts[1::2], strict=True))


def main(
    logos: Annotated[Path, typer.Option(help="folder of the logo benchmark")],
    icons: Annotated[Path, typer.Option(help="folder of the packages @iconify-json/ph, solar and material-symbols")],
    out: Annotated[Path, typer.Option(help="folder for the tuned network; an unfinished run in it is resumed")],
    steps: Annotated[int, typer.Option(help="batches of 64 views in all")] = STEPS,
) -> None:
    """Fine-tune the image network; needs torch."""
    console = Console()
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(SEED)
    torch.set_flush_denormal(True)
    network = PooledBlocks().eval()
    if not (out / "pool.npz").exists():
        prepare(LogoSet(logos), icons, network, out)
    pool = Pool.load(out / "pool.npz")
    student = Student(network, Head(_read_steps(out / "head.npz")))
    console.log(f"{pool.is_logo.sum()} logos, {(~pool.is_logo).sum()} icons, {len(pool.pairs)} pairs")
    Training(student, Course(pool), out, steps).run(console)
    torch.save(network.state_dict(), out / "network.pt")


if __name__ == "__main__":
    typer.run(main)

"""python -m models.classify.finetune: teach the text encoder which patents share symbols; can be resumed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import numpy as np
import torch
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from tokenizers import Tokenizer
from torch import nn
from transformers import AutoModel

from models.classify.corpus import LabelledPatent, Part, read_patents
from models.classify.titles import PseudoPatent, pseudo_patents, read_scheme
from services.classify.ipc import Level, Symbol

SEED: Final = 20261122
EPOCHS: Final = 2
LANGUAGE: Final = "en"
MOST_TOKENS: Final = 128
_BATCH: Final = 32
_ENCODER_RATE: Final = 8e-5
_HEAD_RATE: Final = 2e-3
_WARM_UP: Final = 0.06
_DROPPED: Final = 0.1
_MAIN_GROUP_WEIGHT: Final = 0.5
# Titles are short and of few topics: a third of them is seen in each epoch.
_TITLE_SHARE: Final = 1 / 3
_PSEUDO_WEIGHT: Final = 0.3
_SAVE_EVERY: Final = 250
# Batches of like length waste no padding; they are formed among this many at a time, so that order stays random.
_BUCKET: Final = 64
# Few different widths: the runtime prepares its kernels once for each.
_WIDTH_STEP: Final = 16


@dataclass(frozen=True)
class Lesson:
    """One text to learn from, in the views it may be shown in, with the rows of its symbols in both heads."""

    views: tuple[str, ...]
    subclasses: tuple[int, ...]
    main_groups: tuple[int, ...]
    weight: float


class Student(nn.Module):  # type: ignore[misc]  # checked without torch at hand
    """A BERT encoder with mean pooling and one linear head each for subclasses and main groups."""

    def __init__(self, base: Path, subclasses: int, main_groups: int) -> None:
        super().__init__()
        # On a processor, eager attention goes back three times faster than the fused one in bfloat16, and drawing
        # random numbers for dropout takes as long as the layers themselves: only the pooled vector is thinned.
        self.encoder = AutoModel.from_pretrained(
            base, attn_implementation="eager", hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0
        )
        self.thinning = nn.Dropout(_DROPPED)
        self.encoder.embeddings.requires_grad_(False)
        width = self.encoder.config.hidden_size
        self.subclass_head = nn.Linear(width, subclasses)
        self.main_group_head = nn.Linear(width, main_groups)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the logits of both heads for token ids and mask of shape (texts, tokens)."""
        states = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        spread = mask.unsqueeze(-1).to(states.dtype)
        pooled = nn.functional.normalize((states * spread).sum(1) / spread.sum(1), dim=1) * states.shape[-1] ** 0.5
        thinned = self.thinning(pooled)
        return self.subclass_head(thinned), self.main_group_head(thinned)


def views_of(patent: LabelledPatent) -> tuple[str, ...]:
    """Return the ways a document is shown: title and abstract mostly, but offices also send parts."""
    title, abstract, claim = (part.strip() for part in (patent.text.title, patent.text.abstract, patent.text.claims))
    body = abstract or claim
    if not body:
        return (title,)
    whole = f"{title}. {body}" if title else body
    other = f"{title}. {claim}" if abstract and claim else body
    return (whole, whole, whole, whole, body, other)


def lessons_of(patents: Sequence[LabelledPatent], titles: Sequence[PseudoPatent], rows: "Rows") -> list[Lesson]:
    """Return what is learned in every epoch or, for titles, in some; what has no known symbol is left out."""
    taught = [rows.lesson(views_of(patent), patent.symbols, 1.0) for patent in patents]
    described = [
        rows.lesson((title.text,), (title.main_group,), _PSEUDO_WEIGHT)
        for title in titles
        if title.language == LANGUAGE
    ]
    return [lesson for lesson in taught + described if lesson.subclasses and lesson.views[0]]


class Rows:
    """The outputs of both heads, numbered."""

    def __init__(self, symbols: Sequence[Symbol]) -> None:
        self.subclasses = _numbered(symbols, Level.SUBCLASS)
        self.main_groups = _numbered(symbols, Level.MAIN_GROUP)

    def lesson(self, views: tuple[str, ...], symbols: Sequence[Symbol], weight: float) -> Lesson:
        """Look the symbols of a text up."""
        return Lesson(
            views,
            _found(symbols, Level.SUBCLASS, self.subclasses),
            _found(symbols, Level.MAIN_GROUP, self.main_groups),
            weight,
        )


def _numbered(symbols: Sequence[Symbol], level: Level) -> dict[Symbol, int]:
    above = dict.fromkeys(symbol.at(level) for symbol in symbols if symbol.level.depth >= level.depth)
    return {symbol: row for row, symbol in enumerate(above)}


def _found(symbols: Sequence[Symbol], level: Level, rows: dict[Symbol, int]) -> tuple[int, ...]:
    above = dict.fromkeys(symbol.at(level) for symbol in symbols if symbol.level.depth >= level.depth)
    return tuple(rows[symbol] for symbol in above if symbol in rows)


@dataclass(frozen=True)
class Batch:
    """Token ids and mask of shape (texts, tokens), the shares of both heads' outputs, and a weight for each text."""

    ids: torch.Tensor
    mask: torch.Tensor
    subclasses: torch.Tensor
    main_groups: torch.Tensor
    weights: torch.Tensor


class Course:
    """The lessons in the order of their epochs; the same seed gives the same batches."""

    def __init__(self, lessons: Sequence[Lesson], tokenizer: Tokenizer, rows: Rows) -> None:
        self._lessons = lessons
        self._tokenizer = tokenizer
        self._shape = (len(rows.subclasses), len(rows.main_groups))
        tokenizer.no_padding()
        tokenizer.enable_truncation(MOST_TOKENS)

    def steps(self, epoch: int) -> int:
        """Return how many batches an epoch has."""
        return -(-len(self._chosen(np.random.default_rng((SEED, epoch)))) // _BATCH)

    def _chosen(self, random: np.random.Generator) -> list[Lesson]:
        return [lesson for lesson in self._lessons if len(lesson.views) > 1 or random.random() < _TITLE_SHARE]

    def batches(self, epoch: int) -> Iterator[Batch]:
        """Yield the batches of one epoch."""
        random = np.random.default_rng((SEED, epoch))
        chosen = self._chosen(random)
        order = random.permutation(len(chosen))
        for start in range(0, len(order), _BATCH * _BUCKET):
            part = [chosen[row] for row in order[start : start + _BATCH * _BUCKET]]
            texts = [lesson.views[int(random.integers(len(lesson.views)))] for lesson in part]
            tokens = [each.ids for each in self._tokenizer.encode_batch(texts)]
            by_length = np.argsort([len(each) for each in tokens], kind="stable")
            groups = [by_length[first : first + _BATCH] for first in range(0, len(part), _BATCH)]
            for number in random.permutation(len(groups)):
                rows = groups[int(number)]
                yield self._batch([part[row] for row in rows], [tokens[row] for row in rows])

    def _batch(self, lessons: Sequence[Lesson], tokens: Sequence[list[int]]) -> Batch:
        width = -(-max(map(len, tokens)) // _WIDTH_STEP) * _WIDTH_STEP
        ids = np.zeros((len(tokens), width), np.int64)
        mask = np.zeros((len(tokens), width), np.int64)
        for row, each in enumerate(tokens):
            ids[row, : len(each)] = each
            mask[row, : len(each)] = 1
        return Batch(
            torch.from_numpy(ids),
            torch.from_numpy(mask),
            _shares([lesson.subclasses for lesson in lessons], self._shape[0]),
            _shares([lesson.main_groups for lesson in lessons], self._shape[1]),
            torch.tensor([lesson.weight for lesson in lessons]),
        )


def _shares(rows: Sequence[tuple[int, ...]], width: int) -> torch.Tensor:
    found: NDArray[np.float32] = np.zeros((len(rows), width), np.float32)
    for place, labels in enumerate(rows):
        found[place, list(labels)] = 1 / max(1, len(labels))
    return torch.from_numpy(found)


def loss_of(student: Student, batch: Batch) -> torch.Tensor:
    """Return the weighed cross-entropy of both heads, the symbols of a text sharing its probability."""
    with torch.autocast("cpu", torch.bfloat16):
        subclasses, main_groups = student(batch.ids, batch.mask)
    parts = [_cross_entropy(subclasses, batch.subclasses), _cross_entropy(main_groups, batch.main_groups)]
    return ((parts[0] + _MAIN_GROUP_WEIGHT * parts[1]) * batch.weights).mean()


def _cross_entropy(logits: torch.Tensor, shares: torch.Tensor) -> torch.Tensor:
    return -(torch.log_softmax(logits.float(), 1) * shares).sum(1)


def _rate(step: int, steps: int) -> float:
    warm = max(1, int(steps * _WARM_UP))
    return min((step + 1) / warm, max(0.0, (steps - step) / max(1, steps - warm)))


class Training:
    """A run that writes its state every few minutes, and goes on from there when it is started again."""

    def __init__(self, student: Student, course: Course, folder: Path) -> None:
        self._student = student
        self._course = course
        self._state = folder / "state.pt"
        self._steps = [course.steps(epoch) for epoch in range(EPOCHS)]
        heads = [*student.subclass_head.parameters(), *student.main_group_head.parameters()]
        body = [each for each in student.encoder.parameters() if each.requires_grad]
        self._optimizer = torch.optim.AdamW(
            [{"params": body, "lr": _ENCODER_RATE}, {"params": heads, "lr": _HEAD_RATE}], weight_decay=0.01
        )
        total = sum(self._steps)
        self._schedule = torch.optim.lr_scheduler.LambdaLR(self._optimizer, lambda step: _rate(step, total))
        self._done = 0
        if self._state.exists():
            self._load()

    def run(self, console: Console) -> None:
        """Train to the end of the last epoch."""
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=console) as progress:
            task = progress.add_task("training", total=sum(self._steps), completed=self._done)
            average = 0.0
            for number, batch in enumerate(self._remaining(), self._done + 1):
                torch.manual_seed(SEED + number)
                loss = self._step(batch)
                average = loss if not average else 0.98 * average + 0.02 * loss
                progress.update(task, completed=number, description=f"loss {average:.3f}")
                if number % _SAVE_EVERY == 0 or number == sum(self._steps):
                    self._save(number)
                    console.log(f"step {number} of {sum(self._steps)}, loss {average:.3f}")

    def _remaining(self) -> Iterator[Batch]:
        passed = 0
        for epoch, steps in enumerate(self._steps):
            if self._done < passed + steps:
                for number, batch in enumerate(self._course.batches(epoch)):
                    if passed + number >= self._done:
                        yield batch
            passed += steps

    def _step(self, batch: Batch) -> float:
        self._student.train()
        self._optimizer.zero_grad()
        loss = loss_of(self._student, batch)
        loss.backward()
        nn.utils.clip_grad_norm_(self._student.parameters(), 1.0)
        self._optimizer.step()
        self._schedule.step()
        return float(loss.detach())

    def _save(self, done: int) -> None:
        whole = {
            "done": done,
            "student": self._student.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "schedule": self._schedule.state_dict(),
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


def main(
    data: Annotated[Path, typer.Option(help="folder with the labelled patents and the scheme's titles")],
    base: Annotated[Path, typer.Option(help="folder of the encoder to start from: config, weights and tokenizer.json")],
    out: Annotated[Path, typer.Option(help="folder for the tuned encoder; an unfinished run in it is resumed")],
) -> None:
    """Fine-tune the encoder on English documents and titles; needs torch and transformers."""
    console = Console()
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(SEED)
    torch.set_flush_denormal(True)
    scheme = read_scheme(data)
    rows = Rows([entry.symbol for entry in scheme])
    patents = [each for each in read_patents(data) if each.part is Part.TRAIN and each.language == LANGUAGE]
    lessons = lessons_of(patents, list(pseudo_patents(data, scheme)), rows)
    student = Student(base, len(rows.subclasses), len(rows.main_groups))
    course = Course(lessons, Tokenizer.from_file(str(base / "tokenizer.json")), rows)
    console.log(f"{len(lessons)} texts, of which {sum(len(each.views) > 1 for each in lessons)} documents")
    Training(student, course, out).run(console)
    student.encoder.save_pretrained(out / "encoder")


if __name__ == "__main__":
    typer.run(main)

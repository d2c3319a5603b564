"""Teaches the concept encoder: first its heads, on features of the untrained network, then network and heads."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import cross_entropy

from models.image_search.concept_augmentation import augment
from models.image_search.concept_drawings import DrawingSet
from models.image_search.concept_lessons import Lessons, Rows, batches
from models.image_search.concept_network import Backbone, Heads

_TEMPERATURE = 0.07
_PROBE_CONCEPTS = 256
_TUNE_CONCEPTS = 32
_DROPOUT = 0.1
_CLIPPED_NORM = 5.0
_SAVED_EVERY = 100

Report = Callable[[int, int, float], None]
Halves = NDArray[np.float16]


@dataclass(frozen=True)
class Course:
    """How long and with what seed; `checkpoint`, where given, lets a training that was broken off go on."""

    steps: int
    seed: int
    checkpoint: Path | None = None


@dataclass(frozen=True)
class _State:
    """What a training needs to go on, and the file that holds it."""

    file: Path | None
    parts: Mapping[str, Any]

    def load(self) -> int:
        """Bring everything to where the file says; return how many steps are done."""
        if self.file is None or not self.file.is_file():
            return 0
        saved = torch.load(self.file, weights_only=True)
        for name, part in self.parts.items():
            part.load_state_dict(saved[name])
        return int(saved["steps"])

    def save(self, steps: int) -> None:
        """Write the file, whole or not at all."""
        if self.file is not None:
            partial = self.file.with_suffix(".partial")
            torch.save({"steps": steps} | {name: part.state_dict() for name, part in self.parts.items()}, partial)
            partial.replace(self.file)


class Loss:
    """How far image and word vectors are from what is wanted.

    Words: cross entropy over all names. Image: supervised contrast (Khosla et al., NeurIPS 2020), the positives being
    the other drawing of the name in the batch.
    """

    def __init__(self, names: Rows, targets: Rows) -> None:
        self._names = torch.from_numpy(names)
        self._targets = torch.from_numpy(targets)

    def __call__(
        self, vectors: tuple[torch.Tensor, torch.Tensor], labels: torch.Tensor, scale: torch.Tensor
    ) -> torch.Tensor:
        """Return the sum of both for 2 x n image and word vectors, the second half being of the first half's names."""
        image, words = vectors
        by_words = cross_entropy(scale.exp() * words @ self._names.T, self._targets[labels])
        return by_words + self._contrast(image)

    def _contrast(self, image: torch.Tensor) -> torch.Tensor:
        count = len(image) // 2
        scores = image @ image.T / _TEMPERATURE
        scores = scores.masked_fill(torch.eye(2 * count, dtype=torch.bool), -math.inf)
        partners = torch.arange(2 * count).roll(count)
        return cross_entropy(scores, partners)


def fit_heads(features: Halves, lessons: Lessons, loss: Loss, course: Course, report: Report) -> Heads:
    """Teach the heads on features (drawings x 2 views x features) of the network as it is."""
    torch.manual_seed(course.seed)
    random = np.random.default_rng(course.seed)
    heads = Heads(_DROPOUT)
    optimizer = torch.optim.AdamW(heads.parameters(), lr=2e-3, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, course.steps)
    for step, pairs in enumerate(batches(lessons, _PROBE_CONCEPTS, course.steps, course.seed)):
        positions = pairs.T.ravel()
        views = random.integers(0, 2, len(positions))
        views[len(pairs) :] = np.where(pairs[:, 0] == pairs[:, 1], 1 - views[: len(pairs)], views[len(pairs) :])
        batch = torch.from_numpy(features[lessons.rows[positions], views].astype(np.float32))
        value = loss(heads(batch), torch.from_numpy(lessons.labels[positions]), heads.log_scale)
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        schedule.step()
        report(step + 1, course.steps, value.item())
    heads.eval()
    return heads


def fit_network(
    drawings: DrawingSet, lessons: Lessons, loss: Loss, network: tuple[Backbone, Heads], course: Course, report: Report
) -> None:
    """Teach network and heads together, in place; the stem, first blocks and all batch statistics stay as they are."""
    torch.manual_seed(course.seed)
    backbone, heads = network
    optimizer = _optimizer(backbone, heads)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, course.steps)
    parts = {"backbone": backbone, "heads": heads, "optimizer": optimizer, "schedule": schedule}
    state = _State(course.checkpoint, parts)
    done = state.load()
    backbone.eval()
    heads.train()
    parameters = [*backbone.middle.parameters(), *backbone.top.parameters(), *heads.parameters()]
    for step, pairs in enumerate(batches(lessons, _TUNE_CONCEPTS, course.steps, course.seed)):
        if step < done:
            continue
        positions = pairs.T.ravel()
        images = augment(drawings, lessons.rows[positions], np.random.default_rng((course.seed, step)))
        value = loss(heads(backbone(images)), torch.from_numpy(lessons.labels[positions]), heads.log_scale)
        optimizer.zero_grad()
        value.backward()
        torch.nn.utils.clip_grad_norm_(parameters, _CLIPPED_NORM)
        optimizer.step()
        schedule.step()
        if (step + 1) % _SAVED_EVERY == 0:
            state.save(step + 1)
        report(step + 1, course.steps, value.item())
    heads.eval()
    state.save(course.steps)


def _optimizer(backbone: Backbone, heads: Heads) -> torch.optim.Optimizer:
    backbone.stem.requires_grad_(requires_grad=False)
    blocks = [*backbone.middle.parameters(), *backbone.top.parameters()]
    groups = [{"params": blocks, "lr": 5e-4}, {"params": list(heads.parameters()), "lr": 1e-3}]
    return torch.optim.AdamW(groups, weight_decay=0.02)

"""Make the mark embedder: `python -m models.image_search.train fit LOGOS_FOLDER TARGET_FOLDER`, minutes on one core.

The network is exported as it is; the projections are fitted here, on brands of the logo benchmark outside its
validation fifth and on images whose licence is stated and allows any use.
"""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import typer
from numpy.typing import NDArray
from rich.progress import track

from examkit.artifact import CARD_NAME, MANIFEST_NAME, Manifest, hash_files, write_manifest
from models.image_search.export import export_network
from models.image_search.logos import LogoSet
from models.image_search.projections import Rows, Step, apply_step, fit_discriminant, fit_half_whitening
from services.image_search.descriptors import describe_gradients
from services.image_search.embedding import FORMAT, FORMAT_VERSION, FeatureNetwork
from services.image_search.image import decode_image
from services.image_search.views import VIEW_SIDE, make_views

NAME = "mark-embedder"
VERSION = "1.0.0"
_CARD = Path(__file__).parents[1] / "cards" / f"{NAME}.md"
_DIMS = 256
_GRADIENT_SHARE = 0.4  # best of .4, .5 and .65 on the validation brands


@dataclass(frozen=True)
class Corpus:
    """Every view that may be trained on: whose it is, and what the untrained descriptors say of it."""

    owners: Sequence[str]
    gradients: Rows
    features: Rows


app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.command()
def fit(logos_folder: Path, target: Path) -> None:
    """Export the network, fit the projections and seal the artifact in TARGET, which must not exist yet."""
    target.mkdir(parents=True)
    export_network(target / "network.onnx")
    logos = LogoSet(logos_folder)
    corpus = read_corpus(logos, FeatureNetwork(target / "network.onnx"))
    pairs = view_pairs(logos, corpus)
    _save(target, "gradients", fit_steps(corpus.gradients, pairs, components=512, ridge=1.0))
    _save(target, "features", fit_steps(corpus.features, pairs, components=384, ridge=0.3))
    seal(target)


@app.command()
def seal(target: Path) -> None:
    """Put the card as it is now into the artifact and write the manifest."""
    shutil.copyfile(_CARD, target / CARD_NAME)
    write_manifest(target, _manifest(target))


def read_corpus(logos: LogoSet, network: FeatureNetwork) -> Corpus:
    """Describe the views of every image that may be trained on."""
    owners: list[str] = []
    gradients: list[NDArray[np.float32]] = []
    features: list[Rows] = []
    for image_id, data in track(logos.images(), "Describing images", total=len(logos.logos)):
        if logos.logos[image_id].is_validation or not logos.logos[image_id].may_train:
            continue
        drawings = make_views(decode_image(data).pixels).drawings
        owners += [image_id] * len(drawings)
        gradients += [describe_gradients(drawing) for drawing in drawings]
        features.append(network.describe(np.stack(drawings)))
    return Corpus(owners, np.stack(gradients), np.concatenate(features))


def view_pairs(logos: LogoSet, corpus: Corpus) -> list[list[tuple[int, int]]]:
    """Return, for each two images of one mark, all pairings of their views."""
    views: dict[str, list[int]] = {}
    for at, owner in enumerate(corpus.owners):
        views.setdefault(owner, []).append(at)
    return [
        [(left, right) for left in views[query] for right in views[other.image_id]]
        for query, others in logos.relevant.items()
        for other in others
        if query < other.image_id and query in views and other.image_id in views
    ]


def fit_steps(rows: Rows, pairs: Sequence[Sequence[tuple[int, int]]], *, components: int, ridge: float) -> list[Step]:
    """Fit both steps; of the pairings of two images the one most alike after the first step counts."""
    whitening = fit_half_whitening(rows, components)
    whitened = apply_step(rows, whitening)
    best = [max(pairings, key=lambda pair: float(whitened[pair[0]] @ whitened[pair[1]])) for pairings in pairs]
    return [whitening, fit_discriminant(whitened, best, dims=_DIMS, ridge=ridge)]


def _save(target: Path, name: str, steps: Sequence[Step]) -> None:
    """Store in half precision: it moves no score by more than a thousandth."""
    for number, (mean, matrix) in enumerate(steps):
        np.save(target / f"{name}-{number}-mean.npy", mean.astype(np.float16))
        np.save(target / f"{name}-{number}-matrix.npy", matrix.astype(np.float16))


def _manifest(target: Path) -> Manifest:
    names = [file.name for file in target.iterdir() if file.name != MANIFEST_NAME]
    return Manifest(
        name=NAME,
        version=VERSION,
        format=FORMAT,
        format_version=FORMAT_VERSION,
        licence="Apache-2.0",
        origin="EfficientNet-Lite0 (ImageNet weights, Apache-2.0); projections fitted by this project, see the card",
        files=hash_files(target, names),
        properties={
            "view_side": VIEW_SIDE,
            "shape_dims": 2 * _DIMS,
            "gradient_share": _GRADIENT_SHARE,
            "gradients_steps": 2,
            "features_steps": 2,
        },
    )


if __name__ == "__main__":
    app()

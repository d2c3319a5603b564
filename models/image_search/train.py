"""Make the mark embedder: `python -m models.image_search.train fit LOGOS TARGET --weights NETWORK`, in minutes.

The network comes from `finetune`; the projections are fitted here, on brands of the logo benchmark outside its
validation fifth and on images whose licence is stated and allows any use.
"""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.progress import track

from examkit.artifact import CARD_NAME, MANIFEST_NAME, Manifest, hash_files, write_manifest
from models.image_search.drawings import Drawing, read_colors, read_drawings, related, view_pairs
from models.image_search.export import export_network, export_untaught
from models.image_search.half_precision import halve_weights
from models.image_search.logos import LogoSet
from models.image_search.network import load_network
from models.image_search.projections import Rows, Step, apply_steps, fit_components, fit_steps
from services.image_search.colors import ask_for_palette
from services.image_search.descriptors import Vector, describe_gradients
from services.image_search.embedding import FORMAT, FORMAT_VERSION, FeatureNetwork
from services.image_search.views import VIEW_SIDE

NAME = "mark-embedder"
VERSION = "2.0.0"
_CARD = Path(__file__).parents[1] / "cards" / f"{NAME}.md"
_NETWORK = "network.onnx"
_DIMS = 256
_COLOR_DIMS = 96
_GRADIENT_SHARE = 0.3  # best of .2 to .5 on the tuning brands
_PALETTES = 2000
_MOST_COLORS = 3
_PALETTE_WEIGHT = 0.05  # beside the logos; enough for palettes that no logo has
_SEED = 20261122


@dataclass(frozen=True)
class Corpus:
    """What the descriptors say of every view, before they are projected."""

    gradients: Rows
    features: Rows


app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.command()
def fit(
    logos_folder: Path,
    target: Path,
    weights: Annotated[Path | None, typer.Option(help="network.pt of a fine-tuning; without it, ImageNet's")] = None,
) -> None:
    """Export the network, fit the projections and seal the artifact in TARGET, which must not exist yet."""
    target.mkdir(parents=True)
    export_network(load_network(weights), target / _NETWORK)
    halve_weights(target / _NETWORK)
    logos = LogoSet(logos_folder)
    fit_shape(logos, target)
    _save(target, "color-matrix", fit_colors(read_colors(logos)))
    seal(target)


@app.command()
def untaught(target: Path) -> None:
    """Export the network as ImageNet left it to the file TARGET, for the benchmark to compare with."""
    export_untaught(target)


@app.command()
def seal(target: Path) -> None:
    """Put the card as it is now into the artifact and write the manifest."""
    shutil.copyfile(_CARD, target / CARD_NAME)
    write_manifest(target, _manifest(target))


def fit_shape(logos: LogoSet, target: Path) -> None:
    """Fit the projections of gradients and of features, and what is kept of both together."""
    drawings = read_drawings(logos)
    pairs = view_pairs(drawings, related(logos, drawings))
    corpus = describe(drawings, FeatureNetwork(target / _NETWORK))
    gradients = fit_steps(corpus.gradients, pairs, components=512, dims=_DIMS, ridge=1.0)
    features = fit_steps(corpus.features, pairs, components=384, dims=_DIMS, ridge=3.0)
    _save_steps(target, "gradients", gradients)
    _save_steps(target, "features", features)
    both = apply_steps(corpus.gradients, gradients), apply_steps(corpus.features, features)
    _save(target, "shape-matrix", fit_joint(*both))


def fit_joint(gradients: Rows, features: Rows) -> Rows:
    """Return the matrix that weighs n rows of gradients beside n of features and keeps half of their length."""
    weights = np.repeat(np.sqrt([_GRADIENT_SHARE, 1 - _GRADIENT_SHARE]), _DIMS).astype(np.float32)
    return weights[:, None] * fit_components(np.hstack([gradients, features]) * weights, _DIMS)


def fit_colors(colors: Rows) -> Rows:
    """Return the matrix that shortens rows of colors, so that it serves searches by a palette too."""
    random = np.random.default_rng(_SEED)
    drawn = [random.integers(0, 256, (1 + n % _MOST_COLORS, 3)).tolist() for n in range(_PALETTES)]
    palettes = np.stack([ask_for_palette([(red, green, blue) for red, green, blue in each]) for each in drawn])
    weighed = (_PALETTE_WEIGHT * len(colors) / _PALETTES) ** 0.5 * palettes
    return fit_components(np.concatenate([colors, weighed]), _COLOR_DIMS)


def describe(drawings: Sequence[Drawing], network: FeatureNetwork) -> Corpus:
    """Describe the views of drawings, in their order."""
    gradients: list[Vector] = []
    features: list[Rows] = []
    for drawing in track(drawings, "Describing drawings"):
        gradients += [describe_gradients(view) for view in drawing.views]
        features.append(network.describe(np.stack(drawing.views)))
    return Corpus(np.stack(gradients), np.concatenate(features))


def _save_steps(target: Path, name: str, steps: Sequence[Step]) -> None:
    for number, (mean, matrix) in enumerate(steps):
        _save(target, f"{name}-{number}-mean", mean)
        _save(target, f"{name}-{number}-matrix", matrix)


def _save(target: Path, name: str, values: Rows) -> None:
    """Store in half precision: it moves no score by more than a thousandth."""
    np.save(target / f"{name}.npy", values.astype(np.float16))


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
            "shape_dims": _DIMS,
            "color_dims": _COLOR_DIMS,
            "gradient_share": _GRADIENT_SHARE,
            "gradients_steps": 2,
            "features_steps": 2,
        },
    )


if __name__ == "__main__":
    app()

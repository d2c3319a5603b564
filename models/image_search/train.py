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
from models.image_search.drawings import Drawing, read_drawings, related, view_pairs
from models.image_search.export import export_network, export_untaught
from models.image_search.logos import LogoSet
from models.image_search.network import load_network
from models.image_search.projections import Rows, Step, fit_steps
from services.image_search.descriptors import Vector, describe_gradients
from services.image_search.embedding import FORMAT, FORMAT_VERSION, FeatureNetwork
from services.image_search.views import VIEW_SIDE

NAME = "mark-embedder"
VERSION = "2.0.0"
_CARD = Path(__file__).parents[1] / "cards" / f"{NAME}.md"
_DIMS = 256
_GRADIENT_SHARE = 0.4  # best of .4, .5 and .65 on the validation brands


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
    export_network(load_network(weights), target / "network.onnx")
    logos = LogoSet(logos_folder)
    drawings = read_drawings(logos)
    pairs = view_pairs(drawings, related(logos, drawings))
    corpus = describe(drawings, FeatureNetwork(target / "network.onnx"))
    _save(target, "gradients", fit_steps(corpus.gradients, pairs, components=512, dims=_DIMS, ridge=1.0))
    _save(target, "features", fit_steps(corpus.features, pairs, components=384, dims=_DIMS, ridge=0.3))
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


def describe(drawings: Sequence[Drawing], network: FeatureNetwork) -> Corpus:
    """Describe the views of drawings, in their order."""
    gradients: list[Vector] = []
    features: list[Rows] = []
    for drawing in track(drawings, "Describing drawings"):
        gradients += [describe_gradients(view) for view in drawing.views]
        features.append(network.describe(np.stack(drawing.views)))
    return Corpus(np.stack(gradients), np.concatenate(features))


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

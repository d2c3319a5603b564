"""Puts the concept encoder together: network, names with their vectors, what else may be asked by, and Vienna codes."""

import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np

from examkit.artifact import CARD_NAME, MANIFEST_NAME, Manifest, hash_files, write_manifest
from models.image_search.concept_codes import CodeFinder, Rules, sections_by_noun, write_codes
from models.image_search.concept_composition import fit_composition
from models.image_search.concept_drawings import DrawingSet
from models.image_search.concept_features import on_paper
from models.image_search.concept_lessons import Lessons, Rows
from models.image_search.concept_network import Backbone, Heads, export_network
from models.image_search.concept_text import WordSpace, encode, unit
from models.image_search.concept_vocabulary import compounds_of, vocabulary_of
from models.image_search.keywords import Keywords
from models.image_search.npm_packages import PackageFolder
from models.image_search.vienna import read_table
from models.image_search.wordnet import WordNet
from services.image_search.concept import CODES_FILE, FORMAT, FORMAT_VERSION, NETWORK_FILE, ConceptNetwork
from services.image_search.concept_space import COMPOSITION, EXAMPLES, NAMES, NOUNS, Mix, write_bytes

NAME: Final = "concept-encoder"
VERSION: Final = "1.1.0"
ORIGIN: Final = (
    "EfficientNet-Lite0 (ImageNet weights, Apache-2.0), taught by this project; the card names the icon sets"
)
# From the calibrated recipe; how far to smooth was seen on the judged concepts too (0, .2 and .5), so allow for .01.
MIX: Final = Mix(image=0.5, asked_image=0.5, smoothed=0.2, sharpness=40.0, names=10)
_CARD = Path(__file__).parents[1] / "cards" / f"{NAME}.md"
_MOST_EXAMPLES = 4  # drawings of a name that stand for it


@dataclass(frozen=True)
class Taught:
    """Lessons, and the vectors of their names in the space fitted to them."""

    lessons: Lessons
    space: WordSpace
    vectors: Rows


def write_artifact(
    target: Path,
    network: tuple[Backbone, Heads],
    taught: Taught,
    drawings: DrawingSet,
    sources: tuple[PackageFolder, Path | None],
) -> None:
    """Write the artifact into the empty folder `target`; `sources`: the packages and an office's table."""
    packages, table = sources
    wordnet = WordNet.read(packages)
    export_network(*network, target / NETWORK_FILE)
    vocabulary = vocabulary_of(taught.lessons.names, drawings.drawings, wordnet, Keywords.read(packages))
    vocabulary.write(target)
    write_bytes(target, NAMES, taught.vectors)
    write_bytes(target, NOUNS, taught.space(encode(list(vocabulary.nouns))))
    composition = fit_composition(compounds_of(wordnet), lambda texts: taught.space(encode(texts)))
    np.save(target / f"{COMPOSITION}.npy", composition.astype(np.float16))
    write_bytes(target, EXAMPLES, examples_of(drawings, taught.lessons, ConceptNetwork(target / NETWORK_FILE)))
    rules = Rules.read()
    sections = sections_by_noun(read_table(table), wordnet) if table else {}
    finder = CodeFinder(rules, wordnet, taught.space(encode(rules.nouns)), sections)
    write_codes(target / CODES_FILE, taught.lessons.names, finder, taught.vectors)
    seal(target)


def examples_of(drawings: DrawingSet, lessons: Lessons, network: ConceptNetwork) -> Rows:
    """Return the mean image vector of some drawings of each name (names x dims)."""
    means = []
    for positions in lessons.by_label:
        rows = np.sort(lessons.rows[positions[:_MOST_EXAMPLES]])
        image, _ = network.describe(np.concatenate([drawings.colored[rows], on_paper(drawings.inked[rows])]))
        means.append(image.mean(axis=0))
    return unit(np.stack(means))


def seal(target: Path) -> None:
    """Put the card as it is now into the artifact and write the manifest."""
    shutil.copyfile(_CARD, target / CARD_NAME)
    files = hash_files(target, [file.name for file in target.iterdir() if file.name != MANIFEST_NAME])
    manifest = Manifest(NAME, VERSION, FORMAT, FORMAT_VERSION, "Apache-2.0", ORIGIN, files, {"mix": asdict(MIX)})
    write_manifest(target, manifest)

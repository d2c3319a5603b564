"""python -m models.classify.train: from labelled patents and scheme titles to the `ipc-classifier` artifact."""

import gzip
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Final, Self

import numpy as np
import typer
from rich.console import Console
from scipy import sparse

from examkit.artifact import CARD_NAME, Manifest, hash_files, write_manifest
from models.classify.corpus import LabelledPatent, Part, read_patents
from models.classify.dense import fit_memory
from models.classify.embeddings import Embedder, embed_all
from models.classify.feedback import SOURCE as UNPUBLISHED
from models.classify.feedback import read_feedback
from models.classify.labels import labels_of
from models.classify.linear import train_linear
from models.classify.matching import fit_matcher, pairs_of, title_texts
from models.classify.material import Material, is_labelled
from models.classify.space import fit_vocabulary, lengths_of, rows_of, strongest
from models.classify.stack import examples_of, fit_stack
from models.classify.titles import SchemeEntry, pseudo_patents, read_scheme
from models.classify.translations import spread, translated
from models.settings import default_artifacts_dir
from services.classify.calibration import StackWeights
from services.classify.dense import DenseMemory
from services.classify.encoder import Encoder
from services.classify.index import LabelTree, TermIndex, write_index
from services.classify.ipc import Level, Symbol
from services.classify.model import ENCODERS, FORMAT, FORMAT_VERSION, SCALES_FILE, STACK_FILE, Stack, TermModel
from services.classify.terms import count_terms
from services.classify.vocabulary import Vocabulary

NAME: Final = "ipc-classifier"
VERSION: Final = "2.1.0"
SEED: Final = 20261122
CARD: Final = Path(__file__).parents[1] / "cards" / f"{NAME}.md"

_TITLE_TERMS: Final = 150
_TITLE_WEIGHT: Final = 0.7
_LINEAR_TITLE_WEIGHT: Final = 0.2
_LONGEST_TITLE: Final = 160
# Documents of each subclass that are translated: to learn from, and to fit weights on.
_TRANSLATED: Final = 24
_TRANSLATED_APART: Final = 4
# The titles of all groups are there in English only.
_TITLED: Final = ("en",)

Report = Callable[[str], None]


@dataclass(frozen=True)
class Helpers:
    """What others made and training uses: text encoders, and the folder of translators with that of their work."""

    embedders: Sequence[Embedder] = ()
    translators: Path | None = None
    kept: Path = Path()

    @classmethod
    def of(cls, encoders: Iterable[Path], translators: Path, kept: Path, report: Report) -> Self:
        """Open encoders; their work and that of the translators is kept in the folder `kept`, for a next run."""
        kept.mkdir(parents=True, exist_ok=True)
        return cls([Embedder(Encoder.open(folder), kept, report) for folder in encoders], translators, kept)

    def translated(self, patents: Sequence[LabelledPatent], most: int, report: Report) -> list[LabelledPatent]:
        """Return translations of about `most` of the patents of each subclass; none where there is no translator."""
        if self.translators is None:
            return []
        return translated(spread(patents, most), self.translators, self.kept, report)


NO_HELPERS: Final = Helpers()


def train(
    data: Path, target: Path, report: Report, helpers: Helpers = NO_HELPERS, feedback: Path | None = None
) -> None:
    """Write the whole artifact into the empty folder `target`; the same data and helpers give the same model.

    `feedback` is what an office's examiners decided, as the service exports it.
    """
    decided = read_feedback(feedback) if feedback else ()
    patents = [patent for patent in (*read_patents(data), *decided) if patent.symbols]
    scheme = read_scheme(data)
    tree = write_label_tree(scheme, target)
    report(f"{len(patents)} documents, {len(tree.groups)} symbols")
    taught = [patent for patent in patents if patent.part is Part.TRAIN and is_labelled(patent, tree)]
    published = [patent for patent in taught if patent.source != UNPUBLISHED]
    translations = helpers.translated(published, _TRANSLATED, report)
    material = Material(taught, translations, list(pseudo_patents(data, scheme)), scheme, tree)
    scales = _write_memory(target, material, report)
    (target / SCALES_FILE).write_text(json.dumps(scales, indent=1), "utf-8")
    for embed in helpers.embedders:
        _memory_of(embed, material).write(target, embed.encoder.name)
    opened = {embed.encoder.name: embed.encoder for embed in helpers.embedders}
    model = TermModel.read(target, opened)
    kept_apart = [patent for patent in patents if patent.part is Part.DEV]
    kept_apart += helpers.translated(kept_apart, _TRANSLATED_APART, report)
    stack = fit_stack(model, examples_of(model, kept_apart, partial(model.dense_signals, opened)), report)
    (target / STACK_FILE).write_text(json.dumps(_raw_stack(stack), indent=1), "utf-8")
    versions = {encoder.name: encoder.version for encoder in opened.values()}
    seal(target, documents=len(taught), encoders=versions)


def _memory_of(embed: Embedder, material: Material) -> DenseMemory:
    vectors = embed_all(embed, material)
    memory = fit_memory(vectors, seed=SEED, report=embed.report)
    if embed.encoder.properties.languages != _TITLED:
        return memory
    documents = vectors.embeddings[: len(vectors.rows)]
    pairs = pairs_of(material.patents, vectors.rows, material.tree)
    group_titles = embed(title_texts(material.scheme, material.tree))
    matcher = fit_matcher(documents, group_titles, pairs, material.tree, seed=SEED, report=embed.report)
    return replace(memory, matcher=matcher)


def _raw_stack(stack: Stack) -> Mapping[str, Any]:
    modes = {"terms": stack.terms, "dense": stack.dense}
    return {
        mode: {str(kind): _raw_weights(weights) for kind, weights in kinds.items()} for mode, kinds in modes.items()
    }


def write_label_tree(scheme: Sequence[SchemeEntry], target: Path) -> LabelTree:
    """Write `symbols.tsv`, every main group before its subgroups, and return the tree of it."""
    dots: dict[Symbol, int] = {}
    for entry in sorted((entry for entry in scheme if entry.symbol.main_group), key=_main_group):
        dots.setdefault(_main_group(entry), 0)
        dots.setdefault(entry.symbol, entry.dots)
    lines = (f"{symbol}\t{indentation}" for symbol, indentation in dots.items())
    (target / "symbols.tsv").write_text("\n".join(lines), "utf-8")
    return LabelTree.of([str(symbol) for symbol in dots], list(dots.values()))


def seal(target: Path, *, documents: int, encoders: Mapping[str, str]) -> None:
    """Add the card and the manifest to a complete folder."""
    (target / CARD_NAME).write_bytes(CARD.read_bytes())
    names = sorted(file.name for file in target.iterdir())
    properties = {
        "documents": documents,
        "encoders": dict(encoders),
        "levels": [str(level) for level in Level],
        "trainingEdition": "2023.01",
    }
    origin = "trained by models.classify.train on public patent documents and classification titles; see card.md"
    files = hash_files(target, names)
    write_manifest(target, Manifest(NAME, VERSION, FORMAT, FORMAT_VERSION, "Apache-2.0", origin, files, properties))


def _main_group(entry: SchemeEntry) -> Symbol:
    return entry.symbol.at(Level.MAIN_GROUP)


def _write_memory(target: Path, material: Material, report: Report) -> Mapping[str, float]:
    texts, titles, tree = material.texts, material.titles, material.tree
    counted = [count_terms(patent.text.readable) for patent in texts]
    counted_titles = [count_terms(title.text) for title in titles]
    report("terms counted")
    vocabulary = fit_vocabulary(counted, counted_titles)
    _write_vocabulary(target, vocabulary)
    _write_catalogue(target, material)
    documents, title_rows = rows_of(vocabulary, counted), rows_of(vocabulary, counted_titles)
    groups = [tree.rows[Level.MAIN_GROUP][str(title.main_group)] for title in titles]
    title_subclasses = _one_hot(tree.subclass_of[groups], len(tree.subclasses))
    linear = train_linear(
        sparse.vstack((documents, title_rows)).tocsr(),
        sparse.vstack(
            (labels_of([patent.symbols for patent in texts], tree, Level.SUBCLASS), title_subclasses)
        ).tocsr(),
        np.concatenate((np.ones(len(texts)), np.full(len(titles), _LINEAR_TITLE_WEIGHT))).astype(np.float32),
        seed=SEED,
        report=report,
    )
    np.save(target / "linear-bias.npy", linear.bias)
    return {
        # Two indexes, for the columns of each are then numbers of two bytes.
        "documents": write_index(target, "documents", TermIndex.of(documents[: len(material.patents)].T)),
        "translations": write_index(target, "translations", TermIndex.of(documents[len(material.patents) :].T)),
        "titles": _write_titles(target, _one_hot(groups, len(tree.main_groups)).T @ title_rows),
        "linear": write_index(target, "linear", TermIndex.of(linear.weights)),
        "group-titles": _write_group_titles(target, vocabulary, material.scheme, tree),
    }


def _write_vocabulary(target: Path, vocabulary: Vocabulary) -> None:
    _write_compressed(target / "terms.txt.gz", "\n".join(vocabulary.terms))
    np.save(target / "rarities.npy", vocabulary.rarities.astype(np.float16))


def _write_catalogue(target: Path, material: Material) -> None:
    rows = {patent.document_id: row for row, patent in enumerate(material.patents)}
    documents = [rows[patent.document_id] for patent in material.translations]
    np.save(target / "translations.npy", np.array(documents, np.int32))
    _write_compressed(target / "documents.tsv.gz", "\n".join(_catalogue_line(patent) for patent in material.patents))


def _write_compressed(file: Path, text: str) -> None:
    # No time stamp: the same text gives the same bytes.
    file.write_bytes(gzip.compress(text.encode(), mtime=0))


def _catalogue_line(patent: LabelledPatent) -> str:
    if patent.source == UNPUBLISHED:
        return f"{UNPUBLISHED}\t{';'.join(map(str, patent.symbols))}\t"
    title = " ".join(patent.text.title.split())[:_LONGEST_TITLE]
    return f"{patent.document_id}\t{';'.join(map(str, patent.symbols))}\t{title}"


def _write_titles(target: Path, sums: Any) -> float:
    """Write one column of title words a main group, and how much it counts beside the group's documents."""
    kept = strongest(sums, _TITLE_TERMS)
    lengths = lengths_of(kept)
    np.save(target / "title-weights.npy", lengths * np.float32(_TITLE_WEIGHT))
    return write_index(target, "titles", TermIndex.of(_unit(kept, lengths).T))


def _write_group_titles(target: Path, vocabulary: Vocabulary, scheme: Sequence[SchemeEntry], tree: LabelTree) -> float:
    titles = {str(entry.symbol): entry.titles["en"] for entry in scheme}
    own = rows_of(vocabulary, [count_terms(titles.get(symbol, "")) for symbol in tree.groups])
    paths = own.copy()
    for dots in range(1, int(tree.dots.max()) + 1):
        rows = np.flatnonzero(tree.dots == dots)
        pick = sparse.csr_matrix((np.ones(len(rows)), (rows, tree.parents[rows])), shape=(len(tree.groups),) * 2)
        paths = paths + pick @ paths
    np.save(target / "path-lengths.npy", np.maximum(lengths_of(paths), 1e-3).astype(np.float32))
    return write_index(target, "group-titles", TermIndex.of(own.T))


def _unit(rows: Any, lengths: Any) -> Any:
    return (sparse.diags_array(1 / np.maximum(lengths, 1e-9)) @ rows).tocsr()


def _one_hot(rows: Any, width: int) -> Any:
    return sparse.csr_matrix((np.ones(len(rows), np.float32), (np.arange(len(rows)), rows)), shape=(len(rows), width))


def _raw_weights(weights: StackWeights) -> Mapping[str, Any]:
    return {
        "subclass": weights.subclass.tolist(),
        "mainGroup": weights.main_group.tolist(),
        "subgroup": weights.subgroup.tolist(),
        "calibrations": {level: list(asdict(numbers).values()) for level, numbers in weights.calibrations.items()},
    }


def main(
    data: Annotated[Path, typer.Option(help="folder with the labelled patents and the scheme's titles")],
    out: Annotated[Path, typer.Option(help="folder for the artifact; must not exist")],
    artifacts: Annotated[Path | None, typer.Option(help="folder of the installed artifacts")] = None,
    kept: Annotated[Path, typer.Option(help="folder for embeddings and translations, for a next run")] = Path("kept"),
    feedback: Annotated[Path | None, typer.Option(help="decisions of examiners, as the service exports them")] = None,
) -> None:
    """Train the classifier with the installed encoders and translators, and write its artifact."""
    console = Console()
    installed = artifacts or default_artifacts_dir()
    out.mkdir(parents=True)
    encoders = [installed / name for name in dict.fromkeys(ENCODERS.values())]
    train(data, out, console.log, Helpers.of(encoders, installed, kept, console.log), feedback)
    size = sum(file.stat().st_size for file in out.iterdir())
    console.print(f"{out}: {size / 1e6:.1f} MB")


if __name__ == "__main__":
    typer.run(main)

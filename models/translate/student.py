"""Makes translator artifacts (format "marian-student") of the Firefox Translations students that a package carries."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx

from examkit.artifact import sha256_of
from examkit.errors import ArtifactError
from models.translate.graphs import encoder_graph, greedy_graph, step_graph
from models.translate.marian import Int8Matrix, MarianModel, Shortlist, read_model, read_shortlist
from models.translate.nodes import ZERO_POINT

Report = Callable[[int, int], None]


def build_en_pt(files: Path, target: Path, report: Report) -> Mapping[str, Any]:
    """Write the English to Portuguese artifact; see `build`."""
    return build(_files(files, "**/enpt-*"), target, report, languages=("en", "pt"))


def build_pt_en(files: Path, target: Path, report: Report) -> Mapping[str, Any]:
    """Write the Portuguese to English artifact; see `build`."""
    return build(_files(files, "**/pten-*"), target, report, languages=("pt", "en"))


def build_brought(name: str, sources: Sequence[Path], target: Path, report: Report) -> Mapping[str, Any]:
    """Write an artifact `translator-SOURCE-TARGET` of the files of a Firefox Translations pack; see `build`.

    The edition is the beginning of the model file's SHA-256.
    """
    _, source_language, target_language = name.split("-")
    properties = build(sources, target, report, languages=(source_language, target_language))
    return {**properties, "edition": sha256_of(_only(sources, "model.*.bin"))[:12]}


def build(sources: Sequence[Path], target: Path, report: Report, *, languages: tuple[str, str]) -> Mapping[str, Any]:
    """Convert a student's files (Marian binary, vocabularies, lexical shortlist) into the empty folder `target`.

    Return the manifest's properties; raise ArtifactError when a file is missing or of another kind.
    `report(done, total)` is called after each of the files written.
    """
    model = read_model(_only(sources, "model.*.bin"))
    shortlist = read_shortlist(_only(sources, "lex.*.bin"))
    writers: list[Callable[[], object]] = [
        lambda: onnx.save(encoder_graph(model), target / "encoder.onnx"),
        lambda: onnx.save(greedy_graph(model), target / "greedy.onnx"),
        lambda: onnx.save(step_graph(model), target / "step.onnx"),
        lambda: _save_arrays(model, shortlist, target),
        lambda: _copy_vocabularies(sources, target),
    ]
    for done, write in enumerate(writers, 1):
        try:
            write()
        except KeyError as missing:
            raise ArtifactError(f"The student lacks the part {missing.args[0]}: it is of another kind.") from None
        report(done, len(writers))
    return _properties(model, shortlist, languages)


def _save_arrays(model: MarianModel, shortlist: Shortlist, target: Path) -> None:
    """Write the tables; the target's embedding and the output layer only where each has its own."""
    _save_bytes(model.source_embedding, target / "embedding.npy")
    if model.has_two_embeddings:
        _save_bytes(model.target_embedding, target / "target_embedding.npy")
    if model.has_own_output:
        _save_bytes(model.output, target / "output.npy")
    np.save(target / "output_bias.npy", model.arrays["decoder_ff_logit_out_b"].reshape(-1))
    np.save(target / "shortlist_offsets.npy", shortlist.offsets)
    np.save(target / "shortlist_entries.npy", shortlist.entries)


def _save_bytes(matrix: Int8Matrix, file: Path) -> None:
    np.save(file, (matrix.values.astype(np.int16) + ZERO_POINT).astype(np.uint8))


def _copy_vocabularies(sources: Sequence[Path], target: Path) -> None:
    """Copy the vocabulary that both languages share, or the one of each."""
    if any(file.match("vocab.*.spm") for file in sources):
        _copy(_only(sources, "vocab.*.spm"), target / "vocab.spm")
    else:
        _copy(_only(sources, "srcvocab.*.spm"), target / "vocab.spm")
        _copy(_only(sources, "trgvocab.*.spm"), target / "target_vocab.spm")


def _copy(file: Path, target: Path) -> None:
    target.write_bytes(file.read_bytes())


def _properties(model: MarianModel, shortlist: Shortlist, languages: tuple[str, str]) -> Mapping[str, Any]:
    source, target = languages
    return {
        "source_language": source,
        "target_language": target,
        "dimension": model.sizes.dimension,
        "heads": model.sizes.heads,
        "encoder_layers": model.sizes.encoder_layers,
        "decoder_layers": model.sizes.decoder_layers,
        "vocabulary": len(model.target_embedding.values),
        "always_allowed_pieces": shortlist.first,
    }


def _files(package: Path, folder: str) -> list[Path]:
    """Give the files of the one folder of a package that has such a name."""
    return sorted(_one([*package.glob(folder)], folder).iterdir())


def _only(sources: Sequence[Path], pattern: str) -> Path:
    return _one([file for file in sources if file.match(pattern)], pattern)


def _one(found: Sequence[Path], pattern: str) -> Path:
    if len(found) != 1:
        raise ArtifactError(f"There should be exactly one {pattern}, but there are {len(found)}.")
    return found[0]

"""Makes an OPUS-MT folder of a few kilobytes as its makers give it away: Marian weights, vocabularies, decoder.yml."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import sentencepiece

from tests.tiny_student import train_vocabulary

_WIDTH: Final = 16
_WIDE: Final = 32
_CONFIGURATION: Final = """type: transformer
transformer-decoder-autoreg: self-attention
transformer-ffn-activation: relu
transformer-preprocess: ""
transformer-postprocess: dan
transformer-postprocess-emb: d
transformer-no-projection: false
transformer-guided-alignment-layer: last
transformer-heads: 2
enc-depth: 1
dec-depth: 1
"""
_DECODER: Final = """models:
  - model.npz
vocabs:
  - vocab.yml
  - vocab.yml
"""


def write_folder(folder: Path, *, seed: int = 3) -> Path:
    """Write the folder, which is made; the weights are random."""
    folder.mkdir(parents=True)
    train_vocabulary(folder / "source")
    (folder / "target.spm").write_bytes((folder / "source.spm").read_bytes())
    processor: Any = sentencepiece.SentencePieceProcessor(model_file=str(folder / "source.spm"))
    pieces = [processor.id_to_piece(number) for number in range(len(processor))]
    quoted = (piece.replace("'", "''") for piece in pieces)
    (folder / "vocab.yml").write_text("".join(f"'{piece}': {n}\n" for n, piece in enumerate(quoted)), "utf-8")
    (folder / "decoder.yml").write_text(_DECODER)
    np.savez(folder / "model.npz", allow_pickle=False, **_weights(len(pieces), np.random.default_rng(seed)))
    return folder


def _weights(pieces: int, random: np.random.Generator) -> dict[str, Any]:
    shapes = {"Wemb": (pieces, _WIDTH), "decoder_ff_logit_out_b": (1, pieces)}
    for layer, parts in (("encoder_l1", ["self"]), ("decoder_l1", ["self", "context"])):
        for part in parts:
            shapes |= dict(_attention(f"{layer}_{part}"))
        shapes |= dict(_feed_forward(f"{layer}_ffn"))
    weights = {name: random.normal(0, 0.5, shape).astype(np.float32) for name, shape in shapes.items()}
    configuration = np.frombuffer(_CONFIGURATION.encode() + b"\0", np.int8)
    return {**weights, "special:model.yml": configuration}


def _attention(name: str) -> Iterator[tuple[str, tuple[int, int]]]:
    for letter in "qkvo":
        yield f"{name}_W{letter}", (_WIDTH, _WIDTH)
        yield f"{name}_b{letter}", (1, _WIDTH)
    yield from _norm(f"{name}_Wo")


def _feed_forward(name: str) -> Iterator[tuple[str, tuple[int, int]]]:
    yield from ((f"{name}_W1", (_WIDTH, _WIDE)), (f"{name}_b1", (1, _WIDE)))
    yield from ((f"{name}_W2", (_WIDE, _WIDTH)), (f"{name}_b2", (1, _WIDTH)))
    yield from _norm(f"{name}_ffn")


def _norm(name: str) -> Iterator[tuple[str, tuple[int, int]]]:
    yield from ((f"{name}_ln_scale", (1, _WIDTH)), (f"{name}_ln_bias", (1, _WIDTH)))

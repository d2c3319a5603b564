"""Makes translators of a few kilobytes, built for real: Marian binaries of random weights, vocabularies, shortlists."""

import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import sentencepiece

from examkit.artifact import Manifest, hash_files, write_manifest
from models.translate.student import build

VOCABULARY = 60


@dataclass(frozen=True)
class Shape:
    """The sizes of a student; `target_vocabulary` where the target has a vocabulary and an embedding of its own."""

    dimension: int = 8
    heads: int = 2
    wide: int = 16
    encoder_layers: int = 1
    decoder_layers: int = 2
    target_vocabulary: int = 0
    is_output_tied: bool = True

    @property
    def configuration(self) -> str:
        """Give the configuration that Marian writes into the binary."""
        return f"""dec-cell: ssru
dec-depth: {self.decoder_layers}
dim-emb: {self.dimension}
dim-vocabs:
  - {VOCABULARY}
  - {self.target_pieces}
enc-depth: {self.encoder_layers}
tied-embeddings: {str(self.is_output_tied).lower()}
tied-embeddings-all: {str(not self.target_vocabulary).lower()}
transformer-decoder-autoreg: rnn
transformer-ffn-activation: relu
transformer-heads: {self.heads}
transformer-postprocess: dan
transformer-preprocess: ""
type: transformer
"""

    @property
    def target_pieces(self) -> int:
        """Give the size of the target's vocabulary."""
        return self.target_vocabulary or VOCABULARY


TINY = Shape()
# As Mozilla's base-memory students and those of Chinese, Japanese and Korean are, but smaller.
BASE_MEMORY = Shape(dimension=24, heads=4, wide=40, encoder_layers=2, decoder_layers=4)
TWO_VOCABULARIES = Shape(target_vocabulary=45)
OWN_OUTPUT = Shape(dimension=12, heads=3, target_vocabulary=45, is_output_tied=False)
SHAPES = (TINY, BASE_MEMORY, TWO_VOCABULARIES, OWN_OUTPUT)
CONFIGURATION = TINY.configuration
SENTENCES = ["a device with a spring (12) and a valve", "the valve has a spring", "um dispositivo com uma mola (12)"]


def write_package(folder: Path, *, shape: Shape = TINY, seed: int = 7) -> Path:
    """Write the files of a student; `folder` is made."""
    folder.mkdir(parents=True)
    (folder / "model.test.bin").write_bytes(marian_binary(parameters(seed, shape), shape.configuration))
    (folder / "lex.test.bin").write_bytes(shortlist(target_pieces=shape.target_pieces))
    if shape.target_vocabulary:
        train_vocabulary(folder / "srcvocab.test")
        train_vocabulary(folder / "trgvocab.test", shape.target_vocabulary)
    else:
        train_vocabulary(folder / "vocab.test")
    return folder


def write_artifact(folder: Path, package: Path, languages: tuple[str, str]) -> Path:
    """Build and seal an artifact."""
    folder.mkdir(parents=True)
    properties = build(sorted(package.iterdir()), folder, lambda done, total: None, languages=languages)
    files = hash_files(folder, [file.name for file in folder.iterdir()])
    name = "translator-" + "-".join(languages)
    write_manifest(folder, Manifest(name, "0.0.1", "marian-student", 2, "CC0-1.0", "random", files, properties))
    return folder


def parameters(seed: int, shape: Shape = TINY) -> dict[str, np.ndarray]:
    """Give random weights by Marian's names; two dimensions and more than one row mean an 8-bit matrix."""
    random = np.random.default_rng(seed)
    size = shape.dimension
    shapes: dict[str, tuple[int, int]] = _embeddings(shape) | {"decoder_ff_logit_out_b": (1, shape.target_pieces)}
    decoder = [f"decoder_l{layer}" for layer in range(1, shape.decoder_layers + 1)]
    for layer in [*(f"encoder_l{layer}" for layer in range(1, shape.encoder_layers + 1)), *decoder]:
        shapes |= _attention(f"{layer}_{'self' if layer[0] == 'e' else 'context'}", size)
        shapes |= _feed_forward(layer, size, shape.wide)
    for layer in decoder:
        shapes |= {f"{layer}_rnn_W": (size, size), f"{layer}_rnn_Wf": (size, size)}
        shapes |= {f"{layer}_rnn_bf": (1, size)} | _norm(f"{layer}_rnn_ffn", size)
    values = {name: random.normal(0, _spread(name, shape), shape).astype(np.float32) for name, shape in shapes.items()}
    values |= {name: value + 1 for name, value in values.items() if name.endswith("ln_scale")}
    multipliers = {
        f"{name}_QuantMultA": np.full((1, 1), 20, np.float32) for name, shape in shapes.items() if shape[0] > 1
    }
    return values | multipliers | {"none_QuantMultA": np.full((1, 1), 20, np.float32)}


def _spread(name: str, shape: tuple[int, int]) -> float:
    """Give a spread with which the outputs of a matrix are about as large as its inputs."""
    return 0.5 if shape[0] == 1 or name.endswith("Wemb") else float(1.4 / shape[0] ** 0.5)


def _embeddings(shape: Shape) -> dict[str, tuple[int, int]]:
    if not shape.target_vocabulary:
        return {"Wemb": (VOCABULARY, shape.dimension)}
    shapes = {
        "encoder_Wemb": (VOCABULARY, shape.dimension),
        "decoder_Wemb": (shape.target_vocabulary, shape.dimension),
    }
    own = {"decoder_ff_logit_out_W": (shape.dimension, shape.target_vocabulary)}
    return shapes if shape.is_output_tied else shapes | own


def marian_binary(values: dict[str, np.ndarray], configuration: str, version: int = 1) -> bytes:
    """Write Marian's binary format."""
    items = [(name, *_encoded(name, value)) for name, value in values.items()]
    text = configuration.encode() + b"\0"
    items.append(("special:model.yml", 0x101, (len(text),), text))
    head = struct.pack("<QQ", version, len(items))
    head += b"".join(struct.pack("<4Q", len(n) + 1, t, len(s), len(d)) for n, t, s, d in items)
    head += b"".join(name.encode() + b"\0" for name, *_ in items)
    head += b"".join(struct.pack(f"<{len(shape)}i", *shape) for _, _, shape, _ in items)
    return head + struct.pack("<Q", 3) + b"\0\0\0" + b"".join(data for *_, data in items)


def shortlist(first: int = 10, target_pieces: int = VOCABULARY) -> bytes:
    """Write a shortlist in which source piece i allows the target pieces i and i + 1."""
    entries = [min(i + more, target_pieces - 1) for i in range(VOCABULARY) for more in (0, 1)]
    offsets = [2 * i for i in range(VOCABULARY + 1)]
    counts = struct.pack("<6Q", 1, 2, first, 2, len(offsets), len(entries))
    return counts + struct.pack(f"<{len(offsets)}Q", *offsets) + struct.pack(f"<{len(entries)}I", *entries)


def train_vocabulary(prefix: Path, size: int = VOCABULARY) -> None:
    """Train a vocabulary whose end is piece 0, as Mozilla's are."""
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(SENTENCES * 20),
        model_prefix=str(prefix),
        vocab_size=size,
        hard_vocab_limit=False,
        eos_id=0,
        unk_id=1,
        bos_id=-1,
        minloglevel=2,
    )
    prefix.with_name(prefix.name + ".model").rename(prefix.with_name(prefix.name + ".spm"))


def _attention(name: str, size: int) -> dict[str, tuple[int, int]]:
    matrices = {f"{name}_W{letter}": (size, size) for letter in "qkvo"}
    return matrices | {f"{name}_b{letter}": (1, size) for letter in "qkvo"} | _norm(f"{name}_Wo", size)


def _feed_forward(layer: str, size: int, wide: int) -> dict[str, tuple[int, int]]:
    name = f"{layer}_ffn"
    first = {f"{name}_W1": (size, wide), f"{name}_b1": (1, wide)}
    return first | {f"{name}_W2": (wide, size), f"{name}_b2": (1, size)} | _norm(f"{name}_ffn", size)


def _norm(name: str, size: int) -> dict[str, tuple[int, int]]:
    return {f"{name}_ln_scale": (1, size), f"{name}_ln_bias": (1, size)}


def _encoded(name: str, value: np.ndarray) -> tuple[int, tuple[int, ...], bytes]:
    if value.shape[0] == 1:
        return 0x404, value.shape, value.astype("<f4").tobytes()
    multiplier = np.float32(127 / np.abs(value).max())
    rounded = np.rint(value * multiplier).astype(np.int8)
    stored = rounded if name.endswith("Wemb") else rounded.T
    return 0x4101, value.shape, np.ascontiguousarray(stored).tobytes() + multiplier.tobytes()

"""Makes a translator of a few kilobytes, built for real: a Marian binary of random weights, vocabulary, shortlist."""

import struct
from pathlib import Path

import numpy as np
import sentencepiece

from examkit.artifact import Manifest, hash_files, write_manifest
from models.translate.student import build

DIMENSION, HEADS, WIDE, VOCABULARY = 8, 2, 16, 60
CONFIGURATION = f"""dec-cell: ssru
dec-depth: 2
dim-emb: {DIMENSION}
dim-vocabs:
  - {VOCABULARY}
  - {VOCABULARY}
enc-depth: 1
tied-embeddings-all: true
transformer-decoder-autoreg: rnn
transformer-ffn-activation: relu
transformer-heads: {HEADS}
transformer-postprocess: dan
transformer-preprocess: ""
type: transformer
"""
SENTENCES = ["a device with a spring (12) and a valve", "the valve has a spring", "um dispositivo com uma mola (12)"]


def write_package(folder: Path, *, configuration: str = CONFIGURATION, seed: int = 7) -> Path:
    """Write the three files of a student; `folder` is made."""
    folder.mkdir(parents=True)
    (folder / "model.test.bin").write_bytes(marian_binary(parameters(seed), configuration))
    (folder / "lex.test.bin").write_bytes(shortlist())
    train_vocabulary(folder / "vocab.test")
    return folder


def write_artifact(folder: Path, package: Path, languages: tuple[str, str]) -> Path:
    """Build and seal an artifact."""
    folder.mkdir(parents=True)
    properties = build(package, folder, lambda done, total: None, languages=languages)
    files = hash_files(folder, [file.name for file in folder.iterdir()])
    name = "translator-" + "-".join(languages)
    write_manifest(folder, Manifest(name, "0.0.1", "marian-student", 1, "CC0-1.0", "random", files, properties))
    return folder


def parameters(seed: int) -> dict[str, np.ndarray]:
    """Give random weights by Marian's names; two dimensions and more than one row mean an 8-bit matrix."""
    random = np.random.default_rng(seed)
    shapes: dict[str, tuple[int, int]] = {"Wemb": (VOCABULARY, DIMENSION), "decoder_ff_logit_out_b": (1, VOCABULARY)}
    for layer in ("encoder_l1", "decoder_l1", "decoder_l2"):
        shapes |= _attention(f"{layer}_{'self' if layer[0] == 'e' else 'context'}") | _feed_forward(layer)
    for layer in ("decoder_l1", "decoder_l2"):
        shapes |= {f"{layer}_rnn_W": (DIMENSION, DIMENSION), f"{layer}_rnn_Wf": (DIMENSION, DIMENSION)}
        shapes |= {f"{layer}_rnn_bf": (1, DIMENSION)} | _norm(f"{layer}_rnn_ffn")
    values = {name: random.normal(0, 0.5, shape).astype(np.float32) for name, shape in shapes.items()}
    values |= {name: value + 1 for name, value in values.items() if name.endswith("ln_scale")}
    multipliers = {
        f"{name}_QuantMultA": np.full((1, 1), 20, np.float32) for name, shape in shapes.items() if shape[0] > 1
    }
    return values | multipliers | {"none_QuantMultA": np.full((1, 1), 20, np.float32)}


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


def shortlist(first: int = 10) -> bytes:
    """Write a shortlist in which source piece i allows the target pieces i and i + 1."""
    entries = [min(i + more, VOCABULARY - 1) for i in range(VOCABULARY) for more in (0, 1)]
    offsets = [2 * i for i in range(VOCABULARY + 1)]
    counts = struct.pack("<6Q", 1, 2, first, 2, len(offsets), len(entries))
    return counts + struct.pack(f"<{len(offsets)}Q", *offsets) + struct.pack(f"<{len(entries)}I", *entries)


def train_vocabulary(prefix: Path) -> None:
    """Train a vocabulary whose end is piece 0, as Mozilla's are."""
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(SENTENCES * 20),
        model_prefix=str(prefix),
        vocab_size=VOCABULARY,
        hard_vocab_limit=False,
        eos_id=0,
        unk_id=1,
        bos_id=-1,
        minloglevel=2,
    )
    prefix.with_name(prefix.name + ".model").rename(prefix.with_name(prefix.name + ".spm"))


def _attention(name: str) -> dict[str, tuple[int, int]]:
    matrices = {f"{name}_W{letter}": (DIMENSION, DIMENSION) for letter in "qkvo"}
    return matrices | {f"{name}_b{letter}": (1, DIMENSION) for letter in "qkvo"} | _norm(f"{name}_Wo")


def _feed_forward(layer: str) -> dict[str, tuple[int, int]]:
    name = f"{layer}_ffn"
    wide = {f"{name}_W1": (DIMENSION, WIDE), f"{name}_b1": (1, WIDE)}
    return wide | {f"{name}_W2": (WIDE, DIMENSION), f"{name}_b2": (1, DIMENSION)} | _norm(f"{name}_ffn")


def _norm(name: str) -> dict[str, tuple[int, int]]:
    return {f"{name}_ln_scale": (1, DIMENSION), f"{name}_ln_bias": (1, DIMENSION)}


def _encoded(name: str, value: np.ndarray) -> tuple[int, tuple[int, ...], bytes]:
    if value.shape[0] == 1:
        return 0x404, value.shape, value.astype("<f4").tobytes()
    multiplier = np.float32(127 / np.abs(value).max())
    rounded = np.rint(value * multiplier).astype(np.int8)
    stored = rounded if name == "Wemb" else rounded.T
    return 0x4101, value.shape, np.ascontiguousarray(stored).tobytes() + multiplier.tobytes()

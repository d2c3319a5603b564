"""Makes a text encoder of a few kilobytes, built for real: random token vectors, their mean, a vocabulary of words."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import sentencepiece
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from examkit.artifact import Manifest, hash_files, write_manifest

DIMENSIONS, MAX_TOKENS = 8, 6
WORDS = ("[UNK]", "query", ":", "a", "valve", "spring", "seal", "pump", "motor", "dye")
PROPERTIES = {"dimensions": DIMENSIONS, "maxTokens": MAX_TOKENS, "prefix": "query: ", "languages": ["en"]}


def write_encoder(
    folder: Path, properties: dict[str, Any] = PROPERTIES, name: str = "text-encoder", words: Sequence[str] = WORDS
) -> Path:
    """Write and seal an artifact; `folder` is made."""
    folder.mkdir(parents=True)
    tokenizer = Tokenizer(WordLevel({word: row for row, word in enumerate(words)}, unk_token=words[0]))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))
    onnx.save(graph(token_vectors(len(words))), folder / "encoder.onnx")
    files = hash_files(folder, ["tokenizer.json", "encoder.onnx"])
    write_manifest(folder, Manifest(name, "0.0.1", "text-encoder", 1, "CC0-1.0", "random", files, properties))
    return folder


def write_sentence_pieces(folder: Path) -> Path:
    """Write and seal an artifact with a SentencePiece vocabulary, its special pieces numbered as XLM-RoBERTa's."""
    folder.mkdir(parents=True)
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(["query: a valve spring seal pump motor dye"] * 20),
        model_prefix=str(folder / "vocabulary"),
        vocab_size=40,
        hard_vocab_limit=False,
        bos_id=0,
        pad_id=1,
        eos_id=2,
        unk_id=3,
        minloglevel=2,
    )
    (folder / "vocabulary.model").rename(folder / "vocabulary.spm")
    onnx.save(graph(np.eye(40, dtype=np.float32)), folder / "encoder.onnx")
    files = hash_files(folder, ["vocabulary.spm", "encoder.onnx"])
    properties = {**PROPERTIES, "dimensions": 40}
    write_manifest(folder, Manifest("text-encoder", "0.0.1", "text-encoder", 1, "CC0-1.0", "random", files, properties))
    return folder


def token_vectors(words: int = len(WORDS)) -> np.ndarray:
    """Give the vector of each word, (words, dimensions)."""
    return np.random.default_rng(5).normal(size=(words, DIMENSIONS)).astype(np.float32)


def graph(vectors: np.ndarray) -> onnx.ModelProto:
    """Look tokens up, take their mean, bring it to length 1."""
    nodes = [
        helper.make_node("Gather", ["vectors", "input_ids"], ["states"]),
        helper.make_node("ReduceMean", ["states"], ["mean"], axes=[1], keepdims=0),
        helper.make_node("LpNormalization", ["mean"], ["sentence_embedding"], axis=-1, p=2),
    ]
    inputs = [helper.make_tensor_value_info("input_ids", TensorProto.INT64, [1, "tokens"])]
    outputs = [helper.make_tensor_value_info("sentence_embedding", TensorProto.FLOAT, [1, vectors.shape[1]])]
    made = helper.make_graph(nodes, "encoder", inputs, outputs, [numpy_helper.from_array(vectors, "vectors")])
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)

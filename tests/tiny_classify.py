"""A complete classifier and scheme in miniature: 300 made-up patents in three fields, trained by the real code."""

import gzip
import json
import random
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from examkit.artifact import CARD_NAME, Manifest, hash_files, write_manifest
from models.classify.embeddings import Embedder
from models.classify.train import Helpers, train
from services.classify.encoder import Encoder
from services.classify.ipc import Symbol
from services.classify.scheme import FORMAT, FORMAT_VERSION, SYMBOLS_FILE, packed, titles_file
from tests.tiny_encoder import write_encoder

# Words of each main group: enough that a text of them has more than a title's terms.
FIELDS: Final = {
    "A46B 9/00": "toothbrush bristle handle brush tuft head tooth gum hygiene nylon filament grip neck dentist",
    "A46B 17/00": "bristle cover cap brush hanger holder sleeve protective travel case hinge lid storage hygiene",
    "H01L 21/00": "wafer semiconductor etching deposition lithography silicon photoresist plasma layer ion",
    "H01L 23/00": "package semiconductor lead frame bonding wire encapsulation solder sink substrate resin pin die",
    "A01B 1/00": "spade shovel soil digging blade garden handle fork turf hoe weed root tine lawn earth",
}
_SUBGROUPS: Final = {"A46B 9/04": "A46B 9/00", "H01L 21/768": "H01L 21/00", "A01B 1/02": "A01B 1/00"}
_UPPER: Final = {
    "A": "HUMAN NECESSITIES",
    "A01": "AGRICULTURE",
    "A01B": "SOIL WORKING",
    "A46": "BRUSHWARE",
    "A46B": "BRUSHES",
    "B": "PERFORMING OPERATIONS",
    "B01": "PHYSICAL PROCESSES",
    "H": "ELECTRICITY",
    "H01": "ELECTRIC ELEMENTS",
    "H01L": "SEMICONDUCTOR DEVICES",
}
_DOCUMENTS_A_GROUP: Final = 60
_ENCODER: Final = "text-encoder-english"
_ENCODED: Final = {"dimensions": 8, "maxTokens": 64, "prefix": "", "languages": ["en"]}


def write_data(folder: Path) -> None:
    """Write the training files, in the format of the real ones, into an empty folder."""
    rows = [row for group in FIELDS for row in _patents(group)]
    _write_lines(folder / "docs_text.jsonl.gz", map(json.dumps, rows))
    for name in ("docs_text2", "docs_titles_only", "docs_titles2"):
        _write_lines(folder / f"{name}.jsonl.gz", ())
    header = "symbol\tlevel\tdots\tparent\ttitle_en\ttitle_fr\ttitle_es\tedition\ttitle_en_source"
    _write_lines(folder / "ipc_scheme.tsv.gz", (header, *_scheme_lines()))
    _write_lines(folder / "cpc_titles.tsv.gz", ("symbol\tparent\ttitle_en\tipc_concordant\tflag\tedition", _CPC_LINE))


def write_artifacts(data: Path, artifacts: Path) -> None:
    """Train on the files of `write_data` and write the artifacts, with an English encoder, below `artifacts`."""
    for name in ("ipc-classifier", "ipc-scheme", "kept"):
        (artifacts / name).mkdir(parents=True)
    words = ["[UNK]", *sorted({word for text in FIELDS.values() for word in text.split()})]
    encoder = Encoder.open(write_encoder(artifacts / _ENCODER, _ENCODED, _ENCODER, words))
    helpers = Helpers([Embedder(encoder, artifacts / "kept", lambda _: None)])
    train(data, artifacts / "ipc-classifier", lambda _: None, helpers)
    write_scheme(artifacts / "ipc-scheme", sorted([*_UPPER, *FIELDS, *_SUBGROUPS], key=Symbol.parse))


def write_scheme(folder: Path, symbols: list[str]) -> None:
    """Write a sealed scheme of edition 2020.01 with the given symbols; each parent must be among them."""
    rows = {text: row for row, text in enumerate(symbols)}
    lines = [f"{text}\t{int(text in _SUBGROUPS)}\t{rows.get(_parent(text), -1)}" for text in symbols]
    (folder / SYMBOLS_FILE).write_bytes(packed(lines))
    (folder / titles_file("en")).write_bytes(packed(map(_title, symbols)))
    (folder / CARD_NAME).write_text("# ipc-scheme\n")
    files = hash_files(folder, [SYMBOLS_FILE, titles_file("en"), CARD_NAME])
    properties = {"edition": "2020.01", "languages": ["en"], "symbols": len(symbols)}
    write_manifest(folder, Manifest("ipc-scheme", "1", FORMAT, FORMAT_VERSION, "none", "a test", files, properties))


_CPC_LINE: Final = "A46B9/045\tA46B9/04\tToothbrush bristle tufts\tA46B9/04\t\t2019.08"


def _patents(group: str) -> Iterator[Mapping[str, Any]]:
    words, chance = FIELDS[group].split(), random.Random(group)
    below = [symbol for symbol, parent in _SUBGROUPS.items() if parent == group]
    for number in range(_DOCUMENTS_A_GROUP):
        symbol = chance.choice([group, *below])
        yield {
            "id": f"US{Symbol.parse(group).padded}{number}",
            "lang": "en",
            "title": f"{' '.join(chance.sample(words, 3))} {number}",
            "abstract": " ".join(chance.choices(words, k=40)),
            "ipc": [symbol.replace(" ", "")],
            "source": "lucaslopes",
        }


def _scheme_lines() -> Iterator[str]:
    for text in sorted([*_UPPER, *FIELDS, *_SUBGROUPS], key=Symbol.parse):
        dots = int(text in _SUBGROUPS)
        yield f"{text.replace(' ', '')}\t\t{dots}\t\t{_title(text)}\t\t\t2023.01\t"


def _title(text: str) -> str:
    return _UPPER.get(text) or " ".join(FIELDS[_SUBGROUPS.get(text, text)].split()[:4])


def _parent(text: str) -> str:
    if text in _SUBGROUPS:
        return _SUBGROUPS[text]
    return text.partition(" ")[0] if " " in text else {1: "", 3: text[:1], 4: text[:3]}[len(text)]


def _write_lines(file: Path, lines: Any) -> None:
    file.write_bytes(gzip.compress("\n".join(lines).encode()))

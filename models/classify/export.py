"""python -m models.classify.export: from a BERT encoder in a Hugging Face folder to a text encoder's artifact."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import onnx
import typer
from rich.console import Console

from examkit.artifact import CARD_NAME, Manifest, hash_files, write_manifest
from models.classify.bert import read_bert
from models.classify.bert_graph import encoder_graph
from services.classify.encoder import FORMAT, FORMAT_VERSION, GRAPH_FILE, WORD_PIECES_FILE

NAME: Final = "text-encoder-english"
VERSION: Final = "1.0.1"
ORIGIN: Final = "all-MiniLM-L6-v2 (Apache-2.0), fine-tuned by this project; the card names the documents"
MOST_TOKENS: Final = 128
CARD: Final = Path(__file__).parents[1] / "cards" / f"{NAME}.md"


def export(encoder: Path, tokenizer: Path, target: Path) -> None:
    """Write the artifact of an English encoder with mean pooling into the empty folder `target`.

    `encoder` holds config.json and model.safetensors, `tokenizer` is a tokenizer.json. The same files give the same
    artifact. Raise ArtifactError when the encoder is of another kind.
    """
    bert = read_bert(encoder)
    onnx.save(encoder_graph(bert, MOST_TOKENS), target / GRAPH_FILE)
    (target / WORD_PIECES_FILE).write_text(json.dumps(_bare(tokenizer), ensure_ascii=False), "utf-8")
    shutil.copyfile(CARD, target / CARD_NAME)
    files = hash_files(target, [GRAPH_FILE, WORD_PIECES_FILE, CARD_NAME])
    properties = {"dimensions": bert.width, "maxTokens": MOST_TOKENS, "prefix": "", "languages": ["en"]}
    manifest = Manifest(NAME, VERSION, FORMAT, FORMAT_VERSION, "Apache-2.0", ORIGIN, files, properties)
    write_manifest(target, manifest)


def _bare(tokenizer: Path) -> Mapping[str, Any]:
    """Leave out how long texts were cut and filled up in training."""
    raw: Mapping[str, Any] = json.loads(tokenizer.read_bytes())
    return {**raw, "truncation": None, "padding": None}


def main(
    encoder: Annotated[Path, typer.Option(help="folder of the encoder: config.json and model.safetensors")],
    tokenizer: Annotated[Path, typer.Option(help="its tokenizer.json")],
    out: Annotated[Path, typer.Option(help="folder for the artifact; must not exist")],
) -> None:
    """Write the artifact of a fine-tuned English encoder."""
    out.mkdir(parents=True)
    export(encoder, tokenizer, out)
    size = sum(file.stat().st_size for file in out.iterdir())
    Console().print(f"{out}: {size / 1e6:.1f} MB")


if __name__ == "__main__":
    typer.run(main)

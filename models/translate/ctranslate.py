"""Makes artifacts (format "ctranslate2-model") of what an office has: OPUS-MT, Argos and CTranslate2 folders.

`python -m models.translate.ctranslate FOLDER TARGET --source es --target en --licence CC-BY-4.0`, and then
`python -m models install --from TARGET`.
"""

import importlib
import json
import shutil
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Final

import typer

from examkit.artifact import CARD_NAME, Manifest, hash_files, write_manifest
from examkit.errors import ArtifactError
from models.sources import unpack
from services.translate.engines.ctranslate import FORMAT, FORMAT_VERSION

_MODEL: Final = "model"
_VERSION: Final = "1.0.0"
_QUANTIZATION: Final = "int8"
# Where the vocabularies lie, of the source and of the target: OPUS-MT, Argos, and what NLLB is given away with.
_VOCABULARIES: Final = (
    ("source.spm", "target.spm"),
    ("sentencepiece.model", "sentencepiece.model"),
    ("sentencepiece.bpe.model", "sentencepiece.bpe.model"),
)


@dataclass(frozen=True)
class Pieces:
    """Pieces of the vocabulary that a model wants before and after a source, and before a translation."""

    before_source: Sequence[str] = ()
    after_source: Sequence[str] = ()
    before_target: Sequence[str] = ()


@dataclass(frozen=True)
class Described:
    """What a manifest says of a model; `languages` are BCP-47 tags of source and target."""

    name: str
    version: str
    languages: tuple[str, str]
    licence: str
    origin: str
    pieces: Pieces = Pieces()


def build(found: Path, target: Path, described: Described) -> None:
    """Write an artifact into the empty folder `target`, of a folder or an `.argosmodel`; raise ArtifactError."""
    with TemporaryDirectory() as workspace:
        folder = _folder_of(found, Path(workspace))
        _write_model(folder, target / _MODEL)
        source, of_target = _vocabularies(folder)
        shutil.copyfile(source, target / "source.spm")
        shutil.copyfile(of_target, target / "target.spm")
    (target / CARD_NAME).write_text(_card(described), "utf-8")
    files = (path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file())
    write_manifest(
        target,
        Manifest(
            described.name,
            described.version,
            FORMAT,
            FORMAT_VERSION,
            described.licence,
            described.origin,
            hash_files(target, files),
            _properties(described),
        ),
    )


def _folder_of(found: Path, workspace: Path) -> Path:
    """Return the folder with vocabularies, of what is a folder or a package of Argos."""
    if found.is_dir():
        return found
    if not zipfile.is_zipfile(found):
        raise ArtifactError(f"{found.name} is neither a folder nor a package of Argos.")
    unpack(found, workspace)
    inner = [path.parent for path in workspace.rglob("metadata.json")]
    if len(inner) != 1:
        raise ArtifactError(f"{found.name} is no package of Argos: it has no metadata.json.")
    return inner[0]


def _write_model(folder: Path, target: Path) -> None:
    """Copy a model that is in the form of CTranslate2, or convert one of OPUS-MT."""
    ready = [path.parent for path in (folder / "model.bin", folder / _MODEL / "model.bin") if path.is_file()]
    if ready:
        shutil.copytree(ready[0], target, ignore=shutil.ignore_patterns("*.spm", "*.model"))
        return
    if not (folder / "decoder.yml").is_file():
        raise ArtifactError(f"{folder.name} holds neither model.bin of CTranslate2 nor decoder.yml of OPUS-MT.")
    converters: Any = importlib.import_module("ctranslate2.converters")
    try:
        converters.OpusMTConverter(str(folder)).convert(str(target), quantization=_QUANTIZATION)
    except (KeyError, ValueError, OSError, RuntimeError):
        raise ArtifactError(f"{folder.name} holds no OPUS-MT model that CTranslate2 can convert.") from None


def _vocabularies(folder: Path) -> tuple[Path, Path]:
    for source, target in _VOCABULARIES:
        if (folder / source).is_file() and (folder / target).is_file():
            return folder / source, folder / target
    raise ArtifactError(f"{folder.name} holds no SentencePiece vocabulary under a known name.")


def _properties(described: Described) -> dict[str, Any]:
    source, target = described.languages
    return {
        "source_language": source,
        "target_language": target,
        "before_source": list(described.pieces.before_source),
        "after_source": list(described.pieces.after_source),
        "before_target": list(described.pieces.before_target),
    }


def _card(described: Described) -> str:
    source, target = described.languages
    return (
        f"# {described.name}\n\nTranslates {source} to {target} by CTranslate2; brought by the office.\n\n"
        f"| | |\n|---|---|\n| Licence | {described.licence} |\n| Origin | {described.origin} |\n\n"
        "## How it is made\n\nBy `python -m models.translate.ctranslate`.\n\n"
        "## How good it is\n\nNot measured by Examkit.\n\n"
        "## Use it for\n\nWhat its makers say.\n\n## Do not use it for\n\nTexts for which its makers warn of it.\n"
    )


def main(
    found: Annotated[Path, typer.Argument(help="Folder of OPUS-MT or CTranslate2, or an .argosmodel.")],
    folder: Annotated[Path, typer.Argument(help="Empty folder for the artifact.")],
    source: Annotated[str, typer.Option(help="Language translated, a BCP-47 tag.")],
    target: Annotated[str, typer.Option(help="Language translated into, a BCP-47 tag.")],
    licence: Annotated[str, typer.Option(help="SPDX name of the model's licence.")],
    nllb: Annotated[str | None, typer.Option(help="Languages as NLLB names them: spa_Latn,eng_Latn")] = None,
) -> None:
    """Make an artifact of a model for CTranslate2."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"translator-{source}-{target}-ctranslate2".lower()
    build(found, folder, Described(name, _VERSION, (source, target), licence, found.name, _nllb_pieces(nllb)))
    typer.echo(f"{name} lies in {folder}; install it: python -m models install --from {json.dumps(str(folder))}")


def _nllb_pieces(languages: str | None) -> Pieces:
    if languages is None:
        return Pieces()
    source, separator, target = languages.partition(",")
    if not separator:
        raise typer.BadParameter("name both languages, with a comma between")
    return Pieces((source,), ("</s>",), (target,))


if __name__ == "__main__":
    typer.run(main)

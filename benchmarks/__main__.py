"""`python -m benchmarks`: measure, and write the figures with all that is needed to measure them again."""

import json
import os
import platform
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

# One thread, as the services run; said before numpy is loaded.
os.environ["OMP_NUM_THREADS"] = "1"  # noqa: TID251 - it tells a library that is told no other way

import typer
from rich.console import Console

from benchmarks import (
    across_languages,
    classify,
    concept,
    deployment,
    gateway,
    image_search,
    image_search_scale,
    translate,
    translate_rivals,
    translate_service,
    workbench,
)
from examkit import __version__
from examkit.errors import StartError

ROOT = Path(__file__).resolve().parents[1]
RESULTS = Path(__file__).with_name("results")
_LIBRARIES = (
    *("numpy", "scipy", "onnxruntime", "tokenizers", "faiss-cpu", "pillow", "mahotas", "sentencepiece"),
    *("omikuji", "sacrebleu", "fastapi", "uvicorn", "httpx2", "aiohttp", "uvloop"),
)


def main(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            help="classify, across_languages, image_search, image_search_scale, concept, translate, translate_rivals, "
            "translate_service, deployment, gateway, workbench"
        ),
    ] = None,
    data: Annotated[Path, typer.Option(help="evaluation data")] = ROOT.parent / "shared" / "data",
    home: Annotated[Path, typer.Option(help="an Examkit home with artifacts and marks")] = ROOT / ".examkit",
) -> None:
    """Measure what is named, or everything, and rewrite benchmarks/results."""
    console = Console(stderr=True)
    artifacts = home.resolve() / "artifacts"
    runs: Mapping[str, Callable[[], Any]] = {
        "classify": lambda: classify.run(data, artifacts, console),
        "across_languages": lambda: across_languages.run(data, artifacts, console),
        "image_search": lambda: image_search.run(data, artifacts, console),
        "image_search_scale": lambda: image_search_scale.run(data, artifacts, console),
        "concept": lambda: concept.run(artifacts, home.resolve() / "benchmarks" / "concept", console),
        "translate": lambda: translate.run(data, artifacts),
        "translate_rivals": lambda: translate_rivals.run(data, artifacts),
        "translate_service": lambda: translate_service.run(data, artifacts),
        "deployment": lambda: deployment.run(home.resolve()),
        "gateway": gateway.run,
        "workbench": lambda: workbench.run(home.resolve(), console),
    }
    for name in names or runs:
        if name not in runs:
            raise typer.BadParameter(f"there is no benchmark {name}")
        console.print(f"Measuring {name} ...")
        try:
            figures = asdict(runs[name]())
        except StartError as error:
            console.print(f"{name} is skipped: {error}")
            continue
        _write(RESULTS / f"{name}.json", figures, f"python -m benchmarks {name}")
        console.print(f"{name}: written to benchmarks/results/{name}.json")


def _write(file: Path, figures: Mapping[str, Any], command: str) -> None:
    document = {
        "command": command,
        "date": datetime.now(UTC).date().isoformat(),
        "machine": _machine(),
        "versions": {"examkit": __version__, "python": platform.python_version()}
        | {name: version(name) for name in _LIBRARIES},
        "figures": figures,
    }
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")


def _machine() -> str:
    names = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    processor = names[0].partition(": ")[2] if names else platform.machine()
    load = os.getloadavg()[0]
    return f"{processor}, {os.cpu_count()} cores, {sys.platform}, shared; load {load:.1f} when it was done"


if __name__ == "__main__":
    typer.run(main)

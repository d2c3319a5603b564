"""The rules of the house that no off-the-shelf linter holds: sizes, names, lean imports."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("examkit", "services", "gateway", "models", "benchmarks", "stack", "plugins", "docs")
FILES = sorted(file for part in PARTS for file in (ROOT / part).rglob("*.py"))
PACKAGES = sorted({file.parent for file in FILES if file.parent.name not in ("examples",)})
SERVICES = ("classify", "image_search", "translate")
FORBIDDEN_NAMES = {"utils", "util", "helpers", "common", "manager", "handler", "base", "core", "misc", "factory"}
HEAVY = ("numpy", "scipy", "onnxruntime", "faiss", "cv2", "PIL", "sentencepiece", "torch")


def name_of(file: Path) -> str:
    return str(file.relative_to(ROOT))


def lines_of(file: Path) -> int:
    return len(file.read_text().splitlines())


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_a_file_is_short_named_for_what_it_is_and_says_why_it_exists(file):
    assert lines_of(file) <= 400
    assert file.stem not in FORBIDDEN_NAMES
    assert ast.get_docstring(ast.parse(file.read_text()))


@pytest.mark.parametrize("package", PACKAGES, ids=name_of)
def test_every_folder_of_code_is_a_regular_package_with_an_empty_init(package):
    body = ast.parse((package / "__init__.py").read_text()).body
    is_version = [isinstance(node, ast.Assign) and name_of(package) == "examkit" for node in body[1:]]
    assert all(is_version)


@pytest.mark.parametrize("deployable", ["gateway", *(f"services/{name}" for name in SERVICES)])
def test_a_composition_root_stays_a_table_of_contents(deployable):
    assert lines_of(ROOT / deployable / "app.py") <= 60


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_the_same_anatomy(service):
    expected = {"README.md", "Dockerfile", "requirements.in", "requirements.txt", "openapi.json"}
    expected |= {"settings.py", "app.py", "api.py", "schemas.py", "engine.py"}
    assert expected <= {file.name for file in (ROOT / "services" / service).iterdir()}


def test_the_frame_stays_small():
    modules = [file for file in (ROOT / "examkit").rglob("*.py") if file.name != "__init__.py"]
    assert len(modules) <= 21
    assert sum(lines_of(file) for file in modules) <= 2500


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        ("gateway.app", HEAVY),
        ("stack.__main__", ("numpy", "onnxruntime", "faiss", "torch", "fastapi")),
        ("examkit.errors", ("fastapi", "pydantic")),
        ("examkit.artifact", ("fastapi", "pydantic")),
        ("services.classify.app", ("torch", "sklearn", "scipy", "faiss")),
        ("services.image_search.app", ("torch", "scipy", "sentencepiece")),
        ("services.translate.app", ("torch", "scipy", "faiss", "PIL", "onnx")),
    ],
)
def test_importing_a_deployable_loads_nothing_it_does_not_need(module, unwanted):
    script = f"import sys, {module}; print([name for name in {unwanted!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

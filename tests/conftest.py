"""Fixtures shared by all tests.

Strategy: build the smallest thing that has what a test needs, inline where possible. What stands here is used by at
least three tests: real data beside the checkout (absent on most machines: the test is skipped with a sentence), the
installed default artifacts (`make test` installs them), a classifier in miniature, and the settings that every
application needs.
"""

from pathlib import Path

import pytest
from hypothesis import settings

from examkit.service_token import write_service_token
from tests.tiny_classify import write_artifacts, write_data

ROOT = Path(__file__).resolve().parents[1]

# What takes time is measured by benchmarks; a busy machine is no failure of a property. The same examples each time, so
# that a change is judged by what it changed; `pytest --hypothesis-profile=searching` looks for new ones,
# and `make fuzz` for very many.
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.register_profile("searching", deadline=None)
settings.register_profile("fuzz", deadline=None, max_examples=500)
settings.load_profile("repeatable")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real patents, marks and translation test sets beside the checkout."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("The evaluation data is not on this machine.")
    return folder


@pytest.fixture(scope="session")
def artifacts_dir() -> Path:
    """The installed default artifacts."""
    folder = ROOT / ".examkit" / "artifacts"
    if not folder.is_dir():
        pytest.skip("The default artifacts are not installed: run `python -m models install`.")
    return folder


@pytest.fixture(scope="session")
def tiny_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made-up patents of three fields, in the files of the real ones; not to be changed."""
    folder = tmp_path_factory.mktemp("tiny-data")
    write_data(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_artifacts(tiny_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A classifier trained on them, with its encoder and a scheme; not to be changed."""
    folder = tmp_path_factory.mktemp("tiny") / "artifacts"
    write_artifacts(tiny_data, folder)
    return folder


@pytest.fixture
def service_token_file(tmp_path: Path) -> Path:
    """A fresh service token, as the runner makes one at start."""
    file = tmp_path / "service_token"
    write_service_token(file)
    return file

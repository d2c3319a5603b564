"""The encoders are kept in git, so every test here can use the real ones; they are opened once."""

from pathlib import Path

import pytest

from services.image_search.embedding import MarkEmbedder
from services.image_search.encoders import Encoders
from services.image_search.engine import FaissImageSearcher
from services.image_search.register import Register

ARTIFACTS = Path(__file__).resolve().parents[4] / "models" / "artifacts"


@pytest.fixture(scope="session")
def kept_artifacts() -> Path:
    return ARTIFACTS


@pytest.fixture(scope="session")
def embedder_folder() -> Path:
    return ARTIFACTS / "mark-embedder"


@pytest.fixture(scope="session")
def encoders() -> Encoders:
    return Encoders.open(ARTIFACTS)


@pytest.fixture(scope="session")
def embedder(encoders: Encoders) -> MarkEmbedder:
    return encoders.looks


@pytest.fixture
def searcher(encoders, tmp_path):
    opened = FaissImageSearcher(encoders, Register(tmp_path / "register"))
    yield opened
    opened.close()

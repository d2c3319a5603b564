"""The embedder is kept in git, so every test here can use the real one; it is opened once."""

from pathlib import Path

import pytest

from services.image_search.embedding import MarkEmbedder
from services.image_search.engine import FaissImageSearcher
from services.image_search.register import Register

ARTIFACT = Path(__file__).resolve().parents[4] / "models" / "artifacts" / "mark-embedder"


@pytest.fixture(scope="session")
def embedder_folder() -> Path:
    return ARTIFACT


@pytest.fixture(scope="session")
def embedder() -> MarkEmbedder:
    return MarkEmbedder(ARTIFACT)


@pytest.fixture
def searcher(embedder, tmp_path):
    opened = FaissImageSearcher(embedder, Register(tmp_path / "register"))
    yield opened
    opened.close()

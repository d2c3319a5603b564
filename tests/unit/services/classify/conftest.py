"""A classifier trained on made-up patents, once for all tests of this folder."""

import pytest

from services.classify.engine import TermClassifier
from tests.tiny_classify import write_artifacts, write_data


@pytest.fixture(scope="session")
def tiny_artifacts(tmp_path_factory):
    """Both artifacts, complete, of three fields."""
    folder = tmp_path_factory.mktemp("tiny")
    data = folder / "data"
    data.mkdir()
    write_data(data)
    write_artifacts(data, folder / "artifacts")
    return folder / "artifacts"


@pytest.fixture(scope="session")
def classifier(tiny_artifacts):
    return TermClassifier.open(tiny_artifacts / "ipc-classifier", tiny_artifacts / "ipc-scheme")

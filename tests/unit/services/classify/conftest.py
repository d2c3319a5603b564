"""The classifier in miniature, opened once for all tests of this folder."""

import pytest

from services.classify.engine import TermClassifier


@pytest.fixture(scope="session")
def classifier(tiny_artifacts):
    return TermClassifier.open(tiny_artifacts / "ipc-classifier", tiny_artifacts / "ipc-scheme")

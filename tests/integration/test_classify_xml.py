"""Real patents in XML through the installed classifier: what it says agrees with what the offices said."""

import tarfile

import pytest

from examkit.errors import ExamError
from services.classify.engine import Options, TermClassifier
from services.classify.ipc import Level
from services.classify.patent_xml import read_patents

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def classifier(artifacts_dir):
    return TermClassifier.open(artifacts_dir / "ipc-classifier", artifacts_dir / "ipc-scheme")


def test_documents_in_xml_are_mostly_classified_as_their_offices_did(classifier, shared_data):
    hits = []
    for document in _documents(shared_data):
        found = classifier.classify(document.text, Options(limit=5, language=document.language))
        assigned = {symbol.at(Level.SUBCLASS) for symbol in document.symbols}
        hits.append(bool(assigned & {prediction.symbol for prediction in found.predictions}))
    assert len(hits) > 40
    assert sum(hits) / len(hits) > 0.8


def _documents(shared_data):
    """Give the sample documents with an abstract, claims or a description, and with symbols to compare with."""
    with tarfile.open(shared_data / "patents" / "xml_samples.tar.gz") as archive:
        for member in archive:
            content = archive.extractfile(member)
            if content and member.name.endswith(".xml"):
                yield from (each for each in _read(content.read()) if each.symbols and not each.text.is_blank)


def _read(xml):
    try:
        documents = list(read_patents(xml))
    except ExamError:
        return []
    return [each for each in documents if each.text.abstract or each.text.claims or each.text.description]

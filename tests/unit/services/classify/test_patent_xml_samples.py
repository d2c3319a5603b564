"""Real patent XML of several offices and decades: every file is read, or refused for a reason that is known."""

import tarfile

from examkit.errors import ExamError
from services.classify.patent_xml import read_patents

REFUSED_FILES = {
    **dict.fromkeys(
        [
            # An ampersand or a "<" that was never escaped.
            "ep_st36/application_v1-2-A1.xml",
            "ep_st36/application_v1-4-A1.xml",
            "ep_st36/application_v1-4-A1-1.xml",
            "ep_st36/application_v1-5-1-A1-2.xml",
            # Green Book and JSON.
            "uspto/greenbook_US03932709.greenbook",
            "uspto/greenbook_US03937375.greenbook",
            "uspto/greenbook_US04347903.greenbook",
            "epo_ops_patent_client/published_ep1000000_description_result.xml",
            "epo_ops_patent_client/published_search_result.xml",
        ],
        "malformed-xml",
    ),
    **dict.fromkeys(
        [
            "epo_ops_patent_client/assignment_assignment_1.xml",
            "epo_ops_patent_client/assignment_assignment_2.xml",
            "epo_ops_patent_client/assignment_assignment_3.xml",
            "epo_ops_patent_client/family_family_input.xml",
            "epo_ops_patent_client/legal_example_1.xml",
            "epo_ops_patent_client/legal_example_2.xml",
            "epo_ops_patent_client/legal_example_3.xml",
        ],
        "not-a-patent-document",
    ),
}


def test_every_real_sample_is_read_or_refused_for_a_known_reason(shared_data):
    read, refused = {}, {}
    for name, xml in _samples(shared_data):
        try:
            read[name] = list(read_patents(xml))
        except ExamError as error:
            refused[name] = error.code
    assert refused == REFUSED_FILES
    assert len(read) == 55
    for name, documents in read.items():
        assert all(document.document_id and document.languages for document in documents if not document.text.is_blank)
        assert any(not document.text.is_blank for document in documents), name
    symbols_found = sum(bool(document.symbols) for documents in read.values() for document in documents)
    assert symbols_found > 800


def _samples(shared_data):
    with tarfile.open(shared_data / "patents" / "xml_samples.tar.gz") as archive:
        for member in archive:
            content = archive.extractfile(member)
            if content and member.name.endswith((".xml", ".greenbook")):
                yield "/".join(member.name.split("/")[-2:]), content.read()

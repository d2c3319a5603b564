"""Scheme titles and CPC titles as training text."""

import gzip

import pytest

from models.classify.titles import CPC_FILE, SCHEME_FILE, TITLES_PER_DOCUMENT, pseudo_patents, read_scheme

SCHEME_HEADER = "symbol\tlevel\tdots\tparent\ttitle_en\ttitle_fr\ttitle_es\tedition\ttitle_en_source"
CPC_HEADER = "symbol\tparent\ttitle_en\tipc_concordant\tflag\tedition"


@pytest.fixture
def folder(tmp_path):
    groups = "\n".join(
        f"A46B9/{number:02d}\t\t{int(number > 0)}\t\tBristles {number}\t\t\t2023.01\t" for number in range(40)
    )
    scheme = f"{SCHEME_HEADER}\nA46B\t\t0\t\tBRUSHES\tBROSSES\tCEPILLOS\t2023.01\t\n{groups}\n"
    scheme += "A46B17/00\t\t0\t\tGone\t\t\t2021.01-only\t\n"
    (tmp_path / SCHEME_FILE).write_bytes(gzip.compress(scheme.encode()))
    cpc = f'{CPC_HEADER}\nA46B9/021\t\tNylon "tufts"\tA46B9/02\t\t\nA46B2200/1\t\tOther\t\tCPCONLY\t\n'
    (tmp_path / CPC_FILE).write_bytes(gzip.compress(cpc.encode()))
    return tmp_path


def test_only_the_newest_edition_is_read(folder):
    scheme = read_scheme(folder)
    assert len(scheme) == 41
    assert (str(scheme[2].symbol), scheme[2].dots, scheme[2].titles["en"]) == ("A46B 9/01", 1, "Bristles 1")


def test_every_main_group_gets_documents_of_titles(folder):
    found = list(pseudo_patents(folder, read_scheme(folder)))
    assert {str(patent.main_group) for patent in found} == {"A46B 9/00"}
    texts = [patent.text for patent in found]
    assert len(texts) == 3
    assert all(text.startswith("BRUSHES; Bristles 0; ") for text in texts[:2])
    assert texts[0].count(";") == TITLES_PER_DOCUMENT + 1
    assert texts[2] == 'Nylon "tufts"'

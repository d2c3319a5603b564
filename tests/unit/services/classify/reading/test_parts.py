"""Lines sorted out by headings: in four languages and more, numbered, in capitals, with codes; and never by mistake."""

import pytest

from services.classify.reading.document import Writing
from services.classify.reading.headings import Part, is_section_of_description, part_headed, title_told
from services.classify.reading.parts import shortened, sort_out
from services.classify.text import PatentText


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("Abstract", Part.ABSTRACT),
        ("ABSTRACT OF THE DISCLOSURE", Part.ABSTRACT),
        ("(57) Abstract:", Part.ABSTRACT),
        ("[57] ABSTRACT", Part.ABSTRACT),
        ("Resumo", Part.ABSTRACT),
        ("RESUMEN", Part.ABSTRACT),
        ("Abrégé descriptif", Part.ABSTRACT),
        ("Zusammenfassung", Part.ABSTRACT),
        ("Claims", Part.CLAIMS),
        ("What is claimed is:", Part.CLAIMS),
        ("What I claim is:", Part.CLAIMS),
        ("I claim:", Part.CLAIMS),
        ("4. CLAIMS", Part.CLAIMS),
        ("Reivindicações", Part.CLAIMS),
        ("REIVINDICAÇÕES", Part.CLAIMS),
        ("REIVINDICAC\u0327O\u0303ES", Part.CLAIMS),
        ("Reivindicaciones", Part.CLAIMS),
        ("Revendications", Part.CLAIMS),
        ("Patentansprüche", Part.CLAIMS),
        ("Description", Part.DESCRIPTION),
        ("Relatório Descritivo", Part.DESCRIPTION),
        ("MEMORIA DESCRIPTIVA", Part.DESCRIPTION),
        ("Descripción de la invención", Part.DESCRIPTION),
        ("II. Description", Part.DESCRIPTION),
        ("TÍTULO DA INVENÇÃO", Part.TITLE),
    ],
)
def test_a_heading_is_known_in_every_usual_form(line, part):
    assert part_headed(line) is part


@pytest.mark.parametrize(
    "line",
    [
        "The abstract",
        "Claims 1 to 5 are cancelled",
        "A brush as in the claims.",
        "Abstract art",
        "Description of the drawings",
        "1. A toothbrush",
        "12",
        "",
        "Abstract " * 50,
    ],
)
def test_a_line_that_only_has_such_a_word_in_it_is_no_heading(line):
    assert part_headed(line) is None


@pytest.mark.parametrize(
    "line", ["FIELD OF THE INVENTION", "2. Background Art", "Campo da invenção", "Domaine technique"]
)
def test_what_begins_a_description_is_known_and_kept_in_it(line):
    assert is_section_of_description(line)
    assert sort_out(Writing(["Abstract", "short", line, "long"])) == PatentText(
        abstract="short", description=f"{line}\nlong"
    )


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("(54) Toothbrush with head", "Toothbrush with head"),
        ("(54) Title: TOOTHBRUSH", "TOOTHBRUSH"),
        ("Title of the Invention: Toothbrush", "Toothbrush"),
        ("Título: Escova", "Escova"),
        ("Note: a toothbrush", ""),
        ("Toothbrush", ""),
        ("(54) Title:", ""),
    ],
)
def test_a_title_is_believed_where_its_line_says_it_is_one(line, title):
    assert title_told(line) == title


def sorted_out(text, **told):
    return sort_out(Writing(text.split("|"), **told))


def test_each_line_goes_where_the_last_heading_says():
    text = "Office|12345|Abstract|A brush.|Claims|1. A brush.|2. Another.|Description|It brushes.|Abstract|More."
    assert sorted_out(text) == PatentText(
        title="",
        abstract="A brush.\nMore.",
        claims="1. A brush.\n2. Another.",
        description="It brushes.",
        text="Office\n12345",
    )


def test_a_document_without_headings_is_text_of_unknown_kind():
    assert sorted_out("A brush.|It brushes.") == PatentText(text="A brush.\nIt brushes.")


def test_a_heading_for_the_title_is_followed_by_it():
    assert sorted_out("Title of the invention|Toothbrush|Abstract|A.") == PatentText(title="Toothbrush", abstract="A.")
    assert sorted_out("Title|Description|It brushes.") == PatentText(description="It brushes.")


@pytest.mark.parametrize(
    "text",
    [
        "RELATÓRIO DESCRITIVO|“Escova de dentes”|Ela limpa.|Resumo da Patente de Invenção para “Escova de dentes”|A.",
        'Relatório Descritivo da Patente de Invenção para "Escova de dentes".|Ela limpa.|RESUMO|“ESCOVA DE DENTES”|A.',
        "“Escova de dentes”|Relatório Descritivo|Ela limpa.|Resumo: «Escova de dentes»|A.",
    ],
)
def test_a_title_in_quotation_marks_at_a_heading_is_believed(text):
    assert sorted_out(text) == PatentText(title="Escova de dentes", abstract="A.", description="Ela limpa.")


def test_other_quotations_are_no_titles():
    text = "Description|It brushes.|“A brush.”|He said “brush”."
    assert sorted_out(text) == PatentText(description="It brushes.\n“A brush.”\nHe said “brush”.")


def test_few_words_alone_above_the_first_heading_are_the_title():
    assert sorted_out("Toothbrush with head|Abstract|A.").title == "Toothbrush with head"
    for first in ("Page 3", "Dear Sirs:", "It is a brush.", "Brush", "a " * 30):
        assert sorted_out(f"{first}|Abstract|A.") == PatentText(text=first, abstract="A.")


def test_a_marked_title_is_taken_out_of_the_text_once():
    found = sorted_out("TOOTHBRUSH|It is a|Toothbrush", title="Toothbrush")
    assert found == PatentText(title="Toothbrush", text="It is a\nToothbrush")


def test_an_abstract_does_not_swallow_what_follows_it_without_a_heading_that_is_known():
    long = "|".join(["brush " * 200] * 9)
    found = sorted_out(f"Abstract|{long}")
    assert len(found.abstract) < 5_000 < len(found.text)
    assert len(sorted_out("Abstract|" + "brush " * 2_000).abstract) > 10_000


def test_what_is_told_is_bounded_and_the_description_gives_way_first():
    whole = PatentText("t" * 10, "a" * 10, "c" * 400_000, "d" * 800_000, "")
    short, is_shortened = shortened(whole)
    assert is_shortened
    assert (short.title, short.abstract, short.claims) == (whole.title, whole.abstract, whole.claims)
    assert len(short.description) == 1_000_000 - 400_020
    assert shortened(short) == (short, False)

"""The headings by which patent applications tell their parts, where they stand alone on a line."""

import re
import unicodedata
from enum import StrEnum
from typing import Final


class Part(StrEnum):
    """The parts of a patent document, named as on the wire."""

    TITLE = "title"
    ABSTRACT = "abstract"
    CLAIMS = "claims"
    DESCRIPTION = "description"


_LONGEST: Final = 120
_LONGEST_TITLE: Final = 500
_WORDINGS: Final = {
    Part.TITLE: """
        title; title of invention; title of the invention; invention title
        titulo; titulo da invencao; titulo do invento; titulo de la invencion; titulo del invento
        titre; titre de l invention
        titel; bezeichnung; bezeichnung der erfindung; titel der erfindung
    """,
    Part.ABSTRACT: """
        abstract; abstract of the disclosure; abstract of the invention
        resumo; resumo da invencao; resumo da patente de invencao; resumo da patente de modelo de utilidade
        resumo descritivo; sumario do pedido
        resumen; resumen de la invencion; extracto
        abrege; abrege descriptif; abrege de l invention; resume; resume de l invention
        zusammenfassung
    """,
    Part.CLAIMS: """
        claims; claim; what is claimed; what is claimed is; what we claim is; what i claim is; i claim; we claim
        the invention claimed is; it is claimed; that which is claimed is; claims of the invention; patent claims
        reivindicacoes; reivindicacao; quadro reivindicatorio
        reivindicaciones; reivindicacion
        revendications; revendication
        patentanspruche; anspruche; patentanspruch
    """,
    Part.DESCRIPTION: """
        description; description of the invention; description of invention; specification; full description
        descricao; descricao da invencao; relatorio descritivo; relatorio descritivo da patente de invencao
        relatorio descritivo da patente de modelo de utilidade; memoria descritiva
        descripcion; descripcion de la invencion; memoria descriptiva
        description de l invention; memoire descriptif
        beschreibung; beschreibung der erfindung
    """,
}
# What begins a description, and belongs to it.
_SECTIONS: Final = """
    technical field; technical field of the invention; field; field of the invention; field of invention
    background; background of the invention; background art; technical background; prior art
    cross reference to related applications; cross reference to related application; related applications
    statement regarding federally sponsored research or development; disclosure of the invention
    summary; summary of the invention; brief summary; brief summary of the invention
    brief description of the drawings; brief description of drawings; detailed description
    detailed description of the invention; detailed description of the preferred embodiments
    campo da invencao; campo tecnico; fundamentos da invencao; estado da tecnica; antecedentes da invencao
    sumario da invencao; breve descricao dos desenhos; descricao detalhada da invencao; descricao detalhada
    campo de la invencion; campo tecnico de la invencion; sector de la tecnica; objeto de la invencion
    antecedentes de la invencion; breve descripcion de los dibujos; descripcion detallada
    descripcion detallada de la invencion; sumario de la invencion
    domaine technique; domaine de l invention; arriere plan de l invention; etat de la technique
    breve description des dessins; breve description des figures; description detaillee
    technisches gebiet; stand der technik; kurze beschreibung der zeichnungen
"""
# A code of ST.9 (`(57)`), a number or a letter of a list, before the words.
_BEFORE: Final = re.compile(r"^(?:[(\[]\d{2}[)\]]|\d{1,2}\s?[.)]?(?=\s)|[IVX]{1,4}[.)]|[A-H][.)])\s*")
_ACCENT: Final = re.compile("[\u0300-\u036f]")
_NO_LETTER: Final = re.compile(r"[\W_]+")
# In Brazil a heading goes on with the title: `RELATÓRIO DESCRITIVO da Patente de Invenção para "ESCOVA"`.
_TITLE_AFTER: Final = re.compile(r"(?:\s+para)?\s*:?\s*[“”\"«‘']([^“”\"«»]{2,500})[“”\"»’']\s*[.]?$")
_TITLE_BEFORE: Final = re.compile(r"^[(\[]54[)\]]\s*")


def _listed(wordings: str) -> frozenset[str]:
    return frozenset(each.strip() for line in wordings.strip().splitlines() for each in line.split(";"))


_PARTS: Final = {wording: part for part, wordings in _WORDINGS.items() for wording in _listed(wordings)}
_BEGINNINGS: Final = _listed(_SECTIONS)


def part_headed(line: str) -> Part | None:
    """Return the part that a line is the heading of, if it is one."""
    words = _TITLE_AFTER.sub("", line) if len(line) <= _LONGEST + _LONGEST_TITLE else line
    return _PARTS.get(_wording(words)) if len(words) <= _LONGEST else None


def is_section_of_description(line: str) -> bool:
    """Tell whether a line is a heading such as descriptions have inside them."""
    return len(line) <= _LONGEST and _wording(line) in _BEGINNINGS


def is_heading(line: str) -> bool:
    """Tell whether a line is a heading of either kind."""
    return part_headed(line) is not None or is_section_of_description(line)


def title_told(line: str) -> str:
    """Return the title from a line that says it is one: by the code 54 of ST.9, by a word and a colon; else ''."""
    stripped = _TITLE_BEFORE.sub("", line)
    word, colon, rest = stripped.partition(":")
    if colon and part_headed(word) is Part.TITLE:
        return rest.strip()
    return stripped if stripped != line and part_headed(stripped) is not Part.TITLE else ""


def title_quoted(line: str) -> str:
    """Return the title that stands in quotation marks after a heading of a part, or alone; else ''."""
    found = _TITLE_AFTER.search(line) if len(line) <= _LONGEST + _LONGEST_TITLE else None
    is_title = found is not None and (not found.start() or part_headed(line) is not None)
    return found[1].strip() if found and is_title else ""


def _wording(line: str) -> str:
    decomposed = unicodedata.normalize("NFKD", _BEFORE.sub("", line.strip()))
    return _NO_LETTER.sub(" ", _ACCENT.sub("", decomposed).lower()).strip()

"""What an examiner sees, at several widths, with and without color, in Unicode and ASCII."""

import io
import re

import pytest
from rich.console import Console

from stack.answers import Classification, MarkSearch, Translations
from stack.inputs import read_abstract, read_claims
from stack.present import ScoreBar, classification_view, closing_view, marks_view, translation_view
from tests.unit.stack import answers

WIDTHS = [60, 80, 140]


def shown(what, width=80, encoding="utf-8", **kwargs) -> str:
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    Console(file=file, width=width, **kwargs).print(what)
    file.seek(0)
    return file.read()


def words(text: str) -> str:
    """The text without what depends on the width."""
    return re.sub(r"\s+", " ", text)


def classifications():
    return (
        Classification.model_validate(answers.classification(answers.H04L)),
        Classification.model_validate(answers.classification(answers.H04L_9_30)),
    )


@pytest.mark.parametrize("width", WIDTHS)
def test_a_classification_tells_levels_scores_places_terms_and_neighbours(width):
    text = words(shown(classification_view(read_abstract(), *classifications()), width))
    assert "1 IPC classification" in text
    assert "Abstract of US 4,405,829: Cryptographic communications system and method" in text
    assert "Subclass (IPC 2020.01) H04L 0.83 ━━━━━━━━━━ " in text
    assert "H04L stands under H ELECTRICITY H04 ELECTRIC COMMUNICATION TECHNIQUE" in text
    assert "is carried by the terms ciphertext, residue" in text
    assert "Subgroup (IPC 2020.01) H04L 9/30 0.55 ━━━━━━╸ Public key, i.e. [asymmetric]" in text
    assert "US-2005190912-A1 0.81 H04L 9/30 Multiple primes" in text
    assert text.count("ELECTRICITY") == 1


def test_a_classification_without_evidence_or_neighbours_says_so_or_is_silent():
    bare = answers.classification({**answers.H04L, "evidence": []}) | {"similarDocuments": []}
    one = Classification.model_validate(bare)
    text = shown(classification_view(read_abstract(), one, one))
    assert "none that stand out" in text
    assert "Nearest" not in text


@pytest.mark.parametrize("width", WIDTHS)
def test_hits_are_a_table_with_every_strategy(width):
    search = MarkSearch.model_validate(answers.mark_search())
    text = words(shown(marks_view(search, "an apple", search), width))
    assert "Mark Name Nice Score Shape Color Composition" in text
    assert "1 apple Apple 9, 42 0.91 0.95 0.31 0.90" in text
    assert "2300 marks" in text
    assert text.count("1 apple Apple") == 2
    assert "Marks that show an apple" in text


@pytest.mark.parametrize("width", WIDTHS)
def test_a_translation_stands_beside_its_source(width):
    source = read_claims()
    there = Translations.model_validate(answers.translations(list(source.claims), "translator-en-pt"))
    back = Translations.model_validate(answers.translations(list(source.claims), "translator-pt-en"))
    text = shown(translation_view(source, there, back), width)
    assert "Claims of US 223,898: Electric lamp" in text
    first = next(line for line in text.splitlines() if "1. An" in line)
    assert first.count("1. AN") == 2
    assert "into Portuguese 0.80 number-missing back into English 0.80 number-missing" in words(text)


def test_the_closing_names_models_once_edition_and_who_decides():
    classification, _ = classifications()
    text = words(shown(closing_view((classification.model, classification.model), "2020.01")))
    assert text.count("ipc-classifier 1.0.0") == 1
    assert "IPC edition 2020.01" in text
    assert "Suggestions made by a machine. The examiner decides." in text


def test_no_line_is_wider_than_the_terminal_and_none_has_color_on_a_dumb_one(monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    text = shown(classification_view(read_abstract(), *classifications()), force_terminal=True)
    assert max(map(len, text.splitlines())) <= 80
    assert "\x1b" not in text


@pytest.mark.parametrize(("score", "drawn"), [(0.0, ""), (0.04, "-"), (0.5, "======"), (1.0, "=" * 12)])
def test_a_bar_is_drawn_in_ascii_too(score, drawn):
    assert shown(ScoreBar(score), encoding="ascii").rstrip() == drawn

"""Words around a term are made to agree with it."""

import pytest

from services.translate.placeholders import Rewriting
from services.translate.terminology.agreement import Put, agreeing
from services.translate.terminology.inflection import Gender, gender

M, F = Gender.MASCULINE, Gender.FEMININE


def repaired(text, term, own, language, former=None):
    start = text.lower().index(term)
    is_plural = term.endswith("s")
    put = Put((start, start + len(term)), own, is_plural, gender(former, language) if former else None)
    return Rewriting(text, tuple(sorted(agreeing(text, put, language), key=lambda edit: edit.start))).after


@pytest.mark.parametrize(
    ("text", "term", "own", "expected"),
    [
        ("na invólucro (12)", "invólucro", M, "no invólucro (12)"),
        ("da primeira invólucro", "invólucro", M, "do primeiro invólucro"),
        ("A invólucro (12) é fechada por", "invólucro", M, "O invólucro (12) é fechado por"),
        ("o invólucro é fechada", "invólucro", M, "o invólucro é fechada"),
        ("pelo mola", "mola", F, "pela mola"),
        ("às invólucros metálicas", "invólucros", M, "aos invólucros metálicos"),
        ("todas as invólucros", "invólucros", M, "todos os invólucros"),
        ("uma das invólucros", "invólucros", M, "uma dos invólucros"),
        ("cada mola", "mola", F, "cada mola"),
        ("UMA INVÓLUCRO", "invólucro", M, "UM INVÓLUCRO"),
        ("o pino e a invólucro são conectadas", "invólucro", M, "o pino e o invólucro são conectados"),
        ("o pino e o mola são conectados", "mola", F, "o pino e a mola são conectados"),
        ("≥ a invólucro", "invólucro", M, "≥ a invólucro"),
        ("12a invólucro", "invólucro", M, "12a invólucro"),
        ("a primeira invólucro (1) e a mola são conectadas", "invólucro", M, None),
    ],
)
def test_portuguese(text, term, own, expected):
    assert repaired(text, term, own, "pt") == (expected or "o primeiro invólucro (1) e a mola são conectadas")


@pytest.mark.parametrize(
    ("text", "term", "own", "expected"),
    [
        ("del carcasa", "carcasa", F, "de la carcasa"),
        ("al carcasa cerrado", "carcasa", F, "a la carcasa cerrada"),
        ("de la muelle", "muelle", M, "del muelle"),
        ("a la muelle", "muelle", M, "al muelle"),
        ("una muelle está montada", "muelle", M, "un muelle está montado"),
        ("la segunda muelle", "muelle", M, "el segundo muelle"),
        ("El primero carcasa", "carcasa", F, "La primera carcasa"),
    ],
)
def test_spanish(text, term, own, expected):
    assert repaired(text, term, own, "es") == expected


def test_portuguese_a_before_a_masculine_noun_is_a_preposition():
    assert repaired("conectado a mola", "mola", F, "pt", former="parafuso") == "conectado a mola"


@pytest.mark.parametrize(
    ("text", "term", "expected"),
    [
        ("a embodiment", "embodiment", "an embodiment"),
        ("An housing", "housing", "A housing"),
        ("a unit", "unit", "a unit"),
        ("the axis", "axis", "the axis"),
    ],
)
def test_english_articles(text, term, expected):
    assert repaired(text, term, None, "en") == expected


def test_other_languages_and_unknown_genders_are_left_alone():
    assert repaired("la ressort", "ressort", M, "fr") == "la ressort"
    assert repaired("a flange", "flange", None, "pt") == "a flange"

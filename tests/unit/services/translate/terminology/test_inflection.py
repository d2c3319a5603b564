"""Plurals and genders by endings."""

import pytest

from services.translate.terminology.inflection import Gender, gender, plural


@pytest.mark.parametrize(
    ("language", "singular", "expected"),
    [
        ("en", "spring", "springs"),
        ("en", "assembly", "assemblies"),
        ("en", "key", "keys"),
        ("en", "bush", "bushes"),
        ("en", "axis of rotation", "axises of rotation"),
        ("en", "method of manufacture", "methods of manufacture"),
        ("pt", "fixação", "fixações"),
        ("pt", "trocador de calor", "trocadores de calor"),
        ("pt", "sal farmaceuticamente aceitável", "sais farmaceuticamente aceitáveis"),
        ("pt", "anel", "anéis"),
        ("pt", "pino cilíndrico de fixação", "pinos cilíndricos de fixação"),
        ("pt", "meio de armazenagem", "meios de armazenagem"),
        ("pt", "item", "itens"),
        ("es", "fijación", "fijaciones"),
        ("es", "muelle de compresión", "muelles de compresión"),
        ("es", "luz", "luces"),
        ("es", "árbol", "árboles"),
        ("de", "Feder", "Feder"),
    ],
)
def test_plurals(language, singular, expected):
    assert plural(singular, language) == expected


@pytest.mark.parametrize(
    ("language", "phrase", "expected"),
    [
        ("pt", "mola helicoidal", Gender.FEMININE),
        ("pt", "invólucro", Gender.MASCULINE),
        ("pt", "vedação", Gender.FEMININE),
        ("pt", "sistema", Gender.MASCULINE),
        ("pt", "molas", Gender.FEMININE),
        ("pt", "engrenagem", Gender.FEMININE),
        ("es", "fijación", Gender.FEMININE),
        ("es", "resorte", None),
        ("en", "spring", None),
    ],
)
def test_genders(language, phrase, expected):
    assert gender(phrase, language) is expected

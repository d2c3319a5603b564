"""Which language a text is in: short ones, mixed ones, and those of no language installed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from examkit.errors import InvalidInputError
from services.translate.detection import LanguageDetector
from services.translate.languages import LanguageTag

EN, PT = LanguageTag("en"), LanguageTag("pt")
EIGHT = [LanguageTag(language) for language in ["en", "pt", "es", "gl", "ca", "fr", "it"]]


@pytest.fixture(scope="module")
def detector():
    return LanguageDetector([EN, PT])


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("A fastening device (10) comprising a housing (12) and a spring (14).", EN),
        ("Dispositivo de fixação (10) compreendendo um invólucro (12).", PT),
        ("DISPOSITIVO DE FIXAÇÃO COMPREENDENDO UM INVÓLUCRO", PT),
        ("the valve", EN),
        ("12345 (12)\n\n uma mola helicoidal", PT),
    ],
)
def test_a_text_is_detected(detector, text, language):
    assert detector.detect(text) == language


def test_a_text_of_another_language_is_not_forced_into_one_installed(detector):
    with pytest.raises(InvalidInputError) as caught:
        detector.detect("这是一个用于测试的中文句子。")
    assert caught.value.code == "undetected-language"


@settings(deadline=None)
@given(st.text(max_size=200))
def test_detection_answers_or_refuses_for_any_text(detector, text):
    try:
        assert detector.detect(text) in (EN, PT)
    except InvalidInputError as error:
        assert error.code == "undetected-language"


@pytest.fixture(scope="module")
def of_many():
    return LanguageDetector(EIGHT, [EN, PT])


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("the valve", "en"),
        ("fastening device", "en"),
        ("FASTENING DEVICE", "en"),
        ("a helical spring", "en"),
        ("dispositivo de fixação", "pt"),
        ("a válvula não está fechada", "pt"),
        ("el dispositivo según la reivindicación", "es"),
        ("unha carcasa metálica", "gl"),
        ("dispositivo de fixación co resorte", "gl"),
        ("a forza do resorte", "gl"),
        ("la fuerza del muelle", "es"),
        ("a força da mola", "pt"),
        ("una peça mòbil", "ca"),
        ("una pieza móvil", "es"),
        ("une pièce mobile", "fr"),
        ("una parte mobile", "it"),
        ("les rodes del carro", "ca"),
        ("amb un motor elèctric", "ca"),
        ("la soupape est fermée", "fr"),
        ("con un motore elettrico", "it"),
    ],
)
def test_a_few_words_are_told_apart_among_close_languages(of_many, text, language):
    assert str(of_many.detect(text)) == language


PORTUGUESE = "A válvula é fechada por uma mola helicoidal que fica na parte superior do invólucro."
ENGLISH = "The valve is closed by a helical spring."


@pytest.mark.parametrize("text", [f"{PORTUGUESE} {ENGLISH}", f"{ENGLISH}\n{PORTUGUESE}"])
def test_a_mixed_text_is_of_the_language_of_most_letters(of_many, text):
    assert of_many.detect(text) == PT
    assert of_many.detect(text.replace(PORTUGUESE, PORTUGUESE[:20])) == EN


def test_a_mixed_text_mostly_in_a_language_that_is_not_installed_is_undetected(of_many):
    with pytest.raises(InvalidInputError) as caught:
        of_many.detect(f"{ENGLISH} Der Behälter wird durch eine Feder verschlossen, die sich im Gehäuse befindet.")
    assert caught.value.code == "undetected-language"
    assert "Feder" not in caught.value.detail


def test_a_long_text_in_another_language_is_known_and_a_short_one_is_left_alone(of_many):
    assert of_many.is_surely_other(PORTUGUESE, EN)
    assert not of_many.is_surely_other(PORTUGUESE, PT)
    assert not of_many.is_surely_other("uma mola helicoidal", EN)

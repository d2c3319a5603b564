"""Languages are detected from the model inside the package."""

import pytest

from services.classify.languages import UNDETERMINED, TextLanguage, detect_language, primary


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("A toothbrush comprises a handle and a brush head with bristles.", "en"),
        ("Uma escova de dentes compreende um cabo e uma cabeça com cerdas.", "pt"),
        ("칫솔은 손잡이와 칫솔모를 포함한다.", "ko"),
        ("Eine Zahnbürste umfasst einen Griff\nund einen Bürstenkopf.", "de"),
        ("一种牙刷，包括手柄和刷头。", "zh"),
        ("TOOTHBRUSH WITH REPLACEABLE BRISTLE HEAD", "en"),
        ("Toothbrush With Replaceable Head", "en"),
        ("Escova de dentes elétrica", "pt"),
        ("교체형 칫솔", "ko"),
        ("", UNDETERMINED),
        ("12 34 %", UNDETERMINED),
    ],
)
def test_the_language_is_found_or_left_open(text, language):
    assert detect_language(text).code == language


@pytest.mark.parametrize(
    ("code", "confidence", "given", "language"),
    [
        ("en", 0.9, None, "en"),
        ("en", 0.9, "ko", "en"),
        ("en", 0.5, "ko", "ko"),
        ("en", 0.9, "en-GB", "en-GB"),
        (UNDETERMINED, 0.0, "pt", "pt"),
    ],
)
def test_a_text_is_read_in_the_language_given_unless_it_is_surely_in_another(code, confidence, given, language):
    assert TextLanguage(code, confidence).of_text(given) == language


@pytest.mark.parametrize(("tag", "language"), [("pt-BR", "pt"), ("EN", "en"), ("zh-Hans", "zh")])
def test_the_language_of_a_tag_is_its_first_part(tag, language):
    assert primary(tag) == language

"""Languages are detected from the model inside the package."""

import pytest

from services.classify.languages import UNDETERMINED, detect_language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("A toothbrush comprises a handle and a brush head with bristles.", "en"),
        ("Uma escova de dentes compreende um cabo e uma cabeça com cerdas.", "pt"),
        ("칫솔은 손잡이와 칫솔모를 포함한다.", "ko"),
        ("Eine Zahnbürste umfasst einen Griff\nund einen Bürstenkopf.", "de"),
        ("一种牙刷，包括手柄和刷头。", "zh"),
        ("", UNDETERMINED),
        ("12 34 %", UNDETERMINED),
    ],
)
def test_the_language_is_found_or_left_open(text, language):
    assert detect_language(text).code == language

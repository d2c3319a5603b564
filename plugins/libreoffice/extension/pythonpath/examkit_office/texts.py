"""The sentences that an examiner reads, in the language of the office's LibreOffice."""

from __future__ import annotations

import json
from pathlib import Path

FOLDER = Path(__file__).parent / "texts"
FALLBACK = "en"


class Texts:
    """The texts of one language, which has all of them."""

    def __init__(self, locale: str) -> None:
        self.language = language_of(locale)
        self._texts = _read(self.language)

    def __call__(self, name: str, **values: object) -> str:
        """Give a text, with values in their places."""
        return self._texts[name].format(**values)


def language_of(locale: str) -> str:
    """Choose among the languages that there are texts in: `pt` for `pt-BR`."""
    language = locale.replace("_", "-").split("-")[0].lower()
    return language if (FOLDER / f"{language}.json").is_file() and language.isalpha() else FALLBACK


def _read(language: str) -> dict[str, str]:
    texts: dict[str, str] = json.loads((FOLDER / f"{language}.json").read_text(encoding="utf-8"))
    return texts

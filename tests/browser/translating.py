"""The tab Translate as a person uses it."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator, Page, Route, expect

TRANSLATE = "**/api/v1/translate"
MEMORY = "**/api/v1/translate/memory"


@dataclass(frozen=True)
class Translating:
    """A page that shows the tab Translate."""

    page: Page

    @property
    def field(self) -> Locator:
        """Where the text is written."""
        return self.page.get_by_label("Text to translate")

    @property
    def targets(self) -> Locator:
        """The translations of the segments."""
        return self.page.locator(".target")

    @property
    def sources(self) -> Locator:
        """The sources of the segments, seen when both are read side by side."""
        return self.page.locator(".source:visible")

    @property
    def correction(self) -> Locator:
        """The field of a translation that is corrected."""
        return self.page.get_by_label("Correct the translation")

    def write(self, text: str) -> None:
        """Write a text, wait for its translation and read both side by side."""
        edit = self.page.get_by_role("button", name="Edit the text")
        if edit.is_visible():
            edit.click()
        self.field.fill(text)
        self.page.keyboard.press("Control+Enter")
        expect(self.page.locator(".sheet.reading")).to_be_visible()

    def paste(self, text: str, html: str = "") -> None:
        """Paste a text, with what a browser would have copied beside it."""
        self.page.evaluate(
            """copied => {
                document.addEventListener("copy", event => {
                    for (const [type, content] of Object.entries(copied)) event.clipboardData.setData(type, content);
                    event.preventDefault();
                }, { once: true });
                document.execCommand("copy");
            }""",
            {"text/plain": text, "text/html": html},
        )
        self.field.focus()
        self.page.keyboard.press("Control+V")

    def correct(self, number: int, text: str) -> None:
        """Correct the translation of a segment and keep it."""
        self.targets.nth(number).click()
        self.correction.fill(text)
        self.page.keyboard.press("Enter")
        expect(self.targets.nth(number)).to_contain_text(text)

    def answer(self, **members: Any) -> None:
        """Let the service answer with one segment, as real models do too rarely to wait for."""
        self.page.route(TRANSLATE, lambda route: route.fulfill(json=_answer(route, members)))


def _answer(route: Route, members: dict[str, Any]) -> dict[str, Any]:
    asked = json.loads(route.request.post_data or "{}")
    (source,) = asked["texts"]
    text = members.get("text", "Uma tradução.")
    segment = {
        "sourceStart": 0,
        "sourceEnd": len(source),
        "targetStart": 0,
        "targetEnd": len(text),
        "quality": {"score": 0.5, "flags": []},
        "origin": "engine",
        "matches": [],
        **members.get("segment", {}),
    }
    whole = {"alignment": [], "untranslated": [], "gist": False, "terms": [], "alternatives": []}
    given = {key: value for key, value in members.items() if key != "segment"}
    translation = {
        "text": text,
        "sourceLanguage": asked.get("sourceLanguage", "en"),
        "targetLanguage": asked["targetLanguage"],
        **whole,
        **given,
        "segments": [segment],
    }
    return {"translations": [translation], "model": {"name": "stand-in", "version": "1"}}


def problem(status: int, code: str, detail: str = "It cannot be done now.") -> Callable[[Route], None]:
    """Make an answer that says what went wrong."""

    def answer(route: Route) -> None:
        body = {"code": code, "status": status, "detail": detail, "correlationId": "c-1"}
        route.fulfill(status=status, content_type="application/problem+json", body=json.dumps(body))

    return answer

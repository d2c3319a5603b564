"""The panel Marks as an examiner uses it."""

import base64
import re
from dataclasses import dataclass

import httpx2
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.workbench import Workbench

SEARCH = "/api/v1/marks/search"

# Hands a file over as a browser does at a drop or a paste.
_HAND_OVER = """(zone, [how, name, type, content]) => {
  const data = new DataTransfer();
  const bytes = Uint8Array.from(atob(content), (sign) => sign.charCodeAt(0));
  data.items.add(new File([bytes], name, { type }));
  const init = { bubbles: true, cancelable: true };
  const event = how === "drop"
    ? new DragEvent("drop", { ...init, dataTransfer: data })
    : new ClipboardEvent("paste", { ...init, clipboardData: data });
  return !zone.dispatchEvent(event);
}"""


# What is sent with a file in it cannot be looked at from outside of the page.
_NOTE = """() => {
  const send = window.fetch;
  window.asked = [];
  window.fetch = (url, options) => {
    if (options?.body instanceof FormData) window.asked.push([...options.body]);
    return send(url, options);
  };
}"""
_ASKED = """() => window.asked.at(-1).map(([name, value]) => [name, value instanceof File ? value.name : value])"""


@dataclass(frozen=True)
class Marks:
    """The panel, opened."""

    page: Page
    panel: Locator

    @classmethod
    def of(cls, workbench: Workbench) -> "Marks":
        """Open the panel."""
        workbench.page.evaluate(_NOTE)
        return cls(workbench.page, workbench.show("Marks"))

    @property
    def hits(self) -> Locator:
        """The cards of the hits."""
        return self.panel.get_by_role("list", name="Marks found").get_by_role("listitem")

    @property
    def names(self) -> list[str]:
        """What the hits that are shown are called, best first."""
        return self.hits.locator(".name").all_text_contents()

    @property
    def numbers(self) -> list[str]:
        """The numbers of the hits that are shown, best first."""
        return [line.split(" ")[0] for line in self.hits.locator(".number").all_text_contents()]

    @property
    def status(self) -> Locator:
        """What is said of the search."""
        return self.panel.locator(".marks-status")

    @property
    def stage(self) -> Locator:
        """The image that is searched by."""
        return self.panel.get_by_role("application")

    @property
    def asked(self) -> dict[str, str | list[str]]:
        """The fields of the latest form that was sent, those of several values as lists; of the image its name."""
        found: dict[str, list[str]] = {}
        for name, value in self.page.evaluate(_ASKED):
            found.setdefault(name, []).append(value)
        return {name: values if len(values) > 1 else values[0] for name, values in found.items()}

    def hand_over(
        self, content: bytes, media_type: str = "image/png", how: str = "drop", name: str = "mark.png"
    ) -> None:
        """Drop or paste a file; see that the browser does not open it itself."""
        written = base64.b64encode(content).decode()
        assert self.panel.evaluate(_HAND_OVER, [how, name, media_type, written])

    def search(self, content: bytes, **how: str) -> None:
        """Drop or paste an image and wait for its hits."""
        with self.page.expect_response(re.compile(SEARCH)):
            self.hand_over(content, **how)
        expect(self.status).to_contain_text(" marks")

    def press(self, name: str) -> None:
        """Press a button of the panel."""
        self.panel.get_by_role("button", name=name, exact=True).click()


def registered(client: httpx2.Client, place: int) -> tuple[str, str, bytes]:
    """Return number, name and image of a mark of the register, by its place there."""
    (mark,) = client.get("/api/v1/marks", params={"limit": 1, "offset": place}).json()["items"]
    return mark["markId"], mark["metadata"]["name"], client.get(mark["imageUrl"]).content


def answer_with(page: Page, path: str, status: int, code: str, detail: str) -> None:
    """Let the gateway answer calls of a path with a problem."""

    def answer(route: Route) -> None:
        problem = {"code": code, "title": code, "detail": detail, "status": status, "correlationId": "c-1"}
        route.fulfill(status=status, json=problem, content_type="application/problem+json")

    page.route(f"**{path}", answer)

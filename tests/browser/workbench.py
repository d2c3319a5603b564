"""The workbench as a person uses it: by what stands on the page."""

from dataclasses import dataclass
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

# WCAG 2.2 at level AA, with all that it takes over from the versions before.
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@dataclass(frozen=True)
class Workbench:
    """A page that shows the workbench."""

    page: Page
    api_key: str

    def open(self, address: str = "/") -> None:
        """Open the page, at which it asks for a key."""
        self.page.goto(address)
        expect(self.page.get_by_label("API key")).to_be_focused()

    def sign_in(self, address: str = "/") -> None:
        """Open the page and sign in."""
        self.open(address)
        self.page.get_by_label("API key").fill(self.api_key)
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.page.get_by_role("tablist")).to_be_visible()

    def show(self, tab: str) -> Locator:
        """Open a tab and return its panel."""
        self.page.get_by_role("tab", name=tab).click()
        panel = self.page.get_by_role("tabpanel", name=tab)
        expect(panel).to_be_visible()
        return panel


def violations(page: Page) -> list[str]:
    """Return what axe-core finds against WCAG 2.2 AA in the page as it is, in both colors."""
    found = []
    for theme in ("light", "dark"):
        page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
        results: dict[str, Any] = Axe().run(page, options={"runOnly": {"type": "tag", "values": _RULES}}).response
        found += [
            f"{theme}: {rule['id']}: {node['html'][:200]} {node['failureSummary']}"
            for rule in results["violations"]
            for node in rule["nodes"]
        ]
    return found

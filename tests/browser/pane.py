"""The pane for Word as a person uses it: by what stands in it, and by what becomes of the document."""

from dataclasses import dataclass

from playwright.sync_api import Page, expect


@dataclass(frozen=True)
class Pane:
    """The pane in a page, and the document beside it."""

    page: Page
    api_key: str

    def sign_in(self) -> None:
        """Sign in where the pane asks for a key."""
        self.page.get_by_label("API key").fill(self.api_key)
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.page.get_by_role("tablist")).to_be_visible()

    def press(self, name: str) -> None:
        """Press the button of this name."""
        self.page.get_by_role("button", name=name, exact=True).click()

    def classify(self) -> None:
        """Classify and wait for the answer."""
        self.press("Classify")
        expect(self.page.locator(".predictions li").first).to_be_visible()

    def translate(self, source: str = "en", target: str = "pt") -> None:
        """Translate and wait for the answer."""
        self.page.get_by_role("tab", name="Translate").click()
        self.page.get_by_label("From").select_option(source)
        self.page.get_by_label("Into").select_option(target)
        self.press("Translate")
        expect(self.page.locator(".paragraphs li").first).to_be_visible()

    def note(self, text: str) -> None:
        """Wait for a short message."""
        expect(self.page.locator(".announcements")).to_contain_text(text)

    def paragraphs(self) -> list[list[tuple[str, tuple[str, ...]]]]:
        """Return the document as runs of letters with the names of their marks."""
        found = self.page.evaluate("wordDocument.paragraphs")
        return [[(text, tuple(marks)) for text, marks in runs] for runs in found]

    def words(self) -> list[str]:
        """Return the texts of the document's paragraphs."""
        return ["".join(text for text, _ in runs) for runs in self.paragraphs()]

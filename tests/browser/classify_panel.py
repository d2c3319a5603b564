"""The panel that classifies, as a person uses it."""

from typing import Final

from playwright.sync_api import Locator, expect

from tests.browser.workbench import Workbench

BRUSH: Final = (
    "A toothbrush comprises a handle and a brush head with bristles. The head is held on the handle by a snap "
    "connection, so that worn bristles can be replaced without discarding the handle."
)
SUBCLASSES: Final = "/#level=subclass"


class ClassifyPanel:
    """What stands in the panel."""

    def __init__(self, workbench: Workbench, address: str = SUBCLASSES) -> None:
        self.page = workbench.page
        workbench.sign_in(address)
        self.text = self.page.get_by_role("textbox", name="Text", exact=True)
        expect(self.text).to_be_visible()
        self.document = self.page.get_by_role("region", name="Document")
        self.rows = self.page.get_by_role("treegrid").locator("tbody tr")
        self.tray = self.page.get_by_role("region", name="Accepted symbols")
        self.results = self.page.get_by_role("region", name="Predicted symbols")
        self.scheme = self.page.get_by_role("region", name="Look around in the classification")

    def paste(self, text: str) -> None:
        """Paste a text as a person does, by the clipboard."""
        self.page.evaluate("text => navigator.clipboard.writeText(text)", text)
        self.text.focus()
        self.page.keyboard.press("Control+V")

    def paste_page(self, html: str) -> None:
        """Copy all of another page and paste it."""
        other = self.page.context.new_page()
        other.set_content(html)
        other.keyboard.press("Control+A")
        other.keyboard.press("Control+C")
        other.close()
        self.text.focus()
        self.page.keyboard.press("Control+V")

    def open(self, name: str, media_type: str, content: bytes) -> None:
        """Open a file by the button."""
        with self.page.expect_file_chooser() as chooser:
            self.page.get_by_role("button", name="Open a file").click()
        chooser.value.set_files({"name": name, "mimeType": media_type, "buffer": content})

    def drop(self, name: str, content: str) -> None:
        """Drop a file with the content that an expression of JavaScript gives."""
        carried = self.page.evaluate_handle(
            f"""() => {{
                 const carried = new DataTransfer();
                 carried.items.add(new File([{content}], "{name}"));
                 return carried;
               }}"""
        )
        self.document.dispatch_event("drop", {"dataTransfer": carried})

    def part(self, name: str) -> Locator:
        """Return the field of a part of the document."""
        return self.document.get_by_role("textbox", name=name, exact=True)

    def row(self, symbol: str) -> Locator:
        """Return the row of a symbol."""
        return self.page.locator(f'[role=treegrid] tr[data-symbol="{symbol}"]')

    def add(self, symbol: str) -> None:
        """Add a symbol by hand."""
        self.tray.get_by_role("textbox", name="Add a symbol by hand").fill(symbol)
        self.page.keyboard.press("Enter")

    def exported(self, way: str) -> str:
        """Press a button of the tray and return the file that comes."""
        with self.page.expect_download() as download:
            self.tray.get_by_role("button", name=way).click()
        return download.value.path().read_text(encoding="utf-8")

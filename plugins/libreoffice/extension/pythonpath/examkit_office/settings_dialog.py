"""The dialog in which an examiner says where the gateway is, and with which key."""

from __future__ import annotations

from typing import Any

import uno
from com.sun.star.ui.dialogs.TemplateDescription import FILEOPEN_SIMPLE

from examkit_office.configuration import fixed_members, write_preferences
from examkit_office.forms import LABEL_DROP, MARGIN, ROW, Form
from examkit_office.key_store import find_key, keep_key, lasts
from examkit_office.office import Office
from examkit_office.preferences import LEAST_SECONDS, MOST_SECONDS, Preferences, language_tag, tidy_address

_WIDTH, _HEIGHT = 270, 182
_INPUT_X = 86
_STEP = 18


def settings(office: Office) -> None:
    """Show the settings, and keep them when they are accepted."""
    SettingsDialog(office).run()


class SettingsDialog:
    """Its controls stand below one another, each beside its label."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._form = Form(office, office.texts("settings-title"), _WIDTH, _HEIGHT)
        self._y = MARGIN
        self._fixed = fixed_members(office.context)
        self._fill(office.preferences())

    def run(self) -> None:
        """Show it until it is closed."""
        self._form.run("address")

    def _fill(self, now: Preferences) -> None:
        texts = self._office.texts
        self._row("address", "UnoControlEdit", Text=now.address, HelpText=texts("address-help"))
        self._row("key", "UnoControlEdit", Text=find_key(self._office, now.address), EchoChar=ord("*"))
        kept = int(lasts(self._office, now.address))
        self._row("key-lasts", "UnoControlCheckBox", Label=texts("key-lasts"), State=kept)
        bounds = {"ValueMin": LEAST_SECONDS, "ValueMax": MOST_SECONDS, "DecimalAccuracy": 0, "Spin": True}
        self._row("timeout_seconds", "UnoControlNumericField", Value=now.timeout_seconds, **bounds)
        self._language("source_language", now.source_language)
        self._language("target_language", now.target_language)
        self._row("certificate_file", "UnoControlEdit", Text=now.certificate_file, HelpText=texts("certificate-help"))
        self._browse_button()
        self._form.label("", (MARGIN, self._y, _WIDTH - 2 * MARGIN, 20), "trouble", MultiLine=True)
        self._form.end_buttons(texts("ok"), self._accept)

    def _row(self, name: str, kind: str, **values: Any) -> None:
        if "Label" not in values:
            self._label(name)
        self._form.add(kind, name, self._input_area(), Enabled=name not in self._fixed, **values)
        self._y += _STEP

    def _language(self, name: str, tag: str) -> None:
        self._label(name)
        self._form.language_choice(name, tag, self._input_area(), Enabled=name not in self._fixed)
        self._y += _STEP

    def _label(self, name: str) -> None:
        text = self._office.texts("setting-" + name)
        self._form.label(text, (MARGIN, self._y + LABEL_DROP, _INPUT_X - MARGIN - 4, 10))

    def _input_area(self) -> tuple[int, int, int, int]:
        return _INPUT_X, self._y, _WIDTH - _INPUT_X - MARGIN, ROW

    def _browse_button(self) -> None:
        entry = self._form.model("certificate_file")
        entry.Width -= 30 + 4
        area = (_WIDTH - MARGIN - 30, entry.PositionY, 30, ROW)
        self._form.button("browse", "…", area, self._browse).Enabled = entry.Enabled

    def _browse(self) -> None:
        picker = self._office.service("com.sun.star.ui.dialogs.FilePicker", FILEOPEN_SIMPLE)
        if picker.execute():
            self._form.model("certificate_file").Text = uno.fileUrlToSystemPath(picker.getSelectedFiles()[0])

    def _accept(self) -> None:
        chosen = self._chosen()
        trouble = chosen.trouble()
        if trouble:
            self._form.model("trouble").Label = self._office.texts(trouble)
            self._form.control("address").setFocus()
            return
        write_preferences(self._office.context, chosen)
        key, is_lasting = self._form.model("key").Text.strip(), bool(self._form.model("key-lasts").State)
        keep_key(self._office, chosen.address, key, is_lasting=is_lasting)
        self._form.accept()

    def _chosen(self) -> Preferences:
        model = self._form.model
        return Preferences(
            address=tidy_address(model("address").Text),
            timeout_seconds=int(model("timeout_seconds").Value),
            certificate_file=model("certificate_file").Text.strip(),
            source_language=language_tag(model("source_language").Text),
            target_language=language_tag(model("target_language").Text),
            level=self._office.preferences().level,
        )

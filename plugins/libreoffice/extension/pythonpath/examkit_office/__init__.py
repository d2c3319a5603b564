"""The extension's own modules; those that import no UNO can be tried without LibreOffice."""

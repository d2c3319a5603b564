"""Everything that goes into the extension's file, laid out as LibreOffice's loader wants it."""

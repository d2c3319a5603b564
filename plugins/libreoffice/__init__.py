"""The LibreOffice extension: classify, translate and look up marks from Writer."""

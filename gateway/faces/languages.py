"""Languages as other protocols name them, and as we do (BCP 47)."""

from typing import Final

# The names that clients show. A language that is not here is called by its code.
_NAMES: Final = {
    "ar": "Arabic",
    "bg": "Bulgarian",
    "ca": "Catalan",
    "cs": "Czech",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "et": "Estonian",
    "eu": "Basque",
    "fi": "Finnish",
    "fr": "French",
    "gl": "Galician",
    "hu": "Hungarian",
    "id": "Indonesian",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "lt": "Lithuanian",
    "lv": "Latvian",
    "nb": "Norwegian",
    "nl": "Dutch",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "sk": "Slovak",
    "sl": "Slovenian",
    "sr": "Serbian",
    "sv": "Swedish",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "vi": "Vietnamese",
    "zh": "Chinese",
}
# LibreTranslate's own codes, and ISO 639-3, which OPUS-CAT's clients may send.
_OTHER_CODES: Final = {
    "pb": "pt-BR",
    "zt": "zh-Hant",
    "ara": "ar",
    "cat": "ca",
    "deu": "de",
    "eng": "en",
    "fra": "fr",
    "glg": "gl",
    "ita": "it",
    "jpn": "ja",
    "kor": "ko",
    "nld": "nl",
    "por": "pt",
    "rus": "ru",
    "spa": "es",
    "zho": "zh",
}


def tag_of(code: str) -> str:
    """Give the BCP 47 tag for a code in any of these protocols; what is not known is left to the service to judge."""
    written = code.strip().replace("_", "-")
    return _OTHER_CODES.get(written.lower(), written)


def primary(tag: str) -> str:
    """Return the language of a tag without script and region: `pt` of `pt-BR`."""
    return tag.lower().partition("-")[0]


def name_of(tag: str) -> str:
    """Give the English name of a language."""
    return _NAMES.get(primary(tag), tag)

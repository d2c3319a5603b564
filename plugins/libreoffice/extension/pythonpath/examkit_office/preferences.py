"""What the examiner or the office has set, but for the key."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

LEVELS = ("section", "class", "subclass", "mainGroup", "subgroup")
# Languages by what their speakers call them; any other can be typed as a tag.
LANGUAGES = (
    ("ar", "العربية"),
    ("ca", "Català"),
    ("de", "Deutsch"),
    ("en", "English"),
    ("es", "Español"),
    ("fr", "Français"),
    ("gl", "Galego"),
    ("it", "Italiano"),
    ("ja", "日本語"),
    ("ko", "한국어"),
    ("pt", "Português"),
    ("ru", "Русский"),
    ("zh", "中文"),
)
_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*(?![^\s])")
LEAST_SECONDS = 5
MOST_SECONDS = 600


@dataclass(frozen=True)
class Preferences:
    """The settings of the extension."""

    address: str = ""
    timeout_seconds: int = 60
    certificate_file: str = ""
    source_language: str = ""
    target_language: str = "en"
    level: str = "subclass"

    def trouble(self) -> str:
        """Name the text that says what is wrong with them; nothing is wrong: the empty one."""
        if not is_address(self.address):
            return "address-wrong"
        return "" if self.target_language else "target-missing"


def is_address(text: str) -> bool:
    """Tell whether this can be the address of a gateway."""
    try:
        parts = urlsplit(text)
        is_plain = not (parts.username or parts.password or parts.query or parts.fragment)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and is_plain and parts.port != 0
    except ValueError:
        return False


def tidy_address(text: str) -> str:
    """Write an address as it is kept: without the slash at its end, with a scheme."""
    bare = text.strip().rstrip("/")
    return bare if not bare or "://" in bare else "https://" + bare


def language_label(tag: str) -> str:
    """Show a language as a choice that begins with its tag."""
    return next((f"{known} – {name}" for known, name in LANGUAGES if known == tag), tag)


def language_tag(label: str) -> str:
    """Read the tag that a choice, or what was typed in its place, begins with."""
    found = _TAG.match(label.strip())
    return found[0] if found else ""


def step_below(level: str) -> str:
    """Name the level below one; the last has none."""
    place = LEVELS.index(level) + 1 if level in LEVELS else len(LEVELS)
    return LEVELS[place] if place < len(LEVELS) else ""

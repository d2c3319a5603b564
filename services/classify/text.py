"""What a client sends of a patent, and what of it is read: the input of every classification."""

import html
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final

# Letters read of each part: whole titles and abstracts (few exceed 2,500), the beginnings of the long parts, as in
# training. They bound the time an answer takes, whatever is sent.
READ_LETTERS: Final = {"title": 1000, "abstract": 5000, "claims": 1500, "description": 1500, "text": 5000}

# Markup may take most of a text's beginning; so much more than the letters wanted is looked at.
_LOOK_AHEAD: Final = 4
_TAG: Final = re.compile(r"""</?[a-zA-Z][\w:.-]*(?:\s+[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'<>]+))*\s*/?>""")
INVISIBLE: Final = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff]")
# A word broken at the end of a line, or there before the lines were joined; "low- and high-pressure" is whole.
BROKEN_WORD: Final = re.compile(
    r"(?<=[^\W\d_]{2})[-\u2010\u2011\u00ac](?:[ \t]*\r?\n\s*| )"
    r"(?=[^\W\d_]{2})(?!(?:and|or|to|und|oder|bis|et|ou|ed|bzw)\b)"
)


@dataclass(frozen=True)
class PatentText:
    """The parts of a patent document, each possibly empty; `text` is text of unknown kind."""

    title: str = ""
    abstract: str = ""
    claims: str = ""
    description: str = ""
    text: str = ""

    @property
    def is_blank(self) -> bool:
        """Tell whether no part holds anything but white space."""
        return not any(part and not part.isspace() for part in self._parts)

    @property
    def _parts(self) -> tuple[str, ...]:
        return self.title, self.abstract, self.claims, self.description, self.text

    @cached_property
    def front(self) -> str:
        """Return what is read of all parts but the description; the title counts twice, for it names the subject."""
        title = self._read("title")
        return _joined(title, title, self._read("abstract"), self._read("claims"), self._read("text"))

    @cached_property
    def readable(self) -> str:
        """Return what is read of the parts, one after another."""
        return _joined(self.front, self._read("description"))

    def _read(self, name: str) -> str:
        part: str = getattr(self, name)
        return clean(part.lstrip()[: _LOOK_AHEAD * READ_LETTERS[name]])[: READ_LETTERS[name]]


def clean(text: str) -> str:
    """Return a text without markup and invisible characters, and with words joined that the end of a line broke."""
    if "&" in text:
        text = html.unescape(text)
    if "<" in text:
        text = _TAG.sub(" ", text)
    return BROKEN_WORD.sub("", INVISIBLE.sub("", text))


def _joined(*parts: str) -> str:
    return "\n".join(part for part in parts if part)

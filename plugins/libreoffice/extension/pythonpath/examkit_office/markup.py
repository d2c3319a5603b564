"""Paragraphs as marked-up texts and back: which words have which formatting, told in tags that a translator keeps.

A paragraph is a list of slots; between two slots stands something that is no text (a footnote's number, a picture, a
field, the edge of a bookmark) and stays where it is. A slot is a list of words, each with the number of its format.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from examkit_office.refusal import RefusedError

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Words:
    """Text of one format; `script` is `sub` or `sup` where it is lowered or raised."""

    text: str
    format: int
    script: str = ""


def has_words(slots: list[list[Words]]) -> bool:
    """Tell whether there is anything to translate."""
    return any(character.isalpha() for words in _all(slots) for character in words.text)


def plain_text(slots: list[list[Words]]) -> str:
    """Give the text alone."""
    return "".join(words.text for words in _all(slots))


def tagged(slots: list[list[Words]]) -> str:
    """Write slots as marked-up text; words of the commonest format have no tag."""
    base = base_format(slots)
    written = ("".join(_tagged(words, base) for words in slot) for slot in slots)
    return "".join(part if number == 0 else f'<x id="{number}"/>{part}' for number, part in enumerate(written))


def base_format(slots: list[list[Words]]) -> int:
    """Return the format that most characters have."""
    counts: Counter[int] = Counter()
    for words in _all(slots):
        counts[words.format] += len(words.text)
    return counts.most_common(1)[0][0] if counts else 0


def slots_of(markup: str, source: list[list[Words]]) -> list[list[Words]]:
    """Read the translation of `tagged(source)`; raise RefusedError (`answer-unreadable`) where it is no such thing.

    There are as many slots as in the source, whatever became of the tags between them.
    """
    try:
        root = ElementTree.fromstring(f"<t>{markup}</t>")  # noqa: S314 - without a document type there are no entities
    except ElementTree.ParseError:
        raise RefusedError("answer-unreadable") from None
    scripts = {words.format: words.script for words in _all(source)}
    found: list[list[Words]] = [[]]
    _read(root, base_format(source), scripts, found)
    wanted = len(source)
    rest = [words for slot in found[wanted - 1 :] for words in slot]
    return [*found[: wanted - 1], *([] for _ in range(wanted - len(found))), rest][:wanted]


def _all(slots: list[list[Words]]) -> list[Words]:
    return [words for slot in slots for words in slot]


def _tagged(words: Words, base: int) -> str:
    text = escape(_NOT_IN_XML.sub("", words.text)).replace("\n", "<br/>")
    if words.format == base:
        return text
    name = words.script or "g"
    return f'<{name} id="{words.format}">{text}</{name}>'


def _read(element: ElementTree.Element, format: int, scripts: dict[int, str], found: list[list[Words]]) -> None:
    _add(element.text, format, scripts, found)
    for child in element:
        if child.tag == "x":
            found.append([])
        elif child.tag == "br":
            _add("\n", format, scripts, found)
        else:
            _read(child, _format_of(child, format, scripts), scripts, found)
        _add(child.tail, format, scripts, found)


def _format_of(element: ElementTree.Element, around: int, known: dict[int, str]) -> int:
    number = element.get("id", "")
    return int(number) if number.isdecimal() and int(number) in known else around


def _add(text: str | None, format: int, scripts: dict[int, str], found: list[list[Words]]) -> None:
    if not text:
        return
    slot = found[-1]
    if slot and slot[-1].format == format:
        text = slot.pop().text + text
    slot.append(Words(text, format, scripts.get(format, "")))

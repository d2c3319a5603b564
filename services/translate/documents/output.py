"""What is made of a translated document: itself, a page with both languages side by side, or a translation memory."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from html import escape
from typing import Final

from examkit import __version__
from services.translate.documents.document import Document, Section
from services.translate.markup.unit import Unit
from services.translate.markup.writing import Replacement, Splicer
from services.translate.quality import Flag, Quality
from services.translate.unit_translation import Languages, TranslatedUnit


class Output(StrEnum):
    """What a client wants of a document."""

    DOCUMENT = "document"
    BILINGUAL_HTML = "bilingual-html"
    TMX = "tmx"


@dataclass(frozen=True)
class Result:
    """A file made of a document, `ending` without the dot."""

    content: bytes
    media_type: str
    ending: str


@dataclass(frozen=True)
class Pair:
    """A segment in both languages."""

    source: str
    target: str
    quality: Quality


_FLAGS: Final = {
    Flag.NUMBER_MISSING: "a number is missing",
    Flag.SIGN_MISSING: "a reference sign is missing",
    Flag.UNTRANSLATED: "not or only partly translated",
    Flag.LENGTH_RATIO: "the length is unusual",
    Flag.REPETITION: "words are repeated",
    Flag.LANGUAGE_WRONG: "in another language",
}
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_STYLE: Final = """
body { font: 15px/1.45 system-ui, "Noto Sans", sans-serif; color: #1d2125; background: #fff }
body { margin: 2rem auto; max-width: 76rem; padding: 0 1rem }
h1 { font-size: 1.3rem; margin: 0 0 .25rem }
.notice { margin: 0 0 1rem; font-weight: 600 }
table { border-collapse: collapse; width: 100%; table-layout: fixed }
th { text-align: start; border-bottom: 2px solid #596067; position: sticky; top: 0; background: #fff }
th, td { padding: .35rem .6rem; vertical-align: top; overflow-wrap: anywhere }
td { border-bottom: 1px solid #cfd4d9; white-space: pre-wrap }
th:first-child, td:first-child { width: 3rem; color: #596067; font-variant-numeric: tabular-nums }
td.weak { border-inline-start: 3px dotted #9a3412 }
.flag { display: block; margin-top: .2rem; font-size: .85rem; color: #9a3412; white-space: normal }
@media print {
  body { margin: 0; max-width: none; font-size: 10pt }
  th { position: static }
  tr { break-inside: avoid }
  thead { display: table-header-group }
}
"""


def make(
    output: Output, document: Document, translated: Sequence[Sequence[TranslatedUnit]], languages: Languages
) -> Result:
    """Make a file; `translated` are the units of each section."""
    if output is Output.DOCUMENT:
        return _document(document, translated)
    pairs = [pair for units in translated for unit in units for pair in _pairs(unit)]
    if output is Output.TMX:
        return Result(_tmx(pairs, languages).encode(), "application/x-tmx+xml", "tmx")
    is_gist = any(each.translation.route.is_gist for units in translated for each in units)
    return Result(_page(pairs, languages, is_gist=is_gist).encode(), "text/html", "html")


def _document(document: Document, translated: Sequence[Sequence[TranslatedUnit]]) -> Result:
    texts = [
        Splicer(section.source, _replacements(section, units), section.write).whole()
        for section, units in zip(document.sections, translated, strict=True)
    ]
    return Result(document.assemble(texts), document.format.media_type, document.format.value)


def _replacements(section: Section, translated: Sequence[TranslatedUnit]) -> Iterator[Replacement]:
    yield from (Replacement(each.unit, each.pieces) for each in translated)
    if section.fills:
        done = {id(each.unit) for each in translated}
        yield from (Replacement(unit, unit.as_it_is()) for unit in section.units if id(unit) not in done)


def _pairs(each: TranslatedUnit) -> Iterator[Pair]:
    """Give the segments of a unit, with what a reader sees for what is no text."""
    source, target = each.unit.text, each.translation.text
    segments = each.translation.segments
    if not segments:
        yield Pair(_shown(source, each.unit), _shown(target, each.unit), each.translation.quality)
    for segment in segments:
        before, after = source[slice(*segment.source)], target[slice(*segment.target)]
        yield Pair(_shown(before, each.unit), _shown(after, each.unit), segment.quality)


def _shown(text: str, unit: Unit) -> str:
    for character, tag in unit.stand_ins.items():
        text = text.replace(character, tag.shown or "[…]")
    return text.replace("\v", "\t").strip()


def _page(pairs: Sequence[Pair], languages: Languages, *, is_gist: bool) -> str:
    source, target = escape(str(languages.source)), escape(str(languages.target))
    weak = sum(bool(pair.quality.flags) for pair in pairs)
    gist = " It was made in several steps or by rules: it gives the gist only." if is_gist else ""
    rows = "\n".join(_row(number, pair, source, target) for number, pair in enumerate(pairs, 1))
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Machine translation, {source} to {target}</title>
<style>{_STYLE}</style>
</head>
<body>
<h1>Machine translation, {source} to {target}</h1>
<p class="notice">This translation was made by a machine and was checked by nobody.{gist}</p>
<p>{len(pairs)} segments; {weak} of them should be looked at, and say why.</p>
<table>
<thead><tr><th scope="col">No.</th><th scope="col">Source ({source})</th>
<th scope="col">Translation ({target})</th></tr></thead>
<tbody>
{rows}
</tbody>
</table>
</body>
</html>
"""


def _row(number: int, pair: Pair, source: str, target: str) -> str:
    flags = "; ".join(_FLAGS.get(flag, flag.value.replace("-", " ")) for flag in pair.quality.flags)
    said = f'<span class="flag" lang="en" dir="ltr">Look at this: {flags}.</span>' if flags else ""
    weak = ' class="weak"' if flags else ""
    return (
        f'<tr><td>{number}</td><td lang="{source}" dir="auto">{escape(pair.source)}</td>'
        f'<td lang="{target}" dir="auto"{weak}>{escape(pair.target)}{said}</td></tr>'
    )


def _tmx(pairs: Sequence[Pair], languages: Languages) -> str:
    """Write TMX 1.4 (LISA 2005)."""
    source, target = escape(str(languages.source)), escape(str(languages.target))
    units = "\n".join(
        f'<tu><prop type="x-origin">machine</prop><prop type="x-score">{pair.quality.score:.4f}</prop>'
        f'<tuv xml:lang="{source}"><seg>{_text(pair.source)}</seg></tuv>'
        f'<tuv xml:lang="{target}"><seg>{_text(pair.target)}</seg></tuv></tu>'
        for pair in pairs
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<tmx version="1.4">
<header creationtool="Examkit" creationtoolversion="{__version__}" segtype="sentence" o-tmf="Examkit"
 adminlang="en" srclang="{source}" datatype="plaintext">
<note>Made by a machine, checked by nobody.</note>
</header>
<body>
{units}
</body>
</tmx>
"""


def _text(text: str) -> str:
    return _NOT_XML.sub("", escape(text, quote=False))

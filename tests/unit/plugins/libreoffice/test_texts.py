"""The texts of the extension: the same in every language, with the same places for values."""

import re
from pathlib import Path
from string import Formatter
from xml.etree import ElementTree

import pytest
from examkit_office.preferences import LEVELS
from examkit_office.texts import FOLDER, Texts, language_of

LANGUAGES = ("en", "es", "fr", "pt")
EXTENSION = FOLDER.parents[2]
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_NAMED_IN_CODE = re.compile(
    r"""texts\(\s*"([a-z][A-Za-z_-]+)"|tell\(\s*office, "([a-z-]+)"|RefusedError\("([a-z-]+)\""""
)
_NAMED_IN_TABLES = re.compile(r""": "([a-z]+-[a-z-]+)",""")


def texts_of(language: str) -> dict[str, str]:
    return dict(Texts(language)._texts)


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_every_text_is_there_in_every_language_with_its_values(language):
    english, other = texts_of("en"), texts_of(language)
    assert english.keys() == other.keys()
    for name in english:
        assert values_of(english[name]) == values_of(other[name]), name
    assert sum(english[name] != other[name] for name in english) > 70


def values_of(text: str) -> set[str | None]:
    return {field for _, field, _, _ in Formatter().parse(text) if field is not None}


def test_every_text_that_is_asked_for_is_there():
    known = texts_of("en")
    sources = [file.read_text() for file in FOLDER.parent.glob("*.py")]
    found = {name for source in sources for names in _NAMED_IN_CODE.findall(source) for name in names if name}
    found |= set(_NAMED_IN_TABLES.findall((FOLDER.parent / "refusal.py").read_text()))
    assert len(found) > 50
    assert found - {"level-", "place-", "setting-"} <= known.keys()
    assert {f"level-{level}" for level in LEVELS} <= known.keys()


@pytest.mark.parametrize(
    ("locale", "language"),
    [("pt-BR", "pt"), ("pt_PT", "pt"), ("ES", "es"), ("de", "en"), ("", "en"), ("../en", "en"), ("en-US", "en")],
)
def test_the_language_is_that_of_the_office_where_there_are_texts_in_it(locale, language):
    assert language_of(locale) == language


def test_the_menu_and_the_toolbar_speak_all_languages_and_name_commands():
    items = [node for node in addons().iter("node") if "Item" in next(iter(node.attrib.values()))]
    assert len(items) == 7
    for item in items:
        title = next(prop for prop in item if "Title" in prop.attrib.values())
        assert [value.get(XML_LANG) for value in title] == list(LANGUAGES)
        assert all(value.text for value in title)


def addons() -> ElementTree.Element:
    return ElementTree.parse(Path(EXTENSION, "Addons.xcu")).getroot()

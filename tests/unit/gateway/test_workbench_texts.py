"""The words of the workbench: four languages that say the same things."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.pages import WORD_DIR, WORKBENCH_DIR

TEXTS = WORKBENCH_DIR / "texts"
PARTS = sorted(file.stem for file in (TEXTS / "en").iterdir())
PLURALS = {"zero", "one", "two", "few", "many", "other"}
SCRIPTS = sorted(file for folder in (WORKBENCH_DIR, WORD_DIR) for file in folder.rglob("*.js"))


def table(language: str, part: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((TEXTS / language / f"{part}.json").read_text())
    return read


def texts(entry: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """Give each text with its key; forms of a plural have one key."""
    if isinstance(entry, str):
        yield ".".join(path), entry
        return
    for name, below in entry.items():
        yield from texts(below, path if set(entry) <= PLURALS else (*path, name))


def keys(language: str, part: str) -> set[str]:
    return {key for key, _ in texts(table(language, part))}


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("language", ["es", "fr", "pt"])
def test_a_language_has_all_texts_with_the_same_places_for_values(language, part):
    def places(tag: str) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for key, text in texts(table(tag, part)):
            found.setdefault(key, set()).update(re.findall(r"\{\w+\}", text))
        return found

    assert places(language) == places("en")


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("language", ["es", "fr", "pt"])
def test_a_language_is_not_english(language, part):
    long = {key: text for key, text in texts(table("en", part)) if len(text.split()) > 3}
    same = [key for key, text in texts(table(language, part)) if long.get(key) == text]
    assert same == []


def test_every_text_that_a_script_names_is_there():
    known = {f"{part}.{key}" for part in PARTS for key in keys("en", part)}
    groups = {key.rpartition(".")[0] for key in known}
    named = {
        (file.name, key)
        for file in SCRIPTS
        for key in re.findall(rf'"((?:{"|".join(PARTS)})\.[A-Za-z][\w.]*\w)"', file.read_text())
    }
    assert {(name, key) for name, key in named if key not in known and key not in groups} == set()


def test_every_language_has_the_same_parts():
    assert {tuple(sorted(f.stem for f in folder.iterdir())) for folder in Path(TEXTS).iterdir()} == {tuple(PARTS)}

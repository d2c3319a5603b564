"""Settings: addresses and languages as people type them."""

import pytest
from examkit_office.preferences import (
    LEVELS,
    Preferences,
    is_address,
    language_label,
    language_tag,
    step_below,
    tidy_address,
)


@pytest.mark.parametrize(
    "address", ["https://examkit.office", "http://127.0.0.1:8080", "https://office/examkit", "https://[::1]:8443"]
)
def test_the_address_of_a_gateway(address):
    assert is_address(address)
    assert Preferences(address=address).trouble() == ""


@pytest.mark.parametrize(
    "address",
    [
        "",
        "examkit",
        "ftp://office",
        "https://",
        "https://a:b@office",
        "https://office?key=1",
        "http://office:0",
        "http://[",
        "https://office:99999",
    ],
)
def test_no_address_of_a_gateway(address):
    assert not is_address(address)
    assert Preferences(address=address).trouble() == "address-wrong"


def test_a_target_language_is_needed():
    assert Preferences(address="https://office", target_language="").trouble() == "target-missing"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" https://office/ ", "https://office"),
        ("office:8080", "https://office:8080"),
        ("http://a/b//", "http://a/b"),
        ("", ""),
    ],
)
def test_an_address_is_tidied(typed, kept):
    assert tidy_address(typed) == kept


@pytest.mark.parametrize(
    ("typed", "tag"),
    [
        ("pt – Português", "pt"),
        ("pt-BR", "pt-BR"),
        (" zh-Hans ", "zh-Hans"),
        ("— detected —", ""),
        ("", ""),
        ("português", ""),
    ],
)
def test_a_language_is_read_from_its_choice_or_as_typed(typed, tag):
    assert language_tag(typed) == tag


def test_a_language_that_is_not_offered_is_shown_by_its_tag():
    assert language_label("fr") == "fr – Français"
    assert language_label("sw") == "sw"


def test_every_level_but_the_last_has_one_below():
    assert [step_below(level) for level in LEVELS] == [*LEVELS[1:], ""]
    assert step_below("auto") == ""

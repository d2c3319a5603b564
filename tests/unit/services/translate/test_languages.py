"""Tags and pairs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examkit.errors import InvalidInputError
from services.translate.languages import LanguagePair, LanguageTag, find_pair

EN, PT, PT_BR = LanguageTag("en"), LanguageTag("pt"), LanguageTag("pt", region="BR")
INSTALLED = [LanguagePair(EN, PT), LanguagePair(PT, EN)]


@pytest.mark.parametrize(
    ("given_tag", "canonical"),
    [
        ("EN", "en"),
        ("pt-br", "pt-BR"),
        ("ZH-hANS-cn", "zh-Hans-CN"),
        ("es-419", "es-419"),
        ("de-ch-1996", "de-CH-1996"),
    ],
)
def test_a_tag_is_echoed_canonical(given_tag, canonical):
    assert str(LanguageTag.parse(given_tag)) == canonical


@pytest.mark.parametrize("tag", ["", "e", "english", "pt_BR", "pt-", "-", "a-DE", "en-x-private", "pt-BR ", "ßß"])
def test_what_is_no_tag_is_refused(tag):
    with pytest.raises(InvalidInputError) as caught:
        LanguageTag.parse(tag)
    assert caught.value.code == "malformed-language-tag"


@given(st.text(max_size=12))
def test_any_text_is_a_tag_or_refused_and_parsing_is_stable(text):
    try:
        tag = LanguageTag.parse(text)
    except InvalidInputError:
        return
    assert LanguageTag.parse(str(tag)) == tag


def test_a_region_is_served_by_the_language():
    assert find_pair(LanguagePair(EN, PT_BR), INSTALLED) == LanguagePair(EN, PT)


def test_the_nearest_pair_is_chosen():
    brazilian = LanguagePair(EN, PT_BR)
    assert find_pair(brazilian, [*INSTALLED, brazilian]) == brazilian


def test_another_script_does_not_serve():
    hans, hant = LanguageTag("zh", "Hans"), LanguageTag("zh", "Hant")
    assert LanguageTag("zh").serves(hant)
    assert not hans.serves(hant)


def test_an_unsupported_pair_names_those_there_are():
    with pytest.raises(InvalidInputError) as caught:
        find_pair(LanguagePair(EN, LanguageTag("fr")), INSTALLED)
    assert caught.value.code == "unsupported-language-pair"
    assert [detail.message for detail in caught.value.details] == ["en to pt is supported", "pt to en is supported"]
    with pytest.raises(InvalidInputError) as caught:
        find_pair(LanguagePair(PT_BR, LanguageTag("fr")), INSTALLED)
    assert [detail.message for detail in caught.value.details] == ["pt to en is supported", "en to pt is supported"]


def test_source_and_target_may_not_be_the_same_language():
    with pytest.raises(InvalidInputError) as caught:
        find_pair(LanguagePair(PT, PT_BR), INSTALLED)
    assert caught.value.code == "same-language"

"""Segments are translated so that nothing is lost, whatever the decoder does."""

import re
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from services.translate.engines.protocol import Draft
from services.translate.fallbacks import render, render_alternatives
from services.translate.languages import LanguagePair, LanguageTag
from services.translate.placeholders import protect
from services.translate.untranslatable import Extent

CODES = st.sampled_from(
    ["12a", "γ-Al2O3", "≥", "(12)", "H01L 21/768", "SEQ ID NO: 7", "Müller", "±", "(I)", "µm", "3.5"]
)
WORDS = st.sampled_from(["rod", "the", "spring,", "valve.", "and", "is;", "of"])
SENTENCES = st.lists(WORDS | CODES, min_size=1, max_size=30).map(" ".join)


def keeps(character):
    return character.isascii() or character in "°éãç"


class ChangingEngine:
    """Makes a translation of a text by a function, and notes what it was given."""

    name, model = "changing", ("changing", "1.0.0")
    pair = LanguagePair(LanguageTag("en"), LanguageTag("pt"))

    def __init__(self, change, others=()):
        self.calls, self._change, self._others = [], change, others

    def keeps(self, character):
        return keeps(character)

    def translate(self, segments):
        self.calls.append(list(segments))
        made = [self._change(segment) for segment in segments]
        return [each if isinstance(each, Draft) else Draft(each, -1.0, 4) for each in made]

    def alternatives(self, segment):
        return [Draft(other(segment), -1.0, 4) for other in self._others]


def render_one(source, change):
    engine = ChangingEngine(change)
    return render([source], [engine])[0], engine.calls


def protected_spans(source):
    return Counter(protect(source, keeps, Extent.NEEDED).originals.values())


def test_a_faithful_decoder_is_asked_once():
    rendering, calls = render_one("the γ-ray valve (12)", str)
    assert rendering.text == "the γ-ray valve (12)"
    assert [len(call) for call in calls] == [1]


def test_a_lost_number_is_protected_at_the_second_attempt():
    rendering, calls = render_one("the claims 1 to 7 here", lambda text: re.sub(r"(?<!\w)7", "", text))
    assert rendering.text == "the claims 1 to 7 here"
    assert calls[1] == ["the claims X31 to X32 here"]


def test_a_number_that_stays_lost_leaves_the_first_translation():
    rendering, _ = render_one("the claim 7 here", lambda _: "a reivindicação aqui")
    assert rendering.text == "a reivindicação aqui"
    assert not rendering.is_kept


def test_what_is_lost_in_a_long_part_is_found_in_a_shorter_one():
    def forget_after_seven_words(text):
        return " ".join(text.split()[:7])

    source = "the rod (12) and the spring (14), and the valve (16)"
    rendering, _ = render_one(source, forget_after_seven_words)
    assert rendering.text == source
    assert not rendering.is_kept


def test_a_number_lost_among_many_is_found_in_a_part():
    def forget_the_eighth_code(text):
        codes = re.findall(r"X\d+", text)
        return text if len(codes) < 8 else text.replace(codes[7], "")

    source = (
        "a 1-furyl, a 2-furyl, a 3-furyl, a 4-furyl, a 5-furyl, a 6-furyl, a 7-furyl, an 8-furyl or a 9-furyl group"
    )

    def forget_nine(text):
        return forget_the_eighth_code(text.replace("9-furyl", "furyl"))

    rendering, _ = render_one(source, forget_nine)
    assert rendering.text == source
    assert not rendering.is_kept


def test_a_claim_is_read_in_everyday_words():
    rendering, calls = render_one("wherein said rod is bent", str)
    assert calls == [["wherein the said rod is bent"]]
    assert rendering.text == "wherein the said rod is bent"


def test_what_never_comes_through_is_kept_as_it_was():
    rendering, _ = render_one("the rod (12) is bent", lambda _: "")
    assert rendering.text == "the rod (12) is bent"
    assert rendering.is_kept


def test_a_decoder_that_runs_in_circles_is_not_believed():
    rendering, _ = render_one("the rod is bent", lambda _: "a haste a haste a haste a haste")
    assert rendering.is_kept


def test_edges_are_those_of_the_source():
    assert render_one("the rod", lambda _: "A haste.")[0].text == "a haste"
    assert render_one("The rod", lambda _: "a haste.")[0].text == "A haste"
    assert render_one("the rod.", lambda _: "a haste.")[0].text == "a haste."
    assert render_one("THE ROD (12a)", lambda _: "A haste (X31)")[0].text == "A HASTE (12a)"


def test_links_and_unknown_words_are_told_in_characters_of_the_original():
    draft = Draft("o X31 está", links=(((4, 7), (2, 5)), ((8, 10), (6, 10))), unknown=((6, 10),))
    source = "the γ-Al2O3 is"
    rendering = render([source], [ChangingEngine(lambda _: draft)])[0]
    assert [(source[slice(*a)], rendering.text[slice(*b)]) for a, b in rendering.links] == [
        ("γ-Al2O3", "γ-Al2O3"),
        ("is", "está"),
    ]
    assert [rendering.text[slice(*span)] for span in rendering.unknown] == ["está"]


def test_a_chain_links_its_first_source_and_tells_the_words_that_no_step_knew():
    first = Draft("uma carcasa X31", links=(((0, 3), (0, 3)), ((4, 11), (4, 11))), unknown=((4, 11),))
    second = Draft("a carcasa X31", links=(((0, 3), (0, 1)), ((4, 11), (2, 9))), unknown=())
    source = "una carcasa (12)".replace("(12)", "γ12")
    rendering = render([source], [ChangingEngine(lambda _: first), ChangingEngine(lambda _: second)])[0]
    assert rendering.text == "a carcasa γ12"
    assert [(source[slice(*a)], rendering.text[slice(*b)]) for a, b in rendering.links] == [
        ("una", "a"),
        ("carcasa", "carcasa"),
    ]
    assert [rendering.text[slice(*span)] for span in rendering.unknown] == ["carcasa"]


@given(st.lists(SENTENCES, min_size=1, max_size=4), st.randoms())
def test_a_decoder_that_forgets_words_at_random_loses_no_code(sources, random):
    def forgetful(text):
        return " ".join(word for word in text.split() if random.random() > 0.3)

    for source, rendering in zip(sources, render(sources, [ChangingEngine(forgetful)]), strict=True):
        for span, times in protected_spans(source).items():
            assert rendering.text.count(span) >= times


@given(st.lists(st.text(max_size=60), max_size=3), st.text(max_size=60))
def test_any_decoder_on_any_text_is_survived(sources, answer):
    renderings = render(sources, [ChangingEngine(lambda _: answer)])
    for source, rendering in zip(sources, renderings, strict=True):
        assert all(span in rendering.text for span in protected_spans(source))


def alternatives_of(source, *others, count=3):
    engines = [ChangingEngine(str, others)]
    return render_alternatives([source], render([source], engines), engines, count)[0]


def test_alternatives_differ_from_the_translation_and_from_one_another_in_letters():
    changes = [str, str.upper, lambda text: text + "!", lambda text: "So " + text, lambda text: "so, " + text]
    assert alternatives_of("the γ-ray valve (12)", *changes, lambda text: "oh " + text) == [
        "so the γ-ray valve (12)",
        "oh the γ-ray valve (12)",
    ]


def test_no_more_alternatives_are_given_than_asked_for():
    changes = [lambda text, word=word: f"{word} {text}" for word in ("one", "two", "three")]
    assert alternatives_of("the rod", *changes, count=2) == ["one the rod", "two the rod"]


def test_an_alternative_that_lost_a_code_or_a_number_is_none():
    lost = [lambda text: text.replace("X31", "x"), lambda text: text.replace("7", "8"), lambda _: ""]
    assert alternatives_of("the γ-ray claim 7", *lost) == []


def test_a_text_without_words_has_no_alternative():
    assert alternatives_of("(12) 3.5", lambda text: "so " + text) == []


def test_alternatives_of_a_chain_are_those_of_its_last_step():
    engines = [ChangingEngine(str.title), ChangingEngine(str, [lambda text: "so " + text])]
    assert render_alternatives(["the rod"], render(["the rod"], engines), engines, 3) == [["so the Rod"]]


@given(st.lists(SENTENCES, min_size=1, max_size=3), st.randoms())
def test_no_alternative_loses_a_code(sources, random):
    def forgetful(text):
        return " ".join(word for word in text.split() if random.random() > 0.2)

    engines = [ChangingEngine(str, [forgetful, forgetful])]
    for source, others in zip(sources, render_alternatives(sources, render(sources, engines), engines, 3), strict=True):
        for span, times in protected_spans(source).items():
            assert all(other.count(span) >= times for other in others)

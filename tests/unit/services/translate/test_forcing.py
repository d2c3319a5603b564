"""Every term found stands in the translation, whatever the engine does, and nothing else is lost."""

import re
from collections import Counter
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from services.translate.engines.protocol import Draft
from services.translate.forcing import render_with_terms
from services.translate.languages import LanguagePair, LanguageTag
from services.translate.placeholders import protect
from services.translate.terminology.entries import Entry, compiled
from services.translate.terminology.glossary import Terminology
from services.translate.untranslatable import Extent

EN, PT, ES = LanguageTag("en"), LanguageTag("pt"), LanguageTag("es")
PAIR = LanguagePair(EN, PT)
TERMS = {"housing": "invólucro", "spring": "mola", "heat exchanger": "trocador de calor", "γ-valve": "válvula γ"}
OFFICE = Terminology((compiled("o", PAIR, [Entry(*item) for item in TERMS.items()]),))
CODES = ("12a", "γ-Al2O3", "(12)", "H01L 21/768", "SEQ ID NO: 7", "≥", "(I)", "3.5")
WORDS = ("rod", "the", "a", "closed,", "and", "is;", "of", "The", "ROD")


def keeps(character):
    return character.isascii()


class WordEngine:
    """Translates word by word by a dictionary, with links or without, and does to each result what it is told."""

    name, model = "words", ("words", "1.0.0")

    def __init__(self, words=(), *, links=True, change=str, pair=PAIR):
        self.pair, self.calls = pair, []
        self._words, self._links, self._change = dict(words), links, change

    def keeps(self, character):
        return keeps(character)

    def alternatives(self, segment):
        return []

    def translate(self, segments):
        self.calls.append(list(segments))
        return [self._translate(segment) for segment in segments]

    def _translate(self, segment):
        text, links = "", []
        for found in re.finditer(r"\w+|\W+", segment):
            start = len(text)
            text += self._words.get(found.group(), found.group())
            if found.group().strip().isalnum():
                links.append((found.span(), (start, len(text))))
        changed = self._change(text)
        return Draft(changed, -1.0, 4, tuple(links) if self._links and changed == text else ())


def translate(source, *engines):
    matches = OFFICE.find(source, PAIR)
    rendering = render_with_terms([source], engines, [matches])[0]
    assert [span for span, _ in sorted(rendering.terms)] == [(match.start, match.end) for match in matches]
    places = sorted(target for _, target in rendering.terms)
    assert all(one[1] <= other[0] for one, other in pairwise(places))
    return rendering, [rendering.text[slice(*target)] for _, target in rendering.terms]


def test_a_term_that_comes_out_right_is_left_and_told():
    engine = WordEngine({"the": "a", "spring": "mola", "springs": "molas"})
    rendering, terms = translate("the spring and springs", engine)
    assert (rendering.text, terms, len(engine.calls)) == ("a mola and molas", ["mola", "molas"], 1)


def test_a_term_is_written_where_the_alignment_points_and_words_agree():
    engine = WordEngine({"the": "a", "The": "A", "housing": "caixa", "closed": "fechada", "is": "é"})
    rendering, terms = translate("The housing (12) is closed", engine)
    assert (rendering.text, terms) == ("O invólucro (12) é fechado", ["invólucro"])
    assert len(engine.calls) == 1
    assert ((4, 11), (2, 11)) in rendering.links


def test_without_links_the_term_goes_as_a_placeholder():
    engine = WordEngine({"the": "a", "housing": "caixa"}, links=False)
    rendering, terms = translate("the housing (12)", engine)
    assert (rendering.text, terms) == ("o invólucro (12)", ["invólucro"])
    assert engine.calls == [["the housing (12)"], ["the X31 (12)"]]


def test_number_and_case_follow_the_source():
    engine = WordEngine(links=False)
    assert translate("Heat exchangers; HOUSING; Spring", engine)[0].text == "Trocadores de calor; INVÓLUCRO; mola"


def test_a_text_that_is_a_term_alone_is_its_translation():
    assert translate("Heat exchanger", WordEngine())[0].text == "Trocador de calor"


def test_terms_survive_a_chain():
    first = WordEngine({"the": "la", "housing": "caja"}, pair=LanguagePair(EN, ES))
    second = WordEngine({"la": "a", "caja": "caixa"}, links=False, pair=LanguagePair(ES, PT))
    rendering, terms = translate("the housing (12) and the spring", first, second)
    assert (rendering.text, terms) == ("o invólucro (12) and a mola", ["invólucro", "mola"])


def test_segments_without_terms_are_translated_once():
    engine = WordEngine(links=False)
    render_with_terms(["a rod", "a spring"], [engine], [[], OFFICE.find("a spring", PAIR)])
    assert engine.calls == [["a rod", "a spring"], ["a X31"]]


def _forget(text):
    return " ".join(text.split()[:4])


CHANGES = st.sampled_from([str, _forget, str.lower, lambda _: "", lambda text: "x " * 9, lambda text: text + " X31"])
SENTENCES = st.lists(st.sampled_from([*TERMS, "springs", "Housing", *CODES, *WORDS]), min_size=1, max_size=20)


@settings(deadline=None, max_examples=300)
@given(words=SENTENCES, change=CHANGES, links=st.booleans(), steps=st.integers(1, 3))
def test_any_engine_leaves_all_terms_and_codes(words, change, links, steps):
    source = " ".join(words)
    engine = WordEngine({"housing": "caixa", "spring": "fonte", "the": "a"}, links=links, change=change)
    matches = OFFICE.find(source, PAIR)
    rendering, terms = translate(source, *[engine] * steps)
    wanted = [match.term.targets[0] for match in matches]
    assert [term.lower() for term in terms] == [
        (wording.plural if match.is_plural else wording.singular)
        for match, wording in zip(matches, wanted, strict=True)
    ]
    outside = "".join("q" if any(m.start <= i < m.end for m in matches) else c for i, c in enumerate(source))
    codes = Counter(protect(outside, keeps, Extent.NEEDED).originals.values())
    assert all(rendering.text.lower().count(code.lower()) >= count for code, count in codes.items())

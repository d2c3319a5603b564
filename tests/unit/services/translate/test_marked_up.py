"""Tags stay at their words, nothing is lost, and what was well-formed stays so."""

import html
import re
import time
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from examkit.errors import ExamError
from services.translate.marked_up import Format, translate_marked_up
from services.translate.markup.tokens import Kind, read_html, read_xml
from services.translate.markup.units import has_unseen_at_words
from tests.fakes_translate import ENGLISH, PORTUGUESE, WordByWordTranslator

RAISING, TURNING = WordByWordTranslator(), WordByWordTranslator(backwards=True)


def translated(text, format=Format.HTML, translator=RAISING):
    answer = translate_marked_up([text], format, translator.translate, ENGLISH, PORTUGUESE)
    return answer.translations[0]


def raised(text, format=Format.HTML):
    return translated(text, format).text


def turned(text, format=Format.HTML):
    return translated(text, format, TURNING).text


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("A <b>red <i>car</i></b> (10).", "A <b>RED <i>CAR</i></b> (10)."),
        ("<p>one</p>\n  <p> two </p>", "<p>ONE</p>\n  <p> TWO </p>"),
        ("x &lt; y &amp; z", "X &lt; Y &amp; Z"),
        ("<b>one <p>two</p> three</b> end", "<b>ONE <p>TWO</p> THREE</b> END"),
        ("one<br>two<br/>three", "ONE<br>TWO<br/>THREE"),
        ("one <!-- not <b>this</b> --> two", "ONE <!-- not <b>this</b> --> TWO"),
        ("<script>if (a<b) x()</script>one", "<script>if (a<b) x()</script>ONE"),
        ('<a title="a>b" href=x>one</a>', '<a title="a>b" href=x>ONE</a>'),
        ('by <span translate="no">Jo <b>Do</b></span> now', 'BY <span translate="no">Jo <b>Do</b></span> NOW'),
        ('<div class="x notranslate">one</div>two', '<div class="x notranslate">one</div>TWO'),
        ("the H<sub>2</sub>O and device<sup>1</sup> at 10<sup>-3</sup>", None),
        ("a 1<sup>st</sup> try", "A 1<sup>ST</sup> TRY"),
        ("one\n   two", "ONE TWO"),
        ("<pre>one\n   two</pre>", "<pre>ONE\n   TWO</pre>"),
        ("a < b and 3<4", "A &lt; B AND 3&lt;4"),
        ("<textarea>a <b> c</textarea>", "<textarea>A &lt;B&gt; C</textarea>"),
        ("<b><i></b>one</i>", "<b><i></b>ONE</i>"),
        ("one <b>two <i>three</b> four</i> five", "ONE <b>TWO <i>THREE</b> FOUR</i> FIVE"),
        ('one <a href="two>three', 'ONE <a href="two>THREE'),
        ("one <img src=a> two", "ONE <img src=a> TWO"),
    ],
)
def test_html_word_by_word(source, target):
    expected = target or "THE H<sub>2</sub>O AND DEVICE<sup>1</sup> AT 10<sup>-3</sup>"
    assert raised(source) == expected


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("a <b>red</b> car", "CAR <b>RED</b> A"),
        ("a <b>red <i>car</i></b> (10)", "(10) <b><i>CAR</i> RED</b> A"),
        ("<b>a</b> <i>red</i> <u>car</u>", "<u>CAR</u> <i>RED</i> <b>A</b>"),
        ("the <code>x &lt; y</code> test", "TEST <code>x &lt; y</code> THE"),
        ("<p><b>a red car</b></p>", "<p><b>CAR RED A</b></p>"),
        ("red<sup>2</sup>x wagon<sup>1</sup> here", "HERE WAGON<sup>1</sup> red<sup>2</sup>x"),
        ("red <img/> car", "<img/> CAR  RED"),
        ("<a><b>red</b></a> car", "CAR <a><b>RED</b></a>"),
    ],
)
def test_tags_go_with_their_words_where_the_order_changes(source, target):
    assert turned(source) == target


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ("el <b>dispositivo</b> rojo (10)", "o dispositivo vermelho (10)", "o <b>dispositivo</b> vermelho (10)"),
        ("una <i>carcasa <u>roja</u></i> y", "uma carcassa vermelha e", "uma <i>carcassa <u>vermelha</u></i> e"),
        ("uno <b>dos</b>", "eins zwei", "eins <b>zwei</b>"),
        ("uno <b>dos</b>", "", "<b></b>"),
    ],
)
def test_where_no_engine_tells_words_are_paired_by_likeness_and_order(source, target, expected):
    def translate(texts, source, into):
        answer = RAISING.translate(texts, source, into)
        span = (0, len(target))
        (found,) = (replace(each, text=target, alignment=()) for each in answer.translations)
        segments = tuple(replace(each, target=span) for each in found.segments)
        return replace(answer, translations=(replace(found, segments=segments),))

    answer = translate_marked_up([source], Format.HTML, translate, ENGLISH, PORTUGUESE)
    assert answer.translations[0].text == expected


def test_what_is_told_of_characters_is_told_of_the_markup():
    source = "<p>a <b>red &amp; big</b> car</p><p>two</p>"
    found = translated(source, translator=TURNING)
    words = {(source[slice(*a)], found.text[slice(*b)]) for a, b in found.alignment}
    assert words == {("a", "A"), ("red", "RED"), ("&amp;", "&amp;"), ("big", "BIG"), ("car", "CAR"), ("two", "TWO")}
    assert [source[slice(*s.source)] for s in found.segments] == ["a <b>red &amp; big</b> car", "two"]
    assert [flag.value for flag in found.quality.flags] == ["repetition"]


NAMES = st.sampled_from(["b", "i", "em", "p", "div", "span", "sub", "sup", "code", "br", "img", "li", "math"])
WORDS = st.text(st.sampled_from("abcXYZ 12 \n.,;()&<>\"'é\u00a0\ue000\u0391-"), max_size=24)
ATTRIBUTES = st.sampled_from(["", ' id="x>y"', " class='notranslate'", ' translate="no"', ' lang="de"', ' a="&lt;"'])


def escaped(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def element(children):
    return st.tuples(NAMES, ATTRIBUTES, st.lists(children, max_size=4)).map(
        lambda parts: (
            f"<{parts[0]}{parts[1]}>{''.join(parts[2])}</{parts[0]}>"
            if parts[0] not in ("br", "img")
            else f"<{parts[0]}{parts[1]}/>"
        )
    )


LEAF = st.one_of(WORDS.map(escaped), st.sampled_from(["<!-- c <b> -->", "<br/>", "<img/>"]))
WELL_FORMED = st.lists(st.recursive(LEAF, element, max_leaves=16), max_size=5).map("".join)
ANYTHING = st.text(st.sampled_from("abc <>/=\"'!-&;pbi?[]\n"), max_size=80)


def tags(markup):
    return Counter(markup.source[t.start : t.end] for t in markup.tokens if t.kind not in (Kind.TEXT, Kind.SECTION))


def letters(text):
    return Counter(c for c in text.upper() if not c.isspace())


def shown(source, read):
    markup = read(source)
    text = "".join(markup.source[t.start : t.end] for t in markup.tokens if t.kind in (Kind.TEXT, Kind.SECTION))
    return letters(html.unescape(text))


def attempt(source, format, translator):
    try:
        return translated(source, format, translator).text
    except ExamError as error:
        assert error.code == "blank-text"
        return None


@settings(max_examples=300, deadline=None)
@given(WELL_FORMED, st.sampled_from([RAISING, TURNING]), st.sampled_from(Format))
def test_tags_in_are_tags_out_well_formed_and_no_letter_is_lost(source, translator, format):
    found = attempt(source, format, translator)
    if found is None:
        return
    read = read_html if format is Format.HTML else read_xml
    assert tags(read(found)) == tags(read(source))
    assert shown(found, read) == shown(source, read)
    etree.fromstring(f"<r>{found}</r>".encode())


@settings(max_examples=300, deadline=None)
@given(ANYTHING, st.sampled_from([RAISING, TURNING]))
def test_of_malformed_html_nothing_is_lost(source, translator):
    found = attempt(source, Format.HTML, translator)
    if found is not None:
        assert tags(read_html(found)) == tags(read_html(source))
        assert shown(found, read_html) == shown(source, read_html)


@settings(max_examples=200, deadline=None)
@given(WELL_FORMED)
def test_what_is_not_to_be_translated_stays_byte_for_byte(source):
    kept = f"<span translate='no'>{source}</span>"
    whole = f"<p>the car {kept} is red</p>"
    if not re.search(r"<(p|div|li|br)", source):
        assert kept in translated(whole, Format.XML).text
    block = f"<div translate='no'>{source}</div>"
    assert block in translated(f"<p>the car</p>{block}", Format.XML, TURNING).text


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("<a>one", "malformed-markup"),
        ("one</a>", "malformed-markup"),
        ("<a b=c>one</a>", "malformed-markup"),
        ("one & two", "malformed-markup"),
        ("<a>" * 300 + "x" + "</a>" * 300, "xml-too-deep"),
        ("one \x01", "malformed-markup"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "xml-entities"),
        ('<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', "xml-entities"),
        ('<!DOCTYPE a [<!ENTITY a "x"><!ENTITY b "&a;&a;&a;">]><a>&b;</a>', "xml-entities"),
        ("<a/>", "blank-text"),
    ],
)
def test_xml_that_cannot_be_trusted_is_refused(source, code):
    with pytest.raises(ExamError) as caught:
        translated(source, Format.XML)
    assert caught.value.code == code


def test_xml_may_be_a_part_or_a_whole_with_prefixes_and_entities_of_another_place():
    assert raised("one <x:b>two</x:b>", Format.XML) == "ONE <x:b>TWO</x:b>"
    whole = '<?xml version="1.0"?>\n<!DOCTYPE a SYSTEM "a.dtd">\n<a>one <![CDATA[x < y]]></a>'
    assert raised(whole, Format.XML) == whole.replace("one <![CDATA[x < y]]>", "ONE X &lt; Y")


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("<p><![CDATA[x < y]]></p>", "<p>X &lt; Y</p>"),
        ("<p><![CDATA[one]]> two</p>", "<p>ONE TWO</p>"),
        ("<p>one <![CDATA[two]]></p>", "<p>ONE TWO</p>"),
        ("<p><![CDATA[12]]> <![CDATA[]]></p>", "<p><![CDATA[12]]> <![CDATA[]]></p>"),
        ("one <![CDATA[two]]>", "ONE TWO"),
    ],
)
def test_a_section_at_the_end_of_a_text_leaves_no_half_of_its_signs(source, target):
    assert raised(source, Format.XML) == target


UNSEEN = ["\u200b", "\u200c", "\u200e", "\u200f", "\u2060", "\ufeff", "\u061c", "\u202e", "\u2069", "&lrm;", "&#8203;"]


@pytest.mark.parametrize("format", Format)
@pytest.mark.parametrize("mark", UNSEEN)
def test_characters_that_are_not_seen_stay_and_are_not_translated(mark, format):
    class Careful(WordByWordTranslator):
        def translate(self, texts, *others):
            assert not any(html.unescape(mark) in text for text in texts)
            return super().translate(texts, *others)

    assert translated(f"<p>{mark}a <b>red{mark}</b> car{mark}</p>", format, Careful()).text == (
        f"<p>{mark}A <b>RED{mark}</b> CAR{mark}</p>"
    )
    assert translated(f"{mark}red{mark} car", format, Careful(backwards=True)).text.count(mark) == 2
    assert raised(f"<p>{mark}</p> <p>one</p>", format) == f"<p>{mark}</p> <p>ONE</p>"


@pytest.mark.parametrize("mark", ["\x07", *(mark for mark in UNSEEN if not mark.startswith("&"))])
def test_of_plain_text_too_and_nothing_of_it_is_read_as_markup(mark):
    source = f"  a & b &amp;{mark}red <b>\n\n\tcar{mark}\u2028{mark}\nend "
    assert raised(source, None) == source.upper().replace(mark.upper(), mark)
    found = translated(f"a &amp; {mark}red", None)
    words = {(span, f"a &amp; {mark}red"[slice(*span)], found.text[slice(*other)]) for span, other in found.alignment}
    assert {(before.strip(mark), after.strip(mark)) for _, before, after in words} >= {("a", "A"), ("&amp;", "&AMP;")}


def test_only_what_touches_words_is_looked_at():
    assert all(map(has_unseen_at_words, ("a\u200b b", "\x07b", "a \u202bb")))
    assert not any(map(has_unseen_at_words, ("a \u200b b", "\u200b", "a b\n", "", "\U0001f468\u200d\U0001f469")))


def test_the_joiner_stays_within_its_picture():
    assert raised("a \U0001f468\u200d\U0001f469 now") == "A \U0001f468\u200d\U0001f469 NOW"


REFERENCES = ["&bogus;", "&b;", "&a-b.c_d:e;", "&été;", "&#0000000945;"]


@pytest.mark.parametrize("format", Format)
@pytest.mark.parametrize("head", ["", '<!DOCTYPE p SYSTEM "far.dtd">'])
@pytest.mark.parametrize("known", REFERENCES)
def test_a_reference_that_only_a_dtd_explains_stays_as_it_is_written(known, head, format):
    whole = f'{head}<p a="{known}">one {known} x{known}y <b>{known}</b> <i>two{known}</i> &amp; <?pi {known}?></p>'
    expected = whole.replace("one", "ONE").replace(f"x{known}y", f"X{known}Y").replace("two", "TWO")
    assert raised(whole, format) == expected
    assert turned(f"{known} one two", format) == f"TWO ONE {known}"
    assert raised("one &eacute;&#233; &lt;", format) == "ONE ÉÉ &lt;"
    assert raised(f"one <![CDATA[{known}]]>", Format.XML) == f"ONE {known.upper().replace('&', '&amp;')}"


@given(st.lists(st.sampled_from(["&bogus;", "&amp;", "&alpha;", "&#65;", "word", " ", "&", ";", "#", "<b>", "</b>"])))
def test_references_are_neither_lost_nor_doubled(parts):
    source = "".join(parts)
    if source.strip():
        found = raised(f"one {source}")
        assert html.unescape(re.sub("</?b>", "", found)).lower().count("&bogus;") == source.count("&bogus;")


@pytest.mark.parametrize(
    "piece",
    [
        "&",
        "&a",
        "&#",
        "&bogus;",
        "<a ",
        "<!--",
        "<a b='",
        "</a",
        "<b>x",
        "<b>x</b> ",
        "<i>",
        "x<wbr>",
        "&",
        '<a x=">" ',
        "H<sub>2</sub>",
    ],
)
def test_hostile_markup_takes_time_in_proportion_to_its_length(piece):
    started = time.process_time()
    translated("x " + piece * (20_000 // len(piece)) + " end")
    assert time.process_time() - started < 20


@pytest.mark.parametrize("piece", ["", "x ", "the car "])
def test_ten_thousand_tags_within_each_other_stay_and_take_bounded_time(piece):
    started = time.process_time()
    source = f"<b>{piece}" * 10_000 + "one" + "</b>" * 10_000
    assert raised(source) == source.upper().replace("B>", "b>")
    assert time.process_time() - started < 20


def test_tags_are_placed_up_to_a_depth_and_left_where_they_are_beyond_it():
    assert turned("<b>" * 64 + "one" + "</b>" * 64 + " two") == "TWO " + "<b>" * 64 + "ONE" + "</b>" * 64
    assert turned("<b>" * 65 + "one" + "</b>" * 65 + " two") == "<b>" * 65 + "ONE" + "</b>" * 65 + "TWO "

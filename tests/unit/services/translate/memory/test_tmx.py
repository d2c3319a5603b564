"""TMX read and written; what is no TMX, or an attack, is refused by name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examkit.errors import ExamError
from services.translate.languages import LanguagePair, LanguageTag
from services.translate.memory.tmx import read_tmx, write_tmx
from services.translate.memory.units import UNSTORABLE, Unit

EN, PT, ES = LanguageTag("en"), LanguageTag("pt"), LanguageTag("es")
TEXTS = st.text(min_size=1).filter(lambda text: text.strip() and not UNSTORABLE.search(text))


def tmx(body, srclang="en", head=""):
    return f'<?xml version="1.0"?>{head}<tmx version="1.4"><header srclang="{srclang}"/><body>{body}</body></tmx>'


def tuv(language, segment):
    return f'<tuv xml:lang="{language}"><seg>{segment}</seg></tuv>'


def read(text):
    return list(read_tmx(text if isinstance(text, bytes) else text.encode()))


@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=5))
def test_what_was_written_is_read(pairs):
    units = [Unit(LanguagePair(EN, PT), source, target) for source, target in pairs]
    assert read("".join(write_tmx(units))) == units


def test_codes_are_no_text_and_highlights_are():
    segment = 'The <bpt i="1">{\\b <sub>x</sub></bpt>valve<ept i="1">}</ept> <hi>opens</hi>.'
    found = read(tmx(f"<tu>{tuv('EN-us', segment)}{tuv('pt_BR', 'A válvula abre.')}</tu>"))
    assert [(unit.source, unit.target, str(unit.pair)) for unit in found] == [
        ("The valve opens.", "A válvula abre.", "en-US to pt-BR")
    ]


def test_one_source_has_several_targets_and_all_means_every_direction():
    variants = f"<tu>{tuv('en', 'a')}{tuv('pt', 'b')}{tuv('es', 'c')}</tu>"
    assert [str(unit.pair) for unit in read(tmx(variants))] == ["en to pt", "en to es"]
    assert len(read(tmx(variants, "*all*"))) == 6
    assert [unit.pair for unit in read(tmx(variants.replace("<tu>", '<tu srclang="es">')))] == [
        LanguagePair(ES, EN),
        LanguagePair(ES, PT),
    ]


def test_units_without_a_language_that_is_known_give_nothing():
    assert read(tmx(f"<tu>{tuv('English', 'a')}{tuv('pt', 'b')}</tu><tu/><tu>{tuv('en', 'a')}</tu>")) == []


def test_other_encodings_are_read():
    text = tmx(f"<tu>{tuv('en', 'a')}{tuv('pt', 'é')}</tu>").replace('"1.0"', '"1.0" encoding="utf-16"', 1)
    assert read(text.encode("utf-16"))[0].target == "é"


@pytest.mark.parametrize("kilobytes", [64, 128, 65])
def test_chunks_end_anywhere(kilobytes):
    units = f"<tu>{tuv('en', 'é')}{tuv('pt', 'ç')}</tu>"
    text = tmx(units).encode()
    padded = text + b" " * (kilobytes * 1024 - len(text))
    assert read(padded)[0].target == "ç"


BOMB = '<!DOCTYPE tmx [<!ENTITY a "xx"><!ENTITY b "&a;&a;">]>'


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("", "malformed-xml"),
        ("<tmx><body>", "malformed-xml"),
        ("<tmx>&unknown;</tmx>", "malformed-xml"),
        ('<?xml version="1.0" encoding="klingon"?><tmx/>', "malformed-xml"),
        (b"\xff\xfe\x00", "malformed-xml"),
        ("<html/>", "not-tmx"),
        (tmx("", head=BOMB), "xml-entities"),
        (tmx("", head='<!DOCTYPE tmx [<!ENTITY a SYSTEM "file:///etc/passwd">]>'), "xml-entities"),
        (tmx("", head='<!DOCTYPE tmx [<!ENTITY % a SYSTEM "http://127.0.0.1/">%a;]>'), "xml-entities"),
    ],
)
def test_what_cannot_be_trusted_is_refused(content, code):
    with pytest.raises(ExamError) as caught:
        read(content)
    assert caught.value.code == code


def test_a_document_type_elsewhere_is_not_fetched():
    assert len(read(tmx(f"<tu>{tuv('en', 'a')}{tuv('pt', 'b')}</tu>", head='<!DOCTYPE tmx SYSTEM "tmx14.dtd">'))) == 1


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content):
    try:
        read(b"<tmx><body>" + content)
    except ExamError as error:
        assert error.code in {"malformed-xml", "xml-entities"}

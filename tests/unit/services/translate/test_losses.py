"""What a translation has lost is told."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.translate.losses import lack, missing_marks, missing_numbers, missing_signs


def test_numbers_are_equal_in_either_notation():
    assert not missing_numbers("1,000.5 and 3.5 and 16 700 and 0.125", "3,5 e 1.000,5 e 16.700 e 0,125")
    assert missing_numbers("5 and 5", "5 e") == {"5": 1}


@pytest.mark.parametrize(
    ("number", "other"), [("1.5", "15"), ("0.125", "0125"), ("10.25", "102.5"), ("2,5000", "25000")]
)
def test_a_fraction_is_no_whole_number(number, other):
    assert missing_numbers(f"of {number} mm", f"de {other} mm")


def test_signs_are_read_out_of_lists_in_brackets():
    assert missing_signs("(122a, 122b') and [7]", "(122a)") == {"122b'": 1, "7": 1}


@pytest.mark.parametrize(
    ("source", "target", "lost"),
    [
        ("rods (of steel) and a lid", "hastes de aço) e uma tampa", {"(": 1}),
        ("rods [of steel] and a lid", "hastes e uma tampa", {"[": 1, "]": 1}),
        ("a 2-naphthyl group", "um grupo 2 naftila", {"2-": 1}),
        ("a 1,4-phenylene group", "um grupo 1,4fenileno", {"1,4-": 1}),
        ("10 µL lysate", "10 lysato µL", {"0 μL": 1}),
        ("about 760 nm wide", "cerca de 760 nanômetros", {"0 nm": 1}),
        ("14 mL, 28 mmol", "14 ml, 28 ml", {"8 mmoL": 1}),
        ("3 mM of it", "3 m dele", {"3 mM": 1}),
        ("N,O-dimethylhydroxylamine", "N, O-dimetilhidroxilamina", {"N,O-": 1}),
        ("of 8-quinolinole derivatives", "de 8 derivados de quinolinole", {"8-": 1}),
        ("a driving/generating system", "um sistema gerador", {"/": 1}),
        ('R&D and "+++"', 'P e D e "++"', {"&": 1, "+": 1}),
        ("groups C07C 333/00ó C07C 335/00", "grupos C07C 333/00o C07C 335/00", {"00ó": 1}),
        ("do material da reivindicação 1", "of claim wrapping material 1", {"1": 1}),
        ("an N-bit word", "uma palavra de bits", {"N": 1}),
    ],
)
def test_brackets_locants_and_letters_that_are_gone_are_told(source, target, lost):
    assert missing_marks(source, target) == lost
    assert lack(source, target)


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("a 32-bit word of 2-axis tables", "uma palavra de 32 bits de mesas de 2 eixos"),
        ("a 2-naphthyl group", "um grupo 2-naftila"),
        ("S-polarized light", "luz polarizada S"),
        ("15 mL or 3 μg", "15 ml ou 3 µg"),
        ("policy & preferences in the 1980s", "política e preferências nos anos 1980"),
        ("claims 1 to 3, any one of claims 4 or 5", "reivindicações 1 a 3, reivindicações 4 ou 5"),
        ("the rod of claim 12, of M3 steel", "权利要求12的M3钢棒"),
        ("a 4-line text of 3-stage pumps", "um texto de 4 linhas de bombas de 3 estágios"),
    ],
)
def test_what_is_said_otherwise_is_not_lost(source, target):
    assert not lack(source, target)


@given(st.text(alphabet=st.sampled_from("aN1,.-()[]yl '2"), max_size=80) | st.text(max_size=80))
def test_a_text_lacks_nothing_of_itself(text):
    assert not lack(text, text)


@pytest.mark.parametrize(
    "run",
    [
        "x",
        "1",
        "1a",
        "a-",
        "N,",
        "(1",
        "claim ",
        "claim 1 ",
        "1,",
        "1-",
        "1-(",
        "a-1-",
        "3h-",
        "1 µ",
        "&a",
        "2-yl",
        "[",
        "1.",
    ],
)
def test_a_long_run_takes_no_more_time_than_its_length_does(run):
    text = run * (50_000 // len(run))
    started = time.process_time()
    assert not lack(text, text)
    assert time.process_time() - started < 2

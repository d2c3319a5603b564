"""Apertium as processes of its own: real ones where they are installed, stand-ins where only the pipe is meant."""

import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from examkit.errors import NotReadyError
from services.translate.engines import apertium
from services.translate.engines.apertium_pipe import ApertiumPipe

ECHO = "cat $1 $2"  # no program of Apertium, but one that answers text by text as they do
CHARACTERS = st.characters(exclude_categories=("Cs", "Cc"))


def mode(folder, *programs):
    file = folder / "any.mode"
    file.write_text(" | ".join(programs) + "\n")
    return file


def script(folder, name, body):
    """Write a program that takes the option `-z` as those of Apertium do."""
    file = folder / name
    file.write_text(f"#!/bin/sh\n{body}\n")
    file.chmod(0o755)
    return str(file)


@pytest.fixture(scope="module")
def echo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("echo")
    pipe = ApertiumPipe(mode(folder, script(folder, "echo", "exec cat"), script(folder, "again", "exec cat")), 5)
    yield pipe
    pipe.close()


@given(st.text(CHARACTERS, max_size=80))
@settings(deadline=None)
def test_any_text_comes_through_the_pipe_as_it_is(echo, text):
    assert echo.translate(text) == text


def test_a_program_that_ends_is_told_and_begun_anew(tmp_path):
    once = script(tmp_path, "once", f'test -e "{tmp_path}/been" && exec cat; touch "{tmp_path}/been"')
    pipe = ApertiumPipe(mode(tmp_path, once), 5)
    with pytest.raises(NotReadyError) as caught:
        pipe.translate("texto secreto")
    assert caught.value.code == "engine-failed"
    assert "secreto" not in caught.value.detail
    assert pipe.translate("texto") == "texto"
    pipe.close()


def test_a_program_that_hangs_is_ended(tmp_path):
    pipe = ApertiumPipe(mode(tmp_path, script(tmp_path, "sleeper", "exec sleep 60")), 0.2)
    with pytest.raises(NotReadyError):
        pipe.translate("texto")


def test_many_threads_get_their_own_answers(echo):
    answers = {}

    def ask(number):
        answers[number] = [echo.translate(f"texto {number} {turn}") for turn in range(50)]

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {number: [f"texto {number} {turn}" for turn in range(50)] for number in range(4)}


def test_marks_are_taken_off_and_the_words_told(echo):
    engine = apertium.ApertiumEngine(apertium.DIRECTIONS[0], echo)
    (draft,) = engine.translate(["A *carcasa com *X31 e *γ-*Al2O3 #alugo"])
    assert draft.text == "A carcasa com X31 e γ-Al2O3 alugo"
    assert [draft.text[slice(*span)] for span in draft.unknown] == ["carcasa", "alugo"]


@pytest.fixture(scope="module")
def spanish():
    (direction,) = [each for each in apertium.DIRECTIONS if each.mode == "es-pt_BR"]
    if not direction.is_installed:
        pytest.skip("The Debian package apertium-es-pt is not installed on this machine.")
    engine = direction.open()
    yield engine
    engine.close()


def test_real_words_are_translated_with_their_full_stops_and_signs(spanish):
    drafts = spanish.translate(["El dispositivo (12) comprende agua.", "El título sin punto", "¿Hola?", "2,5 mm, 3a"])
    assert [draft.text for draft in drafts] == [
        "O dispositivo (12) compreende água.",
        "O título sem ponto",
        "Olá?",
        "2,5 mm, 3a",
    ]
    assert [draft.unknown for draft in spanish.translate(["El dispositivo"])] == [()]


@given(st.text(CHARACTERS, max_size=60))
@settings(deadline=None, max_examples=60)
def test_no_text_stops_the_real_programs(spanish, text):
    spanish.translate([text])
    assert spanish.translate(["agua"])[0].text == "água"

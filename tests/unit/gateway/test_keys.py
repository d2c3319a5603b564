"""Is a key made of enough chance, and told apart from what is none?"""

import re

import pytest

from examkit.errors import StartError
from gateway.keys import fingerprint, key_name, new_id, new_secret, sha256_of


def test_a_key_begins_with_its_public_part_and_holds_256_random_bits():
    key_id = new_id()
    secret = new_secret(key_id)
    assert re.fullmatch(r"exk_[a-z0-9]{8}", key_id)
    assert re.fullmatch(rf"{key_id}_[A-Za-z0-9_-]{{43}}", secret)
    assert len({new_secret(key_id) for _ in range(100)} | {new_id() for _ in range(100)}) == 200


def test_of_a_key_its_sha256_is_kept():
    assert sha256_of("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "two\nlines", "\x1b[2J", "right\u202eleft"])
def test_a_name_that_would_spoil_a_list_is_refused(name):
    with pytest.raises(StartError, match="1 to 100 printable"):
        key_name(name)


def test_a_name_may_have_letters_of_any_language():
    assert key_name(" Sección de Marcas, ventanilla 2 ") == "Sección de Marcas, ventanilla 2"


def test_a_fingerprint_is_read_however_it_is_written():
    plain = "0f" * 32
    for written in (plain, plain.upper(), ":".join(["0F"] * 32), f" {plain}\n"):
        assert fingerprint(written) == plain
    for wrong in ("", "0f" * 20, "0g" * 32, plain + "0"):
        with pytest.raises(StartError, match="64 hexadecimal"):
            fingerprint(wrong)

"""Where keys are found, and who comes in without one."""

import pytest
from fastapi import Request

from examkit.errors import StartError
from gateway.faces.entrance import deepl_key, open_entrance


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe", b" \n"])
def test_a_start_without_the_key_that_was_named_is_refused(tmp_path, content):
    file = tmp_path / "keyless"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(StartError, match="keyless"):
        open_entrance(file)


def test_without_a_file_nobody_comes_in_without_a_key(tmp_path):
    assert not open_entrance(None).is_open
    file = tmp_path / "keyless"
    file.write_text("exk_key\n")
    assert open_entrance(file).is_open


@pytest.mark.parametrize(
    ("header", "key"),
    [("DeepL-Auth-Key exk_a", "exk_a"), ("deepl-auth-key  exk_a ", "exk_a"), ("Bearer a.b.c", None), ("", None)],
)
def test_deepls_key_is_found_in_its_header(header, key):
    request = Request({"type": "http", "headers": [(b"authorization", header.encode())]})
    assert deepl_key(request) == key

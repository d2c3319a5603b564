"""Files are their owner's alone, and nothing that is there is overwritten."""

import stat

import pytest

from examkit.files import put_on_disk, write_private_file


def test_a_file_is_written_whole_for_its_owner_alone_and_once(tmp_path):
    file = tmp_path / "a"
    write_private_file(file, b"content")
    assert (file.read_bytes(), stat.S_IMODE(file.stat().st_mode)) == (b"content", 0o600)
    with pytest.raises(FileExistsError):
        write_private_file(file, b"other")
    assert file.read_bytes() == b"content"


def test_files_and_folders_are_put_on_the_disk_and_what_is_missing_is_told(tmp_path):
    (tmp_path / "a").touch()
    for path in (tmp_path / "a", tmp_path):
        put_on_disk(path)
    with pytest.raises(FileNotFoundError):
        put_on_disk(tmp_path / "b")

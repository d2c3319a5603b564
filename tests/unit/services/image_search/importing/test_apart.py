"""A process that reads an archive hands over what the reader in this process would, and dies alone."""

import os
import signal

import pytest

from services.image_search.importing import apart
from services.image_search.importing.apart import ReadingProcess
from services.image_search.importing.bundle import open_bundle
from services.image_search.importing.reading import read_batches
from services.image_search.importing.records import UnreadableFileError
from tests.archives import marks_of, zipped


@pytest.fixture
def archive(tmp_path):
    file = tmp_path / "archive"
    file.write_bytes(zipped(marks_of(70)))
    return file


def go_on() -> None:
    """Have no objection."""


def test_rows_are_those_that_are_read_here_from_where_it_was_said(archive):
    for skip in (0, 33):
        with open_bundle(archive) as bundle:
            expected = list(read_batches(bundle, skip))
        with ReadingProcess(archive, skip) as reading:
            found = list(reading.batches(go_on))
        assert found == expected
        assert [len(batch.rows) for batch in found] == ([32, 32, 6] if not skip else [32, 5])
        assert found[-1].progress == 1


def test_while_it_is_waited_for_it_can_be_called_off(archive):
    def call_off() -> None:
        raise KeyboardInterrupt

    with ReadingProcess(archive, 0) as reading, pytest.raises(KeyboardInterrupt):
        list(reading.batches(call_off))


def end_suddenly(*_) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def take_all_memory(*_) -> None:
    bytearray(2 * apart._MOST_MEMORY_BYTES)


@pytest.mark.parametrize(("fate", "told"), [(end_suddenly, "ended the program"), (take_all_memory, "memory")])
def test_what_ends_it_is_told_as_a_fault_of_the_archive(archive, monkeypatch, fate, told):
    # The name stands for it in the other process, too.
    monkeypatch.setattr(ReadingProcess, "work", staticmethod(fate))
    with ReadingProcess(archive, 0) as reading, pytest.raises(UnreadableFileError, match=told):
        list(reading.batches(go_on))

"""One runner a home."""

import pytest

from stack.layout import Layout
from stack.lock import AlreadyRunningError, held


@pytest.fixture
def layout(tmp_path):
    layout = Layout(tmp_path)
    layout.create()
    return layout


def test_a_second_holder_is_refused_and_told_where_the_first_answers(layout):
    sentence = r"^Examkit already runs on \S+ \(http://127\.0\.0\.1:8080\)\.$"
    with held(layout, "http://127.0.0.1:8080"):
        with pytest.raises(AlreadyRunningError, match=sentence) as refusal, held(layout, "http://127.0.0.1:9090"):
            pytest.fail("Two hold it.")
        assert refusal.value.url == "http://127.0.0.1:8080"


def test_the_lock_is_free_again_afterwards_and_notes_the_new_place(layout):
    with held(layout, "http://127.0.0.1:8080"):
        pass
    with held(layout, "http://127.0.0.1:99"):
        assert layout.lock.read_text() == "http://127.0.0.1:99"

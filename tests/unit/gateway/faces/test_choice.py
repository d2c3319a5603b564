"""Which faces are shown is said in one setting, and a slip in it is told."""

import pytest

from examkit.errors import StartError
from gateway.faces.choice import Face, chosen_faces
from gateway.settings import Settings


def test_the_default_shows_every_face():
    assert chosen_faces(Settings.model_fields["faces"].default) == frozenset(Face)


@pytest.mark.parametrize("text", ["deepl,opuscat", "  OPUSCAT  deepl ", "deepl, opuscat,"])
def test_names_are_read_however_they_are_separated(text):
    assert chosen_faces(text) == {Face.DEEPL, Face.OPUSCAT}


def test_nothing_is_no_face():
    assert chosen_faces("") == frozenset()


def test_a_name_that_no_face_has_is_told():
    with pytest.raises(StartError, match="no face called deepel; there are ipccat, deepl"):
        chosen_faces("deepel")

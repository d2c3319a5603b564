"""A name always points at one whole artifact, and nothing else is left lying about."""

import shutil

import pytest

from examkit.artifact import read_manifest
from examkit.errors import ArtifactError
from models.store import Store
from tests.unit.models.forge import Notes, make_artifact


def publish(store: Store, version: str = "1.0.0", *, is_brought: bool = False, name: str = "words") -> None:
    with store.locked(Notes().say):
        staged = make_artifact(store.workspace() / "made", name, version)
        store.publish(staged, read_manifest(staged), is_brought=is_brought)


def folders(store: Store) -> list[str]:
    return sorted(entry.name for entry in (store.root / ".store").iterdir() if entry.is_dir())


def test_nothing_is_found_where_nothing_is(tmp_path):
    store = Store(tmp_path / "artifacts")
    assert store.find("words") is None
    assert store.names() == []


def test_a_published_artifact_is_a_relative_link_into_the_store(tmp_path):
    store = Store(tmp_path / "artifacts")
    publish(store)
    link = tmp_path / "artifacts" / "words"
    assert str(link.readlink()).startswith(".store/words-1.0.0-")
    (tmp_path / "artifacts").rename(tmp_path / "moved")
    assert read_manifest(tmp_path / "moved" / "words").version == "1.0.0"


def test_a_new_version_replaces_the_old_which_is_removed(tmp_path):
    store = Store(tmp_path)
    publish(store, "1.0.0")
    publish(store, "1.0.0", name="words-large")
    publish(store, "1.1.0")
    assert read_manifest(tmp_path / "words").version == "1.1.0"
    assert [name.rsplit("-", 1)[0] for name in folders(store)] == ["downloads", "words-1.1.0", "words-large-1.0.0"]


def test_the_same_content_can_be_published_over_a_damaged_copy(tmp_path):
    store = Store(tmp_path)
    publish(store)
    (tmp_path / "words" / "lists" / "words.txt").write_text("damaged")
    publish(store)
    assert (tmp_path / "words" / "lists" / "words.txt").read_text() == "words 1.0.0"
    assert len(folders(store)) == 2


def test_it_is_known_what_an_office_brought(tmp_path):
    store = Store(tmp_path)
    publish(store, "1.0.0")
    publish(store, "2026.01", is_brought=True, name="theirs")
    make_artifact(tmp_path / "by-hand", "by-hand")
    found = {name: store.find(name) for name in store.names()}
    assert {name: entry.is_brought for name, entry in found.items() if entry} == {
        "by-hand": True,
        "theirs": True,
        "words": False,
    }


def test_a_folder_put_there_by_hand_is_not_replaced(tmp_path):
    store = Store(tmp_path)
    make_artifact(tmp_path / "words", "words", "0.9")
    with pytest.raises(ArtifactError, match="was not put there by an install; move it away first"):
        publish(store)
    assert read_manifest(tmp_path / "words").version == "0.9"


def test_work_broken_off_is_swept_away_but_downloads_are_kept(tmp_path):
    store = Store(tmp_path)
    publish(store)
    (tmp_path / ".store" / ".partial-0123").mkdir()
    (tmp_path / ".store" / ".partial-4567").symlink_to("nowhere")
    shutil.copytree(tmp_path / "words", tmp_path / ".store" / "words-0.9-abc")
    (store.downloads / "half.part").write_text("half")
    with store.locked(Notes().say):
        assert [entry.name for entry in (tmp_path / ".store").glob(".partial-*")] == []
        assert len(folders(store)) == 2
        assert (store.downloads / "half.part").exists()
        store.drop_downloads()
    assert read_manifest(tmp_path / "words").version == "1.0.0"
    assert len(folders(store)) == 1


def test_others_may_read_what_is_installed(tmp_path):
    store = Store(tmp_path)
    publish(store)
    (tmp_path / "plain").mkdir()
    assert (tmp_path / "words").stat().st_mode == (tmp_path / "plain").stat().st_mode

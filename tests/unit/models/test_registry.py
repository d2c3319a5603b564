"""The registry that is released is sound, and an unsound one is refused with one sentence."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examkit.artifact import Manifest
from examkit.errors import ArtifactError
from models.registry import BuiltFromPackage, KeptInGit, read_registry
from tests.unit.models.forge import FORMAT, make_wheel, write_registry

REGISTRY = read_registry()
MANIFEST = Manifest("ipc-scheme", "2020.01", "ipc-scheme", REGISTRY.formats["ipc-scheme"], "", "", {}, {})


def test_the_default_set_is_what_the_services_open():
    defaults = {release.name for release in REGISTRY.select([])}
    assert {"ipc-scheme", "ipc-classifier", "mark-embedder", "demo-register"} <= defaults
    assert {"translator-en-pt", "translator-pt-en"} <= defaults


@pytest.mark.parametrize("release", REGISTRY.releases.values(), ids=lambda release: release.name)
def test_every_release_states_what_must_be_known(release):
    REGISTRY.check(
        replace(
            MANIFEST,
            name=release.name,
            version=release.version,
            format=release.format,
            format_version=REGISTRY.formats[release.format],
        )
    )
    assert release.licence
    assert release.origin
    if isinstance(release.source, BuiltFromPackage):
        assert len(bytes.fromhex(release.source.package.sha256)) == 32
        assert release.source.package.size_bytes > 0


def test_two_artifacts_of_one_wheel_share_its_pin():
    one, other = (REGISTRY.release(f"translator-{pair}").source for pair in ("en-pt", "pt-en"))
    assert isinstance(one, BuiltFromPackage)
    assert isinstance(other, BuiltFromPackage)
    assert one.package is other.package


def test_a_registry_is_read_with_its_folders(tmp_path):
    registry = read_registry(write_registry(tmp_path, make_wheel(tmp_path / "wheels", {})))
    assert registry.release("kept").source == KeptInGit(tmp_path / "artifacts" / "kept")
    assert registry.release("kept").card == tmp_path / "artifacts" / "kept" / "card.md"
    assert registry.release("words").card == tmp_path / "cards" / "words.md"
    assert [release.name for release in registry.select(["words", "kept", "words"])] == ["words", "kept"]


def test_an_unknown_name_is_refused_with_those_there_are():
    with pytest.raises(ArtifactError, match="no artifact nothing; the registry knows ipc-scheme, "):
        REGISTRY.select(["ipc-scheme", "nothing"])


@pytest.mark.parametrize(
    "text",
    ["not toml", "[formats]", "[formats]\n[packages]\nx = 1\n[artifacts]", "[formats]\n[packages.x]\n[artifacts]"],
)
def test_a_registry_that_cannot_be_read_is_refused(tmp_path, text):
    file = tmp_path / "registry.toml"
    file.write_text(text)
    with pytest.raises(ArtifactError, match=r"^registry.toml cannot be used: "):
        read_registry(file)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"format_version": 99}, "ipc-scheme format 99, which this release of Examkit cannot read"),
        ({"name": "office-words", "format": FORMAT}, "which this release of Examkit cannot read"),
        ({"format": "marian-student"}, "must be of format ipc-scheme, not marian-student"),
        ({"version": "../1"}, "not allowed"),
        ({"version": ".hidden"}, "not allowed"),
        ({"name": ""}, "not allowed"),
    ],
)
def test_a_manifest_that_cannot_be_used_is_refused(changes, sentence):
    with pytest.raises(ArtifactError, match=sentence):
        REGISTRY.check(replace(MANIFEST, **changes))


def test_an_office_may_name_its_own_artifact_of_a_known_format():
    REGISTRY.check(replace(MANIFEST, name="ipc-scheme-fr", version="2026.01"))


@given(st.text(alphabet=st.characters() | st.sampled_from("/.\\-aZ0")))
def test_no_name_or_version_leads_out_of_the_store(text):
    for changes in ({"name": text, "format": "ipc-scheme"}, {"version": text}):
        try:
            REGISTRY.check(replace(MANIFEST, **changes))
        except ArtifactError:
            continue
        assert "/" not in text
        assert not text.startswith(".")

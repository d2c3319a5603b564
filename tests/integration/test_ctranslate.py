"""Models that an office brings for CTranslate2: converted, installed and served, for real but of random weights."""

import shutil
import sys
import zipfile

import pytest

from examkit.artifact import open_artifact
from examkit.errors import ArtifactError
from models.translate.ctranslate import Described, Pieces, build
from services.translate.engine import RoutedTranslator
from services.translate.engines.ctranslate import FORMAT, FORMAT_VERSION, CTranslateEngine
from services.translate.languages import LanguageTag
from tests.tiny_opus import write_folder

pytestmark = pytest.mark.integration

ES_EN = Described("translator-es-en-ctranslate2", "1.0.0", ("es", "en"), "CC-BY-4.0", "random weights")


@pytest.fixture(scope="module")
def opus(tmp_path_factory):
    return write_folder(tmp_path_factory.mktemp("opus") / "es-en")


@pytest.fixture(scope="module")
def artifacts(opus, tmp_path_factory):
    folder = tmp_path_factory.mktemp("artifacts")
    (folder / ES_EN.name).mkdir()
    build(opus, folder / ES_EN.name, ES_EN)
    return folder


def opened(folder):
    return CTranslateEngine(open_artifact(folder, format=FORMAT, format_version=FORMAT_VERSION))


def test_an_opus_folder_becomes_an_engine_that_answers_alone_as_in_a_batch(artifacts):
    engine = opened(artifacts / ES_EN.name)
    texts = ["a device with a valve", "the spring", "a valve (12) has a spring"]
    drafts = engine.translate(texts)
    assert [engine.translate([text])[0].text for text in texts] == [draft.text for draft in drafts]
    for text, draft in zip(texts, drafts, strict=True):
        assert draft.log_probability < 0 < draft.pieces
        for (start, end), (first, last) in draft.links:
            assert 0 <= start < end <= len(text)
            assert 0 <= first < last <= len(draft.text)
    assert engine.keeps("a")
    assert not engine.keeps("γ")


def test_what_cannot_be_read_is_left_empty(artifacts):
    engine = opened(artifacts / ES_EN.name)
    assert [draft.text for draft in engine.translate(["", "a valve " * 400])] == ["", ""]


def test_it_is_served_beside_the_others_and_a_direct_engine_comes_first(artifacts):
    translator = RoutedTranslator.load(artifacts)
    answer = translator.translate(["the valve (12) has a γ-spring"], LanguageTag("es"), LanguageTag("en"))
    (translation,) = answer.translations
    assert translation.route.engines == ("ctranslate2",)
    assert not translation.route.is_gist
    assert answer.model_name == ES_EN.name
    assert "(12)" in translation.text
    assert "γ-spring" in translation.text
    translator.close()


def test_a_package_of_argos_is_read(artifacts, tmp_path):
    package = tmp_path / "translate-es_en.argosmodel"
    model = artifacts / ES_EN.name
    with zipfile.ZipFile(package, "w") as bundle:
        for file in (model / "model").iterdir():
            bundle.write(file, f"es_en/model/{file.name}")
        bundle.write(model / "source.spm", "es_en/sentencepiece.model")
        bundle.writestr("es_en/metadata.json", "{}")
    (tmp_path / "made").mkdir()
    build(package, tmp_path / "made", ES_EN)
    texts = ["the spring has a valve"]
    assert opened(tmp_path / "made").translate(texts) == opened(model).translate(texts)


def test_pieces_that_name_the_languages_are_put_in_and_taken_off(artifacts, tmp_path):
    """As NLLB wants them; here any pieces of the vocabulary stand for the names of languages."""
    pieces = Pieces(before_source=("▁a",), after_source=("▁a",), before_target=("▁spring",))
    folder = tmp_path / "nllb"
    shutil.copytree(artifacts / ES_EN.name / "model", folder / "model")
    shutil.copy(artifacts / ES_EN.name / "source.spm", folder / "sentencepiece.bpe.model")
    (tmp_path / "made").mkdir()
    build(folder, tmp_path / "made", Described("translator-x", "1", ("es", "en"), "CC0-1.0", "random", pieces))
    (draft,) = opened(tmp_path / "made").translate(["the valve"])
    for (start, end), (first, last) in draft.links:
        assert 0 <= start < end <= len("the valve")
        assert 0 <= first < last <= len(draft.text)


@pytest.mark.parametrize("missing", ["decoder.yml", "source.spm", "model.npz"])
def test_a_folder_that_lacks_a_part_is_refused_in_a_sentence(opus, tmp_path, missing):
    folder = tmp_path / "folder"
    shutil.copytree(opus, folder)
    (folder / missing).unlink()
    (tmp_path / "made").mkdir()
    with pytest.raises(ArtifactError, match="folder holds"):
        build(folder, tmp_path / "made", ES_EN)


def test_without_the_package_the_artifact_is_named(artifacts, monkeypatch):
    monkeypatch.setitem(sys.modules, "ctranslate2", None)
    with pytest.raises(ArtifactError, match="needs the package ctranslate2"):
        opened(artifacts / ES_EN.name)

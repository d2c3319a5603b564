"""Texts to vectors, on an encoder whose numbers can be worked out by hand."""

import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from examkit.errors import ArtifactError
from services.classify.encoder import Encoder
from tests.tiny_encoder import (
    DIMENSIONS,
    MAX_TOKENS,
    PROPERTIES,
    WORDS,
    token_vectors,
    write_encoder,
    write_sentence_pieces,
)


@pytest.fixture(scope="module")
def encoder(tmp_path_factory) -> Encoder:
    return Encoder.open(write_encoder(tmp_path_factory.mktemp("encoder") / "artifact"))


@pytest.fixture(scope="module")
def sentence_pieces(tmp_path_factory) -> Encoder:
    return Encoder.open(write_sentence_pieces(tmp_path_factory.mktemp("encoder") / "artifact"))


def expected(*words):
    rows = [WORDS.index(word) for word in words]
    mean = token_vectors()[rows].mean(axis=0)
    return mean / np.linalg.norm(mean)


def test_a_vector_is_the_mean_of_prefix_and_text_brought_to_length_one(encoder):
    found = encoder.encode("a valve spring")
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected("query", ":", "a", "valve", "spring"), atol=1e-6)


def test_what_lies_beyond_the_most_tokens_is_not_read(encoder):
    found = encoder.encode("a valve spring seal pump motor dye")
    np.testing.assert_allclose(found, expected("query", ":", "a", "valve", "spring", "seal"), atol=1e-6)


def test_sentence_pieces_stand_between_begin_and_end(sentence_pieces):
    """Number n of these vectors says how often token n was read, times a factor."""
    longest = sentence_pieces.encode("a valve spring seal pump motor dye")
    assert (longest[[0, 2]] > 0).all()
    assert np.round(longest / longest[0]).sum() == MAX_TOKENS


def test_many_texts_get_the_vectors_that_each_gets_alone(encoder):
    texts = ["a valve", "", "spring seal pump motor", "a valve"]
    found = encoder.encode_all(texts)
    assert found.shape == (4, DIMENSIONS)
    np.testing.assert_array_equal(found, np.stack([encoder.encode(text) for text in texts]))
    assert encoder.encode_all([]).shape == (0, DIMENSIONS)


def test_threads_share_an_encoder(encoder):
    texts = [" ".join(np.random.default_rng(seed).choice(WORDS[3:], 3)) for seed in range(200)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(encoder.encode, texts))
    np.testing.assert_array_equal(found, encoder.encode_all(texts))


def test_five_megabytes_without_a_space_take_no_longer_than_a_page(encoder):
    start = time.perf_counter()
    assert np.isfinite(encoder.encode("x" * 5_000_000)).all()
    assert time.perf_counter() - start < 0.5


@given(text=st.text(st.characters(codec=None), max_size=300))
def test_any_text_has_a_vector_of_length_one(encoder, sentence_pieces, text):
    for either in (encoder, sentence_pieces):
        assert np.linalg.norm(either.encode(text)) == pytest.approx(1, abs=1e-5)


def test_the_properties_are_the_manifests(encoder):
    assert (encoder.name, encoder.version) == ("text-encoder", "0.0.1")
    assert (encoder.properties.dimensions, encoder.properties.max_tokens) == (DIMENSIONS, 6)
    assert (encoder.properties.prefix, encoder.properties.languages) == ("query: ", ("en",))


@pytest.mark.parametrize("lacking", ["dimensions", "maxTokens", "prefix", "languages"])
def test_a_manifest_without_a_property_is_refused(tmp_path, lacking):
    properties = {name: value for name, value in PROPERTIES.items() if name != lacking}
    with pytest.raises(ArtifactError, match=lacking):
        Encoder.open(write_encoder(tmp_path / "artifact", properties))


def test_an_altered_graph_is_refused(tmp_path):
    folder = write_encoder(tmp_path / "artifact")
    with (folder / "encoder.onnx").open("r+b") as stream:
        stream.write(b"\xff")
    with pytest.raises(ArtifactError, match="SHA-256"):
        Encoder.open(folder)

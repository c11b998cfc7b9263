import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edge.rollcall_gate.adapters.litert_inference import LitertInference
from models.convert import CONVERSIONS, EMBEDDER, convert_one, convert_sface, write_pinned
from models.errors import ModelsMissing, ModelsUntrusted
from models.fold import INPUT_NORMALISATION, fold
from models.golden import check_embedder
from models.onnx_layers import Convolution, Dense, Normalisation, Slope, read_layers


def test_the_same_bytes_come_out_every_time(model_cache: Path) -> None:
    content = convert_sface(model_cache / EMBEDDER.source)
    assert hashlib.sha256(content).hexdigest() == EMBEDDER.sha256


def test_the_converted_embedder_computes_what_its_source_does(model_cache: Path) -> None:
    assert check_embedder(LitertInference(model_cache / EMBEDDER.output)) > 0.999999


def test_an_embedder_that_computes_something_else_is_refused(model_cache: Path) -> None:
    class Off(LitertInference):
        def run(self, tensor):
            return (super().run(tensor)[0] + 0.02,)

    with pytest.raises(ModelsUntrusted, match="do not enrol"):
        check_embedder(Off(model_cache / EMBEDDER.output))


def test_folding_changes_no_result() -> None:
    rng = np.random.default_rng(7)
    weight, bias = rng.normal(size=(3, 2, 1, 1)), rng.normal(size=3)
    first = Normalisation(rng.normal(size=3), rng.normal(size=3))
    before = Normalisation(rng.normal(size=3), rng.normal(size=3))
    dense = Dense(rng.normal(size=(4, 12)), rng.normal(size=4))
    after = Normalisation(rng.normal(size=4), rng.normal(size=4))
    layers = [
        *INPUT_NORMALISATION,
        Convolution(weight, bias, 1, (0, 0, 0, 0), 1),
        first,
        Slope(np.full(3, 0.25)),
        before,
        dense,
        after,
    ]
    picture = rng.normal(size=(2, 2, 2))  # channels, height, width

    def convolve(layer: Convolution) -> np.ndarray:
        return np.einsum("oi,ihw->ohw", layer.weight[:, :, 0, 0], picture) + layer.bias[:, None, None]

    def slope(x: np.ndarray) -> np.ndarray:
        return np.where(x > 0, x, x * 0.25)

    def scaled(norm: Normalisation, x: np.ndarray) -> np.ndarray:
        shape = (-1,) + (1,) * (x.ndim - 1)
        return x * norm.scale.reshape(shape) + norm.shift.reshape(shape)

    plain = scaled(before, slope(scaled(first, convolve(layers[2]))))
    expected = scaled(after, dense.weight @ plain.ravel() + dense.bias)
    convolution, _, folded_dense = fold(layers)
    assert isinstance(convolution, Convolution)
    assert isinstance(folded_dense, Dense)
    got = folded_dense.weight @ slope(convolve(convolution)).ravel() + folded_dense.bias
    np.testing.assert_allclose(got, expected, rtol=1e-12)


def test_a_network_of_another_form_is_refused(model_cache: Path) -> None:
    layers = read_layers(model_cache / EMBEDDER.source)
    with pytest.raises(ModelsUntrusted, match="normalisation"):
        fold(layers[1:])
    with pytest.raises(ModelsUntrusted, match="Dense"):
        fold([*layers[:2], layers[-2]])


def test_converting_before_fetching_says_so(tmp_path: Path) -> None:
    for conversion in CONVERSIONS:
        with pytest.raises(ModelsMissing, match="models fetch"):
            convert_one(conversion, tmp_path)


def test_other_bytes_than_pinned_never_reach_the_place(tmp_path: Path) -> None:
    (tmp_path / "old").write_bytes(b"good")
    with pytest.raises(ModelsUntrusted, match="SHA-256"):
        write_pinned(tmp_path / "old", b"bad", hashlib.sha256(b"good").hexdigest())
    assert (tmp_path / "old").read_bytes() == b"good"


def test_what_is_there_is_not_made_again(model_cache: Path) -> None:
    def never(source: Path) -> bytes:
        raise AssertionError

    assert not convert_one(replace(EMBEDDER, make=never), model_cache)

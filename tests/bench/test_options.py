"""The arithmetic of the comparison, on made-up embeddings and a network of three layers."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from bench import options, options_bias, options_compare
from edge.rollcall_gate.eyes.align import TEMPLATE, canonical_transform
from edge.rollcall_gate.eyes.embed import Embedder
from edge.rollcall_gate.eyes.landmarks import MESH_POINTS, five_points
from edge.rollcall_gate.frames import EMBEDDING_DIMS, AlignedFace, Floats, Landmarks, Pixels
from edge.rollcall_gate.ports import NetworkForm
from models.calibrate import Ranges, observed_ranges
from models.evaluation.bootstrap import resamplings
from models.evaluation.identification import gate_fusion, identify, plan
from models.evaluation.verification import all_pairs
from models.graph.onnx_layers import Convolution, Dense, Slope, Step
from models.graph.tflite_model import Op
from models.graph.tflite_passes import rewrite
from models.graph.tflite_writer import write_network
from models.networks import Network
from models.quantise import quantise
from tests.models.evaluation.made_faces import acquired_of, crowd, unit_rows

TINY = NetworkForm("tiny", 16, (8,), 1 / 128, -127.5 / 128)


def rows_of(seed: int, count: int) -> Floats:
    return unit_rows(np.random.default_rng(seed).normal(size=(count, EMBEDDING_DIMS)).astype(np.float32))


class Stub:
    """An Inference that answers with a function of the picture."""

    model_sha256, runtime = hashlib.sha256().digest(), "stub"

    def __init__(self, answer: Callable[[Pixels], tuple[Floats, ...]]) -> None:
        self.answer = answer

    def run(self, picture: Pixels) -> tuple[Floats, ...]:
        return self.answer(picture)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_photographs_of_one_weight_are_fused_as_at_the_gate(count: int) -> None:
    rows = rows_of(1, count)
    assert options_compare.weighted_direction(rows * np.float32(7)) == pytest.approx(
        gate_fusion(rows), abs=1e-6
    )


def test_a_photograph_counts_as_much_as_its_weight_says() -> None:
    acquired, _ = crowd(2, [3])
    heavy = options_compare.weighted(acquired, np.array([3, 1, 0], np.float32))
    expected = 3 * acquired.embeddings[0] + acquired.embeddings[1]
    fused = options_compare.weighted_direction(heavy.embeddings)
    assert fused == pytest.approx(expected / np.linalg.norm(expected), abs=1e-6)


def test_photographs_without_any_weight_have_no_direction() -> None:
    with pytest.raises(ValueError, match="direction"):
        options_compare.weighted_direction(np.zeros((2, EMBEDDING_DIMS), np.float32))


def test_the_rates_compared_are_those_of_the_evaluation() -> None:
    acquired, persons = crowd(3, [4] * 150 + [1] * 120, scatter=0.2, failed=10)
    weights = resamplings(persons.count)
    evaluated = {(one.enrolled, one.probes): one for one in identify(acquired, persons, 0.3, draws=3)}
    for size in ((1, 1), (3, 1)):
        plans = [plan(persons, *size, seed) for seed in range(3)]
        rounds = options_compare.fnir_rounds(acquired, plans, (0.01,), weights, gate_fusion)
        expected = next(at for at in evaluated[size].at if at.fpir == 0.01).fnir
        assert expected is not None
        assert 0 < rounds[0, 0] < 1
        assert rounds[0, 0] == pytest.approx(expected.value)
        assert np.percentile(rounds[0, 1:], [2.5, 97.5]) == pytest.approx([expected.low, expected.high])


def test_the_rate_of_all_pairs_is_that_of_the_evaluation() -> None:
    acquired, persons = crowd(5, [4] * 40, scatter=0.12, failed=20)
    weights = resamplings(persons.count, rounds=50)
    evaluated = next(one.tar for one in all_pairs(acquired, persons, 0.3, weights).tar if one.far == 1e-3)
    rounds = options_compare.fnmr_rounds(acquired, persons, 1e-3, weights)
    assert evaluated is not None
    assert rounds is not None
    assert 1 - rounds[0] == pytest.approx(evaluated.value)
    assert 1 - np.percentile(rounds[1:], [97.5, 2.5]) == pytest.approx(
        [evaluated.low, evaluated.high], abs=0.005
    )
    assert options_compare.fnmr_rounds(acquired, persons, 1e-4, weights) is None


def test_references_may_be_made_otherwise_than_probes() -> None:
    acquired, persons = crowd(3, [4] * 150 + [1] * 120, scatter=0.2)
    plans, weights = [plan(persons, 3, 1, 0)], resamplings(persons.count, rounds=3)
    alone = options_compare.fnir_rounds(acquired, plans, (0.01,), weights, gate_fusion)
    same = options_compare.fnir_rounds(
        *options_compare.joined(acquired, acquired, plans), (0.01,), weights, gate_fusion
    )
    assert (same == alone).all()
    nobody = acquired_of(acquired.names, acquired.embeddings, failed=acquired.names)
    missed = options_compare.fnir_rounds(
        *options_compare.joined(acquired, nobody, plans), (0.01,), weights, gate_fusion
    )
    assert missed[0, 0] == 1


def test_an_option_that_changes_nothing_differs_by_nothing() -> None:
    rates = np.random.default_rng(4).random(1001)
    found = options_compare.difference(rates, rates)
    assert (found.less_baseline, found.low, found.high, found.resolved) == (0, 0, 0, False)


def test_what_both_have_in_common_cancels() -> None:
    common = np.random.default_rng(5).normal(0.05, 0.02, 1001)
    better = options_compare.difference(common - 0.001, common)
    assert better.less_baseline == pytest.approx(-0.001)
    assert (better.low, better.high) == pytest.approx((-0.001, -0.001))
    assert better.resolved


def test_a_difference_that_goes_either_way_is_not_resolved_and_rounds_without_a_rate_are_left_out() -> None:
    baseline = np.zeros(1001)
    option = np.random.default_rng(6).normal(0, 0.01, 1001)
    option[5], option[0] = np.nan, 0.002
    found = options_compare.difference(option, baseline)
    assert found.less_baseline == pytest.approx(0.002)
    assert found.low < 0 < found.high
    assert not found.resolved


def test_a_rate_that_the_sample_does_not_allow_is_not_given() -> None:
    acquired, persons = crowd(7, [4] * 30)
    meter = options_compare.Meter(persons, [], draws=2, rounds=10)
    rates = meter._fnir(options_compare.Option("any", acquired))
    assert set(rates.values()) == {None}


def test_to_the_gates_template_the_crop_is_the_gates() -> None:
    points = (TEMPLATE * 1.7 + np.random.default_rng(8).normal(0, 2, (5, 2)) + [40, 20]).astype(np.float32)
    expected = canonical_transform(Landmarks(points, 1.0))
    assert options.similarity_to(points, TEMPLATE) == pytest.approx(expected, abs=1e-4)


def test_a_larger_template_keeps_the_middle_of_the_crop() -> None:
    assert options.scaled(np.array([[56.0, 56.0], [66.0, 46.0]]), 1.1) == pytest.approx(
        np.array([[56.0, 56.0], [67.0, 45.0]])
    )


def test_by_contour_only_the_eyes_move() -> None:
    mesh = np.random.default_rng(9).random((1, 1, 1, MESH_POINTS * 3)).astype(np.float32)
    logit = np.ones((1, 1), np.float32)
    moved, same = options.EyeContours(Stub(lambda _: (mesh, logit))).run(np.zeros((192, 192, 3), np.uint8))
    assert moved.shape == mesh.shape
    assert same is logit
    before, after = (five_points(one.reshape(MESH_POINTS, 3)) for one in (mesh, moved))
    contour = mesh.reshape(MESH_POINTS, 3)[
        [33, 7, 163, 144, 145, 153, 154, 155, 133, *range(157, 162), 173, 246]
    ]
    middle_x, middle_y = contour[:, :2].mean(axis=0).tolist()
    assert after[0] == pytest.approx(complex(middle_x, middle_y), abs=1e-6)
    assert after[1] != before[1]
    assert after[2:] == before[2:]


def test_a_face_and_its_mirror_image_embed_alike() -> None:
    def answer(picture: Pixels) -> tuple[Floats, ...]:
        return (picture.astype(np.float32).sum(axis=(0, 2))[:1] * rows_of(10, 1) + picture[0, :8, 0].sum(),)

    embed = options.flipped(Embedder(Stub(answer)))
    pixels = np.random.default_rng(11).integers(0, 256, (112, 112, 3), np.uint8)
    one, other = embed(AlignedFace(pixels)), embed(AlignedFace(np.ascontiguousarray(pixels[:, ::-1])))
    assert one.vector == pytest.approx(other.vector, abs=1e-6)


def tiny_network() -> bytes:
    rng = np.random.default_rng(12)
    steps = [
        Step(
            Convolution(rng.normal(size=(64, 3, 3, 3)), rng.normal(size=64), 1, (1, 1, 1, 1), 1), ("in",), "a"
        ),
        Step(Slope(np.full(64, 0.25)), ("a",), "b"),
        Step(
            Convolution(rng.normal(size=(96, 64, 3, 3)), rng.normal(size=96), 1, (1, 1, 1, 1), 1), ("b",), "c"
        ),
        Step(Slope(np.full(96, 0.25)), ("c",), "d"),
        Step(Dense(rng.normal(size=(8, 16 * 16 * 96)), rng.normal(size=8)), ("d",), "e"),
    ]
    return rewrite(write_network(steps, description="tiny", input_shape=(1, 16, 16, 3), output="out"))


@pytest.fixture(scope="module")
def tiny() -> tuple[bytes, Network, list[Pixels], Ranges]:
    network = Network(TINY, "", Path.read_bytes, "", "", "", "mean")
    pictures = list(np.random.default_rng(13).integers(60, 200, (24, 16, 16, 3), np.uint8))
    graph = tiny_network()
    return graph, network, pictures, observed_ranges(graph, TINY, pictures, "largest")


def test_layers_are_corrected_in_order_and_slopes_are_not_among_them(
    tiny: tuple[bytes, Network, list[Pixels], Ranges],
) -> None:
    codes = {Op.CONV_2D, Op.DEPTHWISE_CONV_2D, Op.FULLY_CONNECTED}
    assert options_bias.layers_with_bias(tiny[0], codes) == ["0/out", "2/out", "out"]
    assert options_bias.layers_with_bias(tiny[0], {Op.FULLY_CONNECTED}) == ["out"]


def test_a_corrected_layer_has_the_mean_of_the_float_network(
    tiny: tuple[bytes, Network, list[Pixels], Ranges],
) -> None:
    graph, network, pictures, ranges = tiny
    layers = options_bias.layers_with_bias(graph, {Op.CONV_2D, Op.FULLY_CONNECTED})
    aimed_at = options_bias.channel_means(graph, TINY, pictures, layers)

    def error(int8: bytes, layer: str) -> float:
        found = options_bias.channel_means(int8, TINY, pictures, [layer])[layer]
        return float(np.abs(found - aimed_at[layer]).mean())

    before = quantise(graph, ranges, network.input_range)
    after = options_bias.bias_corrected(graph, network, ranges, pictures, layers)
    for layer in layers:
        assert error(after, layer) < 0.5 * error(before, layer), layer


def test_moving_a_bias_moves_the_mean_by_as_much(tiny: tuple[bytes, Network, list[Pixels], Ranges]) -> None:
    graph, _, pictures, _ = tiny
    by = np.linspace(-2, 2, 8)
    before = options_bias.channel_means(graph, TINY, pictures[:2], ["out"])["out"]
    moved = options_bias.with_bias_moved(graph, "out", by)
    after = options_bias.channel_means(moved, TINY, pictures[:2], ["out"])["out"]
    assert after - before == pytest.approx(by, abs=1e-3)

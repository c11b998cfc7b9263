"""An int8 network that is not int8, or slower than float, raises no error by itself: the guard says so."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edge.rollcall_gate.adapters.litert_inference import LitertInference
from models import guard
from models.calibrate import observed_ranges
from models.golden import reference_picture
from models.graph.tflite_model import Op, TfliteModel
from models.graph.tflite_passes import slopes_to_maximum, widen_halves
from models.guard import Delegation, Speed, count_delegated, delegation, float_tensors
from models.networks import DETECTOR, NETWORKS, Network
from models.quantise import quantise
from models.runtimes import RUNTIMES, is_installed, open_network

# Of LiteRT 2.3.0 on x86-64.
DELEGATED_MIN = {"detector": 129, "landmarks": 126, "embedder": 87, "pad": 149}
EACH = pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.name)


def op(inputs: list[int], *outputs: int, name: str = "ADD") -> dict[str, Any]:
    return {"op_name": name, "inputs": np.array(inputs), "outputs": np.array(outputs)}


def piece(inputs: list[int], *outputs: int) -> dict[str, Any]:
    return op(inputs, *outputs, name=guard.DELEGATE)


CHAIN = [op([n], n + 1) for n in range(5)]  # 0 -> 1 -> 2 -> 3 -> 4 -> 5


@pytest.mark.parametrize(
    ("operators", "expected"),
    [
        (CHAIN, Delegation(5, 0, 0)),
        ([*CHAIN, piece([0], 5)], Delegation(5, 5, 1)),
        ([*CHAIN, piece([0], 2), piece([3], 5)], Delegation(5, 4, 2)),  # the third was not taken
        ([*CHAIN, piece([1], 4)], Delegation(5, 3, 1)),
        ([*CHAIN, piece([1, 90, 91], 4)], Delegation(5, 3, 1)),  # weights are inputs of a piece too
        ([], Delegation(0, 0, 0)),
    ],
)
def test_operators_of_a_chain_are_counted_by_piece(operators: list[dict[str, Any]], expected) -> None:
    assert count_delegated(operators) == expected


def test_a_residual_is_counted_once() -> None:
    block = [op([0], 1), op([1], 2), op([2, 1], 3), op([3, 0], 4)]
    assert count_delegated([*block, piece([0], 4)]) == Delegation(4, 4, 1)


def test_two_pieces_that_share_their_input_are_told_apart() -> None:
    fork = [op([0], 1), op([1], 2), op([1], 3), op([2, 3], 4)]
    assert count_delegated([*fork, piece([1], 2), piece([1], 3)]) == Delegation(4, 2, 2)


def test_a_piece_does_not_reach_behind_what_it_was_given() -> None:
    fork = [op([0], 1), op([1], 2), op([2, 1], 3)]
    assert count_delegated([*fork, piece([1, 2], 3)]) == Delegation(3, 1, 1)


def test_an_operator_of_two_outputs_is_one() -> None:
    split = [op([0], 1, 2), op([1], 3), op([2], 4)]
    assert count_delegated([*split, piece([0], 3, 4)]) == Delegation(3, 3, 1)


@EACH
def test_litert_takes_over_at_least_what_it_took_when_this_was_measured(
    network: Network, model_cache: Path
) -> None:
    found = delegation(LitertInference(model_cache / "int8" / f"{network.name}.tflite", network.form))
    assert found.delegated >= DELEGATED_MIN[network.name]
    assert found.operators >= found.delegated
    assert (
        delegation(LitertInference(model_cache / "float" / f"{network.name}.tflite", network.form)).pieces
        == 1
    )


@EACH
def test_tflite_runtime_takes_over_nothing_of_an_int8_network(network: Network, model_cache: Path) -> None:
    if not is_installed("tflite"):
        pytest.skip("tflite-runtime is published for Python 3.11 at most")
    loaded = open_network("tflite", model_cache / "int8" / f"{network.name}.tflite", network.form)
    assert loaded is not None
    assert delegation(loaded).delegated == 0


@pytest.mark.parametrize("runtime", [runtime for runtime in RUNTIMES if is_installed(runtime)])
@EACH
def test_a_float_network_is_told_by_its_tensors(network: Network, runtime, model_cache: Path) -> None:
    opened = {
        numbers: open_network(runtime, model_cache / numbers / f"{network.name}.tflite", network.form)
        for numbers in ("float", "int8")
    }
    assert len(float_tensors(opened["float"])) > 50
    assert float_tensors(opened["int8"]) == []


def without_fusing(cache: Path, folder: Path) -> LitertInference:
    """The detector as the trap makes it: int8 throughout, every ReLU an operator of its own."""
    model = TfliteModel.of_bytes((cache / "float" / "detector.tflite").read_bytes())
    inputs, outputs = model.inputs, model.outputs
    widen_halves(model)
    slopes_to_maximum(model)
    assert sum(model.code(operator) == Op.RELU for operator in model.operators) > 20
    network = model.finish(inputs, outputs)
    ranges = observed_ranges(network, DETECTOR.form, [reference_picture(192)], DETECTOR.extremes)
    file = folder / "detector.tflite"
    file.write_bytes(quantise(network, ranges, DETECTOR.input_range))
    return LitertInference(file, DETECTOR.form)


@pytest.mark.slow
def test_a_network_whose_relus_stand_alone_is_slower_and_less_delegated(
    model_cache: Path, tmp_path: Path
) -> None:
    unfused = without_fusing(model_cache, tmp_path)
    fused, full = (
        LitertInference(model_cache / numbers / "detector.tflite", DETECTOR.form)
        for numbers in ("int8", "float")
    )
    assert float_tensors(unfused) == [], "nothing else shows it"
    there, right = delegation(unfused), delegation(fused)
    assert there.operators - there.delegated > 20
    assert right.operators == right.delegated
    found = guard.speed(unfused, full, DETECTOR.form.side_px, blocks=4)
    assert found.int8_is_slower
    assert guard.speed(fused, unfused, DETECTOR.form.side_px, blocks=4).ratio > 1


@pytest.mark.parametrize(
    ("ratio", "slower_blocks", "slower"),
    [
        (2.1, 0.0, False),
        (0.99, 0.5, False),  # as fast as each other: chance
        (0.99, 1.0, False),  # two runs of one and the same file differ by as much
        (0.9, 0.75, False),
        (0.9, 0.76, True),
        (0.2, 1.0, True),
        (1.01, 0.9, False),
    ],
)
def test_int8_is_slower_when_it_is_so_nearly_always(ratio: float, slower_blocks: float, slower: bool) -> None:
    assert Speed(1.0, ratio, ratio, slower_blocks).int8_is_slower is slower


def test_a_network_is_not_slower_than_itself(model_cache: Path) -> None:
    one, other = (LitertInference(model_cache / "int8" / "detector.tflite", DETECTOR.form) for _ in range(2))
    found = guard.speed(one, other, DETECTOR.form.side_px, blocks=2)
    assert found.int8_ms > 0
    assert found.float_ms > 0
    assert 0 <= found.slower_blocks <= 1
    assert 0.3 < found.ratio < 3

"""Is an int8 network really int8, and really fast? What can go wrong here raises no error by itself.

A file that sets only the deprecated operator code is quantised not at all; one operator that the
accelerated kernels do not take makes int8 slower than float (notes in ADR-0008).
"""

import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from edge.rollcall_gate.adapters.flatbuffer_network import FlatbufferNetwork
from models.golden import reference_picture

BLOCKS: Final = 12
PER_BLOCK: Final = 10
WARM_UP: Final = 2
SLOWER_BLOCKS_MAX: Final = 0.75
NOISE: Final = 0.05  # two runs of one and the same file differ by as much
DELEGATE: Final = "DELEGATE"


@dataclass(frozen=True, slots=True)
class Delegation:
    """How many of a network's operators the accelerated kernels took over, in how many pieces."""

    operators: int
    delegated: int
    pieces: int

    @property
    def left_out(self) -> int:
        """Operators that the plain kernels must do: each cuts the network."""
        return self.operators - self.delegated


@dataclass(frozen=True, slots=True)
class Speed:
    """Medians of one inference in milliseconds of processor time; `ratio` is the median block's float / int8.

    slower_blocks: the share of blocks in which int8 took longer than float, 0..1.
    """

    int8_ms: float
    float_ms: float
    ratio: float
    slower_blocks: float

    @property
    def int8_is_slower(self) -> bool:
        """Slower, and not by chance: of two that are equally fast either may be a hair slower in one run.

        The faults that this guards against make int8 two to seven times slower.
        """
        return self.ratio < 1 - NOISE and self.slower_blocks > SLOWER_BLOCKS_MAX


def delegation(network: FlatbufferNetwork) -> Delegation:
    """Counted from what the interpreter says of itself."""
    return count_delegated(network.interpreter._get_ops_details())  # noqa: SLF001  # the only list there is


def count_delegated(operators: Sequence[Mapping[str, Any]]) -> Delegation:
    """operators: all of the file's, then one DELEGATE for each piece taken over.

    The taken ones stay in the list: they are found by walking back from a piece's outputs to its inputs.
    """
    plain = [o for o in operators if o["op_name"] != DELEGATE]
    pieces = [o for o in operators if o["op_name"] == DELEGATE]
    maker = {int(tensor): index for index, o in enumerate(plain) for tensor in o["outputs"]}
    taken: set[int] = set()
    for piece in pieces:
        given = {int(tensor) for tensor in piece["inputs"]}
        ahead = [int(tensor) for tensor in piece["outputs"]]
        while ahead:
            index = maker.get(ahead.pop())
            if index is None or index in taken:
                continue
            taken.add(index)
            ahead += [int(t) for t in plain[index]["inputs"] if int(t) not in given]
    return Delegation(len(plain), len(taken), len(pieces))


def float_tensors(network: FlatbufferNetwork) -> list[str]:
    """Names of tensors that are not integers; a static int8 network has none."""
    details = network.interpreter.get_tensor_details()
    return [t["name"] for t in details if np.issubdtype(t["dtype"], np.floating)]


def speed(int8: FlatbufferNetwork, full: FlatbufferNetwork, side_px: int, blocks: int = BLOCKS) -> Speed:
    """Blocks of inferences in turns, so that a machine that is busy for a while slows both.

    The first of each block are not counted: they find the caches full of the other network's weights.
    """
    picture = reference_picture(side_px)
    int8.run(picture)
    full.run(picture)
    pairs = [(_block_ms(int8), _block_ms(full)) for _ in range(blocks)]
    return Speed(
        statistics.median(fast for fast, _ in pairs),
        statistics.median(slow for _, slow in pairs),
        statistics.median(slow / fast for fast, slow in pairs),
        sum(fast > slow for fast, slow in pairs) / len(pairs),
    )


def _block_ms(network: FlatbufferNetwork) -> float:
    spent = []
    for _ in range(WARM_UP + PER_BLOCK):
        began = time.thread_time()
        network.interpreter.invoke()
        spent.append((time.thread_time() - began) * 1000)
    return statistics.median(spent[WARM_UP:])

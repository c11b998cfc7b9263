"""Memory that two processes share: whole frames or none."""

import os

import numpy as np
import pytest

from edge.rollcall_gate.adapters.frame_memory import SLOTS, WORDS_BYTES, FrameMemory, NotAFrame
from edge.rollcall_gate.frames import Frame


def test_a_frame_that_was_written_over_while_it_was_copied_is_not_taken() -> None:
    memory = FrameMemory.create()
    memory.publish(Frame(np.zeros((4, 4, 3), np.uint8), 1))

    class Overtaken(FrameMemory):
        def _copy(self, place: int, at: int, bytes_max: int, height: int, width: int):
            copied = super()._copy(place, at, bytes_max, height, width)
            for level in range(SLOTS):
                memory.publish(Frame(np.full((4, 4, 3), level, np.uint8), 2 + level))
            return copied

    reader = Overtaken(os.dup(memory.fd))
    assert reader.frame(1) is None
    whole = memory.frame(memory.newest)
    assert whole is not None
    assert whole.captured_ms == 1 + SLOTS
    reader.forget_descriptor()
    memory.forget_descriptor()


def test_frames_pass_unchanged_and_too_large_ones_are_refused() -> None:
    memory = FrameMemory.create()
    random = np.random.default_rng(3)
    taken = []
    for number in range(1, 12):
        main = random.integers(0, 256, (7 * number, 31, 3), np.uint8)
        lores = None if number % 3 == 0 else random.integers(0, 256, (5, number, 3), np.uint8)
        memory.publish(Frame(main, number, lores))
        found = memory.frame(memory.newest)
        assert found is not None
        assert np.array_equal(found.pixels, main)
        assert (found.lores is None) == (lores is None)
        assert lores is None or np.array_equal(found.lores, lores)
        assert found.captured_ms == number
        taken.append((found.pixels, main))
    assert all(np.array_equal(copy, main) for copy, main in taken)  # long after their places were used again
    with pytest.raises(ValueError, match="too large"):
        memory.publish(Frame(np.zeros((2_000, 2_000, 3), np.uint8), 99))
    memory.say("ắ" * WORDS_BYTES)
    assert len(memory.words) < WORDS_BYTES
    memory._slots[memory.newest % SLOTS][2] = 0
    with pytest.raises(NotAFrame):
        memory.frame(memory.newest)
    memory.forget_descriptor()

"""A self-test whose rows could be read in two ways, or as more than they say, is no self-test."""

from typing import Any

import pytest

from wire.errors import BadSchema
from wire.records import DEVICE_TYPES
from wire.self_test import DETAIL_BYTES_MAX, ROWS_MAX, SelfTest

COMMAND = bytes(range(16))
ROW = ["camera", True, "in order"]


def test_a_self_test_passes_when_every_part_does() -> None:
    assert SelfTest.parsed([None, [ROW]]).passed
    assert not SelfTest.parsed([COMMAND, [ROW, ["door", False, "does not answer"]]]).passed


@pytest.mark.parametrize(
    "values",
    [
        [COMMAND, []],
        [COMMAND, [ROW, ["camera", False, "dark"]]],
        [COMMAND, [[f"part-{n}", True, ""] for n in range(ROWS_MAX + 1)]],
        [COMMAND, [["camera", True, "đ" * (DETAIL_BYTES_MAX // 2) + "."]]],
        [COMMAND, [["Camera", True, ""]]],
        [COMMAND, [["camera", 1, ""]]],
        [COMMAND, [["camera", True]]],
        [COMMAND, [["camera", True, b"dark"]]],
        [COMMAND[:15], [ROW]],
        ["0" * 16, [ROW]],
        [COMMAND],
        [COMMAND, [ROW], 1],
        None,
    ],
)
def test_anything_else_is_refused(values: Any) -> None:
    with pytest.raises(BadSchema, match="self-test/1"):
        SelfTest.parsed(values)


def test_a_self_test_that_could_not_be_read_is_not_even_signed() -> None:
    with pytest.raises(BadSchema, match="at least one part"):
        SelfTest(COMMAND, ()).values()
    assert SelfTest(COMMAND, (("camera", True, "in order"),)).values() == [COMMAND, [ROW]]


def test_every_device_may_say_how_its_parts_are_and_nobody_else() -> None:
    assert all(SelfTest.kind in kinds for kinds in DEVICE_TYPES.values())

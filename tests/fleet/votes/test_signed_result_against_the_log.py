"""The result that the desk signs is what the log says, and a lie in it is named."""

from dataclasses import replace
from typing import Any

import pytest

from ballot.counting import Leaf, Result, count
from fleet.votes.audit import faults
from tests.fleet.hall_under_test import HallUnderTest
from tests.fleet.votes.assembly import QUESTION, SITTING, Assembly
from wire import cbor
from wire.envelope import Purpose, verify
from wire.ids import DeviceId
from wire.records import parse_record
from wire.voting import RESULT_BYTES_MAX, ResultRecord

pytestmark = pytest.mark.slow


def log_of(hall: HallUnderTest) -> list[Leaf]:
    keys = {name: device.signer.public_key for name, device in hall.devices.items()}
    keys["desk"] = hall.office.desk.signer.public_key
    with hall.engine.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT leaf_index, device, envelope FROM records ORDER BY leaf_index"
        ).all()
    return [
        Leaf(
            index,
            DeviceId(name),
            parse_record(verify(bytes(envelope), Purpose.RECORD, DeviceId(name), keys[name])).body,
        )
        for index, name, envelope in rows
    ]


@pytest.fixture
def held(hall: HallUnderTest) -> tuple[Result, ResultRecord]:
    assembly = Assembly(hall)
    assembly.open_sitting()
    assembly.enter(1, 2, 3)
    assembly.prepare(preset="half-of-all-members", presence=True)
    assembly.step("open")
    for number, choice in ((1, "yes"), (2, "yes"), (3, "yes"), (4, "no")):
        assembly.press(number, choice)
    assembly.step("close")
    leaves = log_of(hall)
    (record,) = [leaf.body for leaf in leaves if isinstance(leaf.body, ResultRecord)]
    return count(SITTING, QUESTION, leaves), record


def changed(record: ResultRecord, at: int, value: Any) -> ResultRecord:
    parts: Any = cbor.decode(record.result, RESULT_BYTES_MAX)
    parts[at] = value
    return replace(record, result=cbor.encode(parts))


def test_an_honest_result_has_no_fault(held: tuple[Result, ResultRecord]) -> None:
    assert faults(held[0], [held[1]]) == []
    assert faults(held[0], []) == []


@pytest.mark.parametrize(
    ("at", "value", "says"),
    [
        (3, "not-carried", "the outcome is carried"),
        (4, True, "the signed numbers"),
        (5, [3, 1, 0, 4, 0, 0], "the signed numbers"),
        (7, 0, "the signed numbers"),
        (10, bytes(32), "the signed numbers"),
        (11, 0, "the signed numbers"),
        (2, ["facts/1", 3, 0, 0, 0, 3, 3, 0, 0, None, None], "the signed facts"),
        (1, [], "cannot be read"),
        (0, "open-result/9", "cannot be read"),
    ],
)
def test_a_lie_in_it_is_named(held: tuple[Result, ResultRecord], at: int, value: Any, says: str) -> None:
    assert says in " ".join(faults(held[0], [changed(held[1], at, value)]))


def test_two_results_of_one_question_are_a_fault(held: tuple[Result, ResultRecord]) -> None:
    assert faults(held[0], [held[1], held[1]]) == ["the desk signed more than one result"]

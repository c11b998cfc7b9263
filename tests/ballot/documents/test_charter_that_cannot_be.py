"""A charter in which one person alone could do what takes several is refused in words."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballot.documents.charter import CHARTER_BYTES_MAX, OFFICE, Charter, Office, charter_faults, parse_charter
from ballot.documents.describe import describe_charter
from ballot.errors import BadDocument
from tests.ballot.documents.election import CHARTER, INTERNAL, NAMES, changed, officer
from wire import cbor

SMALL_ORDER = bytes(32)


def parts() -> list[Any]:
    found: list[Any] = cbor.decode(CHARTER.encode(), CHARTER_BYTES_MAX)
    return found


def some(count: int, prefix: str = "x") -> Any:
    return tuple(officer(f"{prefix}{number}") for number in range(count))


def test_the_bytes_are_the_charter_and_its_fingerprint_is_their_hash() -> None:
    assert parse_charter(CHARTER.encode()) == CHARTER
    assert CHARTER.fingerprint == CHARTER.hash.hex()
    assert parts()[:3] == ["charter/1", "congress-2026", 2]
    assert parts()[9][1] == [INTERNAL, CHARTER.witnesses[1].key, False]
    assert [CHARTER.quorum(office) for office in Office] == [2, 2, 2, 1, 2]
    assert [CHARTER.trustee_number(name) for name in ("t-an", "t-chi", "chair")] == [1, 3, None]
    assert CHARTER.by_name.keys() == {name for names in NAMES.values() for name in names}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"k": 1}, "charter-trustees"),
        ({"k": 4}, "charter-trustees"),
        ({"trustees": some(4), "k": 2}, "charter-trustees"),
        ({"trustees": some(1), "k": 1}, "charter-trustees"),
        ({"trustees": some(10), "k": 6}, "charter-trustees"),
        ({"board_quorum": 1}, "charter-quorum"),
        ({"board_quorum": 4}, "charter-quorum"),
        ({"board": some(1), "board_quorum": 1}, "charter-quorum"),
        ({"commission_quorum": 0}, "charter-quorum"),
        ({"commission_quorum": 4}, "charter-quorum"),
        ({"witness_quorum": 0}, "charter-quorum"),
        ({"witness_quorum": 4}, "charter-quorum"),
        ({"witnesses": some(3)}, "charter-external"),
        ({"chair": officer("b-ha")}, "charter-names"),
        ({"chair": changed(officer("b-ha"), name="president")}, "charter-keys"),
        ({"board": (*some(2), *some(1))}, "charter-names"),
    ],
)
def test_a_charter_that_cannot_be_is_refused_where_it_is_made(changes: dict[str, Any], why: str) -> None:
    charter = changed(CHARTER, **changes)
    assert why in {fault.why for fault in charter_faults(charter)}
    with pytest.raises(BadDocument) as caught:
        charter.encode()
    assert caught.value.vi
    assert caught.value.en


def test_two_of_three_five_with_three_and_nine_with_five_can_be() -> None:
    for n, k in ((2, 2), (3, 2), (5, 3), (9, 5), (9, 9)):
        charter = changed(CHARTER, trustees=some(n), k=k)
        assert parse_charter(charter.encode()) == charter


@pytest.mark.parametrize(
    ("at", "value"),
    [
        (0, "charter/2"),
        (0, b"charter/1"),
        (1, "Congress"),
        (2, True),
        (3, []),
        (3, [["t-an"]]),
        (3, [["t-an", SMALL_ORDER]]),
        (3, [["t-an", bytes(31)]]),
        (3, [["T An", CHARTER.chair.key]]),
        (3, None),
        (5, None),
        (8, ["chair"]),
        (8, [["chair", CHARTER.chair.key]]),
        (9, []),
        (9, [["w-minh", CHARTER.witnesses[0].key]]),
        (9, [["w-minh", CHARTER.witnesses[0].key, 1]]),
        (10, 33),
    ],
)
def test_bytes_that_are_no_charter_are_refused(at: int, value: Any) -> None:
    bent = parts()
    bent[at] = value
    with pytest.raises(BadDocument):
        parse_charter(cbor.encode(bent))


def test_nothing_is_added_left_out_or_too_long() -> None:
    whole = CHARTER.encode()
    for data in (whole[:-1], whole + b"\0", cbor.encode([*parts(), None]), cbor.encode(parts()[:-1]), b""):
        with pytest.raises(BadDocument):
            parse_charter(data)
    with pytest.raises(BadDocument) as caught:
        parse_charter(bytes(CHARTER_BYTES_MAX + 1))
    assert caught.value.why == "too-long"


@given(st.integers(0, len(CHARTER.encode()) - 1), st.integers(0, 7))
def test_a_damaged_charter_is_refused_or_is_another(at: int, bit: int) -> None:
    whole = CHARTER.encode()
    damaged = whole[:at] + bytes([whole[at] ^ (1 << bit)]) + whole[at + 1 :]
    try:
        found = parse_charter(damaged)
    except BadDocument:
        return
    assert found.encode() == damaged
    assert found.hash != CHARTER.hash


def test_a_full_charter_fits_its_limit() -> None:
    def full(office: str, count: int) -> Any:
        return tuple(officer(f"{office}{number:031}", external=office == "w") for number in range(count))

    charter = Charter(
        CHARTER.congress, 9, full("t", 9), full("b", 32), 32, full("c", 32), 32, officer("x" * 32),
        full("w", 32), 32,
    )  # fmt: skip
    assert parse_charter(charter.encode()) == charter


def test_a_charter_is_read_out_with_every_name_key_and_quorum() -> None:
    text = "\n".join(describe_charter(CHARTER))
    assert CHARTER.fingerprint in text
    for each in CHARTER.by_name.values():
        assert each.key.hex() in text
    for vi, en in OFFICE.values():
        assert vi.capitalize() in text
        assert en.capitalize() in text
    assert "\n".join(describe_charter(CHARTER, "en")).count("external") == 2

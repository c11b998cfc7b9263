"""A twin's `unlock` that is damaged, of another unit, of another congress or of somebody else: the seat stays
locked, says so, and nothing falls over."""

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from edge.ballot_keypad.keys.press import Button
from edge.ballot_keypad.unlock import lock
from edge.ballot_keypad.unlock.asked import FAULT, Ask, Reader
from edge.ballot_keypad.unlock.lock import Unlock
from edge.device.twin import STATUS_BYTES_MAX, UNLOCK, rejected, settle
from wire import cbor, unlock
from wire.errors import BadSchema, RecordRejected
from wire.ids import CongressId, DeviceId, MemberRef
from wire.unlock import Code, open_unlock, seal_unlock

CONGRESS, KEYPAD = CongressId("congress-1"), DeviceId("keypad-7")
LAN, MINH = MemberRef(b"l" * 16), MemberRef(b"m" * 16)
KEY = X25519PrivateKey.from_private_bytes(bytes(31) + b"\x07")
READER = Reader(CONGRESS, KEYPAD, KEY)


def sealed(
    member: MemberRef = LAN,
    serial: int = 417,
    pin: str = "068915",
    *,
    congress: CongressId = CONGRESS,
    keypad: DeviceId = KEYPAD,
    key: X25519PrivateKey = KEY,
) -> bytes:
    public = key.public_key().public_bytes_raw()
    return seal_unlock(Code(member, serial, pin), public, congress=congress, keypad=keypad)


def sealed_bytes(plain: bytes) -> bytes:
    """Any bytes, well sealed: a fleet that has lost its mind."""
    about = cbor.encode(["unlock/1", CONGRESS, KEYPAD])
    return unlock._SUITE.encrypt(plain, KEY.public_key(), about)


def packed(item: object) -> bytes:
    data = cbor.encode(item)
    return sealed_bytes(bytes([len(data)]) + data.ljust(47, b"\0"))


def test_what_the_fleet_seals_opens_at_this_keypad() -> None:
    found = READER.read(sealed(), LAN)
    assert (found.ask, found.code) == (Ask.PIN, Code(LAN, 417, "068915"))
    assert READER.read(sealed(serial=0, pin=""), LAN).ask is Ask.NO_BADGE
    assert [READER.read(nothing, LAN).ask for nothing in (None, b"")] == [Ask.NOTHING, Ask.NOTHING]


def test_the_twins_bytes_hold_neither_pin_nor_badge_number_nor_member_and_tell_nothing_by_length() -> None:
    told = [sealed(), sealed(), sealed(serial=2**32 - 1), sealed(serial=1), sealed(serial=0, pin="")]
    assert {len(value) for value in told} == {96}
    assert len(set(told)) == len(told)  # nobody can try PINs against it
    for value in told:
        for secret in (b"068915", (68915).to_bytes(3, "big"), (417).to_bytes(2, "big") + b"\x66", LAN):
            assert secret not in value


@pytest.mark.parametrize(
    "value",
    [
        sealed(key=X25519PrivateKey.from_private_bytes(bytes(31) + b"\x08")),
        sealed(keypad=DeviceId("keypad-8")),
        sealed(congress=CongressId("congress-2")),
        sealed(MINH),
        sealed()[:-1],
        sealed() + b"\0",
        bytes(96),
        b"\0",
        b"\xff" * 256,
        17,
        "068915",
        True,
    ],
    ids=[
        "another-key", "another-keypad", "another-congress", "another-member", "cut", "longer", "zeros",
        "one-byte", "noise", "a-number", "a-pin", "true",
    ],
)  # fmt: skip
def test_what_is_not_for_this_seat_locks_it_and_is_said(value: object) -> None:
    found = READER.read(value, LAN)
    assert (found.ask, found.code) == (Ask.UNREADABLE, None)
    at = lock.questioned(lock.told(Unlock(), found), "q1")
    assert not at.is_open
    for button in Button:
        after, save = lock.pressed(at, button, 1000)
        assert not after.is_open
        assert not save


@pytest.mark.parametrize(
    "item",
    [
        [LAN, 417],
        [LAN, 417, "068915", 1],
        [LAN[:15], 417, "068915"],
        ["l" * 16, 417, "068915"],
        [LAN, -1, "068915"],
        [LAN, 2**32, "068915"],
        [LAN, True, "068915"],
        [LAN, 417, "06891"],
        [LAN, 417, "06891x"],
        [LAN, 417, "٠٦٨٩١٥"],
        [LAN, 417, ""],
        [LAN, 0, "068915"],
        [LAN, 417, 68915],
        [LAN, 417, b"068915"],
        {1: 2},
        None,
    ],
    ids=repr,
)
def test_a_sealed_value_of_another_shape_is_refused(item: object) -> None:
    with pytest.raises(BadSchema):
        open_unlock(packed(item), KEY, congress=CONGRESS, keypad=KEYPAD)
    assert READER.read(packed(item), LAN).ask is Ask.UNREADABLE


def test_what_stands_in_the_padding_or_has_another_length_is_refused() -> None:
    data = cbor.encode([LAN, 417, "068915"])
    whole = bytes([len(data)]) + data.ljust(47, b"\0")
    assert READER.read(sealed_bytes(whole), LAN).ask is Ask.PIN
    for plain in (whole + b"\0", whole[:-1], whole[:-1] + b"\1", b"", b"\xff" * 48, bytes(48)):
        assert READER.read(sealed_bytes(plain), LAN).ask is Ask.UNREADABLE


@given(st.binary(max_size=256))
def test_any_bytes_end_in_an_ask(value: bytes) -> None:
    assert READER.read(value, LAN).ask is (Ask.UNREADABLE if value else Ask.NOTHING)


@given(st.binary(min_size=48, max_size=48))
def test_any_bytes_well_sealed_end_in_an_ask(plain: bytes) -> None:
    try:
        open_unlock(sealed_bytes(plain), KEY, congress=CONGRESS, keypad=KEYPAD)
    except RecordRejected:
        return
    assert plain[0] < 48


def test_a_unit_without_a_key_or_without_digits_says_which() -> None:
    without_key = Reader(CONGRESS, KEYPAD, None)
    without_digits = Reader(CONGRESS, KEYPAD, KEY, has_digits=False)
    assert without_key.read(sealed(), LAN).ask is Ask.UNREADABLE
    assert without_digits.read(sealed(), LAN).ask is Ask.NO_DIGITS
    assert [reader.read(None, LAN).ask for reader in (without_key, without_digits)] == [Ask.NOTHING] * 2
    for fault in FAULT.values():
        assert rejected(fault) == f"rejected: {fault}"
        assert len(rejected(fault)) <= STATUS_BYTES_MAX


def test_a_seat_of_nobody_is_not_unlocked_by_anybodys_pin() -> None:
    assert READER.read(sealed(), None).ask is Ask.UNREADABLE


def test_a_freeze_holds_no_unlock_back_and_a_wrong_type_is_rejected() -> None:
    value = sealed()
    held = settle({"unlock": value}, {}, [UNLOCK], frozen=True)
    assert held.values == {"unlock": value}
    for wrong in (17, "x", True, None, bytes(257)):
        settled = settle({"unlock": wrong}, {"unlock": value}, [UNLOCK], frozen=False)
        assert settled.values == {"unlock": value}  # it stays locked by what it had
        assert settled.status["unlock"].startswith("rejected")

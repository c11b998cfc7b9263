"""Deletions, deltas, lane lists and the lane key, bent in every way: a reason each time, and nothing opens
that was made for somebody else."""

from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st

from wire import cbor, down, envelope, lane, records
from wire.envelope import Purpose, VerifiedBytes
from wire.errors import BadSchema, BadSignature, RecordRejected, Replayed
from wire.fields import Body
from wire.ids import CongressId, DeviceId, HallId, MemberRef
from wire.lane import Greeting
from wire.signers import Ed25519Signer

HALL, GATE, CONGRESS = HallId("hall-a"), DeviceId("gate-1"), CongressId("c")
LAN, MINH = MemberRef(b"l" * 16), MemberRef(b"m" * 16)
MakeSigner = Callable[[str], Ed25519Signer]
FOR_A_GATE = (down.ReferencesDelta, down.LaneList, down.Forget)


def deletion(**changes: Any) -> list[Any]:
    whole = {"scope": "member", "member": LAN, "references": 3, "generation": 7, "sealing_key": None}
    return list({**whole, **changes}.values())


def of_congress(**changes: Any) -> list[Any]:
    return deletion(**{"scope": "congress", "member": None, "sealing_key": b"n" * 32, **changes})


def delta(**changes: Any) -> list[Any]:
    whole = {
        "base": 5, "model": bytes(32), "runtime": "litert", "key": bytes(80), "page": 0, "pages": 1,
        "rows": [[LAN, 0, b"sealed"]],
    }  # fmt: skip
    return list({**whole, **changes}.values())


def lane_list(**changes: Any) -> list[Any]:
    whole = {"key": bytes(80), "page": 0, "pages": 1, "rows": [[LAN, 1, bytes(205)]]}
    return list({**whole, **changes}.values())


GOOD: list[tuple[type[Body], list[Any]]] = [
    (records.Deletion, deletion()),
    (records.Deletion, deletion(references=0, generation=2**53 - 1)),
    (records.Deletion, of_congress(references=2**32 - 1)),
    (records.Deletion, of_congress(sealing_key=bytes(31) + b"\x01")),
    (down.ReferencesDelta, delta()),
    (down.ReferencesDelta, delta(base=2**53 - 1, page=9999, pages=10000, key=bytes(256), rows=[])),
    (down.ReferencesDelta, delta(rows=[[LAN, 15, bytes(1024)]] * 60)),
    (down.ReferencesDelta, delta(rows=[[LAN, 0, b""]])),
    (down.LaneList, lane_list()),
    (down.LaneList, lane_list(page=9999, pages=10000, rows=[])),
    (down.LaneList, lane_list(rows=[[LAN, 0, bytes(256)], [MINH, 2**32 - 1, b""]] * 30)),
    (down.Forget, [1]),
    (down.Forget, [2**53 - 1]),
]
BAD: list[tuple[type[Body], list[Any]]] = [
    (records.Deletion, deletion(scope="hall")),
    (records.Deletion, deletion(member=b"l" * 15)),
    (records.Deletion, deletion(member=LAN.hex())),
    (records.Deletion, deletion(references=-1)),
    (records.Deletion, deletion(references=2**32)),
    (records.Deletion, deletion(references=True)),
    (records.Deletion, deletion(generation=-1)),
    (records.Deletion, deletion(generation=2**53)),
    (records.Deletion, deletion(sealing_key=bytes(31))),
    (records.Deletion, deletion(sealing_key=bytes(33))),
    (records.Deletion, deletion(member=None)),
    (records.Deletion, deletion(sealing_key=b"n" * 32)),
    (records.Deletion, of_congress(member=LAN)),
    (records.Deletion, of_congress(sealing_key=None)),
    (records.Deletion, of_congress(sealing_key=bytes(32))),
    (records.Deletion, deletion(more=1)),
    (records.Deletion, deletion()[:-1]),
    (down.ReferencesDelta, delta(base=-1)),
    (down.ReferencesDelta, delta(base=2**53)),
    (down.ReferencesDelta, delta(base=None)),
    (down.ReferencesDelta, delta(model=bytes(31))),
    (down.ReferencesDelta, delta(runtime="x" * 65)),
    (down.ReferencesDelta, delta(key=bytes(257))),
    (down.ReferencesDelta, delta(page=10000)),
    (down.ReferencesDelta, delta(pages=0)),
    (down.ReferencesDelta, delta(pages=10001)),
    (down.ReferencesDelta, delta(rows=[[LAN, 0, b""]] * 61)),
    (down.ReferencesDelta, delta(rows=[[LAN, 16, b""]])),
    (down.ReferencesDelta, delta(rows=[[LAN, 0, bytes(1025)]])),
    (down.ReferencesDelta, delta(rows=[[LAN, 0]])),
    (down.ReferencesDelta, delta()[1:]),
    (down.LaneList, lane_list(key=bytes(257))),
    (down.LaneList, lane_list(page=-1)),
    (down.LaneList, lane_list(pages=0)),
    (down.LaneList, lane_list(rows=[[LAN, 1, b""]] * 61)),
    (down.LaneList, lane_list(rows=[[LAN, -1, b""]])),
    (down.LaneList, lane_list(rows=[[LAN, 2**32, b""]])),
    (down.LaneList, lane_list(rows=[[LAN, 1, bytes(257)]])),
    (down.LaneList, lane_list(rows=[[b"", 1, b""]])),
    (down.LaneList, lane_list(rows=[[LAN, 1, b"", None]])),
    (down.Forget, [0]),
    (down.Forget, [2**53]),
    (down.Forget, [True]),
    (down.Forget, []),
]


@pytest.mark.parametrize(("kind", "values"), GOOD)
def test_what_stands_on_a_limit_is_read_and_written_alike(kind: type[Body], values: list[Any]) -> None:
    assert kind.parsed(values).values() == values


@pytest.mark.parametrize(("kind", "values"), BAD)
def test_what_lies_beyond_a_limit_is_refused_whole(kind: type[Body], values: list[Any]) -> None:
    with pytest.raises(BadSchema):
        kind.parsed(values)


def test_a_full_page_of_each_fits_into_an_envelope(signer: MakeSigner) -> None:
    for kind, values in GOOD:
        if kind in FOR_A_GATE:
            message = down.DownMessage(HALL, GATE, 2**53 - 1, 2**53 - 1, 2**53 - 1, kind.parsed(values))
            envelope.seal(down.encode_down(message), Purpose.DOWN, signer("desk"))


def notice(signer: Ed25519Signer, body: Body, *, audience: str = "gate-1") -> VerifiedBytes:
    message = down.DownMessage(HALL, audience, 7, 1000, 2000, body)
    data = envelope.seal(down.encode_down(message), Purpose.DOWN, signer)
    return envelope.verify(data, Purpose.DOWN, signer.kid, signer.public_key)


@pytest.mark.parametrize(
    "values", [(down.ReferencesDelta, delta()), (down.LaneList, lane_list()), (down.Forget, [9])]
)
def test_only_the_desk_says_them_and_to_this_gate_in_their_time(
    signer: MakeSigner, values: tuple[type[Body], list[Any]]
) -> None:
    body = values[0].parsed(values[1])
    assert down.parse_down(notice(signer("desk"), body), HALL, GATE, 2000).body == body
    with pytest.raises(BadSchema, match="may not say"):
        down.parse_down(notice(signer("store"), body), HALL, GATE, 1500)
    with pytest.raises(BadSchema, match="not for"):
        down.parse_down(notice(signer("desk"), body, audience="gate-2"), HALL, GATE, 1500)
    with pytest.raises(Replayed):
        down.parse_down(notice(signer("desk"), body), HALL, GATE, 2001)


def test_a_gate_alone_says_that_it_deleted() -> None:
    sayers = {role for role, kinds in records.DEVICE_TYPES.items() if "deletion/1" in kinds}
    assert sayers == {"gate"}


json_like = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**64), 2**64 - 1)
    | st.binary(max_size=40)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=8),
    max_leaves=20,
)


@settings(max_examples=300)
@given(json_like, st.sampled_from([kind.kind for kind in FOR_A_GATE]))
def test_nonsense_signed_by_the_desk_gets_a_reason(value: Any, kind: str) -> None:
    header = [kind, "hall-a", "gate-1", 7, 1000, 2000]
    for parts in ([*header, value], value, [kind, *[value] * 6]):
        try:
            payload = cbor.encode(parts)
        except RecordRejected:
            continue
        try:
            message = down.parse_down(VerifiedBytes(payload, "desk", Purpose.DOWN), HALL, GATE, 1500)
        except RecordRejected:
            continue
        assert down.encode_down(message) == payload


KEY = bytes(range(32))


def sealed(name: str = "Lan", seat: str = "A1", nonce: bytes = bytes(12)) -> bytes:
    return lane.seal_greeting(Greeting(name, seat), KEY, congress=CONGRESS, member=LAN, serial=7, nonce=nonce)


def test_a_greeting_opens_for_just_its_badge_under_just_its_key() -> None:
    where: dict[str, Any] = {"congress": CONGRESS, "member": LAN, "serial": 7}
    assert lane.open_greeting(sealed(), KEY, **where) == Greeting("Lan", "A1")
    for other in ({"congress": CongressId("d")}, {"member": MINH}, {"serial": 8}):
        with pytest.raises(BadSignature):
            lane.open_greeting(sealed(), KEY, **{**where, **other})
    with pytest.raises(BadSignature):
        lane.open_greeting(sealed(), bytes(32), **where)


def test_every_damaged_byte_and_every_truncation_of_a_greeting_is_noticed() -> None:
    whole = sealed()
    damaged = [whole[:i] + bytes([whole[i] ^ 1]) + whole[i + 1 :] for i in range(len(whole))]
    for data in damaged + [whole[:i] for i in range(len(whole))] + [whole + b"\0"]:
        with pytest.raises(BadSignature):
            lane.open_greeting(data, KEY, congress=CONGRESS, member=LAN, serial=7)


@given(st.binary(max_size=176))
def test_whatever_was_sealed_opening_it_gives_a_greeting_or_a_reason(plain: bytes) -> None:
    """Only the fleet has the key, and it too may be wrong."""
    about = cbor.encode(["greeting/1", CONGRESS, LAN, 7])
    data = bytes(12) + AESGCM(KEY).encrypt(bytes(12), plain, about)
    try:
        found = lane.open_greeting(data, KEY, congress=CONGRESS, member=LAN, serial=7)
    except RecordRejected:
        return
    assert isinstance(found, Greeting)


@pytest.mark.parametrize(
    ("name", "seat", "nonce"),
    [("x" * 121, "", 12), ("ế" * 41, "", 12), ("", "s" * 41, 12), ("", "", 11), ("", "", 13)],
)
def test_a_greeting_that_is_too_long_is_refused_where_it_is_made(name: str, seat: str, nonce: int) -> None:
    with pytest.raises(ValueError, match="at most 120 bytes"):
        sealed(name, seat, bytes(nonce))


def test_the_longest_greeting_opens_again() -> None:
    where: dict[str, Any] = {"congress": CONGRESS, "member": LAN, "serial": 7}
    for name, seat in (("x" * 120, "s" * 40), ("ế" * 40, ""), ("", "")):
        assert lane.open_greeting(sealed(name, seat), KEY, **where) == Greeting(name, seat)


def test_a_pin_is_of_one_badge_of_one_congress_under_one_key() -> None:
    where: dict[str, Any] = {"congress": CONGRESS, "member": LAN, "serial": 7}
    pins = [
        lane.pin_of(KEY, **where),
        lane.pin_of(bytes(32), **where),
        *(
            lane.pin_of(KEY, **{**where, **other})
            for other in ({"congress": CongressId("d")}, {"member": MINH}, {"serial": 8})
        ),
    ]
    assert len(set(pins)) == len(pins)
    assert all(len(pin) == 6 and pin.isdecimal() and pin.isascii() for pin in pins)
    assert lane.same_pin(pins[0], pins[0])
    assert not lane.same_pin(pins[0], pins[1])


def test_pins_are_spread_over_all_six_digits() -> None:
    pins = [lane.pin_of(KEY, congress=CONGRESS, member=LAN, serial=number) for number in range(2000)]
    for place in range(6):
        counts = [sum(pin[place] == digit for pin in pins) for digit in "0123456789"]
        assert 130 < min(counts) <= max(counts) < 280


def test_a_lane_key_unwraps_at_its_gate_of_its_congress_and_nowhere_else() -> None:
    gate, other = (X25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2))
    wrapped = lane.wrap_lane_key(KEY, gate.public_key().public_bytes_raw(), congress=CONGRESS, gate=GATE)
    assert len(wrapped) == 80
    assert lane.unwrap_lane_key(wrapped, gate, congress=CONGRESS, gate=GATE) == KEY
    for key, congress, name in (
        (other, CONGRESS, GATE),
        (gate, CongressId("d"), GATE),
        (gate, CONGRESS, DeviceId("gate-2")),
    ):
        with pytest.raises(BadSignature):
            lane.unwrap_lane_key(wrapped, key, congress=congress, gate=name)
    for data in (wrapped[:-1], wrapped + b"\0", b"", bytes(80)):
        with pytest.raises(BadSignature):
            lane.unwrap_lane_key(data, gate, congress=CONGRESS, gate=GATE)
    with pytest.raises(ValueError, match="32 bytes"):
        lane.wrap_lane_key(b"short", gate.public_key().public_bytes_raw(), congress=CONGRESS, gate=GATE)

"""What the fleet relays and cannot open, and what a gate refuses to compare with."""

from dataclasses import replace

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from edge.rollcall_gate.who.roster import Keys, empty, take_page
from edge.rollcall_gate.who.sealing import SealBroken, open_reference, seal_reference, unwrap_content_key
from tests.edge.rollcall_gate.rig import CONGRESS, CONTENT_KEY, GATE, SEALING_KEY, Rig, page_of
from tests.edge.rollcall_gate.synthetic import EMBEDDER, at_angle, member
from wire.ids import CongressId, DeviceId

KEYS = Keys(CONGRESS, GATE, SEALING_KEY)
EMPTY = empty(EMBEDDER)
FACE = at_angle(30)


def sealed() -> bytes:
    return seal_reference(
        FACE,
        congress=CONGRESS,
        member=member(1),
        index=0,
        content_key=CONTENT_KEY,
        random_bytes=bytes,
    )


ABOUT = {
    "congress": CONGRESS,
    "member": member(1),
    "index": 0,
    "embedder": EMBEDDER,
    "content_key": CONTENT_KEY,
}


def test_what_was_sealed_opens_to_the_same_embedding() -> None:
    opened = open_reference(sealed(), **ABOUT)
    np.testing.assert_allclose(opened.vector, FACE.vector, atol=1e-6)


@pytest.mark.parametrize(
    "other",
    [
        {"congress": CongressId("another")},
        {"member": member(2)},
        {"index": 1},
        {"embedder": replace(EMBEDDER, runtime="other 1")},
        {"embedder": replace(EMBEDDER, model_sha256=bytes(32))},
        {"content_key": bytes(32)},
    ],
)
def test_it_opens_for_nothing_else_than_it_was_sealed_for(other) -> None:
    with pytest.raises(SealBroken):
        open_reference(sealed(), **{**ABOUT, **other})


@pytest.mark.parametrize("length", [0, 5, 12, 27, 539])
def test_a_cut_or_flipped_reference_is_refused(length: int) -> None:
    with pytest.raises(SealBroken):
        open_reference(sealed()[:length], **ABOUT)
    flipped = bytearray(sealed())
    flipped[length] ^= 1
    with pytest.raises(SealBroken):
        open_reference(bytes(flipped), **ABOUT)


def test_the_content_key_unwraps_at_its_gate_and_nowhere_else() -> None:
    wrapped = page_of([], EMBEDDER).wrapped_key
    assert unwrap_content_key(wrapped, SEALING_KEY, congress=CONGRESS, gate=GATE) == CONTENT_KEY
    for key, congress, gate in (
        (X25519PrivateKey.generate(), CONGRESS, GATE),
        (SEALING_KEY, CongressId("another"), GATE),
        (SEALING_KEY, CONGRESS, DeviceId("gate-2")),
    ):
        with pytest.raises(SealBroken):
            unwrap_content_key(wrapped, key, congress=congress, gate=gate)
    with pytest.raises(SealBroken):
        unwrap_content_key(b"short", SEALING_KEY, congress=CONGRESS, gate=GATE)


def test_a_roster_is_replaced_as_a_whole_when_its_last_page_is_here() -> None:
    one = page_of([(member(1), 0, at_angle(0))], EMBEDDER, page=0, pages=2)
    two = page_of([(member(2), 0, at_angle(90))], EMBEDDER, page=1, pages=2)
    half = take_page(EMPTY, two, 5, KEYS)
    assert (half.opened, len(half.roster.gallery)) == (None, 0)
    again = take_page(half.roster, two, 5, KEYS)
    assert again.opened is None
    whole = take_page(again.roster, one, 5, KEYS)
    assert (whole.opened, whole.refused) == (2, 0)
    assert set(whole.roster.gallery.members) == {member(1), member(2)}


def test_pages_of_an_older_roster_change_nothing() -> None:
    new = take_page(EMPTY, page_of([(member(1), 0, at_angle(0))], EMBEDDER), 5, KEYS).roster
    old = take_page(new, page_of([(member(2), 0, at_angle(0))], EMBEDDER), 4, KEYS)
    assert old.roster is new
    mixed = take_page(new, page_of([], EMBEDDER, page=0, pages=2), 7, KEYS).roster
    stale = take_page(mixed, page_of([], EMBEDDER, page=1, pages=2), 6, KEYS)
    assert stale.opened is None


def test_who_is_on_no_page_is_forgotten() -> None:
    first = take_page(EMPTY, page_of([(member(n), 0, at_angle(n)) for n in (1, 2)], EMBEDDER), 1, KEYS).roster
    then = take_page(first, page_of([(member(2), 0, at_angle(2))], EMBEDDER), 2, KEYS).roster
    assert then.gallery.members == (member(2),)


def test_a_withdrawn_row_is_no_reference() -> None:
    page = page_of([(member(1), 0, at_angle(0))], EMBEDDER)
    page = replace(page, rows=(*page.rows, (member(2), 0, b"")))
    loaded = take_page(EMPTY, page, 1, KEYS)
    assert (loaded.opened, loaded.refused) == (1, 0)


def test_references_of_another_model_or_runtime_are_refused_in_words() -> None:
    foreign = replace(EMBEDDER, runtime="other-runtime 9")
    page = page_of([(member(1), 0, at_angle(0, embedder=foreign))], foreign)
    loaded = take_page(EMPTY, page, 1, KEYS)
    assert (loaded.opened, loaded.refused) == (0, 1)
    assert "other-runtime 9" in str(loaded.reason)


def test_one_damaged_reference_costs_one_member_and_an_alarm() -> None:
    rig = Rig()
    page = page_of([(member(1), 0, at_angle(0)), (member(2), 0, at_angle(90))], EMBEDDER)
    (m, i, good), other = page.rows
    rig.say(replace(page, rows=((m, i, good[:-1] + bytes([good[-1] ^ 1])), other)))
    assert rig.seen["references"] == 1
    assert rig.alarms() == ["references-refused"]


def test_no_embedding_is_ever_written_or_sent() -> None:
    rig = Rig()
    rig.open_sitting()
    rig.enrol((member(1), 0, FACE))
    assert rig.seen["references"] == 1
    raw = FACE.vector.astype("<f4").tobytes()
    everything = [*rig.disk.rows.values(), *rig.disk.named.values(), *(p for _, p in rig.broker.published)]
    pieces = [raw[at : at + 16] for at in range(0, 64, 16)]
    assert any(piece.strip(b"\x00") for piece in pieces)
    for piece in pieces:
        if piece.strip(b"\x00"):
            assert not any(piece in bytes(blob) for blob in everything)


def test_a_gate_that_restarts_has_forgotten_every_face_and_takes_them_again() -> None:
    rig = Rig()
    rig.enrol((member(1), 0, FACE))
    again = Rig(disk=rig.disk, clock=rig.clock)
    assert again.seen["references"] == 0
    again.say(page_of([(member(1), 0, FACE)], EMBEDDER), generation=1)  # the fleet repeats what is in force
    assert again.seen["references"] == 1


def test_references_that_cancel_each_other_out_are_refused_and_end_nothing() -> None:
    """Whoever knows a gate's public key can wrap it a key of their own: nonsense must not stop the gate."""
    rig = Rig()
    rig.enrol((member(1), 0, at_angle(0)), (member(1), 1, at_angle(180)))
    assert rig.seen["references"] == 0
    assert rig.alarms() == ["references-refused"]


@pytest.mark.parametrize("wrapped", [b"", bytes(32), bytes(80), b"\x01" + bytes(79), b"\xff" * 80])
def test_a_wrapped_key_of_a_hostile_fleet_is_broken_and_no_crash(wrapped: bytes) -> None:
    with pytest.raises(SealBroken):
        unwrap_content_key(wrapped, SEALING_KEY, congress=CONGRESS, gate=GATE)

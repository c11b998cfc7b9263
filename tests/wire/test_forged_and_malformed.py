"""Whatever bytes arrive: a reason, never a crash, and nothing believed that its signer did not say so."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.wire.naive_tree import inclusion_path
from wire import cbor, checkpoint, down, envelope, keys, merkle, records, topics, up
from wire.envelope import Purpose, VerifiedBytes
from wire.errors import BadSchema, BadSignature, RecordRejected, Replayed, TooLarge, UnknownSigner
from wire.ids import CongressId, DeviceId, Epoch, HallId, MemberRef, QuestionId, SittingId, StoreId
from wire.signers import Ed25519Signer, Es256Signer, signer_from_pem

HALL, KEYPAD = HallId("hall-a"), DeviceId("keypad-07")
MakeSigner = Callable[[str], Ed25519Signer]
TORSION_KEY = "17ffad8068dc0de9935d36636f3ad1b5de6de3413b12388e453b05f2a4c1d3db"
TORSION_FREE = (
    "7db0dc9222f3c183457ddde4c708de8e5ea6bf3d5c4404cca14b32729a05c32a"
    "438cc1e22170d40a3a7c661db99fc42746f088bbcdd1e822f15879d621739b00"
)
TORSION_IN_R = (
    "6999d5cb5126005c325892f1c6eab824b310708befff12fbaf45dda050cb12f0"
    "32c7eeb003e8201118b5ea05a66b9dafa5d4127ef941706d52b0a6d57fc2490a"
)


def ballot(seq: int = 1, device: str = "keypad-07") -> records.Record:
    body = records.OpenBallot(SittingId("s"), QuestionId("q"), MemberRef(bytes(16)), "yes")
    stamp = records.Stamp(1, 2, 3, 4)
    return records.Record(
        CongressId("c"), HALL, DeviceId(device), Epoch(bytes(8)), seq, records.GENESIS, stamp, body
    )


def sealed(signer: Any) -> bytes:
    return envelope.seal(records.encode_record(ballot(device=signer.kid)), Purpose.RECORD, signer)


def test_a_signature_serves_one_purpose_only(signer: MakeSigner) -> None:
    keypad = signer("keypad-07")
    record = sealed(keypad)
    for purpose in Purpose:
        if purpose is not Purpose.RECORD:
            with pytest.raises(RecordRejected):
                envelope.verify(record, purpose, "keypad-07", keypad.public_key)


def test_a_record_speaks_only_for_its_signer(signer: MakeSigner) -> None:
    thief = signer("keypad-08")
    forged = envelope.seal(records.encode_record(ballot(device="keypad-07")), Purpose.RECORD, thief)
    with pytest.raises(UnknownSigner):
        envelope.verify(forged, Purpose.RECORD, "keypad-07", signer("keypad-07").public_key)
    with pytest.raises(BadSchema, match="speaks as"):
        records.parse_record(envelope.verify(forged, Purpose.RECORD, "keypad-08", thief.public_key))


def test_another_algorithm_under_the_same_name_is_refused(
    signer: MakeSigner, chip_signer: Es256Signer
) -> None:
    with pytest.raises(BadSignature, match="algorithm"):
        envelope.verify(sealed(chip_signer), Purpose.RECORD, "keypad-08", signer("keypad-08").public_key)


def test_a_secure_element_signs_records_too(chip_signer: Es256Signer) -> None:
    verified = envelope.verify(sealed(chip_signer), Purpose.RECORD, "keypad-08", chip_signer.public_key)
    assert records.parse_record(verified) == ballot(device="keypad-08")


def test_the_high_s_twin_of_an_es256_signature_is_refused(chip_signer: Es256Signer) -> None:
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    parts = cbor.decode(sealed(chip_signer), 4096)
    s = int.from_bytes(parts[3][32:], "big")
    twin = cbor.encode([*parts[:3], parts[3][:32] + (order - s).to_bytes(32, "big")])
    with pytest.raises(BadSignature, match="low"):
        envelope.verify(twin, Purpose.RECORD, "keypad-08", chip_signer.public_key)


@pytest.mark.parametrize(
    "raw",
    [
        "00" * 32,
        "01" + "00" * 31,
        "ec" + "ff" * 30 + "7f",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "ee" + "ff" * 30 + "7f",
    ],
)
def test_keys_that_verify_anything_cannot_be_registered(raw: str) -> None:
    with pytest.raises(BadSchema):
        keys.public_key(-8, bytes.fromhex(raw))


@pytest.mark.parametrize(("alg", "raw"), [(-8, b"x" * 31), (-7, b"\x04" + bytes(64)), (-7, b""), (0, b"")])
def test_bytes_that_are_no_key_are_refused(alg: int, raw: bytes) -> None:
    with pytest.raises(BadSchema):
        keys.public_key(alg, raw)


def test_oversized_is_refused_before_anything_is_read(signer: MakeSigner) -> None:
    with pytest.raises(TooLarge):
        envelope.verify(b"\xff" * 16385, Purpose.RECORD, "keypad-07", signer("keypad-07").public_key)
    with pytest.raises(TooLarge):
        envelope.seal(bytes(16384), Purpose.RECORD, signer("keypad-07"))


def test_every_single_damaged_byte_and_every_truncation_is_noticed(signer: MakeSigner) -> None:
    keypad = signer("keypad-07")
    whole = sealed(keypad)
    damaged = [whole[:i] + bytes([whole[i] ^ 1]) + whole[i + 1 :] for i in range(len(whole))]
    damaged += [whole[:i] for i in range(len(whole))] + [whole + b"\x00"]
    for data in damaged:
        with pytest.raises(RecordRejected):
            envelope.verify(data, Purpose.RECORD, "keypad-07", keypad.public_key)


def test_unprotected_header_and_extra_protected_fields_are_refused(signer: MakeSigner) -> None:
    keypad = signer("keypad-07")
    protected, _, payload, signature = cbor.decode(sealed(keypad), 4096)
    for parts in (
        [protected, {9: 1}, payload, signature],
        [protected, [], payload, signature],
        [cbor.encode({1: -8, 4: b"keypad-07", 9: 1}), {}, payload, signature],
        [protected, {}, payload, signature, None],
    ):
        with pytest.raises(BadSchema):
            envelope.verify(cbor.encode(parts), Purpose.RECORD, "keypad-07", keypad.public_key)


json_like = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**64), 2**64 - 1)
    | st.binary(max_size=40)
    | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=13)
        | st.dictionaries(st.text(max_size=4) | st.integers(0, 30), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(json_like)
def test_values_come_back_from_their_one_encoding(value: Any) -> None:
    try:
        data = cbor.encode(value)
    except RecordRejected:
        return  # nested deeper than the subset allows
    assert cbor.decode(data, 100_000) == value


@given(st.binary(max_size=80))
def test_what_is_read_is_what_would_be_written(data: bytes) -> None:
    try:
        value = cbor.decode(data, 80)
    except RecordRejected:
        return
    assert cbor.encode(value) == data


@given(st.binary(max_size=200))
def test_garbage_never_crashes_a_reader(data: bytes) -> None:
    key = keys.public_key(
        -8, bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    )
    with pytest.raises(RecordRejected):
        envelope.verify(data, Purpose.RECORD, "keypad-07", key)
    with pytest.raises(RecordRejected):
        up.badge_envelope(data.decode("latin-1"))


@settings(max_examples=300)
@given(json_like, st.sampled_from(sorted(records.RECORD_TYPES)))
def test_signed_nonsense_gets_a_reason(value: Any, kind: str) -> None:
    """Even a provisioned device that signs anything at all cannot make a parser raise something else."""
    header = [kind, "c", "hall-a", "keypad-07", bytes(8), 1, bytes(32), 1, 0, 0, 0]
    for parts in ([*header, value], value, [value] * 12):
        try:
            payload = cbor.encode(parts)
        except RecordRejected:
            continue
        verified = VerifiedBytes(payload, "keypad-07", Purpose.RECORD)
        try:
            record = records.parse_record(verified)
        except RecordRejected:
            continue
        assert records.encode_record(record) == payload


def test_true_is_not_the_number_one() -> None:
    parts = ["open-ballot/1", "c", "hall-a", "keypad-07", bytes(8), True, bytes(32), 1, 0, 0, 0, []]
    with pytest.raises(BadSchema):
        records.parse_header(VerifiedBytes(cbor.encode(parts), "keypad-07", Purpose.RECORD))


def notice(
    signer: Ed25519Signer, body: Any, *, hall: str = "hall-a", audience: str = "all", expires_ms: int = 2000
) -> VerifiedBytes:
    message = down.DownMessage(HallId(hall), audience, 7, 1000, expires_ms, body)
    data = envelope.seal(down.encode_down(message), Purpose.DOWN, signer)
    return envelope.verify(data, Purpose.DOWN, signer.kid, signer.public_key)


def test_a_down_message_is_obeyed_only_by_whom_it_is_for_and_only_in_its_time(signer: MakeSigner) -> None:
    opening = down.SittingNotice(SittingId("s"), "open")
    desk = signer("desk")
    assert down.parse_down(notice(desk, opening), HALL, KEYPAD, 2000).body == opening
    with pytest.raises(Replayed):
        down.parse_down(notice(desk, opening), HALL, KEYPAD, 2001)
    with pytest.raises(BadSchema, match="not for"):
        down.parse_down(notice(desk, opening, hall="hall-b"), HALL, KEYPAD, 1500)
    with pytest.raises(BadSchema, match="not for"):
        down.parse_down(notice(desk, opening, audience="keypad-08"), HALL, KEYPAD, 1500)
    with pytest.raises(BadSchema, match="may not say"):
        down.parse_down(notice(signer("store"), opening), HALL, KEYPAD, 1500)
    with pytest.raises(BadSchema, match="may not say"):
        down.parse_down(notice(desk, down.TimeNotice(5)), HALL, KEYPAD, 1500)


def test_time_itself_does_not_expire_because_it_sets_the_clock_that_would_judge_it(
    signer: MakeSigner,
) -> None:
    late = notice(signer("store"), down.TimeNotice(5))
    assert down.parse_down(late, HALL, KEYPAD, 10**12).body == down.TimeNotice(5)


def test_a_receipt_of_anyone_but_the_store_is_none(signer: MakeSigner) -> None:
    store_id, epoch = StoreId(bytes(16)), Epoch(bytes(8))
    receipt = down.Receipt(HALL, KEYPAD, store_id, epoch, 1, bytes(32), 0, 1, bytes(32))
    desk = signer("desk")
    data = envelope.seal(down.encode_store_message(receipt), Purpose.RECEIPT, desk)
    with pytest.raises(BadSchema, match="not a receipt"):
        down.parse_receipt(envelope.verify(data, Purpose.RECEIPT, "desk", desk.public_key))


def test_an_impossible_message_is_refused_where_it_is_made() -> None:
    with pytest.raises(BadSchema, match="choice"):
        records.OpenBallot(SittingId("s"), QuestionId("q"), MemberRef(bytes(16)), "perhaps").values()


@pytest.mark.parametrize(
    "topic",
    [
        "",
        "hw1/hall-a/keypad-07/up",
        "hw1/hall-a/keypad-07/up/rec/x",
        "hw1/hall-a/keypad-07/down/ack",
        "hw1/hall-a/+/up/rec",
        "hw1/Hall/keypad-07/up/rec",
        "hw2/hall-a/keypad-07/up/rec",
        "hw1/hall-a/keypad-07/up/other",
        "hw1//keypad-07/up/rec",
    ],
)
def test_topics_that_we_do_not_build_are_not_read(topic: str) -> None:
    with pytest.raises(BadSchema):
        topics.parse_up(topic)


def test_topics_are_read_as_they_are_built() -> None:
    for kind in topics.Up:
        assert topics.parse_up(topics.up(HALL, KEYPAD, kind)) == topics.UpTopic(HALL, KEYPAD, kind)


@given(st.integers(1, 70), st.data())
def test_inclusion_is_proved_for_its_leaf_and_no_other(size: int, data: Any) -> None:
    leaves = [merkle.leaf_hash(bytes([i])) for i in range(size)]
    index = data.draw(st.integers(0, size - 1))
    root, path = merkle.root_of(leaves), inclusion_path(leaves, index)
    merkle.verify_inclusion(leaves[index], index, size, path, root)
    wrong = [(leaves[index], index, size, [*path, bytes(32)]), (bytes(32), index, size, path)]
    if path:
        wrong.append((leaves[index], index, size, path[:-1]))
        wrong.append((leaves[index], (index + 1) % size, size, path))
    for leaf, at, of, steps in wrong:
        with pytest.raises(BadSchema):
            merkle.verify_inclusion(leaf, at, of, steps, root)


def test_a_checkpoint_of_another_log_or_key_or_root_is_refused(signer: MakeSigner) -> None:
    store, other = signer("store"), signer("other")
    made = checkpoint.Checkpoint("hallward/c/h/00", 3, bytes(32))
    note = checkpoint.sign_checkpoint(made, store)
    assert checkpoint.verify_checkpoint(note, "hallward/c/h/00", store.public_key) == made
    with pytest.raises(UnknownSigner):
        checkpoint.verify_checkpoint(note, "hallward/c/h/01", store.public_key)
    with pytest.raises(BadSignature):
        checkpoint.verify_checkpoint(note, "hallward/c/h/00", other.public_key)
    for forged in (note.replace("\n3\n", "\n4\n"), note.replace("AAAA", "BAAA", 1)):
        with pytest.raises(RecordRejected):
            checkpoint.verify_checkpoint(forged, "hallward/c/h/00", store.public_key)
    with pytest.raises(BadSchema):
        checkpoint.verify_checkpoint(note.replace("\n3\n", "\n03\n"), "hallward/c/h/00", store.public_key)


def test_a_damaged_key_file_is_named_without_quoting_it() -> None:
    with pytest.raises(BadSchema) as caught:
        signer_from_pem("keypad-07", b"-----BEGIN PRIVATE KEY-----\nsecret\n-----END PRIVATE KEY-----\n")
    assert "secret" not in caught.value.diagnostics()


@pytest.mark.parametrize(
    "text", ["HW1:Á", "HW1:\ud800", "HW1:ABCDEF\n", "HW1:", "hw1:AAAA", "HW1:A", "HW1:" + "A" * 2000]
)
def test_whatever_a_code_says_reading_it_gives_a_badge_or_a_reason(text: str) -> None:
    with pytest.raises(RecordRejected):
        up.parse_badge(VerifiedBytes(up.badge_envelope(text), "registrar", Purpose.BADGE))


def test_text_that_utf8_cannot_hold_is_refused_and_no_crash() -> None:
    with pytest.raises(RecordRejected):
        cbor.encode(["\ud800"])
    with pytest.raises(RecordRejected):
        cbor.encode(records.Alarm("door-forced", "\ud800").values())


def test_a_signature_with_a_torsion_component_in_r_is_refused(signer: MakeSigner) -> None:
    """SPEC §3.2: the equation is checked without the cofactor, so that all verifiers agree."""
    key = signer("keypad-07").public_key
    r_of_order_8 = bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")
    with pytest.raises(BadSignature):
        key.verify(r_of_order_8 + bytes(32), b"anything")
    # Key 123456789·B; R = 987654321·B plus a point of order 8: only a cofactored equation would hold.
    crafted = keys.public_key(keys.Alg.EDDSA, bytes.fromhex(TORSION_KEY))
    crafted.verify(bytes.fromhex(TORSION_FREE), b"hello")
    with pytest.raises(BadSignature):
        crafted.verify(bytes.fromhex(TORSION_IN_R), b"hello")

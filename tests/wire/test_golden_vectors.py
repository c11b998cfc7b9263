"""The bytes of version 1. Written once: a change of any of them is a new wire version, not an edit."""

import hashlib
import hmac
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from wire import cbor, checkpoint, down, envelope, keys, lane, merkle, records, up
from wire.envelope import Purpose
from wire.errors import RecordRejected
from wire.ids import DESK, CongressId, DeviceId, HallId, MemberRef, StoreId

VECTORS = Path(__file__).parents[2] / "wire" / "vectors" / "v1"
SHA256 = {
    "again.json": "f7d5eb5d35e9b5b9efadc938e1ad0dc36167df33078659db2d203a2996541398",
    "cbor.json": "5d926e89a1d3fe15e5c1d14a428ebc00a114ecce28b9274837b00ebc0426fee0",
    "counted.json": "f6cdbabff2c5673c2df61f878bd61a7fe016ae50949545c8bbb452b77fe2cdff",
    "enrol.json": "0ad977967ef4d5e614a663095085aadee8c89922e419e3291c1210c50c4ac8af",
    "gate.json": "39c04b55f5c8ba324ece034b86ed4bf9b0a6053b31c28b637ba2a088ee345397",
    "log.json": "d6f927f4894b0d9139bf6be8028296dd7ec9c6e01e24e41c218d3d020d5026b0",
    "messages.json": "b374dbc75736607ce54f6ba0a66ffed387aa9ea46e27d521fa6bc2cdf3cb2d81",
    "records.json": "90b365ae5e9903e7d91df5a6e730801130b0680ee8363c0990bd5611ff974dc2",
    "self_test.json": "35a2114924871e850facfc058f161fc0d7c78d2f2762625059f318d63b3e7777",
    "tree.json": "4cd309564a1d616885eed92fa36bce7272a27e7b0ac88ca4dccdd2cdba267bf3",
    "unlock.json": "72d9d46a735cad5326f637b600d8c54c9979ee27a890fa55529a924b68ff0e4d",
    "updates.json": "577b09d549491ee1b77835e16e033dc420740107ba4adab563e5db13e63bd3f1",
    "votes.json": "a25cf5f4c9ce68c82fd88d11e965c3e6be4d724281d575a86c2b420aa6d7d6a4",
}

WITH_RECORDS = ("records.json", "gate.json", "votes.json", "self_test.json", "updates.json")
FOR_A_GATE = {"references/1", "references-delta/1", "lane-list/1", "forget/1"}


def value_of(shown: Any) -> Any:
    """The JSON form of the vectors: bytes as {"hex": …}, maps as {"map": [[key, value], …]}."""
    if isinstance(shown, dict) and shown.keys() == {"hex"}:
        return bytes.fromhex(shown["hex"])
    if isinstance(shown, dict) and shown.keys() == {"map"}:
        return {key: value_of(item) for key, item in shown["map"]}
    if isinstance(shown, dict):
        return {key: value_of(item) for key, item in shown.items()}
    if isinstance(shown, list):
        return [value_of(item) for item in shown]
    return shown


def test_released_vectors_are_never_edited() -> None:
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in VECTORS.iterdir()}
    assert found == SHA256


def test_good_items_have_one_encoding_and_come_back(vectors: Any) -> None:
    for case in vectors("cbor.json")["good"]:
        value, data = value_of(case["value"]), bytes.fromhex(case["hex"])
        assert cbor.encode(value) == data
        assert cbor.decode(data, 1000) == value


def test_every_other_encoding_is_refused(vectors: Any) -> None:
    for case in vectors("cbor.json")["bad"]:
        with pytest.raises(RecordRejected):
            cbor.decode(bytes.fromhex(case["hex"]), 1000)


def test_every_type_of_record_has_its_vector(vectors: Any) -> None:
    kinds = [{case["kind"] for case in vectors(name)["records"]} for name in WITH_RECORDS]
    assert kinds[1] == {"deletion/1"}
    assert set().union(*kinds) == records.RECORD_TYPES.keys()


@pytest.mark.parametrize("name", WITH_RECORDS)
def test_records_verify_parse_and_encode_to_the_same_bytes(vectors: Any, name: str) -> None:
    golden = vectors(name)
    for case in golden["records"]:
        data = bytes.fromhex(case["envelope"])
        key = keys.public_key(case["alg"], bytes.fromhex(case["public_key"]))
        verified = envelope.verify(data, Purpose.RECORD, case["signer"], key)
        assert verified.payload.hex() == case["payload"]
        record = records.parse_record(verified)
        assert record.body.values() == value_of(case["body"])
        assert (record.congress, record.hall) == (CongressId(golden["congress"]), HallId(golden["hall"]))
        assert (record.epoch.hex(), record.seq) == (golden["epoch"], case["seq"])
        assert record.prev_hash.hex() == case["prev_hash"]
        assert record.stamp == records.Stamp(*golden["stamp"])
        assert records.encode_record(record) == verified.payload
        assert records.record_hash(data).hex() == case["record_hash"]


def test_messages_verify_and_parse(vectors: Any) -> None:
    golden = vectors("messages.json")
    seen = set()
    others = [
        case for name in ("counted.json", "gate.json", "again.json") for case in vectors(name)["messages"]
    ]
    others += [case for case in vectors("votes.json")["messages"] if case["purpose"] == "DOWN"]
    for case in [*golden["messages"], *others]:
        purpose = Purpose[case["purpose"]]
        key = keys.public_key(-8, bytes.fromhex(case["public_key"]))
        data = bytes.fromhex(case["envelope"])
        verified = envelope.verify(data, purpose, case["signer"], key)
        body: Any
        match purpose:
            case Purpose.RECEIPT:
                body = down.parse_receipt(verified)
            case Purpose.RESEND:
                body = down.parse_resend(verified)
            case Purpose.BIRTH:
                body = up.parse_birth(verified)
            case Purpose.HEALTH:
                body = up.parse_health(verified)
            case Purpose.BADGE:
                body = up.parse_badge(verified)
                assert up.badge_text(data) == golden["badge_text"]
                assert up.badge_envelope(golden["badge_text"]) == data
            case _:
                device = DeviceId("gate-1" if case["kind"] in FOR_A_GATE else "keypad-07")
                message = down.parse_down(verified, HallId("hall-a"), device, 1790000060000)
                assert down.encode_down(message) == verified.payload
                body = message.body
        assert body.values() == value_of(case["body"])
        seen.add(case["kind"])
    without_generation = {"receipt/1", "resend/1", "birth/1", "health/1", "badge/1"}
    assert seen == down.DOWN_TYPES.keys() | without_generation


def test_the_question_who_is_there_names_nobody_s_epoch_and_its_answer_says_that_it_is_one(
    vectors: Any,
) -> None:
    found = {}
    for case in vectors("again.json")["messages"]:
        key = keys.public_key(-8, bytes.fromhex(case["public_key"]))
        data, purpose = bytes.fromhex(case["envelope"]), Purpose[case["purpose"]]
        found[purpose] = envelope.verify(data, purpose, case["signer"], key)
        assert found[purpose].payload.hex() == case["payload"]
    question, answer = down.parse_resend(found[Purpose.RESEND]), up.parse_birth(found[Purpose.BIRTH])
    assert (question.epoch, question.from_seq) == (down.NO_EPOCH, 1)
    assert answer.is_again
    assert answer.epoch != question.epoch
    assert down.encode_store_message(question) == found[Purpose.RESEND].payload
    assert up.encode_up(answer) == found[Purpose.BIRTH].payload


def test_pins_are_those_of_the_vectors_by_the_code_and_by_the_words_of_the_spec(vectors: Any) -> None:
    golden = vectors("gate.json")
    key, congress = bytes.fromhex(golden["lane"]["lane_key"]), CongressId(golden["congress"])
    assert any(case["pin"].startswith("0") for case in golden["lane"]["pins"])
    for case in golden["lane"]["pins"]:
        member, serial = MemberRef(bytes.fromhex(case["member"])), case["serial"]
        assert lane.pin_of(key, congress=congress, member=member, serial=serial) == case["pin"]
        digest = hmac.digest(key, cbor.encode(["pin/1", congress, member, serial]), "sha256")
        at = digest[31] % 16
        number = int.from_bytes(digest[at : at + 4], "big") % 2**31
        assert f"{number % 1_000_000:06d}" == case["pin"]


def test_greetings_are_sealed_to_the_bytes_of_the_vectors_and_open_again(vectors: Any) -> None:
    golden = vectors("gate.json")
    key, congress = bytes.fromhex(golden["lane"]["lane_key"]), CongressId(golden["congress"])
    for case in golden["lane"]["greetings"]:
        greeting = lane.Greeting(case["name"], case["seat"])
        member, serial = MemberRef(bytes.fromhex(case["member"])), case["serial"]
        nonce, sealed = bytes.fromhex(case["nonce"]), bytes.fromhex(case["sealed"])
        assert sealed == lane.seal_greeting(
            greeting, key, congress=congress, member=member, serial=serial, nonce=nonce
        )
        assert lane.open_greeting(sealed, key, congress=congress, member=member, serial=serial) == greeting
    lengths = {len(case["sealed"]) for case in golden["lane"]["greetings"]}
    assert len(lengths) == 1, "the length tells nothing of a name"


def test_wrapped_keys_of_the_vectors_unwrap_with_the_gates_sealing_key(vectors: Any) -> None:
    golden = vectors("gate.json")
    suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
    for case in golden["hpke"]:
        private = X25519PrivateKey.from_private_bytes(bytes.fromhex(case["sealing_private_key"]))
        info = cbor.encode([case["what"], golden["congress"], case["gate"]])
        assert info.hex() == case["info"]
        assert private.public_key().public_bytes_raw().hex() == case["sealing_key"]
        wrapped = bytes.fromhex(case["wrapped"])
        assert suite.decrypt(wrapped, private, info).hex() == case["key"]
        if case["what"] == "lane-key/1":
            congress, gate = CongressId(golden["congress"]), DeviceId(case["gate"])
            assert lane.unwrap_lane_key(wrapped, private, congress=congress, gate=gate).hex() == case["key"]
    assert [case["what"] for case in golden["hpke"]] == ["lane-key/1", "content-key/1"]


def test_the_log_is_the_tree_of_rfc_9162(vectors: Any) -> None:
    golden = vectors("log.json")
    leaves = [merkle.leaf_hash(bytes.fromhex(leaf)) for leaf in golden["leaves"]]
    for size, root in enumerate(golden["roots"]):
        assert merkle.root_of(leaves[:size]).hex() == root
    for index, path in enumerate(golden["paths"]):
        steps = [bytes.fromhex(step) for step in path]
        merkle.verify_inclusion(leaves[index], index, 9, steps, bytes.fromhex(golden["roots"][9]))
    store = StoreId(bytes.fromhex(golden["store_id"]))
    origin = checkpoint.origin(CongressId("congress-2026"), HallId("hall-a"), store)
    key = keys.public_key(-8, bytes.fromhex(golden["store_key"]))
    found = checkpoint.verify_checkpoint(golden["note"], origin, key)
    assert (found.size, found.root.hex()) == (9, golden["roots"][9])


def test_the_root_of_nothing_is_the_hash_of_nothing() -> None:
    assert merkle.EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_time_is_the_stores_and_everything_else_the_desks() -> None:
    assert {kind for kind in down.DOWN_TYPES if down.signer_of(kind) != DESK} == {"time/1"}

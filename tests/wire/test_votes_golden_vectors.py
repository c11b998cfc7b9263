"""Board entries, their way to the store and its answers, byte for byte; and the proofs of the log's tree."""

import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from tests.wire.test_golden_vectors import value_of
from wire import board, cbor, checkpoint, envelope, keys, merkle, records, voting
from wire.envelope import Purpose, VerifiedBytes
from wire.ids import HASH_BYTES, CongressId, DeviceId, HallId, StoreId

CONGRESS, HALL, KEYPAD = CongressId("congress-2026"), HallId("hall-a"), DeviceId("keypad-07")
PARSE: dict[Purpose, Callable[[VerifiedBytes], Any]] = {
    Purpose.SESSION_KEY: voting.parse_session_key,
    Purpose.CARRIED: voting.parse_carried,
    Purpose.BOARD_ANSWER: voting.parse_board_answer,
}


def verified(case: dict[str, Any], purpose: Purpose) -> VerifiedBytes:
    key = keys.public_key(-8, bytes.fromhex(case["public_key"]))
    found = envelope.verify(bytes.fromhex(case["envelope"]), purpose, case["signer"], key)
    assert found.payload.hex() == case["payload"]
    return found


def steps(path: bytes) -> list[bytes]:
    return [path[at : at + HASH_BYTES] for at in range(0, len(path), HASH_BYTES)]


def answers(golden: dict[str, Any]) -> list[voting.BoardAnswer]:
    found = [case for case in golden["messages"] if case["purpose"] == "BOARD_ANSWER"]
    return [voting.parse_board_answer(verified(case, Purpose.BOARD_ANSWER)) for case in found]


def test_every_type_of_entry_has_its_vector(vectors: Any) -> None:
    assert {case["kind"] for case in vectors("votes.json")["entries"]} == board.ENTRY_TYPES.keys()


def test_entries_verify_parse_and_encode_to_the_same_bytes(vectors: Any) -> None:
    golden = vectors("votes.json")
    previous = board.FIRST_PREV
    for number, case in enumerate(golden["entries"], 1):
        found = verified(case, Purpose.BOARD)
        entry = board.parse_entry(found)
        assert entry.body.values() == value_of(case["body"])
        assert (entry.voter.hex(), entry.contest.hex()) == (golden["voter"], golden["contest"])
        assert (entry.congress, entry.generation, entry.n, entry.prev_hash) == (
            CONGRESS, 0, number, previous,
        )  # fmt: skip
        assert board.is_voter_kid(case["signer"])
        assert board.encode_entry(entry) == found.payload
        previous = hashlib.sha256(bytes.fromhex(case["envelope"])).digest()


def test_what_travels_and_is_no_record_verifies_and_parses(vectors: Any) -> None:
    seen = set()
    for case in vectors("votes.json")["messages"]:
        purpose = Purpose[case["purpose"]]
        if purpose in PARSE:
            message = PARSE[purpose](verified(case, purpose))
            assert message.values() == value_of(case["body"])
            assert voting.encode_board_message(message).hex() == case["payload"]
            seen.add(purpose)
    assert seen == PARSE.keys()


def test_a_session_key_is_proved_by_the_key_itself_for_its_congress(vectors: Any) -> None:
    golden = vectors("votes.json")
    (case,) = [case for case in golden["messages"] if case["purpose"] == "SESSION_KEY"]
    message = voting.parse_session_key(verified(case, Purpose.SESSION_KEY))
    assert voting.proved_key(message, CONGRESS).raw.hex() == golden["entries"][0]["public_key"]
    contest = bytes.fromhex(golden["contest"])
    assert voting.session_proof(CONGRESS, HALL, KEYPAD, message.contest) == cbor.encode(
        ["session-key/1", "congress-2026", "hall-a", "keypad-07", contest]
    )


def test_an_answer_leads_from_the_entry_to_the_root_of_its_note(vectors: Any) -> None:
    golden = vectors("votes.json")
    store_key = keys.public_key(-8, bytes.fromhex(golden["messages"][-1]["public_key"]))
    store_id = StoreId(bytes.fromhex(golden["store_id"]))
    leaves = [bytes.fromhex(leaf) for leaf in golden["leaves"]]
    accepted, refused = answers(golden)
    for answer in (accepted, refused):
        origin = checkpoint.origin(CONGRESS, HALL, store_id)
        head = checkpoint.verify_checkpoint(answer.note, origin, store_key)
        for data, index, path in (
            (answer.refusal or leaves[answer.index], answer.index, answer.path),
            (answer.beacon, answer.beacon_index, answer.beacon_path),
            (answer.closing, answer.closing_index, answer.closing_path),
        ):
            if data:
                assert data == leaves[index]
                merkle.verify_inclusion(merkle.leaf_hash(data), index, head.size, steps(path), head.root)
        if answer.known_size:
            kept = merkle.root_of([merkle.leaf_hash(leaf) for leaf in leaves[: answer.known_size]])
            merkle.verify_consistency(
                answer.known_size, head.size, kept, head.root, steps(answer.consistency)
            )
    assert hashlib.sha256(leaves[accepted.index]).digest() == accepted.entry_hash
    body = records.parse_record(envelope.verify(refused.refusal, Purpose.RECORD, "store", store_key)).body
    assert isinstance(body, voting.BallotRefusal)
    assert (body.entry_hash, body.code) == (refused.entry_hash, "after-close")


def test_consistency_paths_are_those_of_the_vectors(vectors: Any) -> None:
    roots = [bytes.fromhex(root) for root in vectors("log.json")["roots"]]
    tree = merkle.Tree(merkle.leaf_hash(bytes.fromhex(leaf)) for leaf in vectors("log.json")["leaves"])
    for case in vectors("tree.json")["consistency"]:
        path = [bytes.fromhex(step) for step in case["path"]]
        assert tree.consistency(case["old"], case["new"]) == path
        merkle.verify_consistency(case["old"], case["new"], roots[case["old"]], roots[case["new"]], path)


@pytest.mark.parametrize("known", [["witness-a", "witness-b"], ["witness-b"], []])
def test_cosignatures_are_those_of_the_vectors(vectors: Any, known: list[str]) -> None:
    golden = vectors("tree.json")
    witnesses = {name: keys.public_key(-8, bytes.fromhex(golden["witnesses"][name])) for name in known}
    found = checkpoint.cosigners(golden["cosigned"], CONGRESS, witnesses)
    assert found == {name: golden["times"][name] for name in known}
    store_key = keys.public_key(-8, bytes.fromhex(vectors("log.json")["store_key"]))
    origin = checkpoint.origin(CONGRESS, HALL, StoreId(bytes.fromhex(vectors("log.json")["store_id"])))
    assert checkpoint.verify_checkpoint(golden["cosigned"], origin, store_key).size == 9
    for name in known:
        lines = golden["signed"][name].split("\n")
        assert lines[:2] == ["cosignature/v1", f"time {golden['times'][name]}"]
        assert golden["cosigned"].startswith("\n".join(lines[2:]) + "\n")

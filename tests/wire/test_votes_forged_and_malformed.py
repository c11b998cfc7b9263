"""Messages of votes bent in every way: a reason each time; and no name of a device is that of a voter."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wire import board, cbor, down, envelope, records, voting
from wire.envelope import Purpose, VerifiedBytes
from wire.errors import BadSchema, BadSignature, RecordRejected, TooLarge
from wire.fields import Body
from wire.ids import CongressId, ContestId, DeviceId, HallId, VoterRef
from wire.signers import Ed25519Signer

MakeSigner = Callable[[str], Ed25519Signer]
HALL, KEYPAD, CONGRESS = HallId("hall-a"), DeviceId("keypad-07"), CongressId("c")
CONTEST, VOTER, HASH = ContestId(b"c" * 16), VoterRef(b"v" * 16), b"h" * 32


def bent(good: dict[str, Any], **changes: Any) -> list[Any]:
    return list({**good, **changes}.values())


DOCUMENT = {"kind": "close/1", "contest": CONTEST, "hash": HASH, "page": 0, "pages": 1, "chunk": b"x"}
CHANGED = {"sitting": "s", "question": "q", "contest": CONTEST, "state": "open", "manifest": HASH}
BEACON = {"contest": CONTEST, "nonce": HASH}
REFUSAL = {"contest": CONTEST, "voter": VOTER, "entry": HASH, "body": None, "code": "bad-seq"}
TERMS = {"sitting": "s", "question": "q", "secret": True, "rule": b"r", "presence": False, "reveal_s": 0}
RECUSAL = {"sitting": "s", "question": "q", "member": VOTER, "recused": True, "reason": ""}
NOTE = {"sitting": "s", "question": "q", "member": VOTER, "choice": "no", "text": ""}
PAPER = {
    "sitting": "s", "question": "q", "box": "b", "first": "one", "second": "two", "issued": 9, "returned": 9,
    "valid": 9, "blank": 0, "invalid": 0, "spoilt": 0, "rows": [["c1", 5, 4]],
}  # fmt: skip
RESULT = {"sitting": "s", "question": "q", "result": b"r"}
NOTICE = {
    "congress": "c", "sitting": "s", "question": "q", "contest": CONTEST, "counter": 1, "state": "open",
    "text": "",
}  # fmt: skip
ROW = {"contest": CONTEST, "roll": b"r", "index": 0, "row": b"r", "path": b""}
ANSWER = {
    "hall": "hall-a", "device": "keypad-07", "store_id": CONTEST, "contest": CONTEST, "entry_hash": HASH,
    "accepted": True, "refusal": b"", "index": 3, "path": HASH, "beacon": b"b", "beacon_index": 5,
    "beacon_path": HASH * 2, "note": "n", "known_size": 0, "consistency": b"", "closing": b"",
    "closing_index": 0, "closing_path": b"",
}  # fmt: skip
KEY = {"hall": "hall-a", "device": "keypad-07", "contest": CONTEST, "key": HASH, "proof": HASH * 2}
CARRIED = {"hall": "hall-a", "device": "keypad-07", "known_size": 0, "entry": b"e"}

GOOD: list[tuple[type[Body], list[Any]]] = [
    (voting.DocumentPage, bent(DOCUMENT)),
    (voting.DocumentPage, bent(DOCUMENT, kind="key-record/1", contest=None)),
    (voting.DocumentPage, bent(DOCUMENT, page=99, pages=100, chunk=bytes(12_000))),
    (voting.ContestChanged, bent(CHANGED)),
    (voting.ContestChanged, bent(CHANGED, state="prepared", manifest=None)),
    (voting.Beacon, bent(BEACON)),
    (voting.BallotRefusal, bent(REFUSAL, body=HASH)),
    (voting.Terms, bent(TERMS, rule=bytes(1024), reveal_s=3600)),
    (voting.Recusal, bent(RECUSAL, recused=False, reason="x" * 200)),
    (voting.Annotation, bent(NOTE, text="x" * 300)),
    (voting.PaperCount, bent(PAPER, rows=[["c1", 5, 4]] * 130)),
    (voting.ResultRecord, bent(RESULT, result=bytes(12_000))),
    (voting.ContestNotice, bent(NOTICE, counter=2**32 - 1, text="x" * 1000)),
    (voting.RollEntry, bent(ROW, roll=bytes(4096), row=bytes(128), path=HASH * 53)),
    (voting.BoardAnswer, bent(ANSWER)),
    (voting.BoardAnswer, bent(ANSWER, accepted=False, refusal=bytes(512))),
    (voting.SessionKey, bent(KEY)),
    (voting.Carried, bent(CARRIED, known_size=2**53 - 1, entry=bytes(32_768))),
    (board.Ready, [HASH, 1]),
    (board.Prepared, [2**32 - 1, HASH, HASH]),
    (board.Cast, [1, bytes(30_720)]),
    (board.Checked, [1, HASH, b"\0\1" * 65]),
    (board.Abandoned, [1, HASH]),
    (board.End, [None]),
]
BAD: list[tuple[type[Body], list[Any]]] = [
    (voting.DocumentPage, bent(DOCUMENT, contest=None)),
    (voting.DocumentPage, bent(DOCUMENT, kind="key-record/1")),
    (voting.DocumentPage, bent(DOCUMENT, kind="x" * 33)),
    (voting.DocumentPage, bent(DOCUMENT, contest=b"c" * 15)),
    (voting.DocumentPage, bent(DOCUMENT, hash=HASH[1:])),
    (voting.DocumentPage, bent(DOCUMENT, page=1)),
    (voting.DocumentPage, bent(DOCUMENT, page=True, pages=2)),
    (voting.DocumentPage, bent(DOCUMENT, pages=101)),
    (voting.DocumentPage, bent(DOCUMENT, chunk=b"")),
    (voting.DocumentPage, bent(DOCUMENT, chunk=bytes(12_001))),
    (voting.ContestChanged, bent(CHANGED, manifest=None)),
    (voting.ContestChanged, bent(CHANGED, state="prepared")),
    (voting.ContestChanged, bent(CHANGED, state="closed")),
    (voting.ContestChanged, bent(CHANGED, state="cancelled")),
    (voting.Beacon, bent(BEACON, nonce=HASH[1:])),
    (voting.BallotRefusal, bent(REFUSAL, voter=VOTER.hex())),
    (voting.BallotRefusal, bent(REFUSAL, code="Bad Seq")),
    (voting.Terms, bent(TERMS, rule=b"")),
    (voting.Terms, bent(TERMS, rule=bytes(1025))),
    (voting.Terms, bent(TERMS, secret=1)),
    (voting.Terms, bent(TERMS, reveal_s=3601)),
    (voting.Recusal, bent(RECUSAL, reason="x" * 201)),
    (voting.Annotation, bent(NOTE, choice="perhaps")),
    (voting.PaperCount, bent(PAPER, second="one")),
    (voting.PaperCount, bent(PAPER, blank=-1)),
    (voting.PaperCount, bent(PAPER, spoilt=-1)),
    (voting.PaperCount, [value for name, value in PAPER.items() if name != "spoilt"]),
    (voting.PaperCount, bent(PAPER, rows=[["c1", 5, 4]] * 131)),
    (voting.PaperCount, bent(PAPER, rows=[["c1", 5]])),
    (voting.ResultRecord, bent(RESULT, result=b"")),
    (voting.ContestNotice, bent(NOTICE, state="abandoned")),
    (voting.ContestNotice, bent(NOTICE, counter=2**32)),
    (voting.RollEntry, bent(ROW, path=HASH[1:])),
    (voting.RollEntry, bent(ROW, path=HASH * 54)),
    (voting.RollEntry, bent(ROW, roll=b"")),
    (voting.RollEntry, bent(ROW, row=bytes(129))),
    (voting.BoardAnswer, bent(ANSWER, refusal=b"r")),
    (voting.BoardAnswer, bent(ANSWER, accepted=False)),
    (voting.BoardAnswer, bent(ANSWER, accepted=1)),
    (voting.BoardAnswer, bent(ANSWER, path=HASH + b"x")),
    (voting.BoardAnswer, bent(ANSWER, consistency=HASH[1:])),
    (voting.BoardAnswer, bent(ANSWER, beacon=b"")),
    (voting.BoardAnswer, bent(ANSWER, closing_index=1)),
    (voting.BoardAnswer, bent(ANSWER, closing_path=HASH)),
    (voting.BoardAnswer, bent(ANSWER, index=2**53)),
    (voting.BoardAnswer, bent(ANSWER, note="n" * 8193)),
    (voting.SessionKey, bent(KEY, proof=HASH)),
    (voting.SessionKey, bent(KEY, key=HASH * 2)),
    (voting.Carried, bent(CARRIED, entry=b"")),
    (voting.Carried, bent(CARRIED, entry=bytes(32_769))),
    (voting.Carried, bent(CARRIED, known_size=None)),
    (board.Ready, [HASH, 0]),
    (board.Ready, [HASH, True]),
    (board.Prepared, [1, HASH]),
    (board.Cast, [1, b""]),
    (board.Cast, [1, bytes(30_721)]),
    (board.Cast, [2**32, b"x"]),
    (board.Checked, [1, HASH, b""]),
    (board.Checked, [1, HASH, b"\0\2\0"]),
    (board.Checked, [1, HASH, b"01"]),
    (board.Checked, [1, HASH, bytes(131)]),
    (board.Abandoned, [1, HASH, None]),
    (board.End, [b""]),
    (board.End, []),
]


@pytest.mark.parametrize(("kind", "values"), GOOD)
def test_the_widest_messages_are_read(kind: type[Body], values: list[Any]) -> None:
    assert kind.parsed(values).values() == values


@pytest.mark.parametrize(("kind", "values"), BAD)
def test_everything_else_is_refused_naming_kind_and_field(kind: type[Body], values: list[Any]) -> None:
    with pytest.raises(BadSchema, match=kind.kind):
        kind.parsed(values)


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (records.DocumentPage, bent(DOCUMENT, page=99, pages=100, chunk=bytes(12_000))),
        (voting.ResultRecord, bent(RESULT, result=bytes(12_000))),
        (voting.PaperCount, bent(PAPER, rows=[["x" * 32, 2**32 - 1, 2**32 - 1]] * 130)),
    ],
)
def test_the_longest_records_fit_their_envelope(
    signer: MakeSigner, kind: type[Body], values: list[Any]
) -> None:
    body = kind.parsed(values)
    record = records.Record(
        CongressId("c" * 32), HallId("h" * 32), DeviceId("desk"), records.Epoch(bytes(8)), 2**32 - 1,
        bytes(32), records.Stamp(2**32 - 1, 2**53 - 1, 2**53 - 1, 2**53 - 1), body,
    )  # fmt: skip
    sealed = envelope.seal(records.encode_record(record), Purpose.RECORD, signer("desk"))
    assert len(sealed) <= Purpose.RECORD.limit


def entry(**changes: Any) -> list[Any]:
    good = {
        "kind": "cast/1", "congress": "c", "contest": CONTEST, "voter": VOTER, "generation": 0, "n": 1,
        "prev": bytes(32), "body": [1, b"x"],
    }  # fmt: skip
    return bent(good, **changes)


def of_voter(payload: bytes, purpose: Purpose = Purpose.BOARD) -> VerifiedBytes:
    return VerifiedBytes(payload, VOTER.hex(), purpose)


@pytest.mark.parametrize(
    "parts",
    [
        entry(kind="vote/1"),
        entry(kind=None),
        entry(congress="C"),
        entry(contest=b"c" * 17),
        entry(voter=b"w" * 16),
        entry(voter=VOTER.hex()),
        entry(generation=-1),
        entry(generation=2**32),
        entry(generation=False),
        entry(n=0),
        entry(n=2**32),
        entry(prev=b""),
        entry(body=[1]),
        entry(body=None),
        [*entry(), None],
        entry()[:-1],
        {},
        None,
    ],
)
def test_a_bent_entry_is_refused(parts: Any) -> None:
    with pytest.raises(BadSchema):
        board.parse_entry(of_voter(cbor.encode(parts)))


def test_an_entry_is_one_for_the_board_alone() -> None:
    assert board.parse_entry(of_voter(cbor.encode(entry()))).voter == VOTER
    with pytest.raises(BadSchema, match="not signed for the board"):
        board.parse_entry(of_voter(cbor.encode(entry()), Purpose.RECORD))


def test_the_longest_ballot_fits_its_entry_and_that_its_carrier(signer: MakeSigner) -> None:
    unit, keypad = signer(VOTER.hex()), signer("k" * 32)
    cast = board.Entry(
        CongressId("c" * 32), CONTEST, VOTER, 2**32 - 1, 2**32 - 1, HASH, board.Cast(2**32 - 1, bytes(30_720))
    )
    sealed = envelope.seal(board.encode_entry(cast), Purpose.BOARD, unit)
    carried = voting.Carried(HallId("h" * 32), DeviceId("k" * 32), 2**53 - 1, sealed)
    carrier = envelope.seal(voting.encode_board_message(carried), Purpose.CARRIED, keypad)
    key = keypad.public_key
    assert voting.parse_carried(envelope.verify(carrier, Purpose.CARRIED, "k" * 32, key)).entry == sealed
    with pytest.raises(TooLarge):
        envelope.verify(bytes(33_793), Purpose.CARRIED, "k" * 32, key)


def test_the_longest_answer_fits_its_envelope(signer: MakeSigner) -> None:
    path, leaf = HASH * 53, 2**53 - 1
    answer = voting.BoardAnswer.parsed(
        bent(
            ANSWER, hall="h" * 32, device="k" * 32, accepted=False, refusal=bytes(512), index=leaf, path=path,
            beacon=bytes(512), beacon_index=leaf, beacon_path=path, note="n" * 8192, known_size=leaf,
            consistency=path, closing=bytes(2048), closing_index=leaf, closing_path=path,
        )
    )  # fmt: skip
    envelope.seal(voting.encode_board_message(answer), Purpose.BOARD_ANSWER, signer("store"))


@pytest.mark.parametrize(
    ("message", "purpose", "parse"),
    [
        (voting.SessionKey.parsed(bent(KEY)), Purpose.SESSION_KEY, voting.parse_session_key),
        (voting.Carried.parsed(bent(CARRIED)), Purpose.CARRIED, voting.parse_carried),
    ],
)
def test_a_unit_speaks_for_no_other_and_for_one_purpose(message: Any, purpose: Purpose, parse: Any) -> None:
    payload = voting.encode_board_message(message)
    assert parse(VerifiedBytes(payload, "keypad-07", purpose)) == message
    with pytest.raises(BadSchema, match="another device"):
        parse(VerifiedBytes(payload, "keypad-08", purpose))
    for other in set(Purpose) - {purpose}:
        with pytest.raises(RecordRejected):
            parse(VerifiedBytes(payload, "keypad-07", other))


def test_an_answer_of_anyone_but_the_store_is_none() -> None:
    payload = voting.encode_board_message(voting.BoardAnswer.parsed(bent(ANSWER)))
    assert voting.parse_board_answer(VerifiedBytes(payload, "store", Purpose.BOARD_ANSWER))
    with pytest.raises(BadSchema, match="store"):
        voting.parse_board_answer(VerifiedBytes(payload, "desk", Purpose.BOARD_ANSWER))


def test_a_session_key_without_its_own_proof_is_refused(signer: MakeSigner) -> None:
    unit, other = signer("session"), signer("other")
    about = voting.session_proof(CONGRESS, HALL, KEYPAD, CONTEST)
    good = voting.SessionKey(HALL, KEYPAD, CONTEST, unit.public_key.raw, unit.sign(about))
    assert voting.proved_key(good, CONGRESS) == unit.public_key
    moved = [
        (CongressId("d"), good),
        (CONGRESS, voting.SessionKey(HallId("hall-b"), KEYPAD, CONTEST, good.key, good.proof)),
        (CONGRESS, voting.SessionKey(HALL, DeviceId("keypad-08"), CONTEST, good.key, good.proof)),
        (CONGRESS, voting.SessionKey(HALL, KEYPAD, ContestId(bytes(16)), good.key, good.proof)),
        (CONGRESS, voting.SessionKey(HALL, KEYPAD, CONTEST, other.public_key.raw, good.proof)),
    ]
    for congress, message in moved:
        with pytest.raises(BadSignature):
            voting.proved_key(message, congress)
    with pytest.raises(BadSchema):
        voting.proved_key(voting.SessionKey(HALL, KEYPAD, CONTEST, bytes(32), bytes(64)), CONGRESS)


def test_no_device_is_registered_under_a_name_that_a_voter_could_have() -> None:
    key = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    for free in ("keypad-07", "a" * 31, "g" * 32, "0" * 31 + "g"):
        assert records.DeviceRegistered.parsed([free, "keypad", -8, key]).device == free
        assert board.is_device_name(free)
    for taken in (VOTER.hex(), "0" * 32, "f" * 32):
        with pytest.raises(BadSchema, match="voter"):
            records.DeviceRegistered.parsed([taken, "keypad", -8, key])
        assert not board.is_device_name(taken)
    for no_device in ("desk", "store", "all", "ingest", "registrar", "Gate", "", "a" * 33, None, b"gate-1"):
        assert not board.is_device_name(no_device)


json_like = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**64), 2**64 - 1)
    | st.binary(max_size=40)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=8),
    max_leaves=20,
)
PARSERS = [
    (Purpose.BOARD, VOTER.hex(), board.parse_entry, board.encode_entry),
    (Purpose.SESSION_KEY, "keypad-07", voting.parse_session_key, voting.encode_board_message),
    (Purpose.CARRIED, "keypad-07", voting.parse_carried, voting.encode_board_message),
    (Purpose.BOARD_ANSWER, "store", voting.parse_board_answer, voting.encode_board_message),
]
HEADS = [
    *([kind, "c", CONTEST, VOTER, 0, 1, bytes(32)] for kind in sorted(board.ENTRY_TYPES)),
    ["session-key/1", "hall-a", "keypad-07"],
    ["carried/1", "hall-a", "keypad-07"],
    ["board-answer/1", "hall-a", "keypad-07"],
]


@settings(max_examples=200)
@given(json_like, st.sampled_from(HEADS))
def test_signed_nonsense_gets_a_reason(value: Any, head: list[Any]) -> None:
    for parts in ([*head, value], [*head, *([value] * 2)], value):
        try:
            payload = cbor.encode(parts)
        except RecordRejected:
            continue
        for purpose, who, parse, encode in PARSERS:
            try:
                found = parse(VerifiedBytes(payload, who, purpose))
            except RecordRejected:
                continue
            assert encode(found) == payload


def test_a_notice_of_a_contest_is_the_desks(signer: MakeSigner) -> None:
    body = voting.ContestNotice.parsed(bent(NOTICE))
    message = down.DownMessage(HALL, "all", 7, 1000, 2000, body)
    store = VerifiedBytes(down.encode_down(message), "store", Purpose.DOWN)
    with pytest.raises(BadSchema, match="may not say"):
        down.parse_down(store, HALL, KEYPAD, 1500)

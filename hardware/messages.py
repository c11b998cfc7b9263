"""How long what a keypad and the hall's server say is: made by the encoders of wire, and measured.

The values are those of a large hall in its second sitting: long names, counters of several digits, a question
of one line. Signatures are 64 bytes with either algorithm (wire/SPEC section 3). Pure.
"""

from collections.abc import Mapping
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ballot.shape import one_of
from edge.device.health import Counters, Gauges, readings
from wire import topics
from wire.board import Cast, Entry, Prepared, encode_entry, kid_of
from wire.checkpoint import Checkpoint, cosign, origin, sign_checkpoint
from wire.down import (
    BallotNotice,
    DownMessage,
    FreezeNotice,
    Receipt,
    SittingNotice,
    TimeNotice,
    Twin,
    encode_down,
    encode_store_message,
)
from wire.envelope import Purpose, seal
from wire.fields import Body
from wire.ids import (
    DESK,
    STORE,
    CongressId,
    ContestId,
    DeviceId,
    Epoch,
    HallId,
    MemberRef,
    QuestionId,
    SittingId,
    StoreId,
    VoterRef,
)
from wire.records import OpenBallot, Record, Stamp, encode_record
from wire.signers import Ed25519Signer
from wire.up import Health, encode_up
from wire.voting import Beacon, BoardAnswer, Carried, encode_board_message

CONGRESS: Final = CongressId("congress-2026")
HALL: Final = HallId("hall-01")
DEVICE: Final = DeviceId("keypad-1234")
SITTING: Final = SittingId("sitting-02")
QUESTION: Final = QuestionId("question-14")
OPTIONS: Final = ("yes", "no", "abstain")
"""Of the secret question that is measured: one of three."""
LOG_LEAVES: Final = 40_000
"""Records in the log of such a hall by then: paths have 16 hashes (RFC 9162 section 2.1.3)."""
_PATH: Final = bytes(32 * (LOG_LEAVES - 1).bit_length())
_NOW_MS: Final = 1_795_000_000_000
_STAMP: Final = Stamp(boot=40, monotonic_ms=9_000_000, wall_ms=_NOW_MS, clock_uncertainty_ms=250)
_EPOCH: Final = Epoch(bytes(8))
_STORE: Final = StoreId(bytes(16))
_MEMBER: Final = MemberRef(bytes(16))
_CONTEST: Final = ContestId(bytes(16))
_VOTER: Final = VoterRef(bytes(16))
_SEQ: Final = 1_000
_HASH: Final = bytes(32)
_TEXT: Final = "Thông qua dự thảo nghị quyết về ngân sách năm 2027"


def _signer(name: str) -> Ed25519Signer:
    """A key that everybody knows: only the length of what it signs is looked at."""
    return Ed25519Signer(name, Ed25519PrivateKey.from_private_bytes(bytes(32)))


def _record(device: str, body: Body) -> bytes:
    record = Record(CONGRESS, HALL, DeviceId(device), _EPOCH, _SEQ, _HASH, _STAMP, body)
    return seal(encode_record(record), Purpose.RECORD, _signer(device))


def vote() -> bytes:
    """A roll-call vote."""
    return _record(DEVICE, OpenBallot(SITTING, QUESTION, _MEMBER, "abstain"))


def receipt() -> bytes:
    told = Receipt(HALL, DEVICE, _STORE, _EPOCH, _SEQ, _HASH, LOG_LEAVES - 1, LOG_LEAVES, _HASH)
    return seal(encode_store_message(told), Purpose.RECEIPT, _signer(STORE))


def health() -> bytes:
    """Of a keypad that has counted something of everything."""
    counters = Counters(reconnects=3, go_backs=2, certificate_days=60)
    counters.own["keys"] = 500
    counters.drops["replayed"] = 1
    gauges = Gauges(rss_kb=60_000, temperature_mc=52_000, disk_free_kb=20_000_000)
    found = readings(counters, gauges, last_seq=_SEQ, marked_seq=_SEQ, uptime_s=9_000, secret_open=False)
    told = Health(HALL, DEVICE, _STAMP.boot, _STAMP.monotonic_ms, _NOW_MS, found)
    return seal(encode_up(told), Purpose.HEALTH, _signer(DEVICE))


def in_force() -> dict[str, bytes]:
    """Kind -> what every keypad hears again and again while an open ballot is open (DESIGN section 4)."""
    told: tuple[tuple[str, str, Body], ...] = (
        (DESK, "all", SittingNotice(SITTING, "open")),
        (DESK, "all", BallotNotice(SITTING, QUESTION, "open", _TEXT, False)),
        (DESK, "all", FreezeNotice(SITTING, True)),
        (STORE, "all", TimeNotice(_NOW_MS)),
        (DESK, DEVICE, Twin({"seat": "Hàng 12, ghế 34", "member": _MEMBER})),
    )
    return {body.kind: _down(signer, audience, body) for signer, audience, body in told}


def _down(signer: str, audience: str, body: Body) -> bytes:
    message = DownMessage(HALL, audience, _SEQ, _NOW_MS, _NOW_MS + 60_000, body)
    return seal(encode_down(message), Purpose.DOWN, _signer(signer))


def prepared() -> bytes:
    """A secret ballot's fingerprint, before its code is shown."""
    return _carried(Prepared(_SEQ, _HASH, _HASH))


def cast() -> bytes:
    """A secret ballot with its proofs."""
    return _carried(Cast(_SEQ, bytes(one_of(OPTIONS).body_bytes)))


def _carried(body: Body) -> bytes:
    entry = Entry(CONGRESS, _CONTEST, _VOTER, 0, 3, _HASH, body)
    sealed = seal(encode_entry(entry), Purpose.BOARD, _signer(kid_of(_VOTER)))
    told = Carried(HALL, DEVICE, LOG_LEAVES, sealed)
    return seal(encode_board_message(told), Purpose.CARRIED, _signer(DEVICE))


def board_answer() -> bytes:
    """To an entry that stands, with its beacon and a checkpoint that one witness has seen, before the
    close."""
    log = origin(CONGRESS, HALL, _STORE)
    note = sign_checkpoint(Checkpoint(log, LOG_LEAVES, _HASH), _signer(STORE))
    told = BoardAnswer(
        hall=HALL,
        device=DEVICE,
        store_id=_STORE,
        contest=_CONTEST,
        entry_hash=_HASH,
        accepted=True,
        refusal=b"",
        index=LOG_LEAVES - 2,
        path=_PATH,
        beacon=_record(STORE, Beacon(_CONTEST, _HASH)),
        beacon_index=LOG_LEAVES - 1,
        beacon_path=_PATH,
        note=cosign(note, "witness-1", _signer("witness-1"), _NOW_MS // 1000),
        known_size=LOG_LEAVES // 2,
        consistency=_PATH,
        closing=b"",
        closing_index=0,
        closing_path=b"",
    )
    return seal(encode_board_message(told), Purpose.BOARD_ANSWER, _signer(STORE))


def topic_bytes() -> Mapping[str, int]:
    """Of the topics on which these are said."""
    return {
        "rec": len(topics.up(HALL, DEVICE, topics.Up.REC)),
        "health": len(topics.up(HALL, DEVICE, topics.Up.HEALTH)),
        "board": len(topics.up(HALL, DEVICE, topics.Up.BOARD)),
        "ack": len(topics.down(HALL, DEVICE, topics.Down.ACK)),
        "twin": len(topics.down(HALL, DEVICE, topics.Down.TWIN)),
        "all": len(topics.broadcast(HALL, topics.All.SITTING)),
    }

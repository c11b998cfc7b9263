"""A unit and its store: codes, checks, receipts, the close, and replays."""

from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric import ed25519

from edge.ballot_keypad.keys.press import Button
from edge.ballot_keypad.secret.life import State
from tests.attacks.row import ACCEPTED, Rows, codes, honest, refusal
from tests.attacks.rows.receipts import answered
from tests.attacks.rows.unit_trust import LIFE, YES, kinds_sent, opened, said_in, to_the_code
from tests.attacks.seat import FAR_MS, cut, through, voting
from tests.ballot.board.election import (
    CONGRESS,
    CONTEST,
    HALL,
    Election,
    signer,
)
from wire.board import Cast
from wire.down import DownMessage, FreezeNotice, encode_down, parse_down
from wire.envelope import Purpose, seal, verify
from wire.ids import DESK, DeviceId, StoreId
from wire.signers import Ed25519Signer
from wire.voting import ContestNotice

ROWS = Rows()


# -- hv1 12, 13: code, cast, check -----------------------------------------------------------------------


@ROWS.attack(
    "hv1 12",
    "fleet, stolen broker",
    "has a unit show its code before the ballot is in the log: no receipt, or a forged one",
    by=LIFE,
    said="no code; keys do nothing; alarm board-inclusion",
)
def code_before_the_receipt() -> str:
    seat = voting(opened())
    seat.line = cut
    seat.press(*YES)
    seat.run()
    seat.line = lambda answer: replace(answer, path=b"")
    seat.run()
    shown = seat.question.code
    seat.press(Button.OK, Button.CHECK, Button.OK)
    quiet = {"cast/1", "checked/1"}.isdisjoint(kinds_sent(seat)) and seat.state is State.PREPARING
    alarms = codes(seat.means.alarms)
    return (
        f"{'no code' if not shown else ACCEPTED}; {'keys do nothing' if quiet else ACCEPTED}; alarm {alarms}"
    )


@ROWS.attack(
    "hv1 13",
    "voter, malicious fleet",
    "reboots the unit at CHECK, casts what was opened, checks what was cast, prepares a ninth ballot",
    by=LIFE,
    said="8 prepared, used-up; nothing opened is cast",
)
def unit_dodges_no_check() -> str:
    seat = voting(opened())
    to_the_code(seat, *YES)
    seat.line = cut
    seat.press(Button.CHECK, Button.OK)
    seat.run()
    seat.line = through
    seat.start()
    seat.notice("open", 2)
    honest(seat.run() is State.CHOOSING, "it goes on")
    for _ in range(12):
        if seat.state is State.CHOOSING:
            to_the_code(seat, *YES)
            seat.press(Button.CHECK, Button.OK)
            seat.run()
            seat.press(Button.OK)
            seat.run()
    voter = seat.election.board.contests[CONTEST].course.voters[seat.election.units[0].voter]
    cast = "nothing opened is cast" if not voter.casts and voter.checked else ACCEPTED
    return f"{voter.prepared} prepared, {seat.state}; {cast}"


# -- hv1 14, 16, 20: receipts, the close, replays --------------------------------------------------------


@ROWS.attack(
    "hv1 14; issue",
    "fleet, stolen broker",
    "has a unit show recorded without a leaf: forged, for another, forked, rolled back",
    by="edge.ballot_keypad.secret.hearing.hear",
    said="casting all the time; alarm board-consistency, board-inclusion",
)
def recorded_without_a_leaf() -> str:
    seat = voting(opened())
    to_the_code(seat, *YES)
    other = Election(3, seed=8).open()
    for unit in other.units:
        unit.vote((0, 1, 0))
    forked = other.checkpoint(1)
    honest(forked.size > 0, "another log of the same store")
    seat.line = lambda answer: replace(answer, path=answer.path[32:])
    seat.press(Button.OK)
    states = {seat.run()}
    for line in (
        lambda answer: replace(answer, note=other.cosigned[-1], consistency=b""),
        lambda answer: replace(answer, entry_hash=bytes(32)),
        lambda answer: replace(answer, device=DeviceId("keypad-2")),
        lambda answer: replace(answer, consistency=bytes(32)),
        cut,
    ):
        seat.line = line
        states.add(seat.run())
    alarms = codes(seat.means.alarms)
    seat.line = through
    honest(seat.run() is State.RECORDED, "the true answer is believed after all")
    return f"{codes(str(state) for state in states)} all the time; alarm {alarms}"


@ROWS.attack(
    "hv1 16",
    "fleet",
    "takes a ballot after the close, or lets its voter believe that it counted",
    by=LIFE,
    said="casting and the same bytes until it is answered; then late; 0 count",
)
def late_ballot_is_said_on_the_screen() -> str:
    seat = voting(opened())
    to_the_code(seat, *YES)
    seat.line = cut
    seat.press(Button.OK)
    offered = seat.election.offer
    seat.election.offer = lambda _envelope: None  # type: ignore[method-assign, assignment, return-value]  # lost on the way
    seat._carry = lambda: None  # type: ignore[method-assign]
    before = seat.run()
    honest(seat.election.close() == [], "the chair closes")
    seat.start()
    seat.notice("open", 2)
    again = seat.run()
    casts = {entry for entry in seat.entries() if said_in(seat, entry).body.kind == Cast.kind}
    seat.election.offer = offered  # type: ignore[method-assign]
    del seat._carry
    seat.line = through
    late = seat.run(turns=60)
    kept = before is again is State.CASTING and len(casts) == 1
    counted = len(seat.election.board.contests[CONTEST].counting())
    waiting = f"{before} and the same bytes until it is answered" if kept else f"{ACCEPTED} {before} {again}"
    return f"{waiting}; then {late}; {counted} count"


@ROWS.attack(
    "hv1 16",
    "fleet key",
    "closes at a unit by a notice alone, so that an honest vote is never taken",
    by="edge.ballot_keypad.secret.answer.read_answer",
    said="no END without the chair's CLOSE",
)
def closed_by_a_notice_alone() -> str:
    seat = voting(opened())
    seat.notice("closed", 3)
    seat.run(turns=60)
    ended = "end/1" in kinds_sent(seat) or seat.question.kept.is_closed
    return ACCEPTED if ended else "no END without the chair's CLOSE"


@ROWS.attack(
    "hv1 20",
    "stolen broker",
    "replays notices across states and reboots, of another congress, or expired ones",
    by="edge.ballot_keypad.secret.questions.Questions.noticed",
    said="each ignored; an expired one takes no key",
)
def replayed_notices() -> str:
    seat = voting(opened())
    seat.notice("held", 3)
    held = str(seat.question.kept.notice)
    for reboot in (False, True):
        if reboot:
            seat.start()
        for state, counter in (("open", 2), ("prepared", 1), ("open", 3), ("closed", 0)):
            seat.notice(state, counter)
        foreign = ContestNotice(
            type(CONGRESS)("c2"), seat.election.manifest.sitting, seat.election.manifest.question, CONTEST,
            9, "open", "x",
        )  # fmt: skip
        seat.questions.noticed(foreign, FAR_MS)
    honest(held == "held", "it was held")
    ignored = seat.question.kept.notice == "held" and seat.question.kept.counter == 3
    seat.run()
    seat.notice("open", 4, expires_ms=seat.means.now - 1)
    seat.run()
    before = len(seat.entries())
    seat.press(*YES)
    seat.run()
    quiet = len(seat.entries()) == before and seat.state is State.CHOOSING
    return (
        f"{'each ignored' if ignored else ACCEPTED}; {'an expired one takes no key' if quiet else ACCEPTED}"
    )


@ROWS.attack(
    "hv1 20; issue: stolen broker",
    "stolen broker",
    "says down messages: under its own key, another office's, for another device or hall, expired",
    by="wire.down.parse_down",
    said="bad-schema, bad-signature, replayed, unknown-signer",
)
def forged_down_messages() -> str:
    me, now = DeviceId("keypad-1"), 1_000
    body = FreezeNotice(Election(3).manifest.sitting, False)
    desk = signer(DESK)

    def said(message: DownMessage, key: Ed25519Signer = desk) -> str:
        envelope = seal(encode_down(message), Purpose.DOWN, key)
        return refusal(
            lambda: parse_down(verify(envelope, Purpose.DOWN, DESK, desk.public_key), HALL, me, now)
        )

    thief = Ed25519Signer(DESK, ed25519.Ed25519PrivateKey.from_private_bytes(bytes([9]) * 32))
    good = DownMessage(HALL, me, 1, 0, 2_000, body)
    honest(said(good) == ACCEPTED, "the desk's own is obeyed")
    return codes(
        [
            said(replace(good, audience="keypad-2")),
            said(replace(good, hall=type(HALL)("hall-2"))),
            said(replace(good, expires_ms=500)),
            said(good, signer("store")),
            said(good, thief),
        ]
    )


@ROWS.attack(
    "hv1 14",
    "fleet with the store's key",
    "begins another log, as if restored from a backup, to take back what a unit has seen",
    by="edge.ballot_keypad.secret.questions.Questions.answered",
    said="alarm board-new-store",
)
def another_log_begun() -> str:
    seat = voting(opened())
    to_the_code(seat, *YES)
    seat.press(Button.OK)
    honest(seat.run() is State.RECORDED, "it is recorded")
    other = StoreId(b"another-another-")
    seat.means.store_id = lambda: other  # type: ignore[method-assign]
    answer = answered(seat.election, seat.question.kept.cast, 0)
    seat.questions.answered(replace(answer, store_id=other))
    return f"alarm {codes(seat.means.alarms)}" if seat.means.alarms else ACCEPTED

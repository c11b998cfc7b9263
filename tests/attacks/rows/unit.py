"""What a unit draws, keeps and shows: a power cut, a thief of its disk, and whoever watches its messages."""

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from ballot.seeds import seed_of
from edge.ballot_keypad.display.page import Page
from edge.ballot_keypad.keys.press import Button
from edge.ballot_keypad.secret.life import State
from tests.attacks.row import ACCEPTED, Rows, honest
from tests.attacks.rows.unit_trust import LIFE, YES, opened, said_in, to_the_code
from tests.attacks.seat import Seat, every_ballot_made, voting
from tests.ballot.board.election import (
    CONTEST,
)
from tests.edge.power_cut import PowerCut, fuse
from wire import cbor
from wire.board import Cast, Prepared
from wire.voting import Carried

ROWS = Rows()


# -- hv1 8, 10, 11: what it draws, keeps and shows -------------------------------------------------------


@ROWS.attack(
    "hv1 8; hv1 10",
    "power cut, at each durable step between the first draw and the receipt of the cast",
    "makes a unit draw twice for one seq: two bodies with the same r give the choice away",
    by=LIFE,
    said="all α differ, no seq has two bodies, one vote is cast each time",
)
def killed_between_draw_and_cast() -> str:
    for step in range(1, 200):
        with every_ballot_made() as made:
            seat = voting(opened())
            seat.means.burn = fuse(step)
            was_cut = voted_through(seat)
            if not was_cut:
                honest(step > 8, "there were steps to cut")
                return "all α differ, no seq has two bodies, one vote is cast each time"
            parts = [cbor.decode(body, 10_000) for body in made]
            alphas = [ciphertext[:32] for each in parts for ciphertext in each[4]]
            seqs = [each[3] for each in parts]
            counted = seat.election.board.contests[CONTEST].counting()
            if len(set(alphas)) != len(alphas) or len(set(seqs)) != len(seqs) or len(counted) != 1:
                return f"{ACCEPTED} at step {step}"
    return "never done"


def voted_through(seat: Seat) -> bool:
    """Press until the vote is recorded, starting again after the cut; whether there was one."""
    was_cut = False
    for _ in range(12):
        try:
            if seat.run() is State.RECORDED:
                return was_cut
            seat.press(*(YES if seat.state is State.CHOOSING else (Button.OK,)))
        except PowerCut:
            was_cut = True
            seat.means.burn = lambda _: None
            seat.start()
            seat.notice("open", 2)
    raise AssertionError(f"never recorded: {seat.state}")


@ROWS.attack(
    "hv1 10",
    "thief of a unit, after a power cut in each state",
    "searches its disk for a seed, for what a seed is made of, for a choice or an opened ballot",
    by="edge.ballot_keypad.secret.kept.Kept",
    said="nothing on the disk in choosing, preparing, code, checking, checked, casting, recorded",
)
def disk_image_of_a_unit() -> str:
    states: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        seat = voting(opened(), Path(name) / "outbox.db")

        def look() -> None:
            states.append(str(seat.state))
            image = seat.means.disk.image()
            secrets = [each for each in seat.means.drawn[1:] if each in image]
            memory, context = seat.question.memory, seat.question.context
            draw = memory.draw
            if draw is not None and draw.nonce is not None and context is not None:
                seed = seed_of(
                    draw.local, draw.nonce, context, seat.question.kept.voter, seat.question.kept.seq
                )
                secrets += [bytes(seed)] if bytes(seed) in image else []
            opened_ballot = memory.way and memory.way in image
            honest(seat.means.first in image, "what is durable is seen by this search")
            if secrets or opened_ballot:
                states[-1] = f"SECRET in {seat.state}"

        look()
        for check in (True, False):
            seat.press(*YES)
            look()
            honest(seat.run() is State.CODE, "the code is shown")
            look()
            seat.press(*((Button.CHECK, Button.OK) if check else (Button.OK,)))
            look()
            seat.run()
            look()
            seat.press(Button.OK)
        seat.means.disk.close()
    found = list(dict.fromkeys(states))
    return f"nothing on the disk in {', '.join(found)}"


@ROWS.attack(
    "hv1 10",
    "power cut while the code is shown",
    "makes a unit say cast of a ballot that was not, or cast it after all",
    by="edge.ballot_keypad.secret.life.step",
    said="not cast, choose again; abandoned in the log",
)
def power_cut_at_the_code() -> str:
    seat = voting(opened())
    to_the_code(seat, *YES)
    seat.start()
    seat.notice("open", 2)
    state = seat.run()
    told = seat.question.kept.was_lost and state is State.CHOOSING
    voters = seat.election.board.contests[CONTEST].course.voters
    logged = "abandoned in the log" if voters[seat.election.units[0].voter].abandoned else ACCEPTED
    return f"{'not cast, choose again' if told else ACCEPTED}; {logged}"


def trace(button: Button, pause_ms: int, *, check: bool) -> list[Any]:
    """All that leaves the unit, but for what is sealed: when, what kind, how long, what is in the clear."""
    seat = voting(opened())
    seat.means.now += pause_ms
    seat.press(button)
    seat.means.now += 2 * pause_ms
    seat.press(Button.OK)
    seat.run(step_ms=100, turns=100)
    honest(seat.state is State.CODE, "the code is shown")
    seat.press(*((Button.CHECK, Button.OK) if check else (Button.OK,)))
    seat.run(step_ms=100, turns=100)
    found: list[Any] = []
    for at, message in seat.means.sent:
        if not isinstance(message, Carried):
            found.append((at, message))
            continue
        entry = said_in(seat, message.entry)
        body = entry.body
        if isinstance(body, Prepared):
            body = replace(body, body_hash=bytes(32))
        elif isinstance(body, Cast):
            body = replace(body, body=bytes(len(body.body)))
        elif body.kind == "checked/1":
            body = body.kind  # the choice is opened by its voter here
        found.append((at - at % 100, message.known_size, len(message.entry), entry.n, body))
    return found


@ROWS.attack(
    "hv1 11",
    "whoever sees the unit's messages",
    "tells the choice, or when keys were pressed, by any message but the sealed ballot",
    by="edge.ballot_keypad.secret.pace.next_slot",
    said="every trace is the same",
)
def messages_tell_the_choice() -> str:
    traces = [
        trace(button, pause_ms, check=False)
        for button in (Button.YES, Button.NO, Button.ABSTAIN)
        for pause_ms in (100, 300)
    ]
    honest(any(isinstance(body, Cast) for *_, body in traces[0][1:]), "a ballot is cast")
    return "every trace is the same" if all(each == traces[0] for each in traces) else ACCEPTED


@ROWS.attack(
    "hv1 11",
    "whoever photographs the screen",
    "gets a choice and its code in one picture",
    by="edge.ballot_keypad.display.page.Page",
    said="no such page",
)
def choice_beside_the_code() -> str:
    try:
        Page(large="Tán thành", code="ABCD-EFGH-JKMN")
    except ValueError:
        return "no such page"
    return ACCEPTED

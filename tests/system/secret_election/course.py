"""The course of one secret election in a hall of real processes, step by step."""

import json
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from ballot.rules.facts import parse as parse_facts
from hallward.demo.api import ApiError
from hallward.demo.congress import Papers
from hallward.demo.hands import Hands, NoAnswer
from hallward.demo.secret_question import SecretQuestion, View, log_size, prepare
from hallward.demo.verifying import verify
from hallward.demo.voter import Act, Voter, Wish
from tests.servers.waiting import wait_until
from tests.system.hall import HALL, SITTING
from tests.system.secret_election.faults import Faults
from tests.system.secret_election.hall import LATE_SEAT, ElectionHall, Stopwatch
from tests.system.secret_election.people import CHOICES
from wire import cbor

QUESTION: Final = "secret-1"
TITLE: Final = "Bầu bằng phiếu kín? / Elect by secret ballot?"
MANIFEST: Final = f"""
hall = "{HALL}"
sitting = "{SITTING}"
question = "{QUESTION}"
title = "{TITLE}"
choose = "yes-no-abstain"
rule = "simple-majority"
min_anonymity = 10
"""
STEP_S: Final = 120.0
VOTE_S: Final = 240.0
LOOK_S: Final = 1.0
RECORDED: Final = frozenset({"recorded", "in-record"})
SETTLED: Final = frozenset({"in-record", "closed"})


@dataclass(slots=True)
class Seat:
    """A keypad that is a process, and the person there."""

    name: str
    voter: Voter
    is_gone: bool = False
    """Killed, and nobody starts it again."""


class Course:
    def __init__(self, hall: ElectionHall, seed: int, *, one_dies: bool = True) -> None:
        """The first real keypad is swapped while its person stands before a prepared ballot. one_dies: the
        second is killed for good once its vote is recorded."""
        self.hall, self.rng = hall, random.Random(seed)
        self.watch = Stopwatch()
        self.holds = 0
        swapped, *others = hall.real
        self.seats = {name: Seat(name, Voter([Wish(self.rng.choice(CHOICES))])) for name in others}
        self.swapped = Seat(swapped, Voter([Wish("yes", Act.LEAVE)]))
        self.seats[swapped] = self.swapped
        self._dies_after = self.seats[others[0]] if one_dies else None
        self.spare, self.late = hall.extra
        self.question: SecretQuestion
        self.papers: Papers
        self.units: dict[str, str] = {}
        """unit -> session key, of everybody who had one by the end of the vote."""
        self.result: dict[str, Any] = {}

    # -- before ------------------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Question, roll, key record, manifest: until every unit waits for the opening."""
        asked = {"question": QUESTION, "text": TITLE, "preset": "simple-majority"}
        self.question = prepare(self.hall.api, SITTING, asked)
        self.papers = self.hall.congress.papers(self.question.contest)
        everybody = len(self.hall.with_seats)
        self._until(lambda: self.question.seen()["with_key"] == everybody, "units say their session keys")
        self._keys()  # the unit that will be swapped is in no later list
        self.watch.lap("units say their session keys")
        key_record = self.hall.key_record()
        self.watch.lap("the ceremony ends")
        self.hall.congress.make_roll(self.papers, self.question.session_keys())
        self.hall.congress.make_manifest(self.papers, MANIFEST)
        names = ("roll.doc", "roll-rows.doc", "manifest.doc")
        said = self.question.hand_in(key_record, *(self.papers / name for name in names))
        assert [row["waiting"] for row in said] == [None] * 4, said
        self.watch.lap("roll and manifest are made, signed and handed in")
        self._until(lambda: set(self._states()) == {"ready"}, "every unit believes the papers")
        self.watch.lap("every unit believes the papers")

    def open(self) -> None:
        """One seat has no unit yet: it is named, and accepted."""
        with pytest.raises(ApiError, match=LATE_SEAT):
            self.question.step("open", accept_missing=False)
        self.question.step("open", accept_missing=True)
        self.hall.start_witness()
        self._until(lambda: set(self._states()) == {"choosing"}, "every unit asks for a choice")
        self.watch.lap("open: every unit asks for a choice")

    # -- the vote ----------------------------------------------------------------------------------------

    def vote(self, within_s: float, faults: Faults | None = None) -> None:
        """Everybody does what they came for, and every fault happens meanwhile."""
        for crowd in self.hall.crowds:
            crowd.vote(within_s)
        self.swap()
        self.come_late()
        deadline_s = time.monotonic() + VOTE_S
        while not self._all_voted() or not (faults is None or faults.are_over):
            assert time.monotonic() < deadline_s, self._who_lacks()
            if faults is not None:
                faults.happen()
            self.press()
            self._go_on_if_held()
        self.press()  # everybody has seen what the last screen says
        self.watch.lap("the vote")
        if self._dies_after is not None:
            self.hall.processes.kill(self._dies_after.name)
            self._dies_after.is_gone = True

    def press(self) -> None:
        """Everybody at a real keypad does what they see to be done."""
        for seat in self.seats.values():
            hands = Hands(self.hall.device(seat.name))
            try:
                for key in () if seat.is_gone else seat.voter.presses(hands.do("look")):
                    hands.do("press", button=key)
            except NoAnswer:
                continue  # it starts again
        time.sleep(0.05)

    def swap(self) -> None:
        """The first keypad goes dark before a prepared ballot; the spare one speaks for its person."""
        self._until(self._has_left, "a ballot is prepared at the first")
        self.hall.processes.kill(self.swapped.name)
        self.swapped.is_gone = True
        self._bind(self.spare, self.swapped.name, self.hall.members[self.swapped.name], "máy hỏng")

    def _has_left(self) -> bool:
        self.press()
        return self.swapped.voter.is_leaving

    def come_late(self) -> None:
        self._bind(self.late, LATE_SEAT, self.hall.late_member, "đến muộn")

    def _bind(self, unit: str, seat: str, member: str, reason: str) -> None:
        self.hall.api.put(f"/api/sittings/{SITTING}/seats/{unit}", {"member": member, "seat": seat})
        self._until(lambda: unit in self._keys(), f"{unit} says its session key")
        name = f"bind-{unit}"
        bind = self.hall.congress.make_bind(
            self.papers, name, "--seat", seat, key=self._keys()[unit], device=unit, reason=reason
        )
        assert self.question.hand_in(bind)[0]["waiting"] is None
        self.seats[unit] = Seat(unit, Voter([Wish(self.rng.choice(CHOICES))]))

    def _keys(self) -> dict[str, str]:
        """unit -> session key."""
        lines = map(json.loads, self.question.session_keys().splitlines())
        self.units |= {row["device"]: row["key"] for row in lines if row["device"] and row["key"]}
        return self.units

    def _go_on_if_held(self) -> None:
        """When many units vanish at once the fleet holds the question by itself; somebody has looked."""
        try:
            if self.question.seen()["state"] == "held":
                self.holds += 1
                self.question.step("resume")
        except ApiError as err:
            if err.status not in (0, 409, 503):
                raise

    def _all_voted(self) -> bool:
        self._crowd = self.hall.report()
        voters = self.hall.crowd.voters
        waiting = [
            row["name"] for row in self._crowd if row["name"] in voters and row["state"] not in RECORDED
        ]
        alive = [seat for seat in self.seats.values() if not seat.is_gone]
        waiting += [seat.name for seat in alive if self.hall.look(seat.name).get("state") not in RECORDED]
        dying = [row["name"] for row in self._crowd if row["name"] in self.hall.crowd.dies and row["on"]]
        return not waiting and not dying

    def _who_lacks(self) -> str:
        rows = [
            row
            for row in self._crowd
            if row["name"] in self.hall.crowd.voters and row["state"] not in RECORDED
        ]
        real = {name: self.hall.look(name) for name, seat in self.seats.items() if not seat.is_gone}
        return f"{len(rows)} of the crowd have not voted, as {rows[:3]}; at real keypads: {real}"

    # -- close and count ---------------------------------------------------------------------------------

    def close(self) -> None:
        """By the chair; then every living unit says that nothing is pending, and the board decides on the
        rest."""
        self._keys()
        self._until(self._draft_is_fresh, "a witness has signed lately")
        note = self.question.close_draft()["note"].encode()
        close = self.hall.congress.make_close(self.papers, HALL, note)
        self.question.hand_in(close)
        self.watch.lap("the chair closes")
        gone = {*self.hall.crowd.dies} | ({self._dies_after.name} if self._dies_after else set())
        self._until(
            lambda: self.question.seen()["ends_missing"] <= len(gone),
            "units say that nothing is pending",
            VOTE_S,
        )
        self.watch.lap("every living unit says that it ended")
        if gone:
            self._decide_on(gone)
        self._until(
            lambda: self._state() == "closed" and not self.question.seen()["tally_waits"],
            "the tally may begin",
        )
        self.watch.lap("the tally may begin")

    def _decide_on(self, gone: set[str]) -> None:
        """By the counting board, once the fleet names the units from which nothing came."""
        self._until(lambda: self._ends() is not None, "the fleet names those from which nothing came", VOTE_S)
        missing = self._ends() or []
        assert {row["seat"] for row in missing} == gone
        self.watch.lap("the fleet names the others, half a minute after the close")
        reasons = [(row["voter"], f"máy ở ghế {row['seat']} mất điện") for row in missing]
        self.question.hand_in(self.hall.congress.make_disposition(self.papers, reasons))

    def count(self) -> None:
        """Trustees check, approve and open; the board certifies."""
        congress = self.hall.congress
        note = self.hall.note_of_witness("before-the-tally")
        tally = congress.approve(self.papers, self.hall.export("before-the-tally"), note)
        self.question.hand_in(tally)
        self._until(lambda: self._state() == "tallied", "the witness signs the tally, and it is in the log")
        self.watch.lap("trustees check everything and approve; the witness signs")
        note = self.hall.note_of_witness("tallied")
        export = self.hall.export("tallied")
        shares = congress.share(self.papers, export, note, lambda _: None)
        self.question.hand_in(*shares)
        self._until(lambda: self.question.seen()["has_result"], "the shares open the sum")
        self.watch.lap("trustees give their shares: the result is there")
        self.result = self.question.result()
        counted = congress.result(self.papers, export, shares)
        assert counted["counts"] == self.result["counts"]
        facts = parse_facts(cbor.decode(bytes.fromhex(self.result["facts_bytes"]), 512))
        certified = congress.certify(self.papers, self.question.tally_paper(), asdict(facts))
        before = log_size(self.hall.api)
        assert self.question.hand_in(certified)[0]["waiting"] is None
        self._until(lambda: log_size(self.hall.api) > before, "the result stands in the log")
        assert self._state() == "certified"
        self.watch.lap("the board certifies")

    # -- what must be so ---------------------------------------------------------------------------------

    def pressed(self) -> list[int]:
        """Counts of what the people of this test had cast."""
        counts = Counter(self.hall.crowd.voters.values())
        for seat in self.seats.values():
            if seat is not self.swapped:
                assert seat.voter.wish is not None
                counts[seat.voter.wish.choice] += 1
        return [counts[choice] for choice in CHOICES]

    def until_in_the_record(self) -> None:
        """Every living unit with a vote shows that it is in the closed record, others that it closed."""

        def settled() -> bool:
            rows = {
                row["name"]: row["state"]
                for row in self.hall.report()
                if row["name"] not in self.hall.crowd.dies
            }
            rows |= {
                s.name: self.hall.look(s.name).get("state", "") for s in self.seats.values() if not s.is_gone
            }
            self._unsettled = {name: state for name, state in rows.items() if state != self._due(name)}
            return not self._unsettled

        try:
            self._until(settled, "every living unit is in the closed record")
        except AssertionError as late:
            raise AssertionError(f"{late}\n{self._unsettled}") from None
        self.watch.lap("every living unit shows: in the closed record")

    def _due(self, name: str) -> str:
        return "closed" if name in self.hall.crowd.silent else "in-record"

    def verified(self, export: Path) -> str:
        """By the independent verifier; what it says."""
        verdict = verify(export, self.hall.congress.charter)
        assert verdict.exit_code == 0, verdict.said[-4000:]
        return verdict.said

    # -- waiting -----------------------------------------------------------------------------------------

    def _state(self) -> str:
        return str(self.question.seen()["state"])

    def _states(self) -> list[str]:
        """Of everybody who is seated."""
        rows = [row["state"] for row in self.hall.report() if row["kind"] == "secret"]
        rows += ["" for row in self.hall.report() if row["kind"] != "secret"]
        return rows + [str(self.hall.look(name).get("state", "")) for name in self.hall.real]

    def _ends(self) -> Sequence[View] | None:
        """None while the fleet still waits for units by itself."""
        try:
            return self.question.ends_missing()
        except ApiError as err:
            if err.status != 409:
                raise
            return None

    def _draft_is_fresh(self) -> bool:
        try:
            return bool(self.question.close_draft()["fresh"])
        except ApiError:
            return False

    def _until(self, condition: Callable[[], object], what: str, timeout_s: float = STEP_S) -> None:
        """As somebody at the page would: asked again while the fleet does not answer."""
        due_s = 0.0

        def true() -> bool:
            nonlocal due_s
            if time.monotonic() < due_s:
                return False
            due_s = time.monotonic() + LOOK_S
            try:
                return bool(condition())
            except ApiError as err:
                if err.status not in (0, 503):
                    raise
                return False

        try:
            wait_until(true, what, timeout_s=timeout_s)
        except AssertionError as late:
            seen = Counter(row["state"] for row in self.hall.report())
            raise AssertionError(f"{late}\n{dict(seen)}\n{self.hall.fleet_log()[-3000:]}") from None

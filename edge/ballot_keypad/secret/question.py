"""One secret question at one seat: turns what happens into events of life.py, and its effects into entries.

The order is always the same: what follows is made, made durable in one step, and only then said or shown.
What only memory knows goes when it is no longer needed, and a start without it gives the seq up.
"""

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Any, Final, TypeAlias

from ballot.context import Context
from ballot.documents.faults import Words
from ballot.documents.manifest import REVOTE_NONE
from ballot.prove import Prover
from ballot.seeds import code_of
from edge.ballot_keypad.choose.form import Form, form_of
from edge.ballot_keypad.choose.selection import begin
from edge.ballot_keypad.keys.press import Button
from edge.ballot_keypad.secret.effects import After, made
from edge.ballot_keypad.secret.entries import PREPARED_MAX, first_seq, signer_of
from edge.ballot_keypad.secret.kept import Kept, life_name
from edge.ballot_keypad.secret.life import TAKES, Effect, Event, State, step
from edge.ballot_keypad.secret.memory import Memory
from edge.ballot_keypad.secret.pace import AGAIN_CAP_MS, AGAIN_MS, Repeat, next_slot
from edge.ballot_keypad.secret.trust import Papers, Refused, Standing, standing
from edge.ballot_keypad.secret.unit import Unit
from edge.device.errors import StoreError
from wire.ids import ContestId
from wire.voting import ContestNotice

__all__ = ["Lid", "Question"]

_SETTLE_MAX: Final = 8
Values: TypeAlias = Mapping[str, bytes | None]
_NO_VALUES: Final[Values] = {}


class Lid(StrEnum):
    """Why keys mean nothing now, though the state would take them."""

    NONE = ""
    HELD = "held"
    SHUT = "shut"
    """The desk says that it is closed; the unit is asking for the proof."""
    EXPIRED = "expired"
    DISABLED = "disabled"


class Question:
    """kept, papers, key: as they were durable. Its caller gives it notices, documents, answers, presses and
    time."""

    def __init__(self, unit: Unit, contest: ContestId, key: bytes, kept: Kept, papers: Papers) -> None:
        self.unit = unit
        self.contest = contest
        self.key = key
        self.kept = kept
        self.papers = papers
        self.memory = Memory()
        self.standing = Standing(None)
        self.form: Form | None = None
        self.notice: ContestNotice | None = None
        self.expires_ms = 0
        self.is_disabled = False
        self.is_not_stored = False
        self.is_alarmed = False
        self.refused: Words | None = None
        """Why the papers are not believed."""
        self.carry = Repeat(AGAIN_MS, AGAIN_CAP_MS)
        self.not_before_ms = 0
        self.origin_ms = unit.means.now_ms()
        """Of the grid of times at which entries leave."""

    # -- what is so now ----------------------------------------------------------------------------------

    @property
    def state(self) -> State:
        return self.kept.state

    @property
    def public_key(self) -> bytes:
        return signer_of(self.key, "session").public_key.raw

    @property
    def way(self) -> bytes:
        """The entry on its way; empty for none."""
        return self.kept.way or self.memory.way

    @property
    def context(self) -> Context | None:
        return self.standing.context

    @property
    def may_change(self) -> bool:
        """A vote that is recorded may be cast again."""
        manifest = self.papers.manifest
        return manifest is not None and manifest.revote != REVOTE_NONE

    @property
    def lid(self) -> Lid:
        if self.is_disabled:
            return Lid.DISABLED
        if self.kept.notice == "held":
            return Lid.HELD
        if self.kept.notice != "open":
            return Lid.SHUT
        return Lid.EXPIRED if self.unit.means.wall_ms() > self.expires_ms else Lid.NONE

    @property
    def code(self) -> str:
        """Of the prepared ballot; only once its receipt is verified."""
        kept, context = self.kept, self.context
        if self.state is not State.CODE or context is None:
            return ""
        return code_of(context.manifest_hash, kept.voter, kept.generation, kept.seq, kept.body_hash)

    @property
    def at_stake(self) -> str:
        """This question while a press could choose, or soon can; empty otherwise."""
        is_open = self.state in TAKES | {State.COMMITTING} and self.lid is Lid.NONE
        return self.contest.hex() if is_open or (self.state is State.READY and not self.is_disabled) else ""

    # -- the person --------------------------------------------------------------------------------------

    def pressed(self, button: Button) -> None:
        """A key, while the screen shows this question."""
        self.is_not_stored = False
        if not self.takes:
            return
        self.memory.last = button
        if self.kept.was_lost:
            self._keep(replace(self.kept, was_lost=False))
            if button is Button.OK:
                return  # it was read, and the page with the ballot paper's code follows
        if self.state is State.CHOOSING:
            self._choose(button)
        elif self.state is State.CODE:
            self._cast_or_check(button)
        elif button is Button.OK:
            is_known = self.memory.draw is not None and self.memory.draw.is_whole
            self.fire(Event.AGAIN if self.state is State.CHECKED or is_known else Event.FORGOTTEN)
        self.settle()

    @property
    def takes(self) -> bool:
        """Keys mean something now. Without the papers, or what this start made of them, they do not: a unit
        whose charter is another one signs nothing that it cannot account for."""
        is_turn = self.state in TAKES or (self.state is State.RECORDED and self.may_change)
        is_known = self.context is not None and self.remembers
        return is_turn and is_known and self.lid is Lid.NONE and not self.kept.is_closed

    def withdraw(self, button: Button) -> None:
        """This press was one of several at once: what it chose is not chosen."""
        if button is not self.memory.last:
            return  # it was not taken here
        if self.state is State.CHOOSING:
            self.memory.selection = self.memory.before
        self.memory.is_asking_check = False

    def _choose(self, button: Button) -> None:
        memory = self.memory
        if self.form is None or (self.form.needs_digits and not self.unit.has_digits):
            return
        if memory.selection is None and button in (Button.CLEAR, Button.BACK) and self.kept.cast:
            self.fire(Event.KEEP)
            return
        memory.before = memory.selection
        found = memory.selection or begin(self.form)
        # OK on the page before the first choice only turns it
        memory.selection = (
            found if memory.selection is None and button is Button.OK else found.pressed(button)
        )
        choices = memory.selection.choices
        if choices is not None and self.form.shape.allows(choices):
            memory.choices = bytearray(choices)
            if not self.fire(Event.CONFIRMED):
                memory.selection = memory.before

    def _cast_or_check(self, button: Button) -> None:
        check = Button.CHECK if self.unit.has_digits else Button.ABSTAIN
        if self.memory.is_asking_check:
            self.memory.is_asking_check = False
            if button is Button.OK:
                self.fire(Event.CHECK)
        elif button is check:
            self.memory.is_asking_check = True
        elif button is Button.OK:
            self.fire(Event.CAST)
        elif button is Button.CLEAR:
            self.fire(Event.DISCARD)

    # -- events and effects ------------------------------------------------------------------------------

    def fire(self, event: Event, more: Values = _NO_VALUES, **changes: Any) -> bool:
        """Go on by the table: durable first, then in memory. False: the event means nothing here, or the disk
        refused; then nothing has changed."""
        found, before = step(self.state, event), self.way
        if found is None:
            return False
        kept = replace(self.kept, state=found.state, **changes)
        if Effect.PREPARE in found.effects and not self._keep(kept, more):
            return False  # the seq is spent, on the disk, before the first draw from its seed
        after: After = []
        for effect in found.effects:
            kept = made(effect, self, kept, after)
        if not self._keep(kept, more):
            return False
        for each in after:
            each()
        self.send_on_the_grid(unless=before)
        return True

    def send_on_the_grid(self, unless: bytes = b"") -> None:
        """What is on its way leaves at the next moment of the grid. unless: it was on its way already."""
        if not self.way:
            self.carry.end()
        elif self.way != unless:
            now_ms = max(self.unit.means.now_ms(), self.not_before_ms)
            self.carry.begin(next_slot(self.origin_ms, now_ms))
            self.unit.means.wake_at(self.carry.due_ms or now_ms)

    def keep_quietly(self, more: Values = _NO_VALUES, **changes: Any) -> bool:
        """Durable, without an event."""
        return self._keep(replace(self.kept, **changes), more)

    def obey(self, notice: str, counter: int) -> None:
        """What the desk says holds at once, also where the disk is full."""
        if not self.keep_quietly(notice=notice, counter=counter):
            self.kept = replace(self.kept, notice=notice, counter=counter)

    def _keep(self, kept: Kept, more: Values = _NO_VALUES) -> bool:
        if kept == self.kept and not more:
            return True
        try:
            self.unit.means.keep({life_name(self.contest): kept.encoded(), **more})
        except StoreError:
            self.is_not_stored = True
            return False
        self.kept = kept
        self.is_not_stored = False
        return True

    def settle(self) -> None:
        """Whatever follows from the state, notice and papers by themselves, until nothing more does."""
        for _ in range(_SETTLE_MAX):
            if not self._follow():
                return

    def _follow(self) -> bool:
        kept = self.kept
        if self.papers.cancel is not None and kept.notice in ("cancelled", "certified"):
            return self.fire(Event.CANCELLED, way=b"", way_kind="")
        if self.way:
            return False
        if self._by_seat() or self._by_close():
            return True
        if self.context is None:
            return False  # what was believed is not believed any more: nothing new is begun
        return self._by_notice() if self.remembers else self.fire(Event.RESTARTED)

    def _by_close(self) -> bool:
        """The chair's CLOSE is believed: by the log, or by the document where nothing was ever said from here
        that could be asked about."""
        kept = self.kept
        is_shown = self.papers.close is not None and kept.notice in ("closed", "certified")
        if is_shown and not kept.is_closed and not kept.proof:
            return self.keep_quietly(is_closed=True)
        if not kept.is_closed or not kept.voter or kept.has_ended:
            return False
        is_vote = bool(kept.cast) and step(self.state, Event.VOTE_STANDS) is not None
        return self.fire(Event.VOTE_STANDS if is_vote else Event.CLOSED)

    def _by_notice(self) -> bool:
        """What the state owes the board while nothing is on its way."""
        kept = self.kept
        if kept.is_closed:
            return False
        if self.state is State.READY and kept.notice == "open":
            return self.fire(Event.OPENED)
        if self.state in (State.COMMITTING, State.PREPARING):
            return self.fire(Event.FORGOTTEN)
        if self.state is State.CHOOSING and kept.prepared >= PREPARED_MAX:
            return self.fire(Event.TOO_MANY)
        return False

    @property
    def remembers(self) -> bool:
        """This start knows what the state stands on; one that was cut off does not."""
        memory = self.memory
        match self.state:
            case State.CHOOSING:
                return memory.draw is not None and memory.draw.is_whole
            case State.CODE:
                return bool(memory.body)
            case State.CHECKING:
                return bool(memory.way)
            case State.CHECKED:
                return bool(memory.frames)
        return True

    def _by_seat(self) -> bool:
        """Who this unit speaks for may have changed."""
        kept, found = self.kept, self.standing
        if found.context is None:
            return False
        seat = found.seat
        if seat is None:
            return bool(kept.voter) and self.fire(Event.UNBOUND)
        if kept.voter and (seat.voter, seat.generation) != (kept.voter, kept.generation):
            return self.fire(Event.REBOUND, voter=seat.voter, generation=seat.generation)
        if self.state is State.WAITING:
            if kept.voter:
                return self.fire(Event.PAPERS)
            first = first_seq(seat.generation)
            return self.fire(Event.PAPERS, voter=seat.voter, generation=seat.generation, seq=first)
        return False

    def stand(self, papers: Papers) -> None:
        """These are the papers now."""
        self.papers = papers
        try:
            self.standing = standing(papers, self.unit.pinned, self.unit.keys, self.public_key)
            self.refused = None
        except Refused as err:
            self.standing, self.refused = Standing(None), err.words
        context, manifest = self.context, papers.manifest
        if context is not None and manifest is not None:
            self.form = form_of(manifest.shape, manifest.labels)
            if context.manifest_hash not in self.unit.provers:
                self.unit.provers[context.manifest_hash] = Prover(self.unit.pinned.group, context)

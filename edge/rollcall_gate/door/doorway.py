"""The shell of passage.py: what contacts and sensors say -> events; effects on the bolt -> the door.

Effects that are not the bolt's (record, drop, alarms) go to whoever made this.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from edge.rollcall_gate.door.passage import ENDS_ADMISSION, TIMEOUT_MS, Effect, Event, State, step
from edge.rollcall_gate.errors import DoorError
from edge.rollcall_gate.ports import Crossing, Door, FireContact

ADMITTING: Final = frozenset({State.SECURED, State.FORCED, State.LEFT_OPEN, State.JAMMED})
"""States in which the next person may be admitted, unless one is admitted already (JAMMED)."""
_THROUGH_WHEN_SHUT: Final = frozenset({State.PASSING, State.HELD_OPEN, State.ADMITTED_OPEN})
_THROUGH_IN_TIME: Final = frozenset({State.HELD_OPEN, State.ADMITTED_OPEN, State.JAMMED})
"""Where no sensor counts and the way was free all the time, who was admitted is not taken for gone away."""
_log: Final = logging.getLogger("hallward.gate")


class Doorway:
    """Called by the loop only. counts: a sensor tells who went through; without one, a door that was open
    and is shut again, or stood open until the time was up, has let the admitted one through.
    """

    def __init__(
        self,
        door: Door,
        *,
        counts: bool,
        now_ms: Callable[[], int],
        act: Callable[[Effect], None],
        failed: Callable[[DoorError], None],
    ) -> None:
        """failed: told once when the hardware stops answering, until it does again."""
        self._door = door
        self.counts = counts
        self._now_ms = now_ms
        self._act = act
        self._failed = failed
        self._deadline_ms: int | None = None
        self.state = State.SECURED
        self.is_open = False
        self.jammed = False
        self.pending = False
        """Somebody is admitted and not through yet."""
        self.works = True
        self.bolted = False
        self.unexpected = 0
        self.crossings = 0
        """Whom the sensor saw through, in this start."""
        self.is_lent = False

    def start(self, fire: FireContact | None = None) -> None:
        """A door that stands open is not locked onto whoever is in it; it is secured once it falls shut. Nor
        is any door while there is a fire, or the turnstile cannot turn.
        """
        try:
            if fire is not None and fire.is_active:
                self._event(Event.FIRE)
                self.is_open = self._door.is_open
                return
            if self._door.is_jammed:
                self.jam(True)
                return
            if self._door.is_open:
                self.state, self.is_open = State.FORCED, True
            else:
                self._secure()
        except DoorError as err:
            self.fault(err)

    # -- what the gate decides ---------------------------------------------------------------------------

    @property
    def may_admit(self) -> bool:
        """Whether the next person may be admitted: nobody else stands between the word and the door."""
        return self.state in ADMITTING and not self.pending

    @property
    def records_at_once(self) -> bool:
        """Whether an admission is a passage: the way is free, or the usher hands people past, and nothing
        else will say that they went through.
        """
        return not self.works or (self.state is State.JAMMED and not self.counts)

    def admit(self) -> bool:
        """False when nobody can be admitted just now."""
        if self.pending or not self._event(Event.ADMIT):
            return False
        if self.records_at_once:
            self._event(Event.PASSED)
        return True

    # -- what the senses report --------------------------------------------------------------------------

    def contact(self, is_open: bool) -> None:
        """What the reed contact says; saying it again changes nothing."""
        if is_open == self.is_open:
            return
        self.is_open = is_open
        if not is_open and not self.counts and self.state in _THROUGH_WHEN_SHUT:
            self._event(Event.PASSED)
        self._event(Event.OPENED if is_open else Event.CLOSED)

    def crossed(self, crossing: Crossing) -> None:
        """The sensor saw one person through."""
        self.crossings += 1
        self._event(Event.PASSED if crossing is Crossing.FORWARD else Event.WRONG_WAY)

    def jam(self, jammed: bool) -> None:
        """What the turnstile's fault contact says."""
        if jammed == self.jammed:
            return
        self.jammed = jammed
        self._event(Event.JAM if jammed else Event.JAM_OVER)
        self._settle()

    def fire(self, active: bool) -> None:
        """What the fire panel says. The lock has let go by wire, whatever this does."""
        if active == (self.state is State.EVACUATION):
            return
        self._event(Event.FIRE if active else Event.FIRE_OVER)
        if not active and self.jammed:
            self._event(Event.JAM)
        self._settle()

    def fault(self, err: DoorError) -> None:
        """The hardware does not answer: the lock has let go, or is told to."""
        if self.works:
            _log.error("%s", err.diagnostics())
            self.works = False
            with suppress(DoorError):
                self._door.release()  # it may be a contact alone that is silent: in doubt, released
            self._failed(err)
        self.bolted = False

    def back(self) -> None:
        """It answers again: bring the bolt to where the table says it is."""
        self.works = True
        if self.state is State.SECURED and not self.is_open:
            self._secure()

    def tick(self) -> None:
        """Time has passed."""
        if self.pending and not self.works:
            self._event(Event.PASSED)  # admitted just before it fell silent: the way is free
        if self._deadline_ms is not None and self._now_ms() >= self._deadline_ms:
            self._time_is_up()
        elif self.state is State.SECURED and self.works and not (self.bolted or self.is_open or self.is_lent):
            self._secure()  # the contact still bounced when it was tried

    # -- a self-test ---------------------------------------------------------------------------------------

    def lend(self) -> bool:
        """From now on `move` moves the bolt, until `take_back` or until anything happens at this door. False,
        and nothing is lent, while it is not shut and secured: somebody is in it, or it is broken."""
        self.is_lent = self.state is State.SECURED and self.bolted and not self.is_open
        return self.is_lent

    def move(self, *, secure: bool) -> bool:
        """Whether the bolt is out now. A door that is not lent any more is left as it is."""
        if self.is_lent and secure:
            self._secure()
        elif self.is_lent:
            self._release()
        return self.is_lent and self.bolted

    def take_back(self) -> None:
        """The next tick brings the bolt to where the table says it is."""
        self.is_lent = False

    # -- inside ------------------------------------------------------------------------------------------

    def _settle(self) -> None:
        if self.state is State.FORCED and not self.is_open:
            self._event(Event.CLOSED)

    def _event(self, event: Event) -> bool:
        stepped = step(self.state, event)
        if not stepped.known:
            self.unexpected += 1
            return False
        self.is_lent = False
        if stepped.state is not self.state or event is Event.ADMIT:
            timeout_ms = TIMEOUT_MS.get(stepped.state)
            self._deadline_ms = None if timeout_ms is None else self._now_ms() + timeout_ms
        self.state = stepped.state
        self.pending = (self.pending or event is Event.ADMIT) and ENDS_ADMISSION.isdisjoint(stepped.effects)
        if self.state is State.JAMMED and not self.pending:
            self._deadline_ms = None
        for effect in stepped.effects:
            self._do(effect)
        return True

    def _time_is_up(self) -> None:
        if self.state is State.RELEASED:
            self._secure()
            if self.works and not self.bolted:
                return  # somebody is pushing it this very moment, and the senses are about to say so
        self._deadline_ms = None
        through = not self.counts and self.state in _THROUGH_IN_TIME
        self._event(Event.PASSED if through else Event.TIMEOUT)

    def _do(self, effect: Effect) -> None:
        if effect is Effect.RELEASE:
            self._release()
        elif effect is Effect.SECURE:
            self._secure()
        else:
            self._act(effect)

    def _release(self) -> None:
        self.bolted = False
        try:
            self._door.release()
        except DoorError as err:
            self.fault(err)

    def _secure(self) -> None:
        """The door itself looks at its contact once more: what the senses said is some milliseconds old. A
        door of which a part is silent stays released, until `back`.
        """
        if not self.works:
            return
        try:
            self.bolted = self._door.secure()
        except DoorError as err:
            self.fault(err)

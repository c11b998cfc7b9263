"""The gate's firmware: what the senses report and the fleet says -> door, display, records. Never waits."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from edge.device.errors import StoreError
from edge.device.runtime import DeviceRuntime
from edge.device.twin import DISPLAY, SEAT, TwinKey
from edge.rollcall_gate import screen
from edge.rollcall_gate.badge import read_badge
from edge.rollcall_gate.config import GateConfig
from edge.rollcall_gate.decide import Admitted, Decision, NoFace, Sample
from edge.rollcall_gate.errors import DoorError
from edge.rollcall_gate.frames import EmbedderId
from edge.rollcall_gate.gallery import Gallery
from edge.rollcall_gate.passage import TIMEOUT_MS, Effect, Event, State, step
from edge.rollcall_gate.ports import Display, Door, Indicator
from edge.rollcall_gate.record import FORCED, HELD_OPEN, passage_of
from edge.rollcall_gate.roster import Keys, Roster, take_page
from edge.rollcall_gate.screen import View
from edge.rollcall_gate.walkup import IDLE, observe
from wire import fields
from wire.down import CommandMessage, DownMessage, References, SittingNotice
from wire.ids import SittingId
from wire.records import Alarm

MESSAGE_MS: Final = 4_000
"""How long a word about one person stays on the display."""
ALARM_EVERY_MS: Final = 10_000
SERIAL_BYTES: Final = 4
REVOKED_BADGES: Final = TwinKey("revoked-badges", fields.blob_up_to(SERIAL_BYTES * 2_000))
"""Serials of replaced or withdrawn badges, four bytes each, big-endian."""
CAMERA_OUT: Final = Alarm("camera-fault", "the camera gives no picture; people come by badge")
DOOR_OUT: Final = Alarm("door-fault", "the door's hardware does not answer; the usher opens by hand")
_COLOURS: Final = {
    View.NO_SITTING: "off",
    View.READY: "off",
    View.WALK_IN: "green",
    View.STORED: "green",
    View.BADGE_LANE: "amber",
    View.CAMERA_OUT: "amber",
    View.SHUT_DOOR: "amber",
    View.NOT_STORED: "red",
    View.DOOR_OUT: "red",
}
_log: Final = logging.getLogger("hallward.gate")


@dataclass(frozen=True, slots=True)
class Equipment:
    """What the loop commands. The camera and the badge reader are the senses' (senses.py)."""

    door: Door
    display: Display
    indicator: Indicator


@dataclass(slots=True)
class Progress:
    """Where the gate is with the person before it. Times in monotonic ms."""

    state: State = State.SECURED
    deadline_ms: int | None = None
    admitted: Admitted | None = None
    sitting: SittingId | None = None
    view: View = View.NO_SITTING
    view_until_ms: int = 0
    decision: Decision | None = None
    decisions: int = 0
    camera_works: bool = True
    door_works: bool = True
    door_open: bool = False
    bolted: bool = False
    unexpected: int = field(default=0)


class Gate:
    """Implements Firmware. Called by the device's loop only."""

    twin_keys: Final = (SEAT, DISPLAY, REVOKED_BADGES)
    commands: Final = frozenset({"identify"})
    secret_open: Final = False

    def __init__(
        self,
        runtime: DeviceRuntime,
        equipment: Equipment,
        config: GateConfig,
        keys: Keys,
        embedder: EmbedderId,
    ) -> None:
        self._runtime = runtime
        self._equipment = equipment
        self._config = config
        self._keys = keys
        self._now = Progress()
        self._walkup = IDLE
        self._roster = Roster(Gallery.of(embedder, ()))
        self._effects: dict[Effect, Callable[[], None]] = {
            Effect.RELEASE: self._release,
            Effect.SECURE: self._secure,
            Effect.RECORD_PASSAGE: self._record,
            Effect.DROP_ADMISSION: self._drop,
            Effect.ALARM_HELD_OPEN: lambda: self._alarm(HELD_OPEN),
            Effect.ALARM_FORCED: lambda: self._alarm(FORCED),
        }
        self._alarmed_ms: dict[str, int] = {}

    @property
    def attentive(self) -> bool:
        """Whether a face matters now. Read by the senses' thread, so that nobody is looked at in vain."""
        now = self._now
        return now.sitting is not None and now.state is State.SECURED and now.view is not View.BADGE_LANE

    # -- what the senses report, in the loop's thread ----------------------------------------------------

    def on_sample(self, sample: Sample | None) -> None:
        """One frame's worth, or None when no frame was due."""
        if sample is not None:
            self._runtime.counters.own.update(frames=1, inferences=sample.inferences)
        if not self.attentive:
            self._walkup = IDLE
            return
        thresholds, gallery = self._config.thresholds, self._roster.gallery
        stepped = observe(self._walkup, sample, self._ms(), gallery, thresholds)
        self._walkup = stepped.walkup
        if stepped.decision is not None:
            self._decided(stepped.decision)

    def on_camera(self, works: bool) -> None:
        """The camera fell silent, or is back."""
        self._now.camera_works = works
        if not works:
            self._alarm(CAMERA_OUT)
        self._redraw()

    def on_badge(self, text: str) -> None:
        """A badge was shown. It may interrupt a walk-up: the badge lane never waits for a camera."""
        if self._now.sitting is None or self._now.state not in (State.SECURED, State.FORCED):
            return
        stamp = self._runtime.clock.stamp()
        self._walkup = IDLE
        self._decided(
            read_badge(
                text,
                registrar=self._runtime.identity.config.trust.registrar,
                congress=self._runtime.identity.config.congress,
                earliest_now_ms=stamp.wall_ms - stamp.clock_uncertainty_ms,
                revoked=self._revoked(),
            )
        )

    def on_door(self, is_open: bool) -> None:
        """What the contact says; saying it again changes nothing."""
        if is_open == self._now.door_open:
            return
        self._now.door_open = is_open
        self._passage(Event.OPENED if is_open else Event.CLOSED)

    def on_door_fault(self, err: DoorError) -> None:
        """The door's hardware does not answer; said once, until it does again."""
        if self._now.door_works:
            _log.error("%s", err.diagnostics())
            self._alarm(DOOR_OUT)
        self._now.door_works = self._now.bolted = False
        self._redraw()

    def on_door_back(self) -> None:
        """It answers again: bring the bolt to where the table says it is."""
        self._now.door_works = True
        if self._now.state is State.SECURED and not self._now.door_open:
            self._secure()
        self._redraw()

    # -- Firmware ----------------------------------------------------------------------------------------

    def on_start(self) -> None:
        """A door that stands open is not locked onto whoever is in it; it is secured once it falls shut."""
        try:
            if self._equipment.door.is_open:
                self._now.state, self._now.door_open = State.FORCED, True
            else:
                self._secure()
        except DoorError as err:
            self.on_door_fault(err)
        self._redraw()

    def on_down(self, message: DownMessage) -> None:
        if isinstance(message.body, SittingNotice):
            self._sitting(message.body)
        elif isinstance(message.body, References):
            self._references(message.body, message.generation)

    def on_receipt(self, marked_seq: int) -> None:
        """Who walked in has gone on; the board shows what is recorded."""

    def on_command(self, command: CommandMessage) -> None:
        _log.info("%s: this is %s", command.command, self._runtime.identity.device)
        self._equipment.indicator.show("amber")

    def on_tick(self) -> None:
        now = self._now
        if now.deadline_ms is not None and self._ms() >= now.deadline_ms:
            self._time_is_up()
        elif now.state is State.SECURED and now.door_works and not (now.bolted or now.door_open):
            self._secure()  # the contact still bounced when it was tried
        if now.view_until_ms and self._ms() >= now.view_until_ms:
            now.view_until_ms = 0
            self._redraw()

    # -- inside ------------------------------------------------------------------------------------------

    def look(self) -> dict[str, Any]:
        """What a bystander sees, for the hands of a simulated gate. Names nobody but by pseudonym."""
        now = self._now
        admitted = now.decision if isinstance(now.decision, Admitted) else None
        return {
            "lines": list(self._lines()),
            "lamp": _COLOURS[self._view()],
            "state": str(now.state),
            "view": str(self._view()),
            "sitting": now.sitting,
            "door_open": now.door_open,
            "unexpected": now.unexpected,
            "references": len(self._roster.gallery),
            "decisions": now.decisions,
            "decision": type(now.decision).__name__ if now.decision else None,
            "member": admitted.member.hex() if admitted else None,
            "method": admitted.method if admitted else None,
            "connected": self._runtime.is_connected,
            "last_seq": self._runtime.outbox.last_seq,
            "marked_seq": self._runtime.outbox.marked_seq,
        }

    def _decided(self, decision: Decision) -> None:
        if isinstance(decision, NoFace):
            return
        self._now.decision = decision
        self._now.decisions += 1
        if not isinstance(decision, Admitted):
            self._show(View.BADGE_LANE, MESSAGE_MS)
            return
        self._now.admitted, self._now.view_until_ms = decision, 0
        self._passage(Event.ADMIT)

    def _passage(self, event: Event) -> None:
        stepped = step(self._now.state, event)
        if not stepped.known:
            self._now.unexpected += 1
            return
        self._now.state = stepped.state
        timeout_ms = TIMEOUT_MS.get(stepped.state)
        self._now.deadline_ms = None if timeout_ms is None else self._ms() + timeout_ms
        self._redraw()
        for effect in stepped.effects:
            self._effects[effect]()

    def _time_is_up(self) -> None:
        if self._now.state is State.RELEASED:
            self._secure()
            if self._now.door_works and not self._now.bolted:
                return  # somebody is pushing it this very moment, and the senses are about to say so
        self._passage(Event.TIMEOUT)

    def _record(self) -> None:
        admitted, self._now.admitted = self._now.admitted, None
        if admitted is None or self._now.sitting is None:
            return  # the sitting was closed while the person stood in the door
        try:
            self._runtime.append(passage_of(admitted, self._now.sitting, self._config.direction))
        except StoreError as err:
            _log.error("a passage was not stored: %s", err.diagnostics())
            self._show(View.NOT_STORED, MESSAGE_MS)
        else:
            self._show(View.STORED, MESSAGE_MS)

    def _drop(self) -> None:
        self._now.admitted = None

    def _release(self) -> None:
        self._now.bolted = False
        try:
            self._equipment.door.release()
        except DoorError as err:
            self.on_door_fault(err)

    def _secure(self) -> None:
        """The door itself looks at its contact once more: what the senses said is some milliseconds old."""
        try:
            self._now.bolted = self._equipment.door.secure()
        except DoorError as err:
            self.on_door_fault(err)

    def _alarm(self, alarm: Alarm) -> None:
        """Each occurrence is a record; of a contact that flutters, one in ALARM_EVERY_MS."""
        last_ms = self._alarmed_ms.get(alarm.code)
        if last_ms is not None and self._ms() - last_ms < ALARM_EVERY_MS:
            return
        _log.error("%s: %s", alarm.code, alarm.detail)
        try:
            self._runtime.append(alarm)
        except StoreError as err:
            _log.error("an alarm was not stored: %s", err.diagnostics())
        else:
            self._alarmed_ms[alarm.code] = self._ms()

    def _sitting(self, notice: SittingNotice) -> None:
        # Its expiry is not watched: a gate whose network is cut goes on admitting, and whether a passage
        # counts is decided by where it stands in the log.
        if notice.state == "open":
            self._now.sitting = notice.sitting
        elif notice.sitting == self._now.sitting:
            self._now.sitting = None
        _log.info("sitting %s is %s", notice.sitting, notice.state)
        self._redraw()

    def _references(self, page: References, generation: int) -> None:
        loaded = take_page(self._roster, page, generation, self._keys)
        self._roster = loaded.roster
        if loaded.opened is None:
            return
        _log.info("%d references of %d members", loaded.opened, len(self._roster.gallery))
        if loaded.refused:
            _log.error("%d references cannot be used: %s", loaded.refused, loaded.reason)
            self._alarm(Alarm("references-refused", f"{loaded.refused} references cannot be used"))

    def _revoked(self) -> frozenset[int]:
        packed = self._runtime.twin.get(REVOKED_BADGES.name)
        if not isinstance(packed, bytes):
            return frozenset()
        return frozenset(
            int.from_bytes(packed[at : at + SERIAL_BYTES], "big")
            for at in range(0, len(packed), SERIAL_BYTES)
        )

    def _ms(self) -> int:
        return self._runtime.clock.monotonic_ms()

    def _show(self, view: View, for_ms: int) -> None:
        self._now.view, self._now.view_until_ms = view, self._ms() + for_ms
        self._draw(view)

    def _redraw(self) -> None:
        self._draw(self._view())

    def _view(self) -> View:
        """What stands on the display: a fresh word about a person first, then the door, then the camera."""
        now = self._now
        if now.view_until_ms > self._ms() and now.state is State.SECURED:
            return now.view
        now.view = self._standing_view()
        return now.view

    def _standing_view(self) -> View:
        now = self._now
        if not now.door_works:
            return View.DOOR_OUT
        if now.state in (State.RELEASED, State.PASSING):
            return View.WALK_IN
        if now.state in (State.HELD_OPEN, State.FORCED):
            return View.SHUT_DOOR
        if now.sitting is None:
            return View.NO_SITTING
        return View.READY if now.camera_works else View.CAMERA_OUT

    def _lines(self) -> tuple[str, ...]:
        return screen.lines(self._view(), self._runtime.identity.config.language, self._now.decision)

    def _draw(self, view: View) -> None:
        self._equipment.display.show(
            screen.lines(view, self._runtime.identity.config.language, self._now.decision)
        )
        self._equipment.indicator.show(_COLOURS[view])

"""The gate's firmware: what the senses report and the fleet says -> door, display, records. Never waits."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from edge.device.commands import IDENTIFY
from edge.device.errors import StoreError
from edge.device.runtime import DeviceRuntime
from edge.device.self_test import SelfTestCourse
from edge.device.twin import DISPLAY, SEAT, TwinKey
from edge.device.updating.ports import Subject
from edge.rollcall_gate.alarms import Alarms
from edge.rollcall_gate.display import screen
from edge.rollcall_gate.display.front import Front, Picture
from edge.rollcall_gate.display.screen import View
from edge.rollcall_gate.display.showing import Situation, view_of
from edge.rollcall_gate.door.doorway import Doorway
from edge.rollcall_gate.door.passage import Effect, State
from edge.rollcall_gate.errors import DoorError
from edge.rollcall_gate.frames import EmbedderId
from edge.rollcall_gate.ports import Crossing, Display, Door, FireContact, Indicator, Sounder
from edge.rollcall_gate.progress import Progress
from edge.rollcall_gate.record import (
    CAMERA_OUT,
    COMPANY,
    DOOR_OUT,
    OF_EFFECT,
    SENSOR_OUT,
    TAILGATING,
    passage_of,
    refusal_of,
)
from edge.rollcall_gate.who.badge import SERIAL_BYTES, serials_in
from edge.rollcall_gate.who.decide import Admitted, Decision, NoFace, Sample
from edge.rollcall_gate.who.holdings import Holdings
from edge.rollcall_gate.who.passback import PREFIX, load
from edge.rollcall_gate.who.reception import Manner, Moment, Reception
from edge.rollcall_gate.who.roster import Keys
from edge.rollcall_gate.who.word import read_word
from wire import fields
from wire.down import (
    CommandMessage,
    DownMessage,
    Forget,
    LaneList,
    References,
    ReferencesDelta,
    SittingNotice,
)
from wire.self_test import SELF_TEST

REVOKED_BADGES: Final = TwinKey("revoked-badges", fields.blob_up_to(SERIAL_BYTES * 2_000))
"""Serials of replaced or withdrawn badges, four bytes each, big-endian."""
HELD: Final = TwinKey("held", fields.flag)
"""The gate is on hold: it asks people to wait, and admits by an usher's word alone."""
ADMIT: Final = "admit"
"""An usher's command (who/word.py)."""
_log: Final = logging.getLogger("hallward.gate")


@dataclass(frozen=True, slots=True)
class Equipment:
    """What the loop commands; what it is told by is the senses' (senses.py). counts: a sensor tells who went
    through. fire: asked once, before the door is secured for the first time.
    """

    door: Door
    display: Display
    indicator: Indicator
    sounder: Sounder
    counts: bool
    fire: FireContact | None = None


@dataclass(frozen=True, slots=True)
class Habits:
    """What a site sets. direction: `in` or `out`. passback_ms: passback.py."""

    manner: Manner
    direction: str = "in"
    passback_ms: int = 0


class Gate:
    """Implements Firmware. Called by the device's loop only."""

    twin_keys: Final = (SEAT, DISPLAY, REVOKED_BADGES, HELD)
    commands: Final = frozenset({IDENTIFY, SELF_TEST, ADMIT})
    secret_open: Final = False

    def __init__(
        self,
        runtime: DeviceRuntime,
        equipment: Equipment,
        habits: Habits,
        keys: Keys,
        embedder: EmbedderId,
        draw: Callable[[], float],
        new_key: Callable[[], X25519PrivateKey],
    ) -> None:
        """draw: uniform in [0, 1), unguessable, for challenges. new_key: as of Holdings."""
        self._runtime = runtime
        self._equipment = equipment
        self._direction = habits.direction
        self._now = Progress()
        config = runtime.identity.config
        self._congress = config.congress
        inside = load(runtime.outbox.values(PREFIX), habits.passback_ms)
        self._reception = Reception(habits.manner, config.congress, config.trust.registrar, inside, draw)
        self._front = Front(
            equipment.display, equipment.indicator, equipment.sounder, config.language, self._ms
        )
        self._alarms = Alarms(runtime, self._ms, {TAILGATING.code})
        self._holdings = Holdings(runtime, keys, embedder, self._alarms.say, new_key)
        self.self_test = SelfTestCourse(runtime, self._in_use, lambda: False)
        self.subject: Subject | None = None
        self.doorway = Doorway(
            equipment.door, counts=equipment.counts, now_ms=self._ms, act=self._act, failed=self._door_failed
        )

    # Read by the senses' thread, so that nobody is looked at in vain.

    @property
    def wants_faces(self) -> bool:
        """Whether a face matters now."""
        jammed = self.doorway.state is State.JAMMED and not self.doorway.counts
        return self.wants_codes and self._reception.wants_faces and not jammed

    @property
    def wants_codes(self) -> bool:
        """Whether a badge matters now: also while the display sends somebody to the badge lane."""
        return self._may_admit and not self._is_held

    @property
    def wants_codes_most(self) -> bool:
        """Whether somebody was just asked for a badge."""
        return self.wants_codes and (self._front.speaks or not self._reception.wants_faces)

    @property
    def resting(self) -> int | None:
        """The track of whom nothing more is asked just now."""
        return self._reception.resting(self._ms())

    @property
    def door_works(self) -> bool:
        return self.doorway.works

    @property
    def passages(self) -> int:
        """How many people have gone through in this start: whoever stands there next is somebody else."""
        return self._now.passages

    # -- what the senses report, in the loop's thread ----------------------------------------------------

    def on_sample(self, sample: Sample | None) -> None:
        """One frame's worth, or None when no frame was due."""
        if sample is not None:
            self._runtime.counters.own.update(frames=1, inferences=sample.inferences)
        if not self.wants_faces:
            if not self.wants_codes:
                self._reception.forget()
            return
        self._decided(self._reception.sample(sample, self._moment()))

    def on_camera(self, works: bool) -> None:
        """The camera fell silent, or is back."""
        self._now.camera_works = works
        if not works:
            self._alarms.say(CAMERA_OUT)
        self._redraw()

    def on_camera_counters(self, counters: Mapping[str, int]) -> None:
        """How the camera does, for health."""
        for name, count in counters.items():
            self._runtime.counters.own[f"camera-{name}"] = count

    def on_badge(self, text: str) -> None:
        """A badge was shown. It may interrupt a walk-up: the badge lane never waits for a camera."""
        if self.wants_codes:
            self._decided(self._reception.badge(text, self._moment()))

    def on_keys(self, keys: str) -> None:
        """Keys of the pad, in order."""
        for key in keys:
            if self.wants_codes:  # until one of them has let somebody in
                self._decided(self._reception.key(key, self._moment()))

    def on_door(self, is_open: bool) -> None:
        self.doorway.contact(is_open)
        self._redraw()

    def on_crossing(self, crossing: Crossing) -> None:
        self.doorway.crossed(crossing)
        self._redraw()

    def on_sensor(self, works: bool) -> None:
        """The beams fell silent, or are back. A gate without them counts by its door."""
        self.doorway.counts = works and self._equipment.counts
        if not works:
            self._alarms.say(SENSOR_OUT)

    def on_jam(self, jammed: bool) -> None:
        self.doorway.jam(jammed)
        self._redraw()

    def on_fire(self, active: bool) -> None:
        self.doorway.fire(active)
        self._redraw()

    def on_door_fault(self, err: DoorError) -> None:
        self.doorway.fault(err)
        self._redraw()

    def on_door_back(self) -> None:
        self.doorway.back()
        self._redraw()

    # -- Firmware ----------------------------------------------------------------------------------------

    def on_start(self) -> None:
        self.doorway.start(self._equipment.fire)
        self._redraw()

    def on_down(self, message: DownMessage) -> None:
        body = message.body
        if isinstance(body, SittingNotice):
            self._sitting(body)
        elif isinstance(body, References | ReferencesDelta):
            self._holdings.references(body, message.generation)
        elif isinstance(body, LaneList):
            self._holdings.lane_list(body, message.generation)
        elif isinstance(body, Forget):
            self._reception.forget()
            self._now.greeting = None
            self._holdings.forget(body)

    def on_receipt(self, marked_seq: int) -> None:
        """Who walked in has gone on; the board shows what is recorded."""

    def on_command(self, command: CommandMessage) -> None:
        _log.info("%s: this is %s", command.command, self._runtime.identity.device)
        if command.command == ADMIT:
            self._admit_by_usher(command)
        elif command.command == SELF_TEST:
            self.self_test.asked(command)
        else:
            self._front.identify()

    def on_tick(self) -> None:
        self.doorway.tick()
        self.self_test.tick()
        self._holdings.tick()
        self._follow_word()
        if self.wants_codes and not (self.wants_faces and self._now.camera_works):
            self._decided(self._reception.sample(None, self._moment()))  # no frame comes to say it
        else:
            self._redraw()

    # -- inside ------------------------------------------------------------------------------------------

    def look(self) -> dict[str, Any]:
        """What a bystander sees, for the hands of a simulated gate. Names nobody but by pseudonym."""
        now, doorway, outbox = self._now, self.doorway, self._runtime.outbox
        admitted = now.decision if isinstance(now.decision, Admitted) else None
        view, panel = self._front.picture(replace(self._picture(), greeting=None))
        return {
            "lines": list(panel.lines),
            "code": panel.code,
            "lamp": str(panel.colour),
            "state": str(doorway.state),
            "view": str(view),
            "sitting": now.sitting,
            "door_open": doorway.is_open,
            "unexpected": doorway.unexpected,
            "references": len(self._holdings.roster.gallery),
            "lane": len(self._holdings.lane.sealed),
            "decisions": now.decisions,
            "decision": type(now.decision).__name__ if now.decision else None,
            "member": admitted.member.hex() if admitted else None,
            "method": admitted.method if admitted else None,
            "connected": self._runtime.is_connected,
            "last_seq": outbox.last_seq,
            "marked_seq": outbox.marked_seq,
        }

    @property
    def decision(self) -> Decision | None:
        """The last one."""
        return self._now.decision

    @property
    def decisions(self) -> int:
        """In this start."""
        return self._now.decisions

    @property
    def state(self) -> State:
        """Of the passage."""
        return self.doorway.state

    @property
    def looks(self) -> bool:
        """Whether somebody is being looked at."""
        return self._reception.looks

    def _decided(self, decision: Decision | None) -> None:
        if decision is None or isinstance(decision, NoFace):
            self._redraw()
            return
        self._now.decision = decision
        self._now.decisions += 1
        code = screen.code_of(decision)
        self._runtime.counters.own[code or "admitted"] += 1
        if not isinstance(decision, Admitted):
            _log.info("not admitted: %s", code)
            if alarm := refusal_of(decision):
                self._alarms.say(alarm)
            self._say(view_of(decision))
            return
        self._front.hush()
        now = self._now
        before = now.admitted, now.admitted_to, now.greeting
        now.admitted, now.admitted_to = decision, now.sitting
        now.greeting = self._holdings.lane.greeting(decision.member, self._congress)
        if not self.doorway.admit():
            now.admitted, now.admitted_to, now.greeting = before
        elif decision.method == "face" and self._reception.company:
            self._alarms.say(COMPANY)
        self._redraw()

    def _admit_by_usher(self, command: CommandMessage) -> None:
        self._now.word = read_word(command.arguments, self._now.sitting, self._ms())
        if self._now.word is None:
            _log.warning("an usher's word that is not for this sitting was not followed")
        self._follow_word()

    def _follow_word(self) -> None:
        word = self._now.word
        if word is None:
            return
        if word.is_over(self._now.sitting, self._ms()):
            _log.warning("an usher's word was not followed: somebody else was passing, or there is a fire")
            self._now.word = None
        elif self._may_admit:
            self._now.word = None
            self._reception.forget()
            self._decided(Admitted(word.member, "usher", None))

    def _in_use(self) -> str:
        """Why nothing can be tested here just now; empty: it can."""
        return "a sitting is open" if self._now.sitting is not None else ""

    @property
    def _may_admit(self) -> bool:
        return self._now.sitting is not None and self.doorway.may_admit

    @property
    def _is_held(self) -> bool:
        return self._runtime.twin.get(HELD.name) is True

    def _act(self, effect: Effect) -> None:
        if effect is Effect.RECORD_PASSAGE:
            self._record()
        elif effect is Effect.DROP_ADMISSION:
            self._now.admitted = self._now.greeting = None
            self._reception.let_go()
        else:
            self._alarms.say(OF_EFFECT[effect])
            if effect is Effect.ALARM_WRONG_WAY:
                self._say(View.WRONG_WAY)

    def _record(self) -> None:
        admitted, self._now.admitted, self._now.greeting = self._now.admitted, None, None
        if admitted is None or self._now.sitting is None or self._now.sitting != self._now.admitted_to:
            return  # the sitting was closed while the person stood in the door
        self._now.passages += 1
        self._reception.gone_through(admitted.member, self._ms())
        wall_ms = self._runtime.clock.wall_ms()
        inside = self._reception.inside
        kept = self._reception.entered(admitted.member, wall_ms) if self._direction == "in" else {}
        try:
            self._runtime.append(passage_of(admitted, self._now.sitting, self._direction), kept)
        except StoreError as err:
            _log.error("a passage was not stored: %s", err.diagnostics())
            self._reception.inside = inside  # nobody counted them: their badge opens this gate again
            self._say(View.NOT_STORED)
        else:
            self._say(View.STORED)

    def _door_failed(self, _: DoorError) -> None:
        self._alarms.say(DOOR_OUT)

    def _sitting(self, notice: SittingNotice) -> None:
        # Its expiry is not watched: a gate whose network is cut goes on admitting, and whether a passage
        # counts is decided by where it stands in the log.
        if notice.state == "open":
            self._now.sitting = notice.sitting
            self.self_test.tick()  # it ends here, before the first delegate comes
        elif notice.sitting == self._now.sitting:
            self._now.sitting = None
            self._reception.forget()
        _log.info("sitting %s is %s", notice.sitting, notice.state)
        self._redraw()

    def _moment(self) -> Moment:
        stamp, packed = self._runtime.clock.stamp(), self._runtime.twin.get(REVOKED_BADGES.name)
        return Moment(
            stamp.monotonic_ms,
            stamp.wall_ms,
            stamp.wall_ms - stamp.clock_uncertainty_ms,
            self._holdings.roster.gallery,
            self._holdings.lane,
            serials_in(packed) if isinstance(packed, bytes) else frozenset(),
            self._now.camera_works,
        )

    def _ms(self) -> int:
        return self._runtime.clock.monotonic_ms()

    def _redraw(self) -> None:
        self._front.show(self._picture())

    def _picture(self) -> Picture:
        now, reception, doorway = self._now, self._reception, self.doorway
        return Picture(
            Situation(
                state=doorway.state,
                door_works=doorway.works,
                camera_works=now.camera_works,
                in_sitting=now.sitting is not None,
                held=self._is_held,
                typing=not reception.entry.is_empty,
                claims=reception.claims,
                prompt=reception.prompt,
                looks=reception.looks,
                company=reception.company,
            ),
            now.decision,
            now.greeting,
            reception.entry,
        )

    def _say(self, view: View) -> None:
        self._front.say(view, self._picture())

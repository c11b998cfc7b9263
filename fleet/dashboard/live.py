"""The state of the page, computed once for all who watch, and handed to each as soon as it changes."""

import asyncio
import json
import logging
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Final

from fleet.attendance.reading import Follower
from fleet.attendance.rules import attendance
from fleet.dashboard.board import (
    DeviceLine,
    QuestionLine,
    SecretLine,
    SittingLine,
    devices_state,
    material,
    question_state,
    secret_state,
    sitting_state,
)
from fleet.db import Connection
from fleet.desk.office import Office
from fleet.devices import store as devices
from fleet.devices.store import Light
from fleet.errors import StoreError
from fleet.secret import store as secret
from fleet.secret.rules import UNDER_WAY, SecretQuestion
from fleet.sittings import store as sittings
from fleet.sittings.store import Place, Sitting
from fleet.votes import acts
from fleet.votes import store as votes
from fleet.votes.rules import RUNNING, Question
from wire.errors import RecordRejected
from wire.ids import MemberRef

log = logging.getLogger(__name__)

HEARTBEAT_MS: Final = 5000
FRESH_MS: Final = 500
WATCHERS_MAX: Final = 500
"""Open pages at a time; each is a connection, and is sent the whole state."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One state. number rises whenever watchers should be told."""

    number: int
    text: str
    material: dict[str, Any]
    computed_ms: int
    told_ms: int
    """By the monotonic clock, as computed_ms."""


class Live:
    """Shared by all watchers. `refresh` may be called from any thread, `changes` from the event loop
    alone."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._follower = Follower()
        self._lock = threading.Lock()
        self._snapshot = Snapshot(0, "", {}, -HEARTBEAT_MS, -HEARTBEAT_MS)
        self._news: asyncio.Event | None = None
        self._closed = False
        self.watchers = 0

    def state_text(self) -> str:
        """The state as JSON, at most half a second old."""
        return self.refresh().text

    def refresh(self) -> Snapshot:
        """Compute the state unless it is fresh; a failing store is said on the page instead of an old
        state."""
        with self._lock:
            now_ms = self._office.clock.monotonic_ms()
            if self._snapshot.text and now_ms - self._snapshot.computed_ms < FRESH_MS:
                return self._snapshot
            state = self._state_or_trouble()
            found = material(state)
            last = self._snapshot
            tell = found != last.material or now_ms - last.told_ms >= HEARTBEAT_MS
            self._snapshot = Snapshot(
                number=last.number + tell,
                text=json.dumps(state, ensure_ascii=False, separators=(",", ":")),
                material=found,
                computed_ms=now_ms,
                told_ms=now_ms if tell else last.told_ms,
            )
            return self._snapshot

    def presence(self, sitting: str) -> tuple[frozenset[MemberRef], frozenset[MemberRef]]:
        """(who is in the hall, who was at some time) of the sitting on show; from what the page knows
        already, so that a look costs the new passages alone."""
        with self._lock, self._office.look() as connection:
            found = self._follower.follow(self._office, connection, sitting)
            return frozenset(found.present), frozenset(found.ever)

    def announce(self) -> None:
        """Wake the watchers; called on the event loop after a refresh."""
        news, self._news = self._news, None
        if news is not None:
            news.set()

    def close(self) -> None:
        """End every stream; called on the event loop when the server stops."""
        self._closed = True
        self.announce()

    async def changes(self) -> AsyncIterator[str]:
        """The state now, and again whenever it changed or 5 s have passed, until `close`."""
        self.watchers += 1
        try:
            seen = await asyncio.to_thread(self.refresh)
            yield seen.text
            while True:
                # News may have come while the last one was being sent: wait only if there is none.
                while self._snapshot.number == seen.number:
                    if self._closed:
                        return
                    self._news = self._news or asyncio.Event()
                    await self._news.wait()
                seen = self._snapshot
                yield seen.text
        finally:
            self.watchers -= 1

    def _state_or_trouble(self) -> dict[str, Any]:
        try:
            with self._office.look() as connection:
                return {**self._frame(None), **self._state(connection)}
        except (StoreError, RecordRejected) as err:
            trouble = err.diagnostics()
            if self._snapshot.material.get("trouble") != trouble:
                log.error("The page has no state to show: %s", trouble)
            return self._frame(trouble)

    def _frame(self, trouble: str | None) -> dict[str, Any]:
        return {
            "at_ms": self._office.clock.wall_ms(),
            "hall": self._office.desk.hall,
            "congress": self._office.desk.congress,
            "trouble": trouble,
            "log": None,
            "devices": {"gates": [], "keypads": [], "keypad_words": {}},
            "sitting": None,
            "question": None,
        }

    def _state(self, connection: Connection) -> dict[str, Any]:
        head = sittings.head(connection)
        lights = devices.lights(connection)
        sitting = sittings.on_show(connection)
        places = sittings.places(connection, sitting.sitting) if sitting else []
        question = _on_show(votes.of_sitting(connection, sitting.sitting)) if sitting else None
        kept = secret.running(connection) if sitting else None
        return {
            "log": {"size": head[0], "issued_ms": head[2]} if head else None,
            "devices": devices_state(_device_lines(lights, places), self._office.clock.wall_ms()),
            "sitting": self._sitting(connection, sitting, places) if sitting else None,
            "question": (
                secret_state(_secret_line(connection, kept, places))
                if kept
                else self._question(connection, question, places, lights)
                if question
                else None
            ),
        }

    def _sitting(self, connection: Connection, sitting: Sitting, places: list[Place]) -> dict[str, Any]:
        presence = self._follower.follow(self._office, connection, sitting.sitting)
        return sitting_state(
            SittingLine(
                sitting=sitting.sitting,
                title=sitting.title,
                state=sitting.state,
                quorum_num=sitting.quorum_num,
                quorum_den=sitting.quorum_den,
                attendance=attendance(presence, {place.member for place in places}),
                by_method=presence.entries_by_method,
            )
        )

    def _question(
        self, connection: Connection, question: Question, places: list[Place], lights: list[Light]
    ) -> dict[str, Any]:
        turnout = acts.turnout_among(self._office, connection, question, places, lights)
        return question_state(
            QuestionLine(
                question=question.question,
                text=question.text,
                state=question.word,
                revote=question.revote,
                seated=turnout.seated,
                voted=turnout.voted,
                missing=turnout.missing if question.state in {"prepared", *RUNNING} else (),
                result=votes.result(connection, question.question),
                paper=question.by_paper,
                held_why=question.held_why,
            )
        )


def _secret_line(connection: Connection, found: SecretQuestion, places: list[Place]) -> SecretLine:
    """Neither which seats are ready nor which have voted is anybody's to know."""
    seated = sum(place.device is not None for place in places)
    cast = secret.cast_n(connection, found.contest)
    return SecretLine(found.question, found.text, found.state, seated, cast, found.held_why)


def _on_show(questions: list[Question]) -> Question | None:
    """The running question, else the one that changed last."""
    running = [question for question in questions if question.state in RUNNING]
    shown = running or [question for question in questions if question.state != UNDER_WAY]
    return shown[-1] if shown else None


def _device_lines(lights: list[Light], places: list[Place]) -> list[DeviceLine]:
    seat_of = {place.device: place.seat or str(place.device) for place in places if place.device}
    return [
        DeviceLine(
            light.device, light.role, light.place, light.state, light.sign, seat_of.get(light.device, "")
        )
        for light in lights
    ]

"""What the buttons of the page do: one person at a time, one officer, one station."""

import contextlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from edge.device.errors import StoreError
from edge.enrol import desk, sending
from edge.enrol.consent import Channel, ConsentText, Language, given
from edge.enrol.desk import Visit
from edge.enrol.finding import found_by, member_typed
from edge.enrol.lens import Lens
from edge.enrol.look import Look, Refusal, forget, frame_of, look_at
from edge.enrol.opened import references_of
from edge.enrol.ports import Fleet, FleetDown, FleetRefused, Found, GateProof, Kept, Shelf
from edge.enrol.sending import Outcome, Seal
from edge.enrol.upload import seal_references
from edge.rollcall_gate.eyes.pipeline import Pipeline
from edge.rollcall_gate.who.gallery import Gallery
from wire.errors import HallError
from wire.ids import MemberRef

IDLE_MS: Final = 10 * 60_000
"""Nobody pressed anything for so long: the person has gone, and what was seen of them is forgotten."""


class NotNow(HallError):
    """What was pressed cannot be done. why: stands for the sentence (words.SAY)."""

    code = "not-now"

    def __init__(self, why: Refusal | str) -> None:
        super().__init__(str(why))
        self.why = str(why)


@dataclass(frozen=True, slots=True)
class Workplace:
    """What a counter works with. texts: of consent. random_bytes: the system's. now_ms: monotonic."""

    name: str
    seal: Seal
    pipeline: Pipeline
    shelf: Shelf
    fleet: Fleet
    texts: Mapping[Language, ConsentText]
    lens: Lens
    random_bytes: Callable[[int], bytes]
    now_ms: Callable[[], int]


@dataclass(slots=True)
class Counter:
    """Every method may be called from any thread; one is served after the other."""

    place: Workplace
    visit: Visit | None = None
    _pressed_ms: int = 0
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def sign_in(self, account: str, password: str) -> Outcome:
        """Who withdrew elsewhere is erased here; what waits is sent at once. What cannot be goes on waiting,
        and is said when `send_waiting` is pressed. Raises FleetDown, FleetRefused, OtherCongress."""
        with self._press():
            fleet, shelf = self.place.fleet, self.place.shelf
            sending.sign_in(fleet, account, password, self.place.seal.congress)
            withdrew: tuple[MemberRef, ...] = ()
            outcome = Outcome()
            with contextlib.suppress(HallError):
                withdrew = sending.erase_withdrawn(fleet, shelf, shelf.all())
                outcome = self.send_waiting()
            return replace(outcome, withdrew=withdrew + outcome.withdrew)

    def sign_out(self) -> None:
        """The person at the desk is forgotten as well. Raises FleetDown, after the sign-in was forgotten."""
        with self._press():
            self._leave()
            self.place.fleet.sign_out()

    def search(self, text: str) -> list[Found]:
        """Members whose name has words that begin so; or the one of a pseudonym, even when the names are not
        for whoever is signed in. Raises FleetDown, FleetRefused."""
        with self._press():
            typed = member_typed(text)
            try:
                return found_by(text, self.place.fleet.members())
            except FleetRefused as err:
                if typed is None or err.status != 403:
                    raise
                return [Found(typed, "")]

    def begin(self, member: MemberRef, name: str) -> None:
        """Somebody else is at the desk now. Raises NotNow when nobody is signed in."""
        with self._press():
            if self.place.fleet.account is None:
                raise NotNow("sign-in-first")
            self._leave()
            self.visit = Visit(member, name)

    def leave(self) -> None:
        """Forget the person, what was seen of them, and close the camera."""
        with self._press():
            self._leave()

    def consent(self, language: Language, channel: Channel) -> None:
        with self._press():
            text = self.place.texts[language]
            self.visit = desk.with_consent(self._visit(), given(text, channel, self.place.name))

    def no_consent(self) -> None:
        """Taken back before anything was sent: what was seen is forgotten, and what waits is not sent."""
        with self._press():
            visit, shelf = self._visit(), self.place.shelf
            self.visit = desk.with_consent(visit, None)
            self.place.lens.close()
            kept = shelf.find(visit.member)
            if kept is not None and kept.step in sending.NOT_SENT:
                try:
                    if kept.step in sending.MAY_BE_TOLD:
                        shelf.note_withdrawal(visit.member, Channel.DESK)
                finally:
                    shelf.remove(visit.member)

    def photograph(self, data: bytearray) -> Look:
        """One more look, of a JPEG or PNG; `data` is overwritten. Raises NotNow with why, ModelError."""
        with self._press():
            try:
                self._check_may_look()
                frame = frame_of(data)
            finally:
                data[:] = bytes(len(data))
            if isinstance(frame, Refusal):
                raise NotNow(frame)
            try:
                return self._take(look_at(self.place.pipeline, frame))
            finally:
                forget(frame)

    def capture(self) -> Look:
        """One more look, the best of several frames of the camera. Raises as photograph, CameraError."""
        with self._press():
            self._check_may_look()
            found: list[Look | Refusal] = []
            for frame in self.place.lens.burst():
                found.append(look_at(self.place.pipeline, frame))
                forget(frame)
            return self._take(desk.best_of(found))

    def open_camera(self) -> None:
        """Raises NotNow before consent, CameraError."""
        with self._press():
            self._check_may_look()
            self.place.lens.open()

    def close_camera(self) -> None:
        with self._press():
            self.place.lens.close()

    def drop_look(self, number: int) -> None:
        with self._press():
            self.visit = desk.without_look(self._visit(), number)

    def finish(self) -> Outcome | None:
        """Compare with everybody enrolled here, seal, keep, send. None: kept, and to be sent later.

        Raises NotNow with the reason; StoreError when nothing could be kept, and ForeignKey; FleetRefused
        when the fleet will not take this member: they are then as before.
        """
        with self._press():
            visit = self._visit()
            if (why := desk.obstacle(visit)) is not None:
                raise NotNow(why)
            others = [kept for kept in self.place.shelf.all() if kept.member != visit.member]
            if desk.enrolled_as(visit, self._gallery(others)) is not None:
                raise NotNow(Refusal.DUPLICATE)
            before = self.place.shelf.find(visit.member)
            sealed = self._sealed(visit)
            self.place.shelf.put(sealed)
            try:
                self._note_ledger(sealed)
                outcome = sending.send(self.place.fleet, self.place.shelf, self.place.seal)
            except FleetDown:
                self._leave()
                return None
            refusal = dict(outcome.refused).get(visit.member)
            if refusal is not None:
                self._put_back(visit.member, before)
                raise refusal
            self._leave()
            return outcome

    def send_waiting(self) -> Outcome:
        """Raises as sending.send."""
        with self._press():
            return sending.send(self.place.fleet, self.place.shelf, self.place.seal)

    def withdraw(self, member: MemberRef, channel: Channel) -> bool:
        """Delete here at once, then everywhere; True when the fleet knows, False when it will be told later.

        Raises FleetRefused when whoever is signed in may not; StoreError.
        """
        with self._press():
            if self.visit is not None and self.visit.member == member:
                self._leave()
            return withdraw(self.place.fleet, self.place.shelf, member, channel)

    def proofs(self, member: MemberRef) -> list[GateProof]:
        """What each gate has signed. Raises FleetDown, FleetRefused."""
        with self._lock:
            return self.place.fleet.proofs(member)

    def preview(self) -> bytes | None:
        """The newest frame as a small JPEG; None while the camera is closed or shows nothing. Raises
        CameraError."""
        with self._lock:
            return self.place.lens.preview()

    def tick(self) -> None:
        """To be called now and then: closes a camera nobody looks through, forgets who has gone."""
        with self._lock:
            if self.visit is not None and self.place.now_ms() - self._pressed_ms > IDLE_MS:
                self._leave()
            self.place.lens.tick()

    def _press(self) -> threading.RLock:
        self._pressed_ms = self.place.now_ms()
        return self._lock

    def _visit(self) -> Visit:
        if self.visit is None:
            raise NotNow("nobody-here")
        return self.visit

    def _leave(self) -> None:
        self.visit = None  # first: a camera that cannot be closed keeps nobody from being forgotten
        self.place.lens.close()

    def _check_may_look(self) -> None:
        visit = self._visit()
        if visit.consent is None:
            raise NotNow(Refusal.NO_CONSENT)
        if len(visit.looks) >= desk.LOOKS_MAX:
            raise NotNow(Refusal.LOOKS_FULL)

    def _take(self, look: Look | Refusal) -> Look:
        after = look if isinstance(look, Refusal) else desk.with_look(self._visit(), look)
        if isinstance(look, Refusal) or isinstance(after, Refusal):
            raise NotNow(str(after))
        self.visit = after
        return look

    def _gallery(self, kept: list[Kept]) -> Gallery:
        seal, embedder = self.place.seal, self.place.pipeline.embedder
        opened = references_of(kept, congress=seal.congress, content_key=seal.content_key, embedder=embedder)
        return Gallery.of(embedder, opened)

    def _note_ledger(self, kept: Kept) -> None:
        """So that a withdrawal that comes later is known to be later. Raises FleetDown, StoreError."""
        with contextlib.suppress(FleetRefused):  # whoever may not look may not send either, and is told then
            self.place.shelf.put(replace(kept, ledger=self.place.fleet.ledger(kept.member)))

    def _sealed(self, visit: Visit) -> Kept:
        references = seal_references(
            [look.embedding for look in visit.looks],
            congress=self.place.seal.congress,
            member=visit.member,
            content_key=self.place.seal.content_key,
            random_bytes=self.place.random_bytes,
        )
        return Kept(visit.member, references, "waiting", visit.consent)

    def _put_back(self, member: MemberRef, before: Kept | None) -> None:
        """Their references were refused: as before. A consent that was told for them alone is ended."""
        shelf = self.place.shelf
        kept = shelf.find(member)
        if before is not None:
            shelf.put(before)
        elif kept is None or kept.step not in sending.MAY_BE_TOLD or (kept.ledger and kept.ledger.in_force):
            shelf.remove(member)
        else:
            with contextlib.suppress(FleetRefused):  # it is noted, and told later
                withdraw(self.place.fleet, shelf, member, Channel.DESK)


def withdraw(fleet: Fleet, shelf: Shelf, member: MemberRef, channel: Channel) -> bool:
    """As Counter.withdraw. The note of it is made first; a full disk keeps neither the copy from being erased
    nor the fleet from being told."""
    unnoted = _refused_by_disk(partial(shelf.note_withdrawal, member, channel))
    unerased = _refused_by_disk(partial(shelf.remove, member))
    try:
        if unnoted is None:
            sending.tell_withdrawal(fleet, shelf, member)
        else:
            sending.end_consent(fleet, member, channel)
    except FleetDown:
        fault = unnoted or unerased
        if fault is not None:
            raise fault from None
        return False
    if unerased is not None:
        raise unerased
    return True


def _refused_by_disk(act: Callable[[], None]) -> StoreError | None:
    try:
        act()
    except StoreError as err:
        return err
    return None

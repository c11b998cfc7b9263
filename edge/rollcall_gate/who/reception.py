"""Faces, badges and keys of the person before the gate -> a Decision, whichever comes first.

All ways in are as quick and unmarked; a badge or PIN interrupts a walk-up, because nobody waits for a camera.
"""

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from edge.rollcall_gate.who import pin
from edge.rollcall_gate.who.badge import read_badge
from edge.rollcall_gate.who.challenge import Prompt
from edge.rollcall_gate.who.decide import (
    Admitted,
    AlreadyInside,
    Decision,
    NoFace,
    NotTheBearer,
    PinLocked,
    Revoked,
    Sample,
    Thresholds,
    WrongPin,
)
from edge.rollcall_gate.who.gallery import Gallery
from edge.rollcall_gate.who.lane import Lane
from edge.rollcall_gate.who.passback import Inside
from edge.rollcall_gate.who.presentation import PadThresholds
from edge.rollcall_gate.who.walkup import IDLE, Rules, WalkUp, observe
from wire.ids import CongressId, MemberRef
from wire.keys import PublicKey

SAME_BADGE_MS: Final = 5_000
"""A badge held before the camera is read many times a second; until it was away for so long it is one
badge.
"""
AGAIN_MS: Final = 3_000
"""Who was just decided upon is looked at anew after so long; whoever steps up meanwhile, at once."""
CLAIM_MS: Final = 10_000
"""How long a badge waits for the face that goes with it (1:1)."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How this gate receives people. verifies: 1:1, a badge and then the face, instead of 1:N by face
    alone.
    """

    thresholds: Thresholds
    pad: PadThresholds
    challenges: bool = True
    verifies: bool = False


@dataclass(frozen=True, slots=True)
class Moment:
    """now_ms: monotonic. earliest_wall_ms: wall clock less its uncertainty. gallery, lane, revoked: as held
    now.
    """

    now_ms: int
    wall_ms: int
    earliest_wall_ms: int
    gallery: Gallery
    lane: Lane
    revoked: AbstractSet[int]
    camera_works: bool = True


class Reception:
    """Called by the loop only. draw: uniform in [0, 1), for challenges: from a source that nobody can
    guess.
    """

    def __init__(
        self,
        manner: Manner,
        congress: CongressId,
        registrar: PublicKey,
        inside: Inside,
        draw: Callable[[], float],
    ) -> None:
        self._manner = manner
        self._congress = congress
        self._registrar = registrar
        self._draw = draw
        self._walkup: WalkUp = IDLE
        self._tries = pin.Tries()
        self._claim: tuple[Admitted, int] | None = None
        self._badge: tuple[str, int] | None = None
        self._badge_used = False
        self._done: tuple[int | None, int] | None = None
        self._track: int | None = None
        self._through: tuple[MemberRef, int] | None = None
        self.inside = inside
        self.entry = pin.EMPTY
        self.company = 0

    @property
    def looks(self) -> bool:
        """Whether somebody is being looked at."""
        return self._walkup.began_ms is not None

    @property
    def prompt(self) -> Prompt | None:
        return self._walkup.prompt

    @property
    def claims(self) -> bool:
        """Whether a badge waits for its face."""
        return self._claim is not None

    def resting(self, now_ms: int) -> int | None:
        """The track of whom nothing more is asked just now."""
        return self._done[0] if self._done is not None and now_ms - self._done[1] < AGAIN_MS else None

    @property
    def wants_faces(self) -> bool:
        return self.claims or not self._manner.verifies

    def forget(self) -> None:
        """Whoever was being looked at, is not any more."""
        self._walkup, self._claim, self.entry = IDLE, None, pin.EMPTY

    def sample(self, sample: Sample | None, at: Moment) -> Decision | None:
        """One frame's worth, or None when time has merely passed."""
        self.entry = pin.expire(self.entry, at.now_ms)
        if self._claim is not None and at.now_ms - self._claim[1] >= CLAIM_MS:
            self.forget()
            self.let_go()
            return NotTheBearer()
        if self._claim is not None and self._claim[0].member not in at.gallery.members:
            return self._believed(self._claim[0], at)  # withdrawn this very moment
        if not self.wants_faces:
            return None
        if sample is not None and self._is_done(sample, at.now_ms):
            return None
        rules = Rules(
            at.gallery,
            self._manner.thresholds,
            self._manner.pad,
            self._manner.challenges,
            self._claim[0] if self._claim else None,
        )
        if sample is not None and sample.somebody:
            self._track = sample.track
        stepped = observe(self._walkup, sample, at.now_ms, rules, self._draw())
        self._walkup = stepped.walkup
        self.company = stepped.company if stepped.decision else stepped.walkup.company
        decision = stepped.decision
        if decision is not None:
            self._claim = None
            if not isinstance(decision, NoFace):
                self._done = (self._track, at.now_ms)
            if self._has_just_gone(decision, at.now_ms):
                return None
        return decision

    def badge(self, text: str, at: Moment) -> Decision | None:
        """The text of a badge. None: seen a moment ago, or its face is wanted now."""
        if self._badge is not None and self._badge[0] == text and at.now_ms - self._badge[1] < SAME_BADGE_MS:
            if self._badge_used:
                self._badge = (text, at.now_ms)  # they are in, and still hold it: that is no second showing
            return None
        self._badge, self._badge_used = (text, at.now_ms), False
        found = read_badge(
            text,
            registrar=self._registrar,
            congress=self._congress,
            earliest_now_ms=at.earliest_wall_ms,
            revoked=at.revoked,
        )
        if not isinstance(found, Admitted):
            return found  # whoever is looked at, or types, is somebody else's business
        return self._believed(found, at)

    def key(self, key: str, at: Moment) -> Decision | None:
        """One key of the pad. None while there is nothing to say yet."""
        self.entry, claim = pin.press(self.entry, key, at.now_ms)
        if claim is None:
            return None
        wait_ms = self._tries.wait_ms(claim.serial, at.now_ms)
        if wait_ms:
            return PinLocked(-(-wait_ms // 1000))
        member = at.lane.bearer(claim.serial, claim.pin, self._congress)
        if member is None:
            self._tries = self._tries.failed(claim.serial, at.now_ms)
            return WrongPin()
        if claim.serial in at.revoked:
            return Revoked("replaced by a newer badge, or withdrawn")
        return self._believed(Admitted(member, "pin", None), at)

    def gone_through(self, member: MemberRef, now_ms: int) -> None:
        """Whoever stands there now is somebody else, or turns round for a last look."""
        self._through, self._done, self._badge_used = (member, now_ms), None, True

    def let_go(self) -> None:
        """An admission or a claim came to nothing: the same badge is a new showing."""
        self._badge = None

    def entered(self, member: MemberRef, wall_ms: int) -> dict[str, bytes | None]:
        """Somebody has gone in; what to keep with the record of it."""
        self.inside, changes = self.inside.entered(member, wall_ms)
        return changes

    def _is_done(self, sample: Sample, now_ms: int) -> bool:
        fresh = self._done is not None and now_ms - self._done[1] < AGAIN_MS
        return fresh and sample.somebody and self._done is not None and sample.track == self._done[0]

    def _has_just_gone(self, decision: Decision, now_ms: int) -> bool:
        if self._through is None or not isinstance(decision, Admitted):
            return False
        member, at_ms = self._through
        return decision.member == member and now_ms - at_ms < AGAIN_MS

    def _believed(self, admitted: Admitted, at: Moment) -> Decision | None:
        self.forget()
        if self._manner.verifies and at.camera_works and admitted.member in at.gallery.members:
            self._claim = (admitted, at.now_ms)  # a face cannot be handed back: it is asked, whoever went in
            return None
        if self.inside.holds(admitted.member, at.wall_ms):
            return AlreadyInside()
        return admitted  # no consent, no reference, no camera: they lose nothing

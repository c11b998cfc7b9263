"""The rounds of a witness that is connected: ask, verify, keep, sign, send. One bad answer ends one round."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from officers.person import tell
from officers.witness.errors import WitnessRefused, said
from officers.witness.ports import FleetLog, Offer
from officers.witness.witness import Witness
from wire.checkpoint import with_cosignatures
from wire.errors import HallError
from wire.ids import HallId

POLL_S: Final = 2.0
"""A close must be witnessed within 10 s."""


@dataclass(slots=True)
class Rounds:
    witness: Witness
    hall: HallId
    fleet: FleetLog
    _sent: str = ""
    _line: str = ""
    _kept: str = ""
    _trouble: str = ""
    _signed: set[bytes] = field(default_factory=set)

    def round(self) -> None:
        """Whatever the fleet answers, this returns; trouble is said when it begins and when it ends."""
        try:
            self._round()
        except HallError as err:
            if err.what != self._trouble:
                self.witness.person.say(err.diagnostics())
            self._trouble = err.what
            return
        if self._trouble:
            tell(self.witness.person, said("answers-again"))
        self._trouble = ""

    def run(self, wait: Callable[[float], None], until: Callable[[], bool] = lambda: False) -> None:
        """Rounds for ever. wait: seconds."""
        while not until():
            self.round()
            wait(POLL_S)

    def _round(self) -> None:
        known = self.witness.state.halls.get(self.hall)
        offer = self.fleet.checkpoint(0 if known is None else known.last.size)
        body = offer.note.partition("\n\n")[0]
        if body != self._sent:
            line = self.witness.cosign(self.hall, offer.note, offer.consistency)
            if line is None:
                # Said aloud already. It stands until the fleet offers something else.
                self._sent, self._line = body, ""
                return
            # Before it is sent: who takes the note from this witness needs no fleet that answers.
            self._keep(offer.note, line)
            self.fleet.cosign(self.witness.name, line)
            self._sent, self._line = body, line
        elif self._line:
            self._keep(offer.note, self._line)  # other witnesses may have signed it since
        self._tallies(offer)

    def _keep(self, note: str, line: str) -> None:
        """Into the folder, with the lines of the other witnesses that the fleet passes on."""
        signed = with_cosignatures(note, [line])
        if signed != self._kept:
            self.witness.check_cosigners(signed)
            self.witness.state.keep_note(self.hall, signed)
            self._kept = signed

    def _tallies(self, offer: Offer) -> None:
        refused: WitnessRefused | None = None
        for contest in offer.tallies:
            if contest in self._signed:
                continue
            try:
                signature = self.witness.sign_tally(self.fleet.tally(contest), contest)
            except WitnessRefused as err:
                refused = err  # one contest's tally must not keep another's waiting
                continue
            self.fleet.sign_tally(contest, self.witness.name, signature)
            self._signed.add(contest)
        if refused is not None:
            raise refused

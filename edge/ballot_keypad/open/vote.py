"""Open questions at this seat over the device's runtime: what the desk says, is pressed, and is kept."""

import logging
from typing import Final

from edge.ballot_keypad.display.page import Page
from edge.ballot_keypad.keys.press import Button
from edge.ballot_keypad.open import ballot as life
from edge.ballot_keypad.open.ballot import Ballot, Elsewhere, State
from edge.ballot_keypad.open.record import CAST, ballot_record, cast_of, decode_cast, encode_cast
from edge.ballot_keypad.open.texts import FrozenTexts
from edge.ballot_keypad.open.view import Surroundings, page
from edge.device.errors import StoreError
from edge.device.runtime import DeviceRuntime
from wire.down import BallotNotice, Counted
from wire.ids import MemberRef

_CHOOSES: Final = frozenset({State.PREPARED, State.OPEN, State.CHOSEN, State.AGAIN})
"""It waits for a choice, or for its OK."""
_log: Final = logging.getLogger("hallward.keypad")


class OpenVote:
    """ballot: as it stands. A vote is told to the person once it is signed and durable."""

    def __init__(self, runtime: DeviceRuntime) -> None:
        self._runtime = runtime
        self._texts = FrozenTexts(runtime)
        self.ballot = Ballot()

    def start(self, member: MemberRef | None, elsewhere: Elsewhere | None) -> None:
        """As the last start left it."""
        outbox = self._runtime.outbox
        cast = decode_cast(outbox.value(CAST))
        self.ballot = Ballot(member=member, elsewhere=elsewhere, cast=cast, marked_seq=outbox.marked_seq)

    def seated(self, member: MemberRef | None, elsewhere: Elsewhere | None, *, is_enabled: bool) -> None:
        """elsewhere: what this member has cast at another keypad."""
        self.ballot = life.enabled(life.seated(self.ballot, member, elsewhere), is_enabled)

    def noticed(self, notice: BallotNotice, expires_ms: int) -> None:
        before = self.ballot.cast
        self.ballot = life.noticed(self.ballot, self._texts.checked(notice), expires_ms)
        if self.ballot.cast is not None and self.ballot.cast != before:
            self._keep_late(encode_cast(self.ballot.cast))

    def counted(self, word: Counted) -> None:
        self.ballot = life.counted(self.ballot, word)

    def receipt(self, marked_seq: int) -> None:
        self.ballot = life.marked(self.ballot, marked_seq, self._runtime.outbox.marked_leaf)

    def age(self) -> None:
        self.ballot = life.aged(self.ballot, self._runtime.clock.wall_ms())

    def pressed(self, button: Button) -> None:
        self.age()
        self.ballot, save = life.pressed(self.ballot, button)
        if save:
            self._save()

    @property
    def at_stake(self) -> str:
        """The question that a press could go to, if the seat is open; empty for none."""
        ballot = self.ballot
        if ballot.notice is None or ballot.member is None or ballot.state not in _CHOOSES:
            return ""
        return f"{ballot.notice.sitting}/{ballot.notice.question}"

    def page(self, around: Surroundings, language: str) -> Page:
        return page(self.ballot, around, language)

    def _save(self) -> None:
        record = ballot_record(self.ballot)
        if record is None:
            return
        cast = cast_of(record, self._runtime.outbox.last_seq + 1)
        try:
            self._runtime.append(record, {CAST: encode_cast(cast)})
        except StoreError as err:
            _log.error("%s", err.diagnostics())
            self.ballot = life.not_saved(self.ballot)
            return
        self.ballot = life.saved(self.ballot, cast)

    def _keep_late(self, cast: bytes) -> None:
        try:
            self._runtime.outbox.keep({CAST: cast})
        except StoreError as err:
            _log.error("%s", err.diagnostics())

"""The keypad: what its firmware answers to the desk, the store, the clock and the person."""

import logging
import os
from collections.abc import Callable
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from edge.ballot_keypad.adapters.silence import NoPrompts, NoTones
from edge.ballot_keypad.choose.form import MOTION
from edge.ballot_keypad.config import KeypadConfig
from edge.ballot_keypad.display.glass import Glass
from edge.ballot_keypad.election import questions_of
from edge.ballot_keypad.foreground import UNDER_WAY, Foreground, Kind
from edge.ballot_keypad.keys.layout import DIRECT, MATRIX
from edge.ballot_keypad.keys.press import Button, KeyEvent, KeyStuck, Pressed, Together
from edge.ballot_keypad.open.ballot import Elsewhere
from edge.ballot_keypad.open.record import elsewhere_of
from edge.ballot_keypad.open.vote import OpenVote
from edge.ballot_keypad.ports import Keys, Prompts, Screen, Tones
from edge.ballot_keypad.secret.trust import Pinned
from edge.ballot_keypad.self_test import KeyRound
from edge.ballot_keypad.showing import Matters, Showing
from edge.ballot_keypad.sound.voice import Voice
from edge.ballot_keypad.unlock.seat_lock import SeatLock
from edge.device.commands import IDENTIFY
from edge.device.runtime import DeviceRuntime
from edge.device.self_test import SelfTestCourse
from edge.device.twin import CAST, DISPLAY, ENABLED, MEMBER, SEAT, UNLOCK, WHY, TwinKey
from edge.device.updating.ports import Subject
from wire.down import BallotNotice, CommandMessage, Counted, DownMessage, Twin
from wire.ids import MemberRef
from wire.self_test import SELF_TEST
from wire.voting import BoardAnswer, ContestNotice, DocumentPage, RollEntry

_log: Final = logging.getLogger("hallward.keypad")


class Keypad:
    """Firmware of one keypad. Raises nothing in a callback but what would be our own mistake.

    election: what the unit is pinned to; None: it has no charter and takes part in no secret question.
    """

    twin_keys: tuple[TwinKey, ...] = (SEAT, MEMBER, DISPLAY, ENABLED, WHY, CAST, UNLOCK)
    commands: frozenset[str] = frozenset({IDENTIFY, SELF_TEST})

    def __init__(
        self,
        runtime: DeviceRuntime,
        config: KeypadConfig,
        keys: Keys,
        screen: Screen,
        beat: Callable[[], None] = lambda: None,
        *,
        sound: tuple[Tones, Prompts] | None = None,
        election: Pinned | None = None,
        sealing_key: X25519PrivateKey | None = None,
        random: Callable[[int], bytes] = os.urandom,
    ) -> None:
        """beat: called by the keys' own thread while it goes round. random: for session keys and nonces."""
        self._runtime = runtime
        self._keys = keys
        self._beat = beat
        self._voice = Voice(*(sound or (NoTones(), NoPrompts())))
        self._stuck: list[Button] = []
        self._are_stuck: set[Button] = set()
        has_digits = config.layout == "matrix" or runtime.identity.config.hands
        self.key_round = KeyRound([cap.button for cap in MATRIX] if has_digits else DIRECT)
        self.self_test = SelfTestCourse(runtime, self._in_use, lambda: self.secret_open)
        self.open_vote = OpenVote(runtime)
        self.secret = questions_of(runtime, election, random, has_digits=has_digits)
        self._lock = SeatLock(runtime, sealing_key, has_digits=has_digits)
        self._foreground = Foreground()
        self._matters = Matters(self.open_vote, self.secret, self._lock, self._foreground, self.key_round)
        self.subject: Subject | None = None
        """What an update asks of this keypad; set by whoever builds one."""
        self._showing = Showing(runtime, self._matters, Glass(screen), self._voice, has_arrows=has_digits)

    @property
    def secret_open(self) -> bool:
        """While it is, nothing that moves with presses leaves the unit."""
        return self.secret is not None and self.secret.is_secret_open

    # -- callbacks of the runtime ------------------------------------------------------------------------

    def on_start(self) -> None:
        self.open_vote.start(self._member(), self._elsewhere())
        self._obey_twin()
        if self.secret is not None and self.secret.front() is not None:
            self._foreground.spoken(Kind.SECRET, is_under_way=self.secret.is_under_way)
        self._runtime.hear_board(self._on_board_answer)
        self._keys.start(lambda event: self._runtime.post(lambda: self.pressed(event)), self._beat)
        self._runtime.on_close(self._keys.close)
        self._showing.show()

    def on_down(self, message: DownMessage) -> None:
        body = message.body
        if isinstance(body, Twin):
            self._obey_twin()
        elif isinstance(body, BallotNotice):
            self.open_vote.noticed(body, message.expires_ms)
            self._foreground.spoken(Kind.OPEN, is_under_way=body.state in UNDER_WAY)
        elif isinstance(body, Counted):
            self.open_vote.counted(body)
        elif isinstance(body, ContestNotice):
            self._contest_noticed(body, message.expires_ms)
        elif isinstance(body, DocumentPage | RollEntry):
            self._take_paper(body)
        self.self_test.tick()  # a question that has come ends it now, and not with the next tick
        self._showing.show()

    def on_receipt(self, marked_seq: int) -> None:
        self.open_vote.receipt(marked_seq)
        self._showing.show()

    def on_command(self, command: CommandMessage) -> None:
        if command.command == IDENTIFY:
            self.attract()
        elif command.command == SELF_TEST:
            self.self_test.asked(command)
            self._showing.show()

    def on_tick(self) -> None:
        self.open_vote.age()
        if self.secret is not None:
            self.secret.tick()
        if self._stuck and not self.secret_open:
            _log.error(
                "stuck and no longer listened to: %s; free them or swap the unit", ", ".join(self._stuck)
            )
            self._stuck.clear()
        self.self_test.tick()
        self._showing.show()

    def _contest_noticed(self, notice: ContestNotice, expires_ms: int) -> None:
        is_under_way = notice.state in UNDER_WAY
        if self.secret is not None:
            self.secret.noticed(notice, expires_ms)
            is_under_way = self.secret.is_under_way
        self._foreground.spoken(Kind.SECRET, is_under_way=is_under_way)

    def _take_paper(self, paper: DocumentPage | RollEntry) -> None:
        if self.secret is None:
            return
        refused = (
            self.secret.page(paper) if isinstance(paper, DocumentPage) else self.secret.roll_entry(paper)
        )
        if refused is not None:
            _log.warning("a document of the election is not believed: %s", refused[1])

    def _on_board_answer(self, answer: BoardAnswer) -> None:
        if self.secret is not None:
            self.secret.answered(answer)
            self._showing.show()

    def _obey_twin(self) -> None:
        is_enabled = self._runtime.twin.get(ENABLED.name) is not False
        self.open_vote.seated(self._member(), self._elsewhere(), is_enabled=is_enabled)
        self._lock.obey(self._member())
        if self.secret is not None:
            self.secret.disabled(not is_enabled)

    def _member(self) -> MemberRef | None:
        found = self._runtime.twin.get(MEMBER.name)
        return MemberRef(found) if isinstance(found, bytes) else None

    def attract(self) -> bool:
        """Show and sound that this unit is meant. False: the display does not answer."""
        self._showing.identify()
        self._showing.show()
        return not self._showing.is_dark

    @property
    def stuck(self) -> frozenset[Button]:
        """Keys that have been down for too long and are not listened to."""
        return frozenset(self._are_stuck)

    def _in_use(self) -> str:
        """Why nothing can be tested here just now; empty: it can."""
        if self.secret_open or self._foreground.is_under_way(Kind.SECRET):
            return "a secret question is under way"
        return "a question is under way" if self._foreground.is_under_way(Kind.OPEN) else ""

    def _elsewhere(self) -> Elsewhere | None:
        return elsewhere_of(self._runtime.twin.get(CAST.name))

    # -- the person --------------------------------------------------------------------------------------

    def pressed(self, event: KeyEvent) -> None:
        """A key was pressed, or could not be understood. In the loop's thread."""
        if isinstance(event, KeyStuck):
            self._stuck.append(event.button)  # said once no secret question is open: it tells of presses
            self._are_stuck.add(event.button)
        elif isinstance(event, Together):
            self._together(event.withdrawn)
        elif isinstance(event, Pressed):
            self._are_stuck.discard(event.button)
            if self.key_round.is_under_way:
                self._try(event.button)
                return
            if not self.secret_open and not self._lock.asks:
                self._runtime.counters.own["keys"] += 1
            self._voice.pressed(event.button, is_secret=self._matters.is_secret or self._lock.asks)
            self._take(event.button)

    def _try(self, button: Button) -> None:
        self._voice.pressed(button, is_secret=True)  # the tone alone: nothing was chosen
        self.key_round.press(button)
        self._showing.show()

    def _together(self, withdrawn: Button | None) -> None:
        """Two keys at once: neither counts, and the first one is taken back if it had."""
        self._showing.note_one_key()
        self._voice.together(is_secret=self._matters.is_secret)
        if self._lock.asks:
            if withdrawn is not None and withdrawn.digit is not None:
                self._lock.press(Button.BACK)
        elif self._matters.is_secret:
            if self.secret is not None and withdrawn is not None:
                self.secret.withdraw(withdrawn)
        elif withdrawn in MOTION:
            self.open_vote.pressed(Button.CLEAR)
        self._showing.show()

    def _take(self, button: Button) -> None:
        if not self._showing.takes(button):
            return
        gives_up = button is Button.CLEAR and self._lock.is_empty
        if self._lock.asks and not gives_up:
            self._lock.press(button)
        elif not self._matters.is_secret:
            self.open_vote.pressed(button)
        elif self.secret is not None:
            self.secret.pressed(button)
        self._showing.show()

    def look(self) -> dict[str, Any]:
        """What a person sees, for the hands of a simulation."""
        question, ballot = self._matters.question, self.open_vote.ballot
        shown = self._showing.page
        return {
            "screen": self._showing.lines,
            "kind": self._foreground.kind.value,
            "state": (question.state if question is not None else ballot.state).value,
            "choice": None if self._matters.is_secret else ballot.choice,
            "code": shown.code,
            "qr": list(shown.qr),
            "connected": self._runtime.is_connected,
            "locked": self._lock.asks,
        }

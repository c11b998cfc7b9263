"""What the person has before them: the page of whatever is in the foreground, on the glass, and what sounds
with it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from edge.ballot_keypad.display.glass import Glass, with_note
from edge.ballot_keypad.display.language import Words, said
from edge.ballot_keypad.display.page import Page, Sign
from edge.ballot_keypad.election import NO_CHARTER
from edge.ballot_keypad.foreground import Foreground, Kind
from edge.ballot_keypad.keys.press import Button
from edge.ballot_keypad.open.view import Surroundings, why_of
from edge.ballot_keypad.open.vote import OpenVote
from edge.ballot_keypad.secret.question import Question
from edge.ballot_keypad.secret.questions import Questions
from edge.ballot_keypad.secret.view import Around, view
from edge.ballot_keypad.self_test import KeyRound
from edge.ballot_keypad.sound.voice import Voice
from edge.ballot_keypad.unlock.seat_lock import SeatLock
from edge.device.runtime import DeviceRuntime
from edge.device.twin import DISPLAY, SEAT, WHY

IDENTIFY_MS: Final = 10_000
NOTE_MS: Final = 3_000
ONE_KEY: Final[Words] = ("Mỗi lần chỉ nhấn một phím", "One key at a time")
_TURNS: Final = {Button.UP: -1, Button.DOWN: 1}


@dataclass(frozen=True, slots=True)
class Matters:
    """What a page may be about. secret: None without a charter."""

    open_vote: OpenVote
    secret: Questions | None
    lock: SeatLock
    foreground: Foreground
    key_round: KeyRound

    @property
    def question(self) -> Question | None:
        """The secret question in the foreground."""
        is_front = self.foreground.kind is Kind.SECRET and self.secret is not None
        return self.secret.front() if is_front and self.secret is not None else None

    @property
    def lacks_charter(self) -> bool:
        """A secret question is under way in which this unit cannot take part."""
        is_front = self.foreground.kind is Kind.SECRET and self.secret is None
        return is_front and self.foreground.is_under_way(Kind.SECRET)

    @property
    def is_secret(self) -> bool:
        """Presses go to no open question."""
        return self.question is not None or self.lacks_charter

    @property
    def at_stake(self) -> str:
        """The question that a press could go to, if the seat is open; empty for none. Known before a secret
        one is shown as open, and by nothing that leaves the unit."""
        if not self.is_secret:
            return self.open_vote.at_stake
        return self.question.at_stake if self.question is not None else ""


class Showing:
    """has_arrows: this unit has keys that turn a page."""

    def __init__(
        self, runtime: DeviceRuntime, matters: Matters, glass: Glass, voice: Voice, *, has_arrows: bool
    ) -> None:
        self._runtime = runtime
        self._matters = matters
        self._glass = glass
        self._voice = voice
        self._has_arrows = has_arrows
        self._identify_until_ms = 0
        self._note_until_ms = 0

    @property
    def page(self) -> Page:
        return self._glass.page

    @property
    def lines(self) -> list[str]:
        return self._glass.lines

    @property
    def is_dark(self) -> bool:
        """The display does not answer."""
        return self._glass.is_dark

    def identify(self) -> None:
        self._identify_until_ms = self._now_ms() + IDENTIFY_MS
        self._voice.attention()

    def note_one_key(self) -> None:
        self._note_until_ms = self._now_ms() + NOTE_MS

    def takes(self, button: Button) -> bool:
        """Whether a press may mean something: not while nobody can read what it would do, nor when it turned
        the page."""
        if self._glass.is_dark:
            self.show()
        if self._glass.is_dark:
            return False
        self._note_until_ms = 0
        if self._is_identifying:
            self._identify_until_ms = 0  # whoever was looked for is found, and sees the question again
            self.show()
            return False
        return button not in _TURNS or not self._glass.turn(_TURNS[button])

    def show(self) -> None:
        self._matters.lock.stand(self._matters.at_stake)
        now_ms, language = self._now_ms(), self._runtime.identity.config.language
        shown, keys_turn, state = self._page(language)
        note = tuple(said(ONE_KEY, language)) if now_ms < self._note_until_ms else ()
        self._glass.show(with_note(shown, note), now_ms, keys_turn=keys_turn and self._has_arrows)
        self._voice.stands(state, is_secret=self._matters.is_secret)

    def _page(self, language: str) -> tuple[Page, bool, StrEnum]:
        """The page, whether UP and DOWN are free to turn it, and the state that it says."""
        matters, twin, device = self._matters, self._runtime.twin, self._runtime.identity.device
        seat, why = str(twin.get(SEAT.name) or ""), str(twin.get(WHY.name) or "")
        question, state = matters.question, matters.open_vote.ballot.state
        if matters.key_round.is_under_way:
            return matters.key_round.page(seat or device, language), False, state
        if not self._is_identifying:
            if matters.lacks_charter:
                title, *rest = said(NO_CHARTER, language)
                return Page(seat or device, Sign.WARNING, title, tuple(rest)), True, Kind.SECRET
            if matters.lock.asks:
                return matters.lock.page(seat or device), False, question.state if question else state
            if question is not None:
                around = Around(seat or device, language, self._runtime.is_connected, why_of(why))
                glass = view(question, around)
                return glass.page, glass.keys_turn, question.state
        around_open = Surroundings(
            device=device,
            seat=seat,
            display=str(twin.get(DISPLAY.name) or ""),
            is_connected=self._runtime.is_connected,
            is_identifying=self._is_identifying,
            why=why,
        )
        return matters.open_vote.page(around_open, language), True, state

    @property
    def _is_identifying(self) -> bool:
        return self._now_ms() < self._identify_until_ms

    def _now_ms(self) -> int:
        return self._runtime.clock.monotonic_ms()

"""What people see and hear of the gate: display, lamp and buzzer say the same thing at the same time."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from edge.rollcall_gate.display import screen
from edge.rollcall_gate.display.panel import Colour, Panel, Sound
from edge.rollcall_gate.display.screen import View
from edge.rollcall_gate.display.showing import Situation, outweighs, standing_view
from edge.rollcall_gate.ports import Display, Indicator, Sounder
from edge.rollcall_gate.who.decide import Decision, PinLocked
from edge.rollcall_gate.who.pin import Entry
from wire.lane import Greeting

IDENTIFY_MS: Final = 10_000
MESSAGE_MS: Final = 4_000
"""How long a word to one person stays on the display."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What there is to be shown. greeting: of whom is admitted. entry: what stands on the PIN pad."""

    situation: Situation
    decision: Decision | None
    greeting: Greeting | None
    entry: Entry


class Front:
    """Called by the loop only. language: `vi`, `en`, `vi+en`."""

    def __init__(
        self,
        display: Display,
        indicator: Indicator,
        sounder: Sounder,
        language: str,
        now_ms: Callable[[], int],
    ) -> None:
        self._display = display
        self._indicator = indicator
        self._sounder = sounder
        self._language = language
        self._now_ms = now_ms
        self._said: View | None = None
        self._said_until_ms = 0
        self._shown: View | None = None
        self._amber_until_ms = 0

    @property
    def speaks(self) -> bool:
        """Whether a word to one person stands on the display."""
        return self._said is not None and self._now_ms() < self._said_until_ms

    def say(self, view: View, picture: Picture) -> None:
        """A word to one person: for MESSAGE_MS, unless something graver comes."""
        self._said, self._said_until_ms = view, self._now_ms() + MESSAGE_MS
        self._shown = None  # the same word, to the next person, is heard again
        self.show(picture)

    def identify(self) -> None:
        """Show the technician which gate this is."""
        self._amber_until_ms = self._now_ms() + IDENTIFY_MS
        self._sounder.play(Sound.ATTENTION)

    def hush(self) -> None:
        """What was said is over: somebody else comes in."""
        self._said = None

    def show(self, picture: Picture) -> None:
        """Bring display, lamp and buzzer to what is the case. Costs nothing while nothing has changed."""
        view, panel = self.picture(picture)
        self._display.show(panel)
        self._indicator.show(Colour.AMBER if self._now_ms() < self._amber_until_ms else panel.colour)
        if view is not self._shown:
            self._shown = view
            self._sounder.play(screen.sound_of(view))

    def picture(self, picture: Picture) -> tuple[View, Panel]:
        """What stands there, as of now."""
        standing = standing_view(picture.situation)
        said = self._said if self.speaks else None
        view = standing if said is None or outweighs(standing, said) else said
        decision = picture.decision
        return view, screen.panel(
            view,
            self._language,
            decision=decision,
            greeting=picture.greeting,
            seconds=decision.wait_s if isinstance(decision, PinLocked) else None,
            typed=len(picture.entry.typed),
            number=picture.entry.typed if picture.entry.number is None else None,
        )

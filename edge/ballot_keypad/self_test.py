"""What a keypad finds of its parts when a technician asks: alone, and key by key with somebody there."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, Protocol

from ballot.group import BASE
from edge.ballot_keypad.display.language import Words, brief, said
from edge.ballot_keypad.display.page import Page, Sign
from edge.ballot_keypad.keys.layout import CAPS
from edge.ballot_keypad.keys.press import Button
from edge.ballot_keypad.secret.trust import Pinned
from edge.device import findings, measuring
from edge.device.errors import DeviceError
from edge.device.findings import Finding
from edge.device.measuring import Tools
from edge.device.runtime import DeviceRuntime
from edge.device.self_test import Done, Found, Part, aside, at_once

KEYS_MS: Final = 90_000
"""For a person to find and press twenty keys, one after the other."""
HALL_MS: Final = 30_000
"""Connect, hear the hall's time, disconnect: each has its own limit within (measuring.py, mqtt_link.py)."""
EACH_KEY: Final[Words] = ("Kiểm tra: nhấn mỗi phím một lần", "Test: press each key once")
LEFT: Final[Words] = ("Còn lại", "Left")
_TRIAL: Final = "self-test"
_TRIAL_BYTES: Final = b"written and read back"


class Unit(Protocol):
    """The keypad, as far as it is tried."""

    @property
    def stuck(self) -> frozenset[Button]:
        """Keys that have been down for too long and are not listened to."""
        ...

    def attract(self) -> bool:
        """Show and sound that this unit is meant. False: the display does not answer."""
        ...


@dataclass(frozen=True, slots=True)
class Fittings:
    """What this unit has. faults: of its hardware, as opening it ended. asks_pin: it has keys to type a PIN,
    and needs a sealing key to be told one."""

    simulated: bool
    faults: Sequence[DeviceError]
    has_tones: bool
    asks_pin: bool
    has_sealing_key: bool
    election: Pinned | None


class KeyRound:
    """Somebody presses each key once. While it is under way no press means anything else."""

    def __init__(self, buttons: Sequence[Button]) -> None:
        self._buttons = tuple(buttons)
        self._left: tuple[Button, ...] = ()
        self._done: Done | None = None

    @property
    def is_under_way(self) -> bool:
        return self._done is not None

    def begin(self, done: Done) -> None:
        self._left, self._done = self._buttons, done

    def give_up(self) -> None:
        """Nobody waits any more."""
        self._done = None

    def press(self, button: Button) -> None:
        self._left = tuple(each for each in self._left if each is not button)
        done = self._done
        if done is not None and not self._left:
            self._done = None
            done((Finding("each key", True, f"all {len(self._buttons)} keys were pressed and understood"),))

    def page(self, seat: str, language: str) -> Page:
        caps = ", ".join(brief(CAPS[button], language) for button in self._left)
        title, *rest = said(EACH_KEY, language)
        return Page(seat, Sign.QUESTION, title, (*rest, f"{brief(LEFT, language)}: {caps}"))

    @property
    def part(self) -> Part:
        return Part("each-key", self.begin, KEYS_MS, self.give_up, with_person=True)


def parts_of(
    unit: Unit, runtime: DeviceRuntime, folder: Path, tools: Tools, fittings: Fittings, keys: KeyRound
) -> list[Part]:
    """In this order; the one with a person last."""

    def floor_ms() -> int:
        return runtime.clock.floor_ms

    def papers() -> Iterator[Finding]:
        yield from measuring.papers(folder, runtime.identity, max(floor_ms(), tools.clock.wall_ms()))

    return [
        at_once("outbox", partial(_outbox, runtime)),
        at_once("display", partial(_display, unit, fittings)),
        at_once("keys", partial(_keys, unit, fittings)),
        at_once("secrets", partial(_secrets, fittings)),
        aside(runtime, "certificates", papers),
        aside(runtime, "disk", lambda: (measuring.disk(tools.computer),)),
        aside(
            runtime, "temperature", lambda: (findings.temperature_is_fit(tools.computer.temperature_mc()),)
        ),
        aside(runtime, "hall", lambda: measuring.hall(runtime.identity, tools, floor_ms()), limit_ms=HALL_MS),
        keys.part,
    ]


def _outbox(runtime: DeviceRuntime) -> Found:
    """Raises StoreError in the words of the disk."""
    began_ms = runtime.clock.monotonic_ms()
    runtime.outbox.keep({_TRIAL: _TRIAL_BYTES})
    kept = runtime.outbox.value(_TRIAL)
    runtime.outbox.keep({_TRIAL: None})
    took_ms = runtime.clock.monotonic_ms() - began_ms
    if kept != _TRIAL_BYTES:
        yield Finding("outbox", False, "what was written is not what is read", "replace the card")
    else:
        yield Finding("outbox", True, f"written, read back and deleted in {took_ms} ms")


def _display(unit: Unit, fittings: Fittings) -> Found:
    answers = unit.attract()
    suffix = ", simulated" if fittings.simulated else ""
    if answers:
        yield Finding("display", True, f"answers{suffix}")
    else:
        yield Finding("display", False, "does not answer", "look at its cable, then swap the unit")
    for fault in fittings.faults:
        yield Finding(fault.code, False, fault.diagnostics())
    if fittings.has_tones:
        yield Finding(
            "tones", True, f"the unit has sounded{suffix}: whoever stands there should have heard it"
        )
    else:
        yield Finding("tones", True, "no buzzer is wired")


def _keys(unit: Unit, fittings: Fittings) -> Found:
    if unit.stuck:
        names = ", ".join(sorted(unit.stuck))
        yield Finding("keys", False, f"stuck, and not pressed since: {names}", "free them, or swap the unit")
    else:
        yield Finding("keys", True, "none is stuck" + (", simulated" if fittings.simulated else ""))


def _secrets(fittings: Fittings) -> Found:
    name = "sealing key"
    if fittings.has_sealing_key:
        yield Finding(name, True, "is there")
    elif fittings.asks_pin:
        yield Finding(name, False, "is missing: no PIN can be asked here", "provision this unit again")
    else:
        yield Finding(name, True, "none is there, and no PIN can be typed here")
    election = fittings.election
    if election is None:
        yield Finding("charter", True, "none is pinned: no secret questions at this unit")
    elif election.group.base(1) != BASE:
        yield Finding("charter", False, "libsodium does not compute", "install it again")
    else:
        yield Finding("charter", True, f"of {election.charter.congress}, {election.charter.fingerprint}")

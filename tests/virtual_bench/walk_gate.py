"""Every wire of a gate, from its cable to what the firmware makes of it, and back."""

from collections.abc import Iterator
from typing import Final

from edge.rollcall_gate.adapters.hardware import Hardware
from edge.rollcall_gate.display.panel import Colour, Sound
from edge.rollcall_gate.ports import Crossing
from tests.virtual_bench.loom import Findings, Loom, until

PATIENCE_S: Final = 40.0
"""For what nobody should have to wait for: it is used up where something is wrong, or the machine is busy."""
MADE_AT_REST: Final = ("reed", "fire", "beam A", "beam B")
PARTED_AT_REST: Final = ("jam", "claim")
_FORWARD: Final = (("part", "beam A"), ("part", "beam B"), ("make", "beam A"), ("make", "beam B"))


def at_rest(loom: Loom) -> None:
    """Door shut, fire loop closed, both beams seen; nothing jams, nobody presses."""
    loom.make(*MADE_AT_REST)
    loom.part(*PARTED_AT_REST)


def gate_faults(gate: Hardware, loom: Loom) -> Iterator[str]:
    """What is not as the wiring says, each as it is found. gate: just opened, at rest."""
    found = Findings(loom)
    yield from found.lines("when it is opened")
    yield from _contacts(gate, loom, found)
    yield from _beams(gate, loom, found)
    yield from _lock_and_lamps(gate, found)
    yield from _buzzer(gate, loom, found)
    gate.close()
    yield from found.lines("after it is closed")


def _felt(gate: Hardware) -> set[str]:
    """Which contacts are not as they are at rest, as the firmware's own parts say."""
    fire = gate.fire
    felt = {
        "reed": gate.door.is_open,
        "jam": gate.door.is_jammed,
        "fire": fire is not None and fire.is_active,
    }
    return {signal for signal, is_felt in felt.items() if is_felt}


def _contacts(gate: Hardware, loom: Loom, found: Findings) -> Iterator[str]:
    yield from found.told("at rest", loom.places(_felt(gate)), loom.places(set()))
    for signal in (*MADE_AT_REST, *PARTED_AT_REST):
        move, back = (loom.part, loom.make) if signal in MADE_AT_REST else (loom.make, loom.part)
        move(signal)
        doing = f"{loom.place(signal)} is {'parted' if signal in MADE_AT_REST else 'made'}"
        should = {signal} & {"reed", "jam", "fire"}
        yield from found.told(doing, loom.places(_felt(gate)), loom.places(should))
        back(signal)
        yield from found.told(f"{doing}, and back", loom.places(_felt(gate)), loom.places(set()))
    yield from found.told("contacts moved one by one", gate.sensor.read(), ())


def _beams(gate: Hardware, loom: Loom, found: Findings) -> Iterator[str]:
    for way, steps in ((Crossing.FORWARD, _FORWARD), (Crossing.BACKWARD, _other_way(_FORWARD))):
        for act, beam in steps:
            (loom.part if act == "part" else loom.make)(beam)
        through = ", ".join(gate.sensor.read())
        first, second = (loom.place(beam) for _, beam in steps[:2])
        words = f"{first} is broken, then {second}, then both are seen again in that order"
        yield from found.told(words, through, way.value)


def _other_way(steps: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    other = {"beam A": "beam B", "beam B": "beam A"}
    return tuple((act, other[beam]) for act, beam in steps)


def _lock_and_lamps(gate: Hardware, found: Findings) -> Iterator[str]:
    yield from found.told("the door is secured", gate.door.secure(), True)
    yield from found.lines("the door is secured", "lock +")
    for colour in Colour:
        gate.indicator.show(colour)
        lit = () if colour is Colour.OFF else (colour.value,)
        yield from found.lines(f"the lamp shows {colour}", "lock +", *lit)
    gate.indicator.show(Colour.OFF)
    gate.door.release()
    yield from found.lines("the door is released")


def _buzzer(gate: Hardware, loom: Loom, found: Findings) -> Iterator[str]:
    loom.tried.add("buzzer")
    with loom.watch() as seen:
        gate.sounder.play(Sound.WELCOME)  # once, without a pause
        until(lambda: any(seen), PATIENCE_S)
    yield from found.driven("a sound is played", next(filter(None, seen), frozenset()), "buzzer")
    until(lambda: not loom.driven(), PATIENCE_S)
    yield from found.lines("the sound is over")

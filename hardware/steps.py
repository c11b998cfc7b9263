"""bringup.toml -> Step. Pure."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hardware.pins import DeviceClass, PinsError


@dataclass(frozen=True, slots=True)
class Step:
    """do, expect: Vietnamese, English. probe: red and black, or empty where a command is typed. findings,
    codes: names of the firmware's own lines."""

    do: tuple[str, str]
    expect: tuple[str, str]
    probe: tuple[str, ...] = ()
    reading: str = ""
    command: str = ""
    findings: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()


def parse_steps(text: str, classes: Mapping[str, DeviceClass]) -> dict[str, tuple[Step, ...]]:
    """Steps of every class. Raises PinsError when a class has none, or a probe names no place of it."""
    told = tomllib.loads(text)
    if set(told) != set(classes):
        raise PinsError(f"bringup.toml tells of {', '.join(told)}; pins.toml of {', '.join(classes)}")
    found: dict[str, tuple[Step, ...]] = {}
    for name, kind in classes.items():
        steps = tuple(_step(each) for each in told[name]["steps"])
        for step in steps:
            _places_exist(step, kind)
        found[name] = steps
    return found


def _step(told: dict[str, Any]) -> Step:
    values: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in told.items()
    }
    return Step(**values)


def _places_exist(step: Step, kind: DeviceClass) -> None:
    if bool(step.probe) == bool(step.command):
        raise PinsError(f"{kind.name}: {step.do[1]!r} needs either a probe or a command")
    places = {f"{connector.name}-{wire.pin}" for connector, wire in kind.wires()}
    places |= {f"pin {number}" for number in range(1, 41)}
    if unknown := [place for place in step.probe if place not in places]:
        raise PinsError(f"{kind.name}: {', '.join(unknown)} is no place of this class")

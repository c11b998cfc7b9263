"""bringup.toml -> Step. Pure."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

from hardware.pins import DeviceClass, PinsError


@dataclass(frozen=True, slots=True)
class Step:
    """do, expect: Vietnamese, English. One of these is its picture: probe, two places of a meter, red and
    black, with its reading; command, what is typed; press, the caps of keys; phone, screen: words on them.
    findings, codes: names of the firmware's own lines."""

    do: tuple[str, str]
    expect: tuple[str, str]
    probe: tuple[str, ...] = ()
    reading: str = ""
    command: str = ""
    press: tuple[str, ...] = ()
    phone: str = ""
    screen: str = ""
    findings: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()


_KEYS: Final = frozenset(each.name for each in fields(Step))
_PICTURES: Final = ("probe", "command", "press", "phone", "screen")


def parse_steps(text: str, classes: Mapping[str, DeviceClass]) -> dict[str, tuple[Step, ...]]:
    """Steps of every class. `same = [class, number]`: a step of a class before. Raises PinsError when a class
    has none, a step has no picture or two, or a probe names no place of it."""
    told = tomllib.loads(text)
    if set(told) != set(classes):
        raise PinsError(f"bringup.toml tells of {', '.join(told)}; pins.toml of {', '.join(classes)}")
    found: dict[str, tuple[Step, ...]] = {}
    for name, kind in classes.items():
        steps = tuple(_step(each, name, found) for each in told[name]["steps"])
        for step in steps:
            _is_whole(step, kind)
        found[name] = steps
    return found


def _step(told: dict[str, Any], class_name: str, before: Mapping[str, tuple[Step, ...]]) -> Step:
    if "same" in told:
        name, number = str(told["same"][0]), int(told["same"][1])
        if len(told) > 1 or not 1 <= number <= len(before.get(name, ())):
            raise PinsError(
                f"{class_name}: same = {told['same']} is no step of a class before, and nothing else"
            )
        return before[name][number - 1]
    if unknown := sorted(set(told) - _KEYS):
        raise PinsError(f"{class_name}: {', '.join(unknown)} is not known of a step")
    if missing := [key for key in ("do", "expect") if len(told.get(key, ())) != len(("vi", "en"))]:
        raise PinsError(f"{class_name}: a step says {' and '.join(missing)} in Vietnamese and in English")
    values: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in told.items()
    }
    return Step(**values)


def _is_whole(step: Step, kind: DeviceClass) -> None:
    has = [name for name in _PICTURES if getattr(step, name)]
    if len(has) != 1:
        raise PinsError(
            f"{kind.name}: {step.do[1]!r} needs one of {', '.join(_PICTURES)}, and has {has or 'none'}"
        )
    if bool(step.probe) != bool(step.reading):
        raise PinsError(f"{kind.name}: {step.do[1]!r} needs both a probe and its reading")
    places = {f"{connector.name}-{wire.pin}" for connector, wire in kind.wires()}
    places |= {f"pin {number}" for number in range(1, 41)}
    if unknown := [place for place in step.probe if place not in places]:
        raise PinsError(f"{kind.name}: {', '.join(unknown)} is no place of this class")

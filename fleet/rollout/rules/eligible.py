"""Why a device cannot take a release, and what it waits for when it can. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from fleet.rollout.rules.errors import NobodyEligible
from fleet.rollout.rules.shape import Backend, Device, Freeze, Target

OFFLINE_AFTER_MS: Final = 60_000
"""No sign of life for so long: it is not ordered to begin, and nobody waits for it."""
CARRIES: Final[Mapping[Backend, tuple[str, ...]]] = {
    Backend.NATIVE: ("firmware", "models", "config"),
    Backend.DDI: ("os",),
    Backend.BALENA: ("firmware", "os"),
}
"""What each backend can replace: a hawkBit client installs images of the whole system, the balena supervisor
a release of the fleet, our own firmware everything but the system it runs on."""


@dataclass(frozen=True, slots=True)
class Reason:
    """code: for programs and for counting. sentence: what it is, and what would change it."""

    code: str
    sentence: str


def why_not(device: Device, target: Target) -> tuple[Reason, ...]:
    """Every reason that is known; none: it is eligible. Offline or frozen is no reason (see `waits`)."""
    if not device.is_active:
        return (Reason("not-active", f"{device.device} is out of service: provision it again first."),)
    about = target.about
    reasons = [*_carried(device, about.component)]
    if device.hardware is None:
        reasons.append(
            Reason("never-reported", f"{device.device} has never said what it is: start it in the hall once.")
        )
        return tuple(reasons)
    if device.hardware not in about.hardware:
        reasons.append(
            Reason(
                "wrong-hardware",
                f"{device.device} is {device.hardware}; {target.path} is for {', '.join(about.hardware)}.",
            )
        )
        return tuple(reasons)
    return (*reasons, *_newer(device, target), *_requires(device, target))


def _carried(device: Device, component: str) -> Iterable[Reason]:
    if component not in CARRIES[device.backend]:
        by = ", ".join(backend for backend in Backend if component in CARRIES[backend])
        yield Reason(
            "wrong-backend",
            f"{device.device} is updated by {device.backend}, which does not carry {component}: {by} does.",
        )


def _newer(device: Device, target: Target) -> Iterable[Reason]:
    about = target.about
    held = device.held.get(about.component)
    if held is None:
        if device.backend is Backend.NATIVE:
            yield Reason(
                "never-reported",
                f"{device.device} has not said which {about.component} it has: start it in the hall once.",
            )
    elif held.sha256 == target.sha256:
        yield Reason("has-it", f"{device.device} already has {target.path}.")
    elif held.counter >= about.counter:
        yield Reason(
            "newer",
            f"{device.device} has release {held.counter} of {about.component}; {target.path} is release "
            f"{about.counter}: devices never go below what they have, so it needs a new release.",
        )


def _requires(device: Device, target: Target) -> Iterable[Reason]:
    about = target.about
    firmware = about.requires.get("firmware", 0)
    held = device.held.get("firmware")
    if firmware and (held is None or held.counter < firmware):
        has = "none that it has told" if held is None else str(held.counter)
        yield Reason(
            "requires-firmware",
            f"{device.device} has firmware release {has}; {target.path} needs {firmware}: roll that out "
            "first.",
        )
    for name, code, has_kb in (
        ("memory-kb", "requires-memory", device.memory_kb),
        ("disk-kb", "disk-full", device.disk_kb),
    ):
        needs_kb = about.requires.get(name, 0)
        if has_kb is not None and has_kb < needs_kb:
            yield Reason(code, f"{device.device} has {has_kb} of {name}; {target.path} needs {needs_kb}.")
    if about.environment and about.environment != device.environment:
        yield Reason(
            "requires-environment",
            f"{device.device} has the libraries {device.environment or '(not told)'}; {target.path} is made "
            f"for {about.environment}: update its system image first.",
        )


def is_offline(seen_ms: int | None, now_ms: int) -> bool:
    return seen_ms is None or now_ms - seen_ms > OFFLINE_AFTER_MS


def waits(device: Device, now_ms: int, freeze: Freeze) -> tuple[Reason, ...]:
    """What an eligible device waits for; it is none the less eligible."""
    reasons = []
    if freeze.sitting and device.device not in freeze.overridden:
        reasons.append(
            Reason("frozen", f"{device.device} waits for the end of sitting {freeze.sitting}: it is frozen.")
        )
    if device.backend is Backend.NATIVE and is_offline(device.seen_ms, now_ms):
        reasons.append(
            Reason("offline", f"{device.device} is offline: it gets its order when it comes back.")
        )
    return tuple(reasons)


def eligible(devices: Iterable[Device], target: Target) -> list[Device]:
    """Those that can take it. Raises NobodyEligible with the reasons, counted."""
    found: list[Device] = []
    counted: Counter[str] = Counter()
    total = 0
    for device in devices:
        total += 1
        reasons = why_not(device, target)
        counted.update({reason.code for reason in reasons})
        if not reasons:
            found.append(device)
    if found:
        return found
    if not total:
        raise NobodyEligible("there is no device at all in this hall: provision some first")
    said = ", ".join(
        f"{code} {number}" for code, number in sorted(counted.items(), key=lambda x: (-x[1], x[0]))
    )
    raise NobodyEligible(f"none of {total} devices can take {target.path}: {said}")

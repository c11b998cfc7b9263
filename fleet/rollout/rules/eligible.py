"""Why a device cannot take a release, and what it waits for when it can. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from fleet.rollout.rules.errors import NobodyEligible
from fleet.rollout.rules.saying import Said
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
    """code: for programs and for counting. said: what it is, and what would change it."""

    code: str
    said: Said

    @property
    def sentence(self) -> str:
        """In English."""
        return self.said.en


def reason(code: str, en: str, vi: str) -> Reason:
    return Reason(code, Said(en, vi))


def why_not(device: Device, target: Target) -> tuple[Reason, ...]:
    """Every reason that is known; none: it is eligible. Offline or frozen is no reason (see `waits`)."""
    if not device.is_active:
        return (
            reason(
                "not-active",
                f"{device.device} is out of service: provision it again first.",
                f"{device.device} đã ngừng dùng: hãy cấp phát lại trước.",
            ),
        )
    about = target.about
    reasons = [*_carried(device, about.component)]
    if device.hardware is None:
        reasons.append(
            reason(
                "never-reported",
                f"{device.device} has never said what it is: start it in the hall once.",
                f"{device.device} chưa từng báo nó là máy gì: hãy bật nó trong hội trường một lần.",
            )
        )
        return tuple(reasons)
    if device.hardware not in about.hardware:
        reasons.append(
            reason(
                "wrong-hardware",
                f"{device.device} is {device.hardware}; {target.path} is for {', '.join(about.hardware)}.",
                f"{device.device} là {device.hardware}; {target.path} dành cho {', '.join(about.hardware)}.",
            )
        )
        return tuple(reasons)
    return (*reasons, *_newer(device, target), *_requires(device, target))


def _carried(device: Device, component: str) -> Iterable[Reason]:
    if component not in CARRIES[device.backend]:
        by = ", ".join(backend for backend in Backend if component in CARRIES[backend])
        yield reason(
            "wrong-backend",
            f"{device.device} is updated by {device.backend}, which does not carry {component}: {by} does.",
            f"{device.device} do {device.backend} cập nhật, hệ này không mang {component}: {by} thì có.",
        )


def _newer(device: Device, target: Target) -> Iterable[Reason]:
    about = target.about
    held = device.held.get(about.component)
    if held is None:
        if device.backend is Backend.NATIVE:
            yield reason(
                "never-reported",
                f"{device.device} has not said which {about.component} it has: start it in the hall once.",
                f"{device.device} chưa báo nó có {about.component} nào: hãy bật nó trong hội trường một lần.",
            )
    elif held.sha256 == target.sha256:
        yield reason(
            "has-it", f"{device.device} already has {target.path}.", f"{device.device} đã có {target.path}."
        )
    elif held.counter >= about.counter:
        yield reason(
            "newer",
            f"{device.device} has release {held.counter} of {about.component}; {target.path} is release "
            f"{about.counter}: devices never go below what they have, so it needs a new release.",
            f"{device.device} có bản {held.counter} của {about.component}; {target.path} là bản "
            f"{about.counter}: máy không bao giờ lùi về bản thấp hơn, nên cần bản phát hành mới.",
        )


def _requires(device: Device, target: Target) -> Iterable[Reason]:
    about = target.about
    firmware = about.requires.get("firmware", 0)
    held = device.held.get("firmware")
    if firmware and (held is None or held.counter < firmware):
        has = "none that it has told" if held is None else str(held.counter)
        in_vi = "chưa báo" if held is None else str(held.counter)
        yield reason(
            "requires-firmware",
            f"{device.device} has firmware release {has}; {target.path} needs {firmware}: roll that out "
            "first.",
            f"{device.device} có phần mềm bản {in_vi}; {target.path} cần bản {firmware}: hãy cập nhật phần "
            "mềm trước.",
        )
    for name, code, has_kb in (
        ("memory-kb", "requires-memory", device.memory_kb),
        ("disk-kb", "disk-full", device.disk_kb),
    ):
        needs_kb = about.requires.get(name, 0)
        if has_kb is not None and has_kb < needs_kb:
            yield reason(
                code,
                f"{device.device} has {has_kb} of {name}; {target.path} needs {needs_kb}.",
                f"{device.device} có {name} là {has_kb}; {target.path} cần {needs_kb}.",
            )
    if about.environment and about.environment != device.environment:
        yield reason(
            "requires-environment",
            f"{device.device} has the libraries {device.environment or '(not told)'}; {target.path} is made "
            f"for {about.environment}: update its system image first.",
            f"{device.device} có bộ thư viện {device.environment or '(chưa báo)'}; {target.path} làm cho "
            f"{about.environment}: hãy cập nhật hệ điều hành của nó trước.",
        )


def is_offline(seen_ms: int | None, now_ms: int) -> bool:
    return seen_ms is None or now_ms - seen_ms > OFFLINE_AFTER_MS


def waits(device: Device, now_ms: int, freeze: Freeze) -> tuple[Reason, ...]:
    """What an eligible device waits for; it is none the less eligible."""
    reasons = []
    if freeze.sitting and device.device not in freeze.overridden:
        reasons.append(
            reason(
                "frozen",
                f"{device.device} waits for the end of sitting {freeze.sitting}: it is frozen.",
                f"{device.device} chờ phiên họp {freeze.sitting} kết thúc: đang khóa.",
            )
        )
    if device.backend is Backend.NATIVE and is_offline(device.seen_ms, now_ms):
        reasons.append(
            reason(
                "offline",
                f"{device.device} is offline: it gets its order when it comes back.",
                f"{device.device} không kết nối: nó nhận lệnh khi trở lại.",
            )
        )
    return tuple(reasons)


def eligible(devices: Iterable[Device], target: Target) -> list[Device]:
    """Those that can take it. Raises NobodyEligible with the reasons, counted."""
    found: list[Device] = []
    counted: Counter[str] = Counter()
    first: dict[str, Reason] = {}
    total = 0
    for device in devices:
        total += 1
        reasons = why_not(device, target)
        counted.update({each.code for each in reasons})
        for each in reasons:
            first.setdefault(each.code, each)
        if not reasons:
            found.append(device)
    if found:
        return found
    if not total:
        raise NobodyEligible("no-device")
    order = sorted(counted.items(), key=lambda x: (-x[1], x[0]))
    said = ", ".join(f"{code} {number}" for code, number in order)
    example = first[order[0][0]].said
    raise NobodyEligible("nobody-eligible", total=total, path=target.path, counted=said, example=example)

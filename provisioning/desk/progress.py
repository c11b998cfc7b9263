"""What is done and what is left, in words: for one device, and for the hall. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from provisioning.desk.claims import Claim, State
from provisioning.desk.plan import GREEN
from provisioning.plan import Plan
from wire.claim_code import spaced

Words = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Step:
    is_done: bool
    words: Words


_REACHED: Final = {
    State.WAITING: 1,
    State.PLACED: 2,
    State.PRESSED: 3,
    State.GRANTED: 5,
    State.INSTALLED: 6,
}


def steps(claim: Claim, plan: Plan | None) -> list[Step]:
    """From hello to green; without a plan nobody knows whether it is green, and nothing is said of it."""
    reached = _REACHED.get(claim.state, 1)
    if claim.state is State.PRESSED and claim.certificate is not None:
        reached = 4
    where = claim.label or "…"
    words: tuple[Words, ...] = (
        ("máy đã báo tin", "the device has said hello"),
        (f"đã có vị trí: {where}", f"has a place: {where}"),
        ("đã bấm nút trên máy", "its own button was pressed"),
        ("đã cấp chứng thư", "its certificate was issued"),
        ("đã đăng ký với hội trường", "it is registered with the hall"),
        ("máy đã cài đặt xong", "the device has installed it"),
    )
    found = [Step(at < reached, pair) for at, pair in enumerate(words)]
    if plan is None:
        return found
    place = plan.by_device.get(claim.device)
    is_green = place is not None and place.colour == GREEN
    return [*found, Step(is_green, ("đang hoạt động (xanh)", "it works (green)"))]


def next_step(claim: Claim) -> Words:
    """What somebody has to do now."""
    return {
        State.WAITING: (
            f"quét mã {spaced(claim.code)} trên máy và chọn vị trí",
            f"scan the code {spaced(claim.code)} on the device and tap its place",
        ),
        State.PLACED: ("bấm nút trên máy", "press the device's own button"),
        State.PRESSED: ("chờ; bàn cấp phát tự làm tiếp", "wait; the desk goes on by itself"),
        State.GRANTED: ("để máy bật; nó tự cài đặt", "leave the device on; it installs by itself"),
        State.INSTALLED: ("không còn gì phải làm", "nothing is left to do"),
        State.REFUSED: (claim.vi, claim.en),
        State.ENDED: ("bật lại máy; nó hiện mã mới", "switch the device on again; it shows a new code"),
    }[claim.state]


@dataclass(frozen=True, slots=True)
class Hall:
    """Counts of a hall: places in its plan, those with an active device, those that are green."""

    places: int
    placed: int
    green: int
    left: tuple[str, ...]
    """Places without an active device, by label."""
    states: dict[str, int]
    """Claims in force by state."""

    @property
    def words(self) -> Words:
        if not self.places:
            return (
                "Hội trường chưa có sơ đồ: hãy nhập bằng `hallward provision places import`.",
                "The hall has no plan yet: import one with `hallward provision places import`.",
            )
        if self.green == self.places:
            return (f"Xong: cả {self.places} vị trí đều xanh.", f"Done: all {self.places} places are green.")
        return (
            f"{self.green}/{self.places} vị trí xanh, {self.placed} đã có máy, còn {len(self.left)} trống.",
            f"{self.green}/{self.places} places green, {self.placed} with a device, {len(self.left)} empty.",
        )


def hall(plan: Plan, claims: Iterable[Claim]) -> Hall:
    has_device = [place for place in plan.places if place.device is not None and place.state == "active"]
    taken = {place.place for place in has_device}
    return Hall(
        places=len(plan.places),
        placed=len(has_device),
        green=sum(place.colour == GREEN for place in has_device),
        left=tuple(place.label or place.place for place in plan.places if place.place not in taken),
        states=dict(Counter(claim.state.value for claim in claims)),
    )


def report(claims: Sequence[Claim], plan: Plan | None) -> list[str]:
    """Lines for a terminal, Vietnamese first: the hall, then every claim that is not done."""
    lines = [] if plan is None else [" / ".join(hall(plan, claims).words)]
    open_ones = [claim for claim in claims if claim.state not in (State.ENDED, State.INSTALLED)]
    for claim in open_ones:
        vietnamese, english = next_step(claim)
        lines.append(f"{claim.serial} ({claim.device}), {claim.state}: {vietnamese} / {english}")
    if not open_ones:
        lines.append("không có máy nào đang chờ / no device is waiting")
    return lines


def story(claim: Claim, plan: Plan | None) -> list[str]:
    """Lines for a terminal about one device: each step, done or left, and what to do now."""
    done = [f"  [{'x' if step.is_done else ' '}] {' / '.join(step.words)}" for step in steps(claim, plan)]
    head = f"{claim.serial} ({claim.device}), {claim.role}"
    return [head, *done, f"  → {' / '.join(next_step(claim))}"]

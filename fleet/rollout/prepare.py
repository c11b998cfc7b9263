"""What a rollout would change, device by device, before anything does."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fleet.api.errors import BadInput, Conflict, NotFound
from fleet.db import Connection
from fleet.people import store as people
from fleet.rollout.observing import store as observing
from fleet.rollout.observing.store import Seen
from fleet.rollout.refused import of_rules, refused
from fleet.rollout.rules.eligible import Reason, eligible, reason, why_not
from fleet.rollout.rules.errors import NobodyEligible, PlanRefused
from fleet.rollout.rules.plan import default_plan, parse_plan
from fleet.rollout.rules.shape import Course, Device, DeviceState, Plan, Planned, Target
from fleet.rollout.rules.waves import assign
from fleet.rollout.store import Row
from wire.ids import DeviceId, HallId


@dataclass(frozen=True, slots=True)
class Prepared:
    """planned: in the order of waves and slots. reasons: of every device that is not in it. enrol_again:
    people whose references another network made, and who must come again; None: it makes none."""

    target: Target
    plan: Plan
    planned: tuple[Planned, ...]
    devices: Mapping[DeviceId, Device]
    reasons: Mapping[DeviceId, tuple[Reason, ...]]
    enrol_again: int | None

    @property
    def no_way_back(self) -> int:
        """Devices that could not be brought back: what they have is below the minimum of the release."""
        about = self.target.about
        before = [self.devices[one.device].held.get(about.component) for one in self.planned]
        return sum((held.counter if held else 0) < about.minimum for held in before)

    def rows(self) -> list[Row]:
        """As they begin."""
        component = self.target.about.component
        return [
            Row(Course(one, DeviceState.WAITING), held.sha256 if held else None)
            for one in self.planned
            for held in [self.devices[one.device].held.get(component)]
        ]


def target_of(targets: Sequence[Target], path: str) -> Target:
    """Raises NotFound."""
    for target in targets:
        if target.path == path:
            return target
    raise refused(NotFound, "no-target", path=path)


def prepare(
    connection: Connection, hall: HallId, name: str, target: Target, plan: Plan | Mapping[str, Any] | None
) -> Prepared:
    """plan: read already, or as somebody wrote it; None: the one for this hall. The same for the same hall,
    whoever asks. Raises BadInput for a plan that cannot be carried out, Conflict when nobody is eligible."""
    seen = observing.seen(connection, hall)
    devices = {device: each.device for device, each in seen.items()}
    reasons = {device: why_not(each, target) for device, each in devices.items()}
    try:
        found = eligible(devices.values(), target)
        wanted = _plan(plan, found, seen, hall)
        planned, left = assign(wanted, name, found)
    except PlanRefused as err:
        raise of_rules(BadInput, err) from None
    except NobodyEligible as err:
        raise of_rules(Conflict, err) from None
    apart = {device: (in_no_wave(device),) for device in left}
    why = {device: its for device, its in reasons.items() if its}
    embedder = target.about.embedder
    again = None if embedder is None else people.members_of_others(connection, embedder)
    return Prepared(target, wanted, planned, devices, why | apart, again)


def _plan(
    plan: Plan | Mapping[str, Any] | None,
    found: Sequence[Device],
    seen: Mapping[DeviceId, Seen],
    hall: HallId,
) -> Plan:
    if isinstance(plan, Plan):
        return plan
    if plan is None:
        return default_plan(found)
    return parse_plan(dict(plan), _rows(seen), {hall})


def _rows(seen: Mapping[DeviceId, Seen]) -> Collection[str]:
    return {each.device.row for each in seen.values() if each.device.row}


def in_no_wave(device: DeviceId) -> Reason:
    """It could take the release, and the plan leaves it out."""
    return reason(
        "no-wave",
        f"{device} is in no wave of this plan: add one for the rest.",
        f"{device} không thuộc đợt nào của kế hoạch: hãy thêm một đợt cho các máy còn lại.",
    )

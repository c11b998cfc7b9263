"""What people do with a rollout: each verb from where it stands to where it will stand. Pure.

Orders follow with the next `advance`, but for `hold`, which cannot wait.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from fleet.rollout.rules.bring_back import to_return
from fleet.rollout.rules.causes import UNTESTED, is_retriable
from fleet.rollout.rules.errors import NotInThisState
from fleet.rollout.rules.refusals import state_word, verb_word
from fleet.rollout.rules.saying import NOTHING, Said
from fleet.rollout.rules.shape import (
    Course,
    Decision,
    DeviceState,
    Given,
    Observation,
    RolloutState,
    Standing,
    Target,
)
from wire.ids import DeviceId

VALID_MS: Final = 30 * 86_400_000
"""An order to hold or to go back waits so long for a device that is switched off."""


def start(standing: Standing) -> Decision:
    _only(standing, "started", RolloutState.DRAFT)
    begun = replace(standing, state=RolloutState.RUNNING, generation=standing.next_generation)
    return Decision(begun, Said("started", "đã bắt đầu"))


def pause(standing: Standing, courses: Iterable[Course], now_ms: int) -> Decision:
    """Whoever is under way holds where it stands; what commits all the same is kept."""
    _only(standing, "paused", RolloutState.RUNNING)
    under_way = [one for one in courses if one.state in (DeviceState.ORDERED, DeviceState.WORKING)]
    return Decision(
        replace(standing, state=RolloutState.PAUSED),
        Said(
            f"paused; {len(under_way)} devices hold where they stand",
            f"tạm dừng; {len(under_way)} máy dừng tại chỗ",
        ),
        tuple(held_back(one, now_ms) for one in under_way),
        tuple(replace(one, state=DeviceState.WAITING, ordered_ms=None) for one in under_way),
    )


def held_back(course: Course, now_ms: int) -> Given:
    """The order to hold, under the generation of the order that it ends."""
    planned = course.planned
    return Given(planned.device, planned.backend, "hold", course.generation, now_ms, now_ms + VALID_MS)


def resume(standing: Standing, courses: Iterable[Course], now_ms: int) -> Decision:
    """Its wave gets its time anew, and those of whom nothing was found out another order: it may have been
    paused for them."""
    _only(standing, "resumed", RolloutState.PAUSED)
    untested = [one for one in courses if one.cause in UNTESTED and is_retriable(one.state, one.cause)]
    words = Said("resumed", "chạy tiếp")
    return Decision(_again(standing, now_ms), words, (), tuple(_afresh(one) for one in untested))


def abort(
    standing: Standing,
    target: Target,
    courses: Iterable[Course],
    observations: Mapping[DeviceId, Observation],
    why: Said,
) -> Decision:
    """Stop, and bring everybody back who took it. why: a sentence for people, of the gate or a person."""
    _only(standing, "stopped", RolloutState.RUNNING, RolloutState.PAUSED)
    return _stopped(standing, to_return(courses, observations, target.sha256), why)


def roll_back(
    standing: Standing,
    target: Target,
    courses: Iterable[Course],
    observations: Mapping[DeviceId, Observation],
    why: Said,
) -> Decision:
    """The same of one that has ended well."""
    _only(standing, "rolled back", RolloutState.RUNNING, RolloutState.PAUSED, RolloutState.DONE)
    return _stopped(standing, to_return(courses, observations, target.sha256), why)


def _stopped(standing: Standing, returning: list[Course], why: Said) -> Decision:
    stopped = replace(standing, state=RolloutState.ABORTING, generation=standing.next_generation, why=why)
    return Decision(stopped, why, (), tuple(returning))


def retry(
    standing: Standing, courses: Sequence[Course], now_ms: int, devices: Collection[DeviceId] | None = None
) -> Decision:
    """Just those get another order that failed for something that can be cured without a new release
    (causes.py). devices: of these alone; None: all such. Raises NotInThisState when there are none, or one of
    `devices` failed for the release itself."""
    _only(standing, "retried", RolloutState.RUNNING, RolloutState.DONE)
    found = [one for one in courses if is_retriable(one.state, one.cause)]
    if devices is not None:
        if strangers := sorted(set(devices) - {one.planned.device for one in courses}):
            raise NotInThisState("in-no-wave", device=strangers[0])
        others = sorted(set(devices) - {one.planned.device for one in found})
        if others:
            raise NotInThisState("not-curable", device=others[0])
        found = [one for one in found if one.planned.device in devices]
    if not found:
        raise NotInThisState("nothing-to-retry")
    words = Said(
        f"once more for {len(found)} devices that failed for something else than the release",
        f"thử lại ở {len(found)} máy hỏng không phải do bản phát hành",
    )
    return Decision(_again(standing, now_ms), words, (), tuple(_afresh(one) for one in found))


def _again(standing: Standing, now_ms: int) -> Standing:
    return replace(
        standing,
        state=RolloutState.RUNNING,
        generation=standing.next_generation,
        began_ms=now_ms,
        why=NOTHING,
    )


def _afresh(course: Course) -> Course:
    """As if it had never been ordered: what it said of the order before counts no more."""
    return replace(
        course, state=DeviceState.WAITING, generation=0, cause="", detail="", ordered_ms=None, ended_ms=None
    )


def _only(standing: Standing, verb: str, *states: RolloutState) -> None:
    if standing.state not in states:
        state, able = state_word(standing.state), state_word(*states)
        raise NotInThisState("wrong-state", state=state, verb=verb_word(verb), states=able)

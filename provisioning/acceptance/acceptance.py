"""The round: have every active device test itself, wait for their signed words, gather what a report says."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol
from urllib.parse import quote

from provisioning.acceptance import answers
from provisioning.acceptance.report import Report, Result, Tested, in_order, uncovered
from provisioning.errors import AuthorityError, ConfigError, FleetRefused
from provisioning.hall import HallCard
from provisioning.plan import Place, plan_of

POLL_S: Final = 1.0
ASK_AGAIN_S: Final = 20.0
"""Whoever was silent at first is asked once more: it may have been reconnecting."""
BUSY_AGAIN_S: Final = 10.0
"""Whoever could not test itself, as when a test for somebody else was under way, is asked again."""
BUSY_TIMES: Final = 3
"""So often: a device may have no parts to test, and each of its answers is a record of the hall log."""
NAMED_MAX: Final = 8
_NOT_NOW: Final = frozenset({"device-silent", "device-revoked"})
"""Why one device cannot be asked. Anything else that the fleet refuses concerns all of them."""
_NOT_AGAIN: Final = _NOT_NOW | {"sitting-open"}
"""Why one cannot be asked again: what the others have said already is kept."""


class Fleet(Protocol):
    """The fleet's API, signed in. Raises FleetRefused."""

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any: ...


@dataclass(frozen=True, slots=True)
class Pace:
    """now: with its zone. since_s: never steps. rest: wait so many seconds. say: a line for whoever waits."""

    now: Callable[[], datetime]
    since_s: Callable[[], float]
    rest: Callable[[float], None]
    say: Callable[[str], None]


@dataclass(slots=True)
class _Asked:
    """ids: of the commands given to each device in their order, any of which its answer may name. refused: in
    words."""

    ids: dict[str, list[str]]
    refused: dict[str, str]


def accept(
    fleet: Fleet, card: HallCard, account: str, pace: Pace, *, wait_s: float, only: Collection[str] = ()
) -> Report:
    """only: these devices; empty: every active one.

    Raises: ConfigError for a device that is not active or a hall without any; FleetRefused, also where a
    sitting is open when it begins; AuthorityError when the log does not cover what it is said to hold.
    """
    active = _active(fleet, only)
    pace.say(f"{len(active)} devices test themselves; their answers are awaited for {wait_s:.0f} s")
    asked = _Asked({device: [] for device in active}, {})
    _ask(fleet, asked, active, _NOT_NOW)
    results = _await(fleet, asked, pace, wait_s)
    places = _places(fleet)
    report = Report(
        hall=card.hall,
        congress=card.congress,
        account=account,
        at_ms=int(pace.now().timestamp() * 1000),
        whole=not only,
        tested=in_order([_tested(fleet, device, asked, results) for device in active]),
        empty=() if only else answers.empty_places(places, active),
        log=answers.head_of(fleet.call("GET", "/api/log/head")),
    )
    if missing := uncovered(report):
        raise AuthorityError(
            f"the hall log is shorter than the answers of {', '.join(missing[:NAMED_MAX])}: do not accept "
            "this hall; have the log audited"
        )
    return report


def _active(fleet: Fleet, only: Collection[str]) -> list[str]:
    listed = answers.listed(fleet.call("GET", "/api/devices"))
    active = [
        answers.field(row, "device", str) for row in listed if answers.field(row, "state", str) == "active"
    ]
    if strange := sorted(set(only) - set(active)):
        raise ConfigError(f"no active device is named {', '.join(strange[:NAMED_MAX])}: look at the list")
    chosen = [device for device in active if not only or device in only]
    if not chosen:
        raise ConfigError("this hall has no active device yet: claim its devices first")
    return chosen


def _ask(fleet: Fleet, asked: _Asked, devices: Sequence[str], not_now: Collection[str]) -> None:
    """not_now: codes of the fleet by which one device is passed over. Raises FleetRefused for any other."""
    for device in devices:
        try:
            given = fleet.call("POST", f"/api/devices/{quote(device)}/commands", {"command": "self-test"})
        except FleetRefused as err:
            if err.reason not in not_now:
                raise
            asked.refused[device] = err.what
            continue
        if not isinstance(given, dict):
            raise FleetRefused("the fleet took a command and named none: bring both to one release")
        asked.refused.pop(device, None)
        asked.ids[device].append(answers.field(given, "id", str))


def _await(fleet: Fleet, asked: _Asked, pace: Pace, wait_s: float) -> dict[str, Result]:
    began_s, said, again, busy_s = pace.since_s(), -1, False, 0.0
    results: dict[str, Result] = {}
    while True:
        for row in answers.listed(fleet.call("GET", "/api/self-tests")):
            result = answers.result_of(row)
            device = answers.field(row, "device", str)
            if result.command in asked.ids.get(device, ()):
                results[device] = result
        left = [device for device, ids in asked.ids.items() if not _is_settled(ids, results.get(device))]
        busy = [
            device
            for device in left
            if device in results and results[device].command == asked.ids[device][-1]
        ]
        if len(asked.ids) - len(left) != said:
            said = len(asked.ids) - len(left)
            pace.say(_progress([results[device] for device in asked.ids if device not in left], left))
        passed_s = pace.since_s() - began_s
        if not left or passed_s >= wait_s:
            return results
        if passed_s >= ASK_AGAIN_S and not again:
            again = True
            _ask(
                fleet,
                asked,
                [device for device in left if device in asked.refused and device not in busy],
                _NOT_AGAIN,
            )
        if busy and passed_s - busy_s >= BUSY_AGAIN_S:
            busy_s = passed_s
            _ask(fleet, asked, busy, _NOT_AGAIN)
        pace.rest(min(POLL_S, wait_s - passed_s))


def _is_settled(ids: Sequence[str], result: Result | None) -> bool:
    """Whether nothing more is awaited of a device that was given these commands."""
    if result is None or not result.is_undone:
        return result is not None
    return len(ids) > BUSY_TIMES and result.command == ids[-1]


def _progress(results: Sequence[Result], left: Sequence[str]) -> str:
    failed = sum(not result.passed for result in results)
    words = f"{len(results)} have answered, {failed} of them with a fault"
    if not left:
        return words
    named = ", ".join(left[:NAMED_MAX]) + (" …" if len(left) > NAMED_MAX else "")
    return f"{words}; {len(left)} left: {named}"


def _places(fleet: Fleet) -> tuple[Place, ...]:
    """A fleet that knows no plan has no places."""
    try:
        return plan_of(fleet.call("GET", "/api/places")).places
    except FleetRefused as err:
        if err.status == 404:
            return ()
        raise


def _tested(fleet: Fleet, device: str, asked: _Asked, results: dict[str, Result]) -> Tested:
    detail = fleet.call("GET", f"/api/devices/{quote(device)}")
    if not isinstance(detail, dict):
        raise FleetRefused(f"the fleet does not say what {device} is: bring both to one release")
    result = results.get(device)
    return Tested(answers.paper_of(detail), result, "" if result else asked.refused.get(device, ""))

"""What balena's answers mean: checked before they are believed. Pure.

Source: the resources `device`, `device_history`, `release` of API v7 and `/v1/device` of the supervisor, by
the types of balena-sdk 17.3.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from provisioning.backends.errors import (
    BackendError,
    BadAnswer,
    NotAuthorized,
    RateLimited,
    Refused,
    Unreachable,
    UpdateLocked,
)
from provisioning.backends.ports import Episode, SupervisorState, UnitState
from wire.ids import DeviceId

WORDS_MAX: Final = 200
_UNPRINTABLE: Final = re.compile(r"[^\x20-\x7e\u00a0-\uffff]+")
_KEY: Final = re.compile(r"[A-Za-z0-9._~+/=-]{8,4096}")

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Fleet:
    """device_type: what it was made for, as `raspberrypi4-64`."""

    id: int
    slug: str
    device_type: str


@dataclass(frozen=True, slots=True)
class Unit:
    """A device as balena holds it: its number for calls, its uuid for people."""

    id: int
    uuid: str
    name: str


@dataclass(frozen=True, slots=True)
class Release:
    id: int
    commit: str
    version: str
    usable: bool


def refusal(status: int, words: str, retry_after_s: float | None) -> BackendError:
    """The error of a status of HTTP that is no success. words: what the body says, for people."""
    if status == 401:
        return NotAuthorized(
            "balena does not take the token: make a new one on its page and try again", status=status
        )
    if status == 403:
        return NotAuthorized(
            f"the token may not do this{_said(words)}: ask the owner of the fleet for the right",
            status=status,
        )
    if status == 423:
        return UpdateLocked(
            "the device holds its update lock, as in a sitting: try again when it is over", status=status
        )
    if status == 429:
        pause = "a while" if retry_after_s is None else f"{retry_after_s:.0f} s"
        return RateLimited(
            f"balena wants fewer questions: wait {pause}, then run it again; what was done stays",
            retry_after_s=retry_after_s,
        )
    if status >= 500:
        return Unreachable(
            f"balena has trouble of its own ({status}): try again in a few minutes", status=status
        )
    if status < 400:
        return strange(f"it sends us elsewhere ({status})")
    return Refused(f"balena refused ({status}){_said(words)}", status=status)


def strange(why: str) -> BadAnswer:
    return BadAnswer(
        f"this is not the API of balena that we know, {why}: check --host, and that no portal stands between"
    )


def printable(words: str) -> str:
    return _UNPRINTABLE.sub(" ", words).strip()[:WORDS_MAX]


def rows(value: Any, what: str) -> list[Row]:
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise strange(f"no list of {what}")
    return value


def number(row: Row, field: str) -> int:
    value = row.get(field)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise strange(f"{field} is no number")
    return value


def text(row: Row, field: str) -> str:
    value = row.get(field)
    if not isinstance(value, str):
        raise strange(f"{field} is no text")
    return value


def flag(row: Row, field: str) -> bool:
    """Missing and null are no."""
    value = row.get(field)
    if value is not None and not isinstance(value, bool):
        raise strange(f"{field} is neither yes nor no")
    return bool(value)


def linked(row: Row, field: str) -> int:
    """The number of what a field points to, as balena writes it when it was not asked to expand it."""
    value = row.get(field)
    if not isinstance(value, dict):
        raise strange(f"{field} points nowhere")
    return number(value, "__id")


def api_key(value: Any) -> str:
    """A fresh key. The SDK takes whatever comes, an error's sentence too."""
    if not isinstance(value, str) or not _KEY.fullmatch(value.strip('"')):
        raise strange("no key came")
    return value.strip('"')


def fleet_of(row: Row) -> Fleet:
    types = rows(row.get("is_for__device_type"), "device types")
    if len(types) != 1:
        raise strange("the fleet has no device type")
    return Fleet(number(row, "id"), text(row, "slug"), text(types[0], "slug"))


def unit_of(row: Row) -> Unit:
    return Unit(number(row, "id"), text(row, "uuid"), text(row, "device_name"))


def release_of(row: Row) -> Release:
    usable = text(row, "status") == "success" and not flag(row, "is_invalidated")
    return Release(number(row, "id"), text(row, "commit"), str(row.get("raw_version") or ""), usable)


def state_of(row: Row) -> UnitState:
    return UnitState(
        device=DeviceId(text(row, "device_name")),
        handle=text(row, "uuid"),
        online=flag(row, "is_online"),
        word=text(row, "overall_status"),
        release=_commit(row, "is_running__release"),
        pinned=_commit(row, "is_pinned_on__release"),
        progress=_percent(row, "overall_progress"),
        seen=_moment(row, "last_connectivity_event"),
    )


def episode_of(row: Row) -> Episode:
    began = _moment(row, "created_at")
    if began is None:
        raise strange("an episode without a beginning")
    return Episode(
        began=began,
        ended=_moment(row, "end_timestamp"),
        release=_commit(row, "is_running__release"),
        should_run=_commit(row, "should_be_running__release"),
        active=flag(row, "is_active"),
    )


def supervisor_of(device: DeviceId, value: Any) -> SupervisorState:
    if not isinstance(value, dict):
        raise strange("the supervisor's state is none")
    facts = ("os_version", "supervisor_version", "ip_address", "update_downloaded")
    commit = value.get("commit")
    return SupervisorState(
        device=device,
        status=printable(text(value, "status")),
        release=commit if isinstance(commit, str) and commit else None,
        progress=_percent(value, "download_progress"),
        pending=flag(value, "update_pending"),
        failed=flag(value, "update_failed"),
        facts={name: printable(str(value[name])) for name in facts if value.get(name) is not None},
    )


def _said(words: str) -> str:
    return f", it says: {printable(words)}" if printable(words) else ""


def _commit(row: Row, field: str) -> str | None:
    """Of a release that the field expands to: none, or one."""
    found = rows(row.get(field) or [], "releases")
    return text(found[0], "commit") if found else None


def _percent(row: Row, field: str) -> int | None:
    value = row.get(field)
    if value is None:
        return None
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 100:
        raise strange(f"{field} is no percentage")
    return round(value)


def _moment(row: Row, field: str) -> datetime | None:
    value = row.get(field)
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(text(row, field))
    except ValueError:
        raise strange(f"{field} is no time") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)

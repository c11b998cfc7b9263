"""What a hawkBit client is offered, and what its words come to. Pure.

order of the rollout -> action `open` -> closed `installed` | `failed` | `stopped`
hold, back ----------> `cancelling` ---> closed `stopped`, or what the client did all the same

An action is *held* while nothing may be begun: a sitting is frozen, the window is over, the rollout is
paused, or the release was withdrawn. What a client gives up while it is held is no failure of the release.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fleet.api.errors import BadInput
from fleet.rollout.rules.causes import LATE, NO_WAY_BACK
from fleet.rollout.rules.shape import Course, DeviceState
from wire.updates import CAUSE_BYTES_MAX

OPEN, CANCELLING, CLOSED = "open", "cancelling", "closed"
INSTALLED, FAILED, STOPPED = "installed", "failed", "stopped"
LINES_MAX: Final = 20
LINE_CHARS_MAX: Final = 200
ATTRIBUTES_MAX: Final = 32
NAME_CHARS_MAX: Final = 64
VALUE_CHARS_MAX: Final = 128
_EXECUTIONS: Final = frozenset(
    {"closed", "proceeding", "canceled", "scheduled", "rejected", "resumed", "downloaded", "download"}
)
_FINISHED: Final = frozenset({"success", "failure", "none"})
_SKIPPED: Final = "skipped"
"""SWUpdate answers an update that it is told to skip with success, and the words `Skipped Update.`"""
_CAUSES: Final[Sequence[tuple[str, tuple[str, ...]]]] = (
    ("unsigned", ("signature", "signer", "verification", "verify", "cms_")),
    ("wrong-hash", ("checksum", "hash mismatch", "sha256", "sha1")),
    ("wrong-hardware", ("hardware", "hwrevision", "compatib")),
    ("disk-full", ("no space", "enospc", "available space", "disk full")),
    ("slow", ("timeout", "timed out", "download failed", "503", "channel get", "curl")),
)
"""Words of clients, in small letters, and the cause that they stand for; the first that fits."""
ELSE: Final = "install-failed"
_ERRORS: Final = ("error", "fail")


@dataclass(frozen=True, slots=True)
class Action:
    """One order as its client works on it. lines: of what it said, the newest last. fetched: it has asked for
    the image. outcome: None while it has not said how it ended."""

    id: int
    device: str
    rollout: str
    generation: int
    state: str
    lines: tuple[str, ...] = ()
    outcome: str | None = None
    fetched: bool = False

    @property
    def has_begun(self) -> bool:
        return self.fetched or bool(self.lines)


@dataclass(frozen=True, slots=True)
class Feedback:
    execution: str
    finished: str
    details: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Word:
    """What an action comes to, as the rules of rollouts hear it: a step of a device, a cause, and its own
    words as a status."""

    step: str = ""
    cause: str = ""
    status: str = ""


def digest(token: str) -> bytes:
    """Of a target token, as it is kept: a token is random, a slow hash would add nothing."""
    return hashlib.sha256(token.encode()).digest()


# -- what a client says ------------------------------------------------------------------------------------


def parse_feedback(body: bytes) -> Feedback:
    """Of an action or its cancellation. Raises BadInput."""
    status = _object(_document(body).get("status"), "status")
    execution = _one_of(status.get("execution"), _EXECUTIONS, "status.execution")
    finished = _one_of(
        _object(status.get("result"), "status.result").get("finished"), _FINISHED, "status.result.finished"
    )
    details = status.get("details", [])
    if not isinstance(details, list) or not all(isinstance(line, str) for line in details):
        raise BadInput("status.details: a list of texts.")
    said = [line for line in map(_clean, details) if line]
    return Feedback(execution, finished, _kept(said))


def parse_attributes(body: bytes) -> tuple[str, dict[str, str]]:
    """(mode, attributes) of a configData. mode: `merge`, `replace` or `remove`. Raises BadInput."""
    document = _document(body)
    mode = _one_of(document.get("mode", "merge"), frozenset({"merge", "replace", "remove"}), "mode")
    found: dict[str, str] = {}
    for name, value in _object(document.get("data"), "data").items():
        if not isinstance(value, str) or len(value) > VALUE_CHARS_MAX or not 0 < len(name) <= NAME_CHARS_MAX:
            raise BadInput(
                f"data: names of 1 to {NAME_CHARS_MAX} and values of at most {VALUE_CHARS_MAX} characters."
            )
        if not name.isprintable():
            raise BadInput("data: names are printable.")
        found[name] = _clean(value)
    return mode, found


def changed_attributes(present: Mapping[str, str], mode: str, said: Mapping[str, str]) -> dict[str, str]:
    """Raises BadInput when they become too many."""
    if mode == "remove":
        found = {name: value for name, value in present.items() if name not in said}
    else:
        found = {**({} if mode == "replace" else present), **said}
    if len(found) > ATTRIBUTES_MAX:
        raise BadInput(f"data: at most {ATTRIBUTES_MAX} names in all.")
    return found


def _document(body: bytes) -> dict[str, Any]:
    try:
        # not strict: SWUpdate puts the text of an error into its JSON as it is
        return _object(json.loads(body, strict=False), "the body")
    except (ValueError, RecursionError):
        raise BadInput("The body is not JSON.") from None


def _object(value: Any, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BadInput(f"{name}: a JSON object is expected.")
    return value


def _one_of(value: Any, allowed: frozenset[str], name: str) -> str:
    if not isinstance(value, str) or value not in allowed:
        raise BadInput(f"{name}: one of {', '.join(sorted(allowed))}.")
    return value


def _clean(text: str) -> str:
    """One line, printable, bounded."""
    return "".join(c if c.isprintable() else " " for c in text)[:LINE_CHARS_MAX].strip()


def _kept(lines: Sequence[str]) -> tuple[str, ...]:
    """LINES_MAX of them, in their order: the last word, what went wrong, the newest of the rest. SWUpdate
    sends dozens of lines at once, whenever its other thread comes to it: why it failed may stand far above
    the end."""
    order = sorted(range(len(lines)), key=lambda at: (at + 1 == len(lines), _is_error(lines[at]), at))
    return tuple(lines[at] for at in sorted(order[-LINES_MAX:]))


def _is_error(line: str) -> bool:
    return any(mark in line.lower() for mark in _ERRORS)


# -- what comes of it --------------------------------------------------------------------------------------


def after(action: Action, said: Feedback, *, held: bool) -> Action:
    """The action once its client has said this of the deployment. Raises BadInput for an end without a
    result."""
    lines = _kept((*action.lines, *said.details))
    outcome = _ended(action, said, held)
    if outcome is None:
        lines = lines or (said.execution,)
        return _with(action, action.state, lines, None)
    return _with(action, CLOSED, lines or (outcome,), outcome)


def _ended(action: Action, said: Feedback, held: bool) -> str | None:
    if said.execution in ("rejected", "canceled"):
        return STOPPED if held or action.state != OPEN else FAILED
    if said.execution != "closed":
        return None
    if said.finished == "none":
        raise BadInput("status.result.finished: an action is closed with success or failure.")
    if said.finished == "failure":
        return STOPPED if held or action.state != OPEN else FAILED
    if any(line.lower().startswith(_SKIPPED) for line in said.details):
        return STOPPED
    # nobody has installed what was never fetched
    return INSTALLED if action.fetched else STOPPED if held else FAILED


def after_cancel(action: Action, said: Feedback) -> Action:
    """The action once its client has said this of the cancellation: it may refuse, and go on."""
    lines = _kept((*action.lines, *said.details))
    is_agreed = said.execution == "canceled" or (said.execution == "closed" and said.finished != "failure")
    if is_agreed:
        return _with(action, CLOSED, lines or ("cancelled",), STOPPED)
    return _with(action, action.state, lines or (said.execution,), None)


def _with(action: Action, state: str, lines: tuple[str, ...], outcome: str | None) -> Action:
    return Action(
        action.id,
        action.device,
        action.rollout,
        action.generation,
        state,
        lines,
        outcome,
        action.fetched,
    )


def word_of(action: Action | None, course: Course) -> Word:
    """What the newest action of a device in a rollout says of its course."""
    if course.state is DeviceState.RETURNING:
        return _word_back(action, course)
    if action is None or action.generation != course.generation:
        return Word(status="ok: has not begun")
    words = action.lines[-1] if action.lines else ""
    match action.outcome:
        case "installed":
            return Word("committed", status=f"ok: {words}")
        case "failed":
            return Word("refused", cause_of(action.lines), f"rejected: {_shown(action.lines)}")
        case "stopped":
            return Word("refused", LATE, f"ok: {words}")
        case _ if action.state != CLOSED and action.has_begun:
            return Word(status=f"applying: {words or 'fetches the image'}")
        case _:
            return Word(status="ok: has not begun")


def _word_back(action: Action | None, course: Course) -> Word:
    """A client that has not installed anything is back where it was; one that has stays there."""
    if course.ordered_ms is None:
        return Word(status="ok")
    if action is not None and action.outcome == INSTALLED:
        return Word("refused", NO_WAY_BACK, "ok: it is installed")
    if action is not None and action.state == CANCELLING and action.has_begun:
        return Word(status=f"applying: {action.lines[-1] if action.lines else 'fetches the image'}")
    return Word("returned", status="ok: nothing was installed")


def cause_of(lines: Sequence[str]) -> str:
    """A word of the matrix for what a client says went wrong."""
    said = "\n".join(_errors(lines)).lower()
    found = next((cause for cause, marks in _CAUSES if any(mark in said for mark in marks)), ELSE)
    return found.encode()[:CAUSE_BYTES_MAX].decode()


def _shown(lines: Sequence[str]) -> str:
    return "; ".join(_errors(lines)[-3:])


def _errors(lines: Sequence[str]) -> Sequence[str]:
    """What went wrong; a client that does not call it that has said it last. Lines that tell what went well
    name signatures and hashes, too."""
    return [line for line in lines if _is_error(line)] or lines[-1:]


# -- what a client is told ---------------------------------------------------------------------------------


def base_document(base: str, action: Action | None, poll_s: int, *, held: bool, asks: bool) -> dict[str, Any]:
    """Answer to a poll. base: the URL of this client. poll_s: until it asks again. asks: for its
    configData."""
    links: dict[str, Any] = {}
    if action is not None and action.state == CANCELLING:
        links["cancelAction"] = _link(f"{base}/cancelAction/{action.id}")
    elif action is not None and (not held or action.has_begun):
        # one that has begun must be able to report, and to learn that it goes no further
        links["deploymentBase"] = _link(f"{base}/deploymentBase/{action.id}?c={int(held)}")
    if asks:
        links["configData"] = _link(f"{base}/configData")
    found: dict[str, Any] = {"config": {"polling": {"sleep": _clock(poll_s)}}}
    return found | ({"_links": links} if links else {})


def deployment_document(
    base: str, action: Action, name: str, version: str, length: int, hashes: Mapping[str, str], *, held: bool
) -> dict[str, Any]:
    """What is to be installed. name: of the file. hashes: sha1 and sha256, in hexadecimal: both C clients
    want a sha1."""
    how = "skip" if held else "attempt"
    link = _link(f"{base}/softwaremodules/{action.id}/artifacts/{name}")
    artifact = {
        "filename": name,
        "size": length,
        "hashes": {kind: hashes[kind] for kind in ("sha1", "sha256") if kind in hashes},
        # there is no plain HTTP here; a client that looks for that link alone finds the same one
        "_links": {"download": link, "download-http": link},
    }
    chunk = {"part": "os", "version": version, "name": name, "artifacts": [artifact]}
    deployment = {
        "download": how,
        "update": how,
        "maintenanceWindow": "unavailable" if held else "available",
        "chunks": [chunk],
    }
    return {"id": str(action.id), "deployment": deployment}


def cancel_document(action: Action) -> dict[str, Any]:
    return {"id": str(action.id), "cancelAction": {"stopId": str(action.id)}}


def _link(href: str) -> dict[str, str]:
    return {"href": href}


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"

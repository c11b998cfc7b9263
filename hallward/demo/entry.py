"""Walking in: strangers are turned away; each delegate comes by face, badge, PIN or the usher's word."""

import secrets
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from hallward.demo.api import Api
from hallward.demo.hall import GATES, Hall
from hallward.demo.narrator import Check, Narrator
from hallward.demo.people import Cast
from hallward.demo.sitting import SITTING, Member
from hallward.demo.watching import STEP_S, Look, look, until

NO_FACE_S: Final = 12.0  # a photograph stands before the camera for less than three seconds
_TIRED_S: Final = 6.0  # a badge that is held up again within five seconds is the same showing of it
_WAYS: Final = ("badge", "pin", "usher")


@dataclass(frozen=True, slots=True)
class Badge:
    """As printed: the text of its code, its number, its PIN."""

    text: str
    serial: int
    pin: str


def walk_in(
    hall: Hall, office: Api, usher: Api, people: Cast, members: Sequence[Member], narrator: Narrator
) -> list[Check]:
    """Strangers are refused; delegates come in, in turn at both gates; a badge that is handed back is not
    taken."""
    refused = sum(
        turned_away(hall, GATES[number % len(GATES)], stranger, narrator)
        for number, stranger in enumerate(people.strangers)
    )
    narrator.say(f"{refused} unknown faces were sent to the badge lane; the doors stayed secured")
    badges = issue(office, members)
    _until_lists_are_there(hall, members, narrator)
    wanted = _ways(members)
    came: Counter[str] = Counter()
    for number, member in enumerate(members):
        gate = GATES[number % len(GATES)]
        way, badge = wanted[member.pseudonym], badges[member.pseudonym]
        came[_enter(hall, gate, usher, member, badge, way, narrator)] += 1
    path = f"/api/sittings/{SITTING}/attendance"
    narrator.until(
        "passages reach the log",
        lambda: office.get(path)["present"],
        len(members),
        STEP_S,
        hall.children.check,
    )
    attendance = office.get(path)
    narrator.say(f"roll call: {attendance['quorum']['en']}")
    methods = {key: count for key, count in attendance["by_method"].items() if count}
    expected = Counter(wanted.values())
    return [
        Check("unknown faces refused", len(people.strangers), refused),
        Check("delegates recognised by a new photograph", expected["face"], came["face"]),
        Check("delegates present", len(members), attendance["present"]),
        Check("entries by method", _in_order(came), _in_order(methods)),
        Check("entries by PIN and by the usher's tap", _of_lane(expected), _of_lane(methods)),
        *_handed_back(hall, members, badges, wanted, narrator),
        Check("quorum reached", True, attendance["quorum"]["holds"]),
    ]


def issue(office: Api, members: Sequence[Member]) -> dict[str, Badge]:
    """Fresh badges, by pseudonym."""
    rows = office.post("/api/badges", {"members": [member.pseudonym for member in members]})
    return {row["member"]: Badge(row["text"], row["serial"], row["pin"]) for row in rows}


def turned_away(hall: Hall, gate: str, photograph: Path, narrator: Narrator) -> int:
    """One face that nobody may come in by; 1 when the door stayed secured and the display sent them to the
    badge lane."""
    now = _walk_up(hall, gate, photograph, narrator)
    stayed = now["state"] == "secured" and not now["door_open"]
    return int(stayed and now["decision"] != "Admitted" and now["view"] == "badge-lane")


def come_by_badge(hall: Hall, gate: str, who: str, badge: Badge, narrator: Narrator) -> int:
    """Show it and walk through; 1 when the gate took it."""
    hall.hands(gate).do("badge", text=badge.text)
    before = until(hall, gate, lambda now: now["state"] == "released", narrator, f"{who} at {gate}")
    _push(hall, gate, before["last_seq"], who, narrator)
    return int(before["method"] == "badge")


def _ways(members: Sequence[Member]) -> dict[str, str]:
    """pseudonym -> how they mean to come. Of those without a face the last two leave their badge at home."""
    lane = [member.pseudonym for member in members if member.delegate.probe is None]
    ways = {member.pseudonym: "face" for member in members} | dict.fromkeys(lane, "badge")
    for way, pseudonym in zip(("pin", "usher"), reversed(lane[1:]), strict=False):
        ways[pseudonym] = way
    return ways


def _enter(
    hall: Hall, gate: str, usher: Api, member: Member, badge: Badge, way: str, narrator: Narrator
) -> str:
    """One delegate through one gate; the way by which they came, of which the gate knew that it was they."""
    name, before, tap = member.delegate.name, look(hall, gate)["last_seq"], ""
    if way == "face" and not _is_recognised(hall, gate, member, narrator):
        narrator.say(f"{name} was not recognised, and comes by badge")
        way = "badge"
    if way == "badge":
        hall.hands(gate).do("badge", text=badge.text)
    elif way == "pin":
        hall.hands(gate).do("keys", keys=f"{badge.serial}E{badge.pin}E")
    elif way == "usher":
        tap = _tap(usher, gate, member)
    now = until(hall, gate, lambda now: now["state"] == "released", narrator, f"{name} at {gate}")
    _push(hall, gate, before, name, narrator)
    if tap:
        path = f"/api/gates/{gate}/admit/{tap}"
        narrator.until(
            "the usher's tap is followed by a passage",
            lambda: int(usher.get(path)["state"] == "passed"),
            1,
            STEP_S,
            hall.children.check,
        )
    return str(now["method"]) if now["member"] == member.pseudonym else "somebody else"


def _is_recognised(hall: Hall, gate: str, member: Member, narrator: Narrator) -> bool:
    probe = member.delegate.probe
    return probe is not None and _walk_up(hall, gate, probe, narrator)["state"] == "released"


def _tap(usher: Api, gate: str, member: Member) -> str:
    """The usher's one tap; its id."""
    tap = secrets.token_hex(16)
    order = {"id": tap, "member": member.pseudonym, "reason": "badge-forgotten"}
    usher.post(f"/api/gates/{gate}/admit", order)
    return tap


def _push(hall: Hall, gate: str, before: int, who: str, narrator: Narrator) -> None:
    hall.hands(gate).do("push")
    until(
        hall,
        gate,
        lambda now: now["last_seq"] > before and now["state"] == "secured",
        narrator,
        f"{who} walks through {gate}",
    )


def _walk_up(hall: Hall, gate: str, photograph: Path, narrator: Narrator) -> Look:
    """Somebody stands before the camera; what the gate shows once it has decided, or has seen no face."""
    until(hall, gate, lambda now: now["view"] != "badge-lane", narrator, f"{gate} is free")
    before = look(hall, gate)["decisions"]
    hall.hands(gate).do("walk", photos=[str(photograph.resolve())])
    deadline_s = time.monotonic() + NO_FACE_S
    now = until(
        hall,
        gate,
        lambda now: now["decisions"] > before or time.monotonic() > deadline_s,
        narrator,
        f"{gate} decides on a face",
    )
    if now["decisions"] == before:
        narrator.say(f"{gate} sees no face in {photograph.name}")
    return now


def _handed_back(
    hall: Hall,
    members: Sequence[Member],
    badges: Mapping[str, Badge],
    wanted: Mapping[str, str],
    narrator: Narrator,
) -> list[Check]:
    """The first badge that opened a gate comes back over the barrier, and is shown there once more."""
    at = next((n for n, member in enumerate(members) if wanted[member.pseudonym] == "badge"), None)
    if at is None:
        return []
    gate, badge = GATES[at % len(GATES)], badges[members[at].pseudonym]
    shown_s = 0.0

    def decided(now: Look) -> bool:
        nonlocal shown_s
        if now["code"] != "already-inside" and time.monotonic() - shown_s > _TIRED_S:
            hall.hands(gate).do("badge", text=badge.text)
            shown_s = time.monotonic()
        return bool(now["code"] == "already-inside")

    now = until(hall, gate, decided, narrator, f"a badge is shown again at {gate}")
    narrator.say(f"a badge that was shown again was not taken: {now['lines'][1]}")
    return [Check("a badge shown again", ("already-inside", "secured"), (now["code"], now["state"]))]


def _until_lists_are_there(hall: Hall, members: Sequence[Member], narrator: Narrator) -> None:
    """The gates know everybody's number and PIN by then; a face or badge waits for no list."""

    def ready() -> int:
        return sum(look(hall, gate).get("lane") == len(members) for gate in GATES)

    narrator.until("gates learn the lane list", ready, len(GATES), STEP_S, hall.children.check)


def _in_order(methods: Mapping[str, int]) -> dict[str, int]:
    return {way: methods[way] for way in ("face", *_WAYS) if methods.get(way)}


def _of_lane(methods: Mapping[str, Any]) -> dict[str, int]:
    return {way: methods.get(way, 0) for way in ("pin", "usher")}

"""What people do in the demo at desk and seat: enrol, open the sitting, press keys."""

import json
import shutil
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from hallward.demo.api import Api, ApiError
from hallward.demo.children import run_to_end
from hallward.demo.hall import CONGRESS, GATES, Hall
from hallward.demo.narrator import Check, Narrator, TooSlow
from hallward.demo.people import Cast, Delegate
from hallward.demo.watching import STEP_S, look, until

SITTING: Final = "sitting-1"
QUESTION: Final = "question-1"
TEXT: Final = "Thông qua chương trình làm việc? / Adopt the agenda?"
_PATTERN: Final = ("yes", "yes", "no", "yes", "abstain")


@dataclass(frozen=True, slots=True)
class Member:
    """pseudonym: 32 hex digits."""

    delegate: Delegate
    pseudonym: str
    keypad: str


def enrol(hall: Hall, office: Api, people: Cast, narrator: Narrator) -> list[Member]:
    """Names to the fleet; photographs to the enrolment station; sealed references to the gates.

    Who has no photograph that can serve comes by badge.
    """
    rows = [{"name": d.name, "consent": bool(d.enrolled)} for d in people.delegates]
    answered = office.post("/api/members", {"members": rows})
    members = [
        Member(delegate, row["member"], keypad)
        for delegate, row, keypad in zip(people.delegates, answered, hall.keypads, strict=True)
    ]
    folder = hall.folder / "to-enrol"
    for member in members:
        _lay_out(folder / member.pseudonym, member.delegate.enrolled)
    gates = [
        f"--gate={gate['device']}={gate['sealing_key']}" for gate in office.get("/api/references")["gates"]
    ]
    words = ["enrol", str(folder), "--congress", CONGRESS, "--models", str(hall.models), *gates]
    bodies = json.loads(run_to_end([*words, "--station", str(hall.folder / "station")], partly=True))
    shutil.rmtree(folder, ignore_errors=True)  # there is none when nobody comes by face
    enrolled = {row["member"] for row in bodies["references"]}
    _upload(office, bodies)
    told = office.post("/api/references/publish")
    narrator.say(f"{told['references']} sealed references are enrolled and sent to {told['gates']} gates")
    return [or_by_badge(member, enrolled, narrator) for member in members]


def or_by_badge(member: Member, enrolled: Collection[str], narrator: Narrator) -> Member:
    """The member, or the same one without a face when the station could make no reference."""
    if not member.delegate.enrolled or member.pseudonym in enrolled:
        return member
    narrator.say(f"{member.delegate.name}: no photograph can serve for enrolment; comes by badge")
    return replace(member, delegate=Delegate(member.delegate.name))


def _lay_out(folder: Path, photographs: Sequence[Path]) -> None:
    """Links, not copies: the station reads the photographs where they are."""
    if photographs:
        folder.mkdir(parents=True)
        for number, photograph in enumerate(photographs):
            (folder / f"{number}{photograph.suffix}").symlink_to(photograph.resolve())


def _upload(office: Api, bodies: Mapping[str, Any]) -> None:
    by_model: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in bodies["references"]:
        model = (row.pop("model_sha256"), row.pop("runtime"))
        by_model.setdefault(model, []).append(row)
    for (sha256, runtime), rows in by_model.items():
        office.post("/api/references", {"model_sha256": sha256, "runtime": runtime, "references": rows})
    office.call("PUT", "/api/references/keys", {"keys": bodies["wrapped_keys"]})


def open_sitting(hall: Hall, office: Api, members: Sequence[Member], narrator: Narrator) -> None:
    """Roll, seats, opening; done when both gates and every keypad have heard of it."""
    roll = [
        {"member": m.pseudonym, "device": m.keypad, "seat": m.keypad.removeprefix("keypad-")} for m in members
    ]
    details = {"sitting": SITTING, "title": "Phiên họp 1 / Sitting 1", "quorum_num": 1, "quorum_den": 2}
    office.post("/api/sittings", {**details, "roll": roll})
    office.post(f"/api/sittings/{SITTING}/open")
    wanted = sum(bool(m.delegate.enrolled) for m in members)

    def ready() -> int:
        gates = [look(hall, gate) for gate in GATES]
        return sum(gate.get("sitting") == SITTING and gate.get("references") == wanted for gate in gates)

    narrator.until("gates learn the roll", ready, len(GATES), STEP_S, hall.children.check)


def vote(hall: Hall, office: Api, members: Sequence[Member], narrator: Narrator) -> list[Check]:
    """An open ballot: everybody presses, one changes their mind, one keypad is cut off and comes back."""
    details = {"question": QUESTION, "text": TEXT, "revote": True, "majority_num": 1, "majority_den": 2}
    office.post(f"/api/sittings/{SITTING}/questions", details)
    _all_keypads(
        hall, narrator, {"idle", "prepared"}, "keypads connect", lambda now: bool(now.get("connected"))
    )
    _open_question(office, hall, narrator)
    _all_keypads(hall, narrator, {"open"}, "keypads open")
    narrator.say("the ballot is open")
    wanted = {m.keypad: _PATTERN[number % len(_PATTERN)] for number, m in enumerate(members)}
    changed, cut_off = hall.keypads[1], hall.cut_off
    _press(hall, changed, "no" if wanted[changed] == "yes" else "yes")
    until(hall, changed, lambda now: now["state"] == "recorded", narrator, "the first choice is recorded")
    hall.cable.pull()
    for keypad, choice in wanted.items():
        _press(hall, keypad, choice)
    others = len(wanted) - 1
    _count(hall, narrator, "votes are recorded", "recorded", others)
    alone = look(hall, cut_off).get("state")
    narrator.say(f"{others} votes are recorded; {cut_off} is cut off and says '{alone}'")
    hall.cable.plug()
    _count(hall, narrator, "the last vote is recorded", "recorded", len(wanted))
    narrator.say(f"{cut_off} is back, and its vote is recorded")
    office.post(f"/api/questions/{QUESTION}/close", {"accept_missing": False})
    result = _result(office, hall, narrator)
    narrator.say(f"result: {result['majority']['en']}")
    tally, expected = {c: result[c] for c in ("yes", "no", "abstain")}, Counter(wanted.values())
    by_keypad = {row["device"]: row["choice"] for row in result["choices"]}
    return [
        Check("cut-off keypad while cut off", "stored", alone),
        Check("ballots counted", len(members), result["cast"]),
        Check("tally", {c: expected[c] for c in ("yes", "no", "abstain")}, tally),
        Check("delegates whose own choice is published", len(wanted), _agreeing(wanted, by_keypad)),
        Check(
            "first choices set aside by a revote", ["superseded"], [row["why"] for row in result["uncounted"]]
        ),
    ]


def _agreeing(wanted: Mapping[str, str], published: Mapping[str, str]) -> int:
    return sum(published.get(keypad) == choice for keypad, choice in wanted.items())


def _open_question(office: Api, hall: Hall, narrator: Narrator) -> None:
    """Open as soon as no seat is missing: a keypad that has just started is not yet known to be there."""

    def opened() -> int:
        try:
            office.post(f"/api/questions/{QUESTION}/open", {"accept_missing": False})
        except ApiError as err:
            if err.status != 409:
                raise
            return 0
        return 1

    narrator.until("all seats are ready", opened, 1, STEP_S, hall.children.check)


def _result(office: Api, hall: Hall, narrator: Narrator) -> Any:
    found: list[Any] = []

    def ready() -> int:
        try:
            found.append(office.get(f"/api/questions/{QUESTION}/result"))
        except ApiError as err:
            if err.status != 409:
                raise
            return 0
        return 1

    narrator.until("the close reaches the log", ready, 1, STEP_S, hall.children.check)
    return found[-1]


def _press(hall: Hall, keypad: str, choice: str) -> None:
    hands = hall.hands(keypad)
    hands.do("press", button=choice)
    hands.do("press", button="ok")


def _count(hall: Hall, narrator: Narrator, what: str, state: str, total: int) -> None:
    def found() -> int:
        return sum(look(hall, keypad).get("state") == state for keypad in hall.keypads)

    try:
        narrator.until(what, found, total, STEP_S, hall.children.check)
    except TooSlow as err:
        looks = ((keypad, look(hall, keypad)) for keypad in hall.keypads)
        others = [f"{keypad} shows {now}" for keypad, now in looks if now.get("state") != state]
        raise TooSlow("; ".join((err.what, *others))) from err


def _all_keypads(
    hall: Hall,
    narrator: Narrator,
    states: set[str],
    what: str,
    also: Callable[[dict[str, Any]], bool] = lambda _: True,
) -> None:
    def found() -> int:
        looks = (look(hall, keypad) for keypad in hall.keypads)
        return sum(now.get("state") in states and also(now) for now in looks)

    narrator.until(what, found, len(hall.keypads), STEP_S, hall.children.check)

"""Somebody withdraws their consent: the station, the fleet and every gate forget the face, and sign it."""

from collections.abc import Sequence
from typing import Final

from hallward.demo.api import Api
from hallward.demo.children import run_to_end
from hallward.demo.entry import come_by_badge, issue, turned_away
from hallward.demo.hall import GATES, Hall
from hallward.demo.narrator import Check, Narrator
from hallward.demo.sitting import Member
from hallward.demo.watching import STEP_S, look

_ACCOUNT: Final = "secretariat"


def withdraw(hall: Hall, office: Api, members: Sequence[Member], narrator: Narrator) -> list[Check]:
    """The first delegate by face withdraws; then that face is a stranger's, and their badge as good as
    ever."""
    faces = ((number, each) for number, each in enumerate(members) if each.delegate.probe is not None)
    number, member = next(faces, (0, None))
    if member is None or member.delegate.probe is None:
        return []
    gate = GATES[(number + 1) % len(GATES)]  # not the one they came in by: it minds a badge that comes back
    left = look(hall, GATES[0])["references"] - 1
    words = ["enrol", "withdraw", str(hall.folder / "station"), "--member", member.pseudonym]
    run_to_end([*words, "--account", _ACCOUNT, "--fleet", hall.address], said=f"{hall.passwords[_ACCOUNT]}\n")
    path = f"/api/members/{member.pseudonym}/withdrawal"

    def deleted() -> int:
        return sum(row["state"] == "deleted" for row in office.get(path)["gates"])

    narrator.until("the gates sign the deletion", deleted, len(GATES), STEP_S, hall.children.check)
    proof = {row["gate"]: row["leaf"] for row in office.get(path)["gates"]}
    where = " and ".join(f"leaf {leaf}, by {gate}" for gate, leaf in sorted(proof.items()))
    narrator.say(f"one delegate has withdrawn; the proof of deletion is in the log: {where}")
    refused = turned_away(hall, gate, member.delegate.probe, narrator)
    badge = issue(office, [member])[member.pseudonym]
    taken = come_by_badge(hall, gate, member.delegate.name, badge, narrator)
    narrator.say("that face opens no gate any more; the badge still does")
    return [
        Check("gates that signed a withdrawal", sorted(GATES), sorted(proof)),
        Check("faces left at each gate", [left] * len(GATES), [look(hall, g)["references"] for g in GATES]),
        Check("faces refused after the withdrawal", 1, refused),
        Check("badges taken after the withdrawal", 1, taken),
    ]

"""A gate and eight keypads from nothing to green, three acts each; then two die in open ballots. On mosquitto
with three keypads: of the broker only who is let in and thrown out depends.

`pytest -s` shows every act of a hand, and what the machines took apart from it. "Nothing" is a card that
`provision image` wrote; installing the operating system and the program is not a part of it. Acts are counted
by whoever makes them here; that the page asks for no more is shown in tests/browser/test_technician_page.py.
"""

import sys
import time
from collections.abc import Callable

import pytest

from edge.device.errors import DeskRefused
from tests.system.hall import SITTING
from tests.system.hammer import Hammer
from tests.system.provisioning.site import Site

KEYPADS = tuple(f"PAD-{number:03}" for number in range(1, 9))
SPARES = ("PAD-100", "PAD-101")
GATE = "GATE-001"
ACTS_MAX = 3
GREEN_S_MAX = 90.0
SWAP_S_MAX = 10.0
"""Of work; acts of a hand are not waited for here, so all of it is the machines'."""
OUT_S_MAX = 2.0
WATCHED_S = 3.0
pytestmark = pytest.mark.timeout(600)


@pytest.mark.parametrize(
    ("kind", "keypads"), [("nats", KEYPADS), ("mosquitto", KEYPADS[:3])], ids=["nats", "mosquitto"]
)
def test_three_acts_a_device_then_swaps_that_neither_lose_nor_double_a_vote_then_revocation(
    kind: str, keypads: tuple[str, ...], new_site: Callable[[str], Site]
) -> None:
    site, seats = new_site(kind), range(1, len(keypads) + 1)
    rows = [f"seat-{n},keypad,row 1 seat {n},1,1-{n:02},{100 * n},100," for n in seats]
    site.plan([*rows, "door-1,gate,main door,,,450,900,"])
    places = {serial: f"seat-{n}" for n, serial in zip(seats, keypads, strict=True)}
    for serial, place in {**places, **dict.fromkeys(SPARES, ""), GATE: "door-1"}.items():
        site.unbox(serial, "gate" if serial == GATE else "keypad")
        site.claim(serial, place)
    assert len(set(site.names.values())) == len(keypads) + len(SPARES) + 1
    tell_the_work(site)
    hold_a_sitting(site, keypads)
    stays, first, second, *others = keypads
    dies_before_its_vote(site, first, SPARES[0], (stays, second, *others))
    dies_after_its_vote_and_its_card_is_stolen(site, second, SPARES[1], (stays, *others))
    site.audited()


def tell_the_work(site: Site) -> None:
    """Every human input, those before a device shows its code and those that all have in common too; and the
    machines' time apart from them."""
    lines = [f"{site.kind}:", *(f"once for all of them: {what}" for what in site.technician.once)]
    for serial in site.names:
        work = site.technician.work[serial]
        assert len(work.acts) == ACTS_MAX, work.acts
        assert 0 < work.to_code_s + work.to_button_s + work.to_green_s < GREEN_S_MAX
        lines.append(
            f"{serial}: mounted ({'; '.join(work.mounting)}); {len(work.acts)} acts ({'; '.join(work.acts)})"
        )
        lines.append(
            f"    machines: code {work.to_code_s:.1f} s after the power, asks for the button "
            f"{work.to_button_s:.1f} s after the tap, green {work.to_green_s:.1f} s after the press"
        )
    say(*lines)


def hold_a_sitting(site: Site, keypads: tuple[str, ...]) -> None:
    """Of a delegate at each keypad."""
    names = [{"name": f"Delegate {n}"} for n, _ in enumerate(keypads, 1)]
    members = site.api.post("/api/members", {"members": names})
    roll = [
        {"member": row["member"], "device": site.names[serial], "seat": f"1-{n:02}"}
        for n, (serial, row) in enumerate(zip(keypads, members, strict=True), 1)
    ]
    words = {"sitting": SITTING, "title": "First", "quorum_num": 1, "quorum_den": 2, "roll": roll}
    site.api.post("/api/sittings", words)
    site.api.post(f"/api/sittings/{SITTING}/open")


def vote(site: Site, question: str, voters: tuple[str, ...], choice: str) -> None:
    for serial in voters:
        site.until_shows(serial, "open", says=question)
        site.press(serial, choice, "ok")
    for serial in voters:
        site.until_shows(serial, "recorded")


def swapped(site: Site, dead: str, spare: str, question: str, *, voted: bool) -> None:
    """By the technician's three acts; the spare speaks for the member when this returns."""
    began_s = time.monotonic()
    answer = site.technician.swap(dead, spare)
    assert (answer["question"], answer["voted"]) == (question, voted)
    site.until_shows(spare, "recorded" if voted else "open", says=question)
    took_s = time.monotonic() - began_s
    acts = site.technician.work[f"{dead} -> {spare}"].acts
    say(f"{site.kind}: swap in an open ballot: {len(acts)} acts ({'; '.join(acts)}); machines {took_s:.1f} s")
    assert len(acts) <= ACTS_MAX
    assert took_s < SWAP_S_MAX


def dies_before_its_vote(site: Site, dead: str, spare: str, others: tuple[str, ...]) -> None:
    question = site.open_question(revote=False)
    vote(site, question, others, "yes")
    site.processes.kill(dead)
    swapped(site, dead, spare, question, voted=False)
    vote(site, question, (spare,), "no")
    expected = {**{site.names[serial]: "yes" for serial in others}, site.names[spare]: "no"}
    assert site.close_question(question)["choices"] == expected


def dies_after_its_vote_and_its_card_is_stolen(
    site: Site, dead: str, spare: str, others: tuple[str, ...]
) -> None:
    """Whoever has its folder hammers on the broker before, during and after the swap."""
    question = site.open_question(revote=False)
    voters = (*others, dead)
    vote(site, question, voters, "abstain")
    site.processes.kill(dead)
    hammer = Hammer(site, dead, site.genuine_records(dead, 600))
    try:
        site.until(lambda: hammer.said > 20, "whoever has the card is let in")
        began_s = time.monotonic()
        swapped(site, dead, spare, question, voted=True)
        site.until(lambda: not hammer.is_in, "the broker throws it out", OUT_S_MAX)
        gone_s = hammer.left_s[-1]
        accepted = verdicts(site, dead, "ok")
        site.until(lambda: time.monotonic() > gone_s + WATCHED_S, "it has knocked for a while")
    finally:
        hammer.stop()
    refused = sum(moment > gone_s for moment in hammer.refused_s)
    say(f"{site.kind}: the stolen card is out {gone_s - began_s:.2f} s after the swap was typed, "
        f"refused {refused} times in the {WATCHED_S:.0f} s after it")  # fmt: skip
    assert gone_s - began_s <= OUT_S_MAX
    assert hammer.entered_s[-1] < gone_s
    assert refused > 10
    assert verdicts(site, dead, "ok") == accepted
    site.renews(others[0])
    with pytest.raises(DeskRefused) as refusal:
        site.renews(dead)
    assert refusal.value.reason == "revoked"
    assert site.close_question(question)["choices"] == {site.names[serial]: "abstain" for serial in voters}


def verdicts(site: Site, serial: str, verdict: str) -> int:
    return sum(found == verdict for _, _, found in site.stored(site.names[serial]))


def say(*lines: str) -> None:
    sys.stdout.write("\n".join(["", *lines, ""]))

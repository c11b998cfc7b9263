"""A keypad is swapped in an open ballot, and its vote and the spare's reach the log in whatever order the
faults of that minute make: of the member one vote counts, and it is the one that the spare shows."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from signal import SIGCONT, SIGSTOP
from typing import Any

import pytest

from hallward.demo.api import ApiError
from tests.system.hall import NO_SEAT, START_S, SystemHall

HallFactory = Callable[..., SystemHall]
DEAD, SPARE, OTHER_SPARE = "keypad-9", "spare-1", "spare-2"


class SwapSite:
    """Two delegates at keypads that work; a third at DEAD, whose cable can be pulled."""

    def __init__(self, hall: SystemHall) -> None:
        self.hall = hall
        cable = hall.provision(DEAD, "keypad", cable=True)
        assert cable is not None
        self.cable = cable
        for name in (SPARE, OTHER_SPARE):
            hall.provision(name, "keypad")
        for name in (DEAD, SPARE, OTHER_SPARE):
            hall.start_keypad(name)
        for name in (DEAD, SPARE, OTHER_SPARE):
            hall.until(partial(self.is_connected, name), f"{name} connects", START_S)
        seat = f"/api/sittings/sitting-1/seats/{hall.keypads[-1]}"
        self.member = hall.members[hall.keypads[-1]]
        hall.api.put(seat, {"member": None})
        hall.api.put(f"/api/sittings/sitting-1/seats/{DEAD}", {"member": self.member, "seat": DEAD})

    def is_connected(self, name: str) -> bool:
        return bool(self.hall.look(name).get("connected"))

    def question(self, *, revote: bool = False) -> str:
        question = self.hall.open_question(revote=revote)
        self.hall.until_shows(DEAD, "open", says=question)
        return question

    def swap(self, dead: str = DEAD, spare: str = SPARE) -> Any:
        return self.hall.api.post("/api/swap", {"dead": dead, "spare": spare, "reason": "dark"})

    def press(self, name: str, choice: str) -> None:
        self.hall.press(name, choice, "ok")
        self.hall.until(lambda: self.hall.look(name).get("state") != "open", f"{name} has signed its vote")

    def ballots(self, name: str) -> list[str]:
        """What became of the votes of this unit that reached the log."""
        query = "SELECT verdict FROM records WHERE device = :device AND kind = 'open-ballot/1'"
        return [str(verdict) for (verdict,) in self.hall.rows(query, device=name)]

    def choices(self, question: str) -> dict[str, str]:
        found: dict[str, str] = self.hall.close_question(question)["choices"]
        return found


@pytest.fixture
def site(private_hall: HallFactory) -> SwapSite:
    """On the broker that comes along; swaps on either are in tests/system/provisioning."""
    return SwapSite(private_hall("nats", 2))


def test_a_vote_that_the_old_one_could_not_send_is_refused_when_its_cable_is_mended(site: SwapSite) -> None:
    question = site.question()
    site.cable.pull()
    site.press(DEAD, "yes")
    assert site.swap()["voted"] is False
    site.hall.until_shows(SPARE, "open", says=question)
    site.cable.plug()
    site.press(SPARE, "no")
    site.hall.until_shows(SPARE, "recorded")
    assert site.choices(question) == {SPARE: "no"}
    assert "ok" not in site.ballots(DEAD)
    site.hall.audited()


def test_what_ingest_reads_late_is_counted_once_and_the_spare_shows_which(site: SwapSite) -> None:
    question = site.question()
    site.hall.signal("ingest", SIGSTOP)
    try:
        site.press(DEAD, "yes")
        answer = site.swap()
        assert (answer["question"], answer["voted"]) == (question, False)
    finally:
        site.hall.signal("ingest", SIGCONT)

    def knows() -> bool:
        seen = site.hall.look(SPARE)
        screen = str(seen.get("screen", ""))
        return question in screen and NO_SEAT not in screen and seen["state"] in ("open", "recorded")

    site.hall.until(knows, f"the spare has its seat and knows {question}")
    site.hall.until(lambda: site.ballots(DEAD), "the vote of the old one is a leaf, whatever it counts")
    if site.ballots(DEAD) == ["ok"]:
        site.hall.until_shows(SPARE, "recorded", says=question)
        expected = {DEAD: "yes"}
    else:
        site.press(SPARE, "no")
        site.hall.until_shows(SPARE, "recorded", says=question)
        expected = {SPARE: "no"}
    assert site.choices(question) == expected
    site.hall.audited()


def test_where_votes_may_be_changed_the_spare_changes_what_the_old_one_cast(site: SwapSite) -> None:
    question = site.question(revote=True)
    site.press(DEAD, "yes")
    site.hall.until_shows(DEAD, "recorded")
    assert site.swap()["voted"] is True
    site.hall.until_shows(SPARE, "recorded", says=question)
    site.hall.press(SPARE, "no", "ok")
    site.hall.until(lambda: site.ballots(SPARE) == ["ok"], "the change is a leaf")
    assert site.choices(question) == {SPARE: "no"}
    site.hall.audited()


def test_two_people_with_a_spare_each_bring_one_of_them_to_the_seat(site: SwapSite) -> None:
    question = site.question()

    def swaps(spare: str) -> str:
        try:
            site.swap(spare=spare)
        except ApiError as err:
            return "" if err.status == 409 else str(err)
        return spare

    with ThreadPoolExecutor(2) as hands:
        (taken,) = filter(None, hands.map(swaps, (SPARE, OTHER_SPARE)))
    site.hall.until_shows(taken, "open", says=question)
    site.press(taken, "abstain")
    site.hall.until_shows(taken, "recorded")
    assert site.choices(question) == {taken: "abstain"}
    (left,) = {SPARE, OTHER_SPARE} - {taken}
    assert site.hall.api.get(f"/api/devices/{left}")["state"] == "active"
    site.hall.audited()

"""A small assembly whose secretariat works through the API."""

from typing import Any

import httpx

from tests.fleet.hall_under_test import HallUnderTest, members_of, ok
from wire.ids import MemberRef, QuestionId, SittingId
from wire.records import OpenBallot, Passage

SITTING, QUESTION = SittingId("s1"), QuestionId("q1")


class Assembly:
    """A sitting of four members at four keypads, all of them alive; gate-1 lets them in."""

    def __init__(self, hall: HallUnderTest) -> None:
        self.hall = hall
        self.chair = hall.client("secretariat")
        technician = hall.client("technician")
        hall.register(technician, "gate-1", "gate")
        for number in range(1, 5):
            hall.register(technician, f"keypad-{number}")
        self.members = members_of(hall, self.chair, ["Lan", "Minh", "Nga", "Oanh"])
        roll = [
            {"member": member, "device": f"keypad-{number}", "seat": f"A{number}"}
            for number, member in enumerate(self.members, start=1)
        ]
        body = {"sitting": SITTING, "title": "Phiên một", "quorum_num": 1, "quorum_den": 2, "roll": roll}
        ok(self.chair.post("/api/sittings", json=body), 201)
        hall.alive()

    def open_sitting(self) -> None:
        ok(self.chair.post(f"/api/sittings/{SITTING}/open", json={}))
        self.hall.append()

    def ask(self, question: str = QUESTION, **changes: object) -> httpx.Response:
        body = {"question": question, "text": "Thông qua nghị quyết?", **changes}
        return self.chair.post(f"/api/sittings/{SITTING}/questions", json=body)

    def prepare(self, question: str = QUESTION, **changes: object) -> dict[str, Any]:
        prepared: dict[str, Any] = ok(self.ask(question, **changes), 201)
        return prepared

    def step(self, which: str, **body: bool) -> dict[str, Any]:
        found: dict[str, Any] = ok(self.chair.post(f"/api/questions/{QUESTION}/{which}", json=body))
        self.hall.append()
        return found

    def result(self) -> dict[str, Any]:
        found: dict[str, Any] = ok(self.chair.get(f"/api/questions/{QUESTION}/result"))
        return found

    def enter(self, *numbers: int) -> None:
        for number in numbers:
            self.hall.append(("gate-1", Passage(SITTING, self.member(number), "in", "face")))

    def leave(self, number: int) -> None:
        self.hall.append(("gate-1", Passage(SITTING, self.member(number), "out", "face")))

    def press(self, number: int, choice: str, question: QuestionId = QUESTION) -> None:
        ballot = OpenBallot(SITTING, question, self.member(number), choice)
        self.hall.append((f"keypad-{number}", ballot))

    def member(self, number: int) -> MemberRef:
        return MemberRef(bytes.fromhex(self.members[number - 1]))

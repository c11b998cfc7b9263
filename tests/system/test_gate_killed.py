"""kill -9 of a real gate, with its networks loaded, between two people."""

from functools import partial

from hallward.demo.hands import Hands, NoAnswer
from models.places import package_folder
from tests.models.gate_models import ready_cache
from tests.system.hall import SITTING, SystemHall
from tests.system.one_broker import ON_ONE_BROKER

pytestmark = ON_ONE_BROKER


def test_everybody_who_walked_through_is_present_once(hall: SystemHall) -> None:
    name = "gate-killed"
    hall.provision(name, "gate", firmware={"models": str(package_folder(ready_cache()))})
    hands = Hands(hall.device(name))

    def look() -> dict[str, object]:
        try:
            return hands.do("look")
        except NoAnswer:
            return {}

    def start() -> None:
        hall.processes.start(name, ["gate", "run", str(hall.device(name))])
        hall.until(lambda: look().get("sitting") == SITTING, "the gate learns of the sitting", 90.0)

    start()
    badges = hall.api.post("/api/badges", {"members": list(hall.members.values())})
    for row in badges:
        before = look()["last_seq"]
        hands.do("badge", text=row["text"])
        hall.until(lambda: look()["state"] == "released", f"the door opens; {look()}")
        hands.do("push")
        hall.until(partial(lambda seq: look()["last_seq"] != seq, before), "the passage is durable")
        hall.processes.kill(name)
        start()
    hall.until(lambda: len(hall.stored(name)) == len(badges), "every passage is in the log")
    where = {row["member"]: row["where"] for row in hall.api.get(f"/api/sittings/{SITTING}/roll")}
    assert {where[row["member"]] for row in badges} == {"present"}  # others are in the same hall, too
    hall.processes.stop(name)
    hall.audited()

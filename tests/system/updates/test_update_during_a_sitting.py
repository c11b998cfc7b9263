"""A rollout is started while the hall sits: nothing changes before the sitting is over, and each device says
so afterwards."""

from typing import Any

from tests.system.updates.conftest import Updating
from tests.system.updates.hall import firmware_of_this_tree

ALL: list[dict[str, Any]] = [{"name": "all"}]


def test_nothing_is_ordered_before_the_end_and_every_device_attests_it(updating: Updating) -> None:
    hall = updating(keypads=3)
    hall.release("firmware/keypad-0.1.3.tar", firmware_of_this_tree("0.1.3"), "keypad")
    # The lease is said again at births once a second at most: who comes a moment after another hears it then,
    # and who never was frozen has nothing to attest.
    frozen = "sitting sitting-1 is frozen, and what runs here is measured"
    hall.until(lambda: all(frozen in hall.processes.said(name) for name in hall.keypads), "all are frozen")
    hall.vote("yes")
    hall.rollout("night-3", "firmware/keypad-0.1.3.tar", ALL)
    hall.until(lambda: "sitting-1" in hall.shown("night-3")["words"], "it says which sitting it waits for")
    hall.vote("no")
    assert {row["generation"] for row in hall.courses("night-3").values()} == {0}
    assert all(hall.reported(name)["software"] == "hallward 0.1.0" for name in hall.keypads)

    hall.api.post("/api/sittings/sitting-1/close")
    hall.until_rollout("night-3", "done")

    def attested() -> dict[str, str]:
        said = hall.api.get("/api/sittings/sitting-1/attestation")
        return {row["device"]: row["state"] for row in said["devices"]}

    hall.until(lambda: "silent" not in attested().values(), "everybody has attested")
    assert attested() == dict.fromkeys(hall.keypads, "unchanged")
    hall.sit("sitting-2")
    hall.vote("abstain")
    hall.audited()

"""What following a rollout of 500 devices costs balena."""

import sys
from collections import Counter
from typing import Any

import pytest

from provisioning.backends.follower import BATCH, Follower, Means
from tests.provisioning.backends.balena_fake import NOW, BalenaFake
from tests.provisioning.backends.connected import Connect

pytestmark = pytest.mark.slow

MANY = 500
NOW_MS = int(NOW.timestamp() * 1000)


class Hall:
    """Believes every report."""

    def __init__(self) -> None:
        self.states = {f"keypad-{number:03}": "ordered" for number in range(MANY)}

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        if method == "POST" and body is not None:
            self.states[path.rpartition("/")[2]] = body["state"]
            return {}
        if path == "/api/freeze":
            return {"sitting": None, "overrides": []}
        if path.endswith("/devices"):
            row = {"backend": "balena", "generation": 1, "ordered_ms": NOW_MS, "ended_ms": None}
            return [{"device": device, "state": state, **row} for device, state in self.states.items()]
        return {"state": "running", "words": "", "component": "firmware", "version": "1.1.0"}


def test_the_second_rollout_costs_tens_of_requests_and_the_first_one_more_for_each_device(
    fake: BalenaFake, connect: Connect
) -> None:
    hall = Hall()
    for name in hall.states:
        fake.add_device(name)
    means = Means(lambda: connect().backend, lambda: NOW_MS, lambda _: None, str)
    Follower(hall, means, "fw-4").round()
    first = Counter(method for method, _ in fake.asked)
    assert Counter(hall.states.values()) == {"working": MANY}
    for row in fake.tables["device"]:
        row["is_running__release"] = 22
    before = len(fake.asked)
    Follower(hall, means, "fw-4").round()
    look = len(fake.asked) - before
    assert Counter(hall.states.values()) == {"committed": MANY}

    for row in fake.tables["device"]:
        row.update(is_running__release=21, is_pinned_on__release=21)
    hall.states = dict.fromkeys(hall.states, "ordered")
    before = len(fake.asked)
    Follower(hall, means, "fw-5").round()
    second = len(fake.asked) - before
    sys.stdout.write(
        f"requests to balena to pin {MANY} devices, {BATCH} in a call: {first.total()} the first time "
        f"({first['POST']} of them tags), {second} after that; to look: {look}\n"
    )
    assert first["POST"] == MANY
    assert first.total() <= MANY + 10 * MANY // BATCH
    assert second <= 10 * MANY // BATCH
    assert look <= 8

"""A secret question is held by the fleet itself when too many units vanish at once."""

import pytest

from fleet.db import Connection
from fleet.secret.rules import SecretQuestion
from fleet.secret.watch import SecretWatch
from tests.fleet.hall_under_test import ok
from tests.fleet.secret.congress import Congress, SecretHall
from wire.records import Alarm

pytestmark = pytest.mark.slow


def test_it_is_held_and_the_log_says_why(hall: SecretHall) -> None:
    congress = Congress(hall).opened()
    watch = SecretWatch(hall.office)
    watch.tick()
    hall.clock.step(16_000)
    hall.alive("keypad-1")
    watch.tick()
    hall.append()

    assert congress.seen()["state"] == "held"
    assert "3 of 4" in str(congress.seen()["held_why"])
    assert any(isinstance(body, Alarm) and body.code == "auto-held" for body in hall.desk_bodies())
    ok(congress.step("resume"))
    assert congress.seen()["held_why"] is None


def test_what_was_lost_before_somebody_held_and_resumed_holds_nothing_behind_it(
    hall: SecretHall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The chair is faster than the fleet, which has decided already and waits for its turn."""
    congress = Congress(hall).opened()
    watch = SecretWatch(hall.office)
    watch.tick()
    loss = watch._loss

    def slow(connection: Connection, found: SecretQuestion) -> str | None:
        why = loss(connection, found)
        hall.clock.step(1)
        ok(congress.step("hold"))
        ok(congress.step("resume"))
        return why

    monkeypatch.setattr(watch, "_loss", slow)
    hall.clock.step(16_000)
    watch.tick()
    assert congress.seen()["state"] == "open"


def test_one_unit_that_is_swapped_holds_nothing(hall: SecretHall) -> None:
    congress = Congress(hall).opened()
    watch = SecretWatch(hall.office)
    watch.tick()
    hall.clock.step(16_000)
    hall.alive("keypad-1", "keypad-2", "keypad-3")
    watch.tick()

    assert congress.seen()["state"] == "open"


def test_what_was_missing_at_the_opening_is_no_loss(hall: SecretHall) -> None:
    congress = Congress(hall).ready_to_open()
    hall.clock.step(16_000)
    hall.alive("keypad-1")
    ok(congress.step("open", accept_missing=True))
    watch = SecretWatch(hall.office)
    for _ in range(3):
        watch.tick()

    assert congress.seen()["state"] == "open"

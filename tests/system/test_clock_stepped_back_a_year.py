"""A device's operating system steps its clock back a year; the device talks to the real fleet."""

import time
from typing import Final

from tests.system.hall import SystemHall
from tests.system.one_broker import ON_ONE_BROKER
from tests.system.talker import Talker
from wire.down import SittingNotice
from wire.envelope import Purpose, verify
from wire.records import Record, parse_record

pytestmark = ON_ONE_BROKER

YEAR_MS: Final = 365 * 86_400_000
BREATH_MS: Final = 15_000


class SteppedClock:
    """The port edge.device.ports.Clock: true until it is stepped."""

    def __init__(self, step_ms: int = 0) -> None:
        self.step_ms = step_ms

    def monotonic_ms(self) -> int:
        return time.monotonic_ns() // 1_000_000

    def wall_ms(self) -> int:
        return time.time_ns() // 1_000_000 + self.step_ms


def test_a_device_that_knows_the_time_does_not_follow(hall: SystemHall) -> None:
    clock = SteppedClock()
    talker = hall.talker("gate-clock-1", clock=clock)
    hall.until(lambda: talker.runtime.clock.is_synchronised, "the hall's time is learnt")
    talker.say(5)
    clock.step_ms = -YEAR_MS
    talker.say(5)
    assert abs(_stamps(talker)[-1] - time.time_ns() // 1_000_000) < BREATH_MS
    assert _stamps(talker) == sorted(_stamps(talker))
    hall.until_drained(talker)
    talker.stop()


def test_a_device_that_starts_a_year_back_learns_the_time_and_obeys(hall: SystemHall) -> None:
    """Its certificate, the broker's and the messages in force are from its future; it believes its hall."""
    talker = hall.talker("gate-clock-2", clock=SteppedClock(-YEAR_MS))
    talker.say(3)  # before it can know: honest about it
    uncertain = [record.stamp.clock_uncertainty_ms for record in _records(talker)]
    assert min(uncertain) > YEAR_MS or talker.runtime.clock.is_synchronised
    hall.until(lambda: talker.runtime.clock.is_synchronised, "the hall's time is learnt")
    hall.until(
        lambda: any(isinstance(m.body, SittingNotice) for m in talker.heard), "the sitting is heard of"
    )
    talker.say(3)
    assert abs(_stamps(talker)[-1] - time.time_ns() // 1_000_000) < BREATH_MS
    hall.until_drained(talker)
    talker.stop()


def _records(talker: Talker) -> list[Record]:
    key = talker.identity.signer.public_key
    return [
        parse_record(verify(envelope, Purpose.RECORD, talker.name, key)) for _, envelope in talker.envelopes()
    ]


def _stamps(talker: Talker) -> list[int]:
    return [record.stamp.wall_ms for record in _records(talker)]

"""A service beats, and its supervisor feeds the kernel's watchdog. What happens when it falls silent, `hang`
shows: it resets the machine."""

from pathlib import Path

from edge.device.adapters.systemd_notify import SystemdNotify
from tests.virtual_bench.guest.dog import KERNEL, Dog, Supervisor

TIMEOUT_S = 15
"""The longest whole number of seconds for a Raspberry Pi's own watchdog, which counts 20 bits of 16 µs."""


def state() -> str:
    return (KERNEL / "state").read_text("ascii").strip()


def test_it_sleeps_until_it_is_opened_and_after_the_magic_word() -> None:
    assert state() == "inactive"
    dog = Dog(TIMEOUT_S)
    assert state() == "active"
    assert dog.timeout_s == TIMEOUT_S
    dog.feed()
    dog.put_to_sleep()
    assert state() == "inactive"


def test_only_a_beat_of_the_service_feeds_the_dog(tmp_path: Path) -> None:
    dog = Dog(TIMEOUT_S)
    supervisor = Supervisor(dog, tmp_path / "notify")
    environment = {"NOTIFY_SOCKET": str(supervisor.address), "WATCHDOG_USEC": "3000000"}
    service = SystemdNotify(environment, 1)
    service.say("READY=1")
    supervisor.listen()
    assert supervisor.beats == 0
    service.say("WATCHDOG=1")
    supervisor.listen()
    supervisor.close()
    dog.put_to_sleep()
    assert service.watchdog_ms == 1_000
    assert supervisor.words == ["READY=1", "WATCHDOG=1"]
    assert supervisor.beats == 1


def test_a_supervisor_that_is_killed_leaves_the_watchdog_counting() -> None:
    Dog(TIMEOUT_S).abandon()
    assert state() == "active"
    Dog(TIMEOUT_S).put_to_sleep()
    assert state() == "inactive"

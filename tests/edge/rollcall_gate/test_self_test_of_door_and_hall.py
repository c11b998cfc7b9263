"""`gate check` moves a door only when nobody can be hurt, and asks the hall without disturbing it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from edge.device import findings
from edge.device.adapters.mqtt_link import BrokerAddress, MqttLink
from edge.device.adapters.system_clock import SystemClock
from edge.device.errors import DeviceError
from edge.device.ports import LinkEvent, LinkUp
from edge.rollcall_gate.trial import self_test
from tests.edge.rollcall_gate.check_bench import DAY_MS, Bench, failed, time_notice, wants_a_hand
from tests.edge.rollcall_gate.rig import DESK, GATE, HALL, REGISTRAR
from tests.servers.brokers import BrokerFactory
from tests.servers.credentials import HallKeys
from tests.servers.mqtt_client import client
from tests.servers.ports import free_port
from wire import topics


@pytest.fixture
def bench(tmp_path: Path, hall_keys: HallKeys) -> Bench:
    return Bench(tmp_path, hall_keys)


# -- door and lane -----------------------------------------------------------------------------------------


def test_a_door_is_released_secured_and_left_released(bench: Bench) -> None:
    assert bench.line("door").ok is True
    assert bench.parts.door.told == ["release", "secure", "release"]
    assert not bench.parts.door.locked


def test_a_door_that_stands_open_or_does_not_close_is_never_secured(bench: Bench) -> None:
    bench.parts.door.push()
    failed(bench.line("door"), "open", "contact")
    assert "secure" not in bench.parts.door.told


def test_a_door_that_comes_open_while_it_is_secured(bench: Bench) -> None:
    bench.parts.door.comes_open = True
    failed(bench.line("door"), "came open")
    assert not bench.parts.door.locked


def test_a_door_that_does_not_take_the_bolt_is_jammed_or_does_not_answer(bench: Bench) -> None:
    bench.parts.door.refuses = True
    failed(bench.line("door"), "bolt")
    bench.parts.door.jam()
    failed(bench.line("door"), "cannot turn")
    bench.parts.door.cut_wire()
    failed(bench.line("door"), "does not answer", "wires")


def test_a_door_is_not_moved_when_the_technician_says_so(bench: Bench) -> None:
    wants_a_hand(bench.lines(move_door=False)["door"], "--no-door")
    assert bench.parts.door.told == []


def test_while_the_fire_contact_is_active_the_door_is_left_alone(bench: Bench) -> None:
    assert bench.parts.fire is not None
    bench.parts.fire.ring()
    found = bench.lines()
    failed(found["fire contact"], "cut wire")
    wants_a_hand(found["door"], "fire contact")
    assert "secure" not in bench.parts.door.told


def test_beams_that_do_not_answer_or_see_people_where_nobody_went(bench: Bench) -> None:
    sensor = bench.parts.sensor
    assert sensor is not None
    sensor.cross()  # before the check: of no interest
    assert bench.line("pass sensor").ok is True
    sensor.cut_wire()
    failed(bench.line("pass sensor"), "do not answer", "wires")
    wants_a_hand(self_test.pass_sensor(2), "2 crossing(s)", "align")


def test_what_is_not_wired_is_said_and_fails_nothing(bench: Bench) -> None:
    bench.parts.sensor = bench.parts.fire = None
    found = bench.lines()
    assert (found["pass sensor"].ok, found["fire contact"].ok, found["door"].ok) == (True, True, True)
    assert "none is wired" in found["pass sensor"].words


def test_hardware_that_cannot_be_opened_is_one_line_and_the_rest_goes_on(bench: Bench) -> None:
    found = bench.having(hardware=DeviceError("no pin factory; is this a Raspberry Pi?")).lines()
    failed(found["hardware"], "no pin factory")
    assert found["clock"].ok is True


# -- network and time --------------------------------------------------------------------------------------


def test_no_broker(bench: Bench) -> None:
    bench.reachable = False
    found = bench.lines()
    failed(found["broker"], "cut", "hall.local:8883")
    wants_a_hand(found["clock"], "broker line right first")


def test_a_slow_broker(bench: Bench) -> None:
    bench.round_trip_ms = findings.ROUND_TRIP_MS_MAX + 1
    wants_a_hand(bench.line("broker"), "slow")


@pytest.mark.parametrize("skew_ms", [-90_000, 90_000, -400 * DAY_MS])
def test_a_clock_that_is_far_off(bench: Bench, skew_ms: int) -> None:
    bench.says = lambda now_ms: (time_notice(now_ms - skew_ms),)
    failed(bench.line("clock"), "behind" if skew_ms < 0 else "ahead of", "timedatectl")
    assert bench.line("clock").measured == {"skew-ms": skew_ms}


def test_a_clock_that_is_a_little_off_wants_a_hand_beyond_what_the_way_costs(bench: Bench) -> None:
    bench.says = lambda now_ms: (time_notice(now_ms - 2_900),)
    assert bench.line("clock").ok is True
    bench.says = lambda now_ms: (time_notice(now_ms - 3_100),)
    wants_a_hand(bench.line("clock"), "3.1 s ahead of the hall")


def test_only_the_halls_own_word_about_the_time_is_taken(bench: Bench) -> None:
    def forged(now_ms: int) -> tuple[bytes, ...]:
        return b"nonsense", time_notice(now_ms, by=DESK), time_notice(now_ms, by=REGISTRAR)

    bench.says = forged
    wants_a_hand(bench.line("clock"), "no time from the hall")
    bench.says = lambda now_ms: (*forged(now_ms), time_notice(now_ms - 90_000))
    failed(bench.line("clock"), "90.0 s")


def test_offline_nobody_is_asked(bench: Bench) -> None:
    bench.reachable = False
    found = bench.lines(ask_hall=False)
    wants_a_hand(found["broker"], "--offline")
    wants_a_hand(found["clock"], "--offline")


@pytest.mark.broker
def test_over_a_real_broker_the_way_is_measured_and_the_halls_time_is_heard(
    bench: Bench, start_broker: BrokerFactory, hall_keys: HallKeys
) -> None:
    broker = start_broker("nats")
    broker.start([GATE])
    now_ms = SystemClock().wall_ms()
    with client(broker.port, hall_keys.credentials("ingest")) as fleet:
        fleet.subscribe(topics.ingest_filter(HALL))
        folder = bench.folder

        class Link(MqttLink):
            def start(self, inbox: Callable[[LinkEvent], None]) -> None:
                def hear(event: LinkEvent) -> None:
                    inbox(event)
                    if isinstance(event, LinkUp):
                        fleet.publish(topics.broadcast(HALL, topics.All.TIME), time_notice(now_ms))

                super().start(hear)

        address = BrokerAddress(
            "127.0.0.1", broker.port, folder / "ca.crt", folder / "identity.crt", folder / "identity.key"
        )
        bench.tools = replace(
            bench.tools,
            clock=SystemClock(),
            link=lambda: Link(address, bench.subject.identity.subscriptions),
            hall_within_ms=20_000,
        )
        found = bench.lines()
        assert found["broker"].ok is True, found["broker"].line()
        assert 0 <= found["broker"].measured["round-trip-ms"] <= found["broker"].measured["connected-ms"]
        assert found["clock"].ok is not None
        assert fleet.received == []


def test_a_broker_that_is_not_there_is_a_reason_in_words(bench: Bench) -> None:
    folder, port = bench.folder, free_port()
    address = BrokerAddress(
        "127.0.0.1", port, folder / "ca.crt", folder / "identity.crt", folder / "identity.key"
    )
    bench.tools = replace(
        bench.tools, clock=SystemClock(), link=lambda: MqttLink(address, ["t"]), hall_within_ms=20_000
    )
    failed(bench.line("broker"), "refused")

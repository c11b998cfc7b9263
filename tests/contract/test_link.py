"""What a device may rely on from its link, simulated or over a real broker: little, and all of it."""

import gc
import queue
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from edge.device.adapters.mqtt_link import BrokerAddress, MqttLink
from edge.device.adapters.simulated_link import SimulatedBroker, SimulatedLink
from edge.device.ports import Arrived, Link, LinkDown, LinkEvent, LinkUp
from tests.servers.brokers import BrokerFactory, RunningBroker
from tests.servers.credentials import HallKeys
from tests.servers.mqtt_client import client
from tests.servers.ports import free_port
from tests.servers.waiting import wait_until
from wire import topics
from wire.ids import DeviceId, HallId

pytestmark = pytest.mark.slow

HALL, DEVICE = HallId("hall-1"), DeviceId("keypad-1")
REC = topics.up(HALL, DEVICE, topics.Up.REC)
ACK = topics.down(HALL, DEVICE, topics.Down.ACK)
TIME = topics.broadcast(HALL, topics.All.TIME)


@dataclass
class Bench:
    """One link and the other side of it. heard: (topic, payload) at the fleet."""

    link: Link
    fleet_says: Callable[[str, bytes], None]
    heard: Callable[[], list[tuple[str, bytes]]]
    cut: Callable[[], None]
    heal: Callable[[], None]


def simulated() -> Iterator[Bench]:
    broker = SimulatedBroker()
    heard: list[tuple[str, bytes]] = []
    fleet = SimulatedLink(broker, [topics.ingest_filter(HALL)])
    fleet.start(
        lambda event: heard.append((event.topic, event.payload)) if isinstance(event, Arrived) else None
    )
    link = SimulatedLink(broker, topics.device_filters(HALL, DEVICE))
    yield Bench(link, fleet.publish, lambda: heard, link.cut, link.heal)
    link.close()


def address(broker: RunningBroker, keys: HallKeys) -> BrokerAddress:
    own = keys.credentials(DEVICE)
    return BrokerAddress("127.0.0.1", broker.port, own.authority, own.certificate, own.key)


def over_mqtt(broker: RunningBroker, keys: HallKeys) -> Iterator[Bench]:
    broker.start([DEVICE])
    link = MqttLink(address(broker, keys), topics.device_filters(HALL, DEVICE), jitter=lambda: 0.0)
    with client(broker.port, keys.credentials("ingest")) as fleet:
        fleet.subscribe(topics.ingest_filter(HALL))
        yield Bench(
            link,
            fleet.publish,
            lambda: fleet.received,
            broker.stop,
            lambda: broker.start([DEVICE]),
        )
        link.close()


@pytest.fixture(
    params=[
        "simulated",
        pytest.param("nats", marks=pytest.mark.broker),
        pytest.param("mosquitto", marks=pytest.mark.broker),
    ]
)
def bench(
    request: pytest.FixtureRequest, start_broker: BrokerFactory, hall_keys: HallKeys
) -> Iterator[Bench]:
    if request.param == "simulated":
        yield from simulated()
    else:
        yield from over_mqtt(start_broker(request.param), hall_keys)


class Inbox:
    def __init__(self) -> None:
        self.events: queue.SimpleQueue[LinkEvent] = queue.SimpleQueue()

    def next(self, kind: type[LinkEvent], timeout_s: float = 20.0) -> LinkEvent:
        """The next event of this kind; others are passed over."""
        while True:
            event = self.events.get(timeout=timeout_s)
            if isinstance(event, kind):
                return event


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


def test_up_means_that_whatever_is_said_from_now_on_is_heard(bench: Bench, inbox: Inbox) -> None:
    bench.link.start(inbox.events.put)
    inbox.next(LinkUp)
    bench.fleet_says(ACK, b"receipt")
    assert inbox.next(Arrived) == Arrived(ACK, b"receipt")
    bench.fleet_says(TIME, b"time")
    assert inbox.next(Arrived) == Arrived(TIME, b"time")


def test_what_is_published_arrives_in_order(bench: Bench, inbox: Inbox) -> None:
    bench.link.start(inbox.events.put)
    inbox.next(LinkUp)
    sent = [(REC, str(number).encode()) for number in range(100)]
    for topic, payload in sent:
        bench.link.publish(topic, payload)
    wait_until(lambda: len(bench.heard()) >= 100, "100 messages")
    assert bench.heard() == sent


def test_publishing_before_the_start_and_after_the_end_is_lost_without_a_word(
    bench: Bench, inbox: Inbox
) -> None:
    bench.link.publish(REC, b"early")
    bench.link.start(inbox.events.put)
    inbox.next(LinkUp)
    bench.link.close()
    bench.link.publish(REC, b"late")
    assert bench.heard() == []


def test_a_cut_is_reported_and_the_link_comes_back_by_itself(bench: Bench, inbox: Inbox) -> None:
    bench.link.start(inbox.events.put)
    inbox.next(LinkUp)
    bench.cut()
    inbox.next(LinkDown)
    bench.link.publish(REC, b"lost")
    bench.heal()
    inbox.next(LinkUp)


# -- over MQTT alone ---------------------------------------------------------------------------------------


@pytest.mark.broker
def test_an_inbox_that_raises_does_not_silence_the_link(
    start_broker: BrokerFactory, hall_keys: HallKeys, inbox: Inbox
) -> None:
    broker = start_broker("nats")
    broker.start([DEVICE])
    link = MqttLink(address(broker, hall_keys), topics.device_filters(HALL, DEVICE), jitter=lambda: 0.0)
    failures = [AssertionError("one"), ValueError("two")]

    def fragile(event: LinkEvent) -> None:
        if isinstance(event, Arrived) and failures:
            raise failures.pop()
        inbox.events.put(event)

    link.start(fragile)
    inbox.next(LinkUp)
    with client(broker.port, hall_keys.credentials("ingest")) as fleet:
        for _ in range(2):
            fleet.publish(TIME, b"bad")
            inbox.next(LinkDown)
            inbox.next(LinkUp)
        fleet.publish(TIME, b"good")
        assert inbox.next(Arrived) == Arrived(TIME, b"good")
    link.close()
    assert failures == []


@pytest.mark.broker
def test_a_broker_of_another_authority_is_not_ours(
    start_broker: BrokerFactory,
    hall_keys: HallKeys,
    tmp_path: Path,
    inbox: Inbox,
    caplog: pytest.LogCaptureFixture,
) -> None:
    broker = start_broker("nats")
    broker.start([DEVICE])
    (tmp_path / "other").mkdir()
    other = HallKeys(tmp_path / "other").credentials(DEVICE)
    link = MqttLink(
        BrokerAddress("127.0.0.1", broker.port, other.authority, other.certificate, other.key),
        topics.device_filters(HALL, DEVICE),
        jitter=lambda: 0.0,
    )
    link.start(inbox.events.put)
    for _ in range(2):
        down = inbox.next(LinkDown)
        assert isinstance(down, LinkDown)
        assert "is not ours" in down.reason
        wait_until(lambda: link.shut_out_ms > 0, "it counts for how long it has been shut out")
    link.close()
    assert caplog.text.count("no connection to the hall") == 1


def test_nobody_listening_is_reported_again_and_again_but_logged_once(
    hall_keys: HallKeys, inbox: Inbox, caplog: pytest.LogCaptureFixture
) -> None:
    own = hall_keys.credentials(DEVICE)
    nowhere = BrokerAddress("127.0.0.1", free_port(), own.authority, own.certificate, own.key)
    link = MqttLink(nowhere, topics.device_filters(HALL, DEVICE), jitter=lambda: 0.0)
    link.start(inbox.events.put)
    for _ in range(2):
        inbox.next(LinkDown)
    link.close()
    assert caplog.text.count("no connection to the hall") == 1


def test_missing_certificates_are_a_reason_not_a_crash(tmp_path: Path, inbox: Inbox) -> None:
    gone = tmp_path / "gone.pem"
    link = MqttLink(BrokerAddress("127.0.0.1", 1, gone, gone, gone), (), jitter=lambda: 0.0)
    link.start(inbox.events.put)
    inbox.next(LinkDown)
    inbox.next(LinkDown)
    link.close()


def test_a_link_that_never_starts_holds_nothing_open(tmp_path: Path) -> None:
    address = BrokerAddress("127.0.0.1", 1, tmp_path / "ca", tmp_path / "crt", tmp_path / "key")
    with warnings.catch_warnings():
        warnings.simplefilter("error", ResourceWarning)
        unraised: list[object] = []
        hook, sys.unraisablehook = sys.unraisablehook, unraised.append
        try:
            gc.collect()  # what the links of other tests have left to their threads is not this one's
            unraised.clear()
            link = MqttLink(address, ())
            del link
            gc.collect()
        finally:
            sys.unraisablehook = hook
    assert unraised == []

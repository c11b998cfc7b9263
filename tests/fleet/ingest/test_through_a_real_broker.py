"""Ingest as its own process behind a real broker: press, receipt, kill, come back."""

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from edge.device.adapters.memory_outbox import MemoryDisk, MemoryOutboxStore
from edge.device.adapters.mqtt_link import BrokerAddress, MqttLink
from edge.device.adapters.system_clock import SystemClock
from edge.device.adapters.system_gauges import SystemGauges
from edge.device.config import DeviceConfig, Trust
from edge.device.identity import Identity
from edge.device.outbox import Outbox, Speaker
from edge.device.parts import Parts
from edge.device.runtime import DeviceRuntime
from fleet.db import Engine, database_url, open_engine, reading, writing
from fleet.ingest.store import read_settings
from fleet.tables import births, desk_queue, drops, health, records
from tests.edge.device.conftest import Recorder
from tests.fleet.ingest.running_ingest import CONGRESS, RunningIngest, make_data_folder, office_signer
from tests.fleet.ingest.simulated_hall import Device, ballot, make_signer
from tests.servers.brokers import BrokerFactory, RunningBroker
from tests.servers.credentials import HallKeys
from tests.servers.mqtt_client import TestClient, client
from tests.servers.waiting import wait_until
from wire import topics
from wire.down import Receipt, parse_receipt
from wire.envelope import Purpose, verify
from wire.errors import BadSignature
from wire.ids import DESK, STORE, CongressId, DeviceId, Epoch
from wire.records import DeviceRegistered

pytestmark = [pytest.mark.system, pytest.mark.broker]


class LiveHall:
    """Broker, ingest and one keypad that is registered."""

    def __init__(self, data: Path, url: str, keys: HallKeys, broker: RunningBroker) -> None:
        self.data, self.keys, self.broker = data, keys, broker
        make_data_folder(data, keys, broker.port)
        self.ingest = RunningIngest(data, url)
        self.engine: Engine = open_engine(database_url(data, {"HALLWARD_DATABASE_URL": url}))
        self.keypad = Device(
            "keypad-1", make_signer("keypad-1"), congress=CongressId(CONGRESS), hall=keys.hall
        )

    def begin(self) -> None:
        self.broker.start(["keypad-1"])
        self.ingest.start()
        with reading(self.engine) as connection:
            epoch = Epoch(bytes.fromhex(read_settings(connection)["desk_epoch"]))
        desk = Device(
            DESK, office_signer(self.data, DESK), epoch, congress=CongressId(CONGRESS), hall=self.keys.hall
        )
        key = self.keypad.signer.public_key
        envelope = desk.say(DeviceRegistered(DeviceId("keypad-1"), "keypad", int(key.alg), key.raw))
        with writing(self.engine) as connection:
            connection.execute(insert(desk_queue).values(seq=1, envelope=envelope))
        wait_until(lambda: len(self.leaves()) == 2, "the registration to be a leaf")

    def leaves(self) -> list[tuple[str, int, str]]:
        with reading(self.engine) as connection:
            query = select(records.c.device, records.c.seq, records.c.verdict).order_by(records.c.leaf_index)
            return [tuple(row) for row in connection.execute(query)]

    def say(self, mqtt: TestClient, *envelopes: bytes, kind: topics.Up = topics.Up.REC) -> None:
        for envelope in envelopes:
            mqtt.send(topics.up(self.keys.hall, DeviceId("keypad-1"), kind), envelope)

    def receipts(self, mqtt: TestClient) -> list[Receipt]:
        key = office_signer(self.data, STORE).public_key
        topic = topics.down(self.keys.hall, DeviceId("keypad-1"), topics.Down.ACK)
        found = []
        for received, payload in list(mqtt.received):
            if received == topic:
                with suppress(BadSignature):  # a resend stands on the same topic, signed for another purpose
                    found.append(parse_receipt(verify(payload, Purpose.RECEIPT, STORE, key)))
        return found

    def insist(self, mqtt: TestClient, seq: int) -> None:
        """What a device does without progress: go back to the record after the last receipt, again and again.
        What was said while ingest was not connected yet, nobody has heard.
        """
        due_s = 0.0

        def received() -> bool:
            nonlocal due_s
            last = max((receipt.seq for receipt in self.receipts(mqtt)), default=0)
            if last < seq and time.monotonic() > due_s:
                due_s = time.monotonic() + 1
                self.say(mqtt, *self.keypad.said[last:])
            return last >= seq

        wait_until(received, f"a receipt for {seq}")

    def stop(self) -> None:
        self.ingest.kill()
        self.engine.dispose()


@pytest.fixture(params=["nats", "mosquitto"])
def live(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    empty_database_url: str,
    hall_keys: HallKeys,
    start_broker: BrokerFactory,
) -> Iterator[LiveHall]:
    live = LiveHall(tmp_path / "data", empty_database_url, hall_keys, start_broker(request.param))
    try:
        live.begin()
        yield live
    finally:
        live.stop()


@pytest.fixture
def mqtt(live: LiveHall) -> Iterator[TestClient]:
    with client(live.broker.port, live.keys.credentials("keypad-1")) as mqtt:
        mqtt.subscribe(*topics.device_filters(live.keys.hall, DeviceId("keypad-1")))
        yield mqtt


def test_a_vote_gets_its_receipt_and_presence_is_seen(live: LiveHall, mqtt: TestClient) -> None:
    live.keypad.say(ballot())
    live.insist(mqtt, 1)
    live.say(mqtt, live.keypad.birth(), kind=topics.Up.BIRTH)
    live.say(mqtt, live.keypad.health(), kind=topics.Up.HEALTH)
    live.say(mqtt, b"forged")

    def seen() -> bool:
        with reading(live.engine) as connection:
            return all(connection.execute(select(table)).first() for table in (births, health, drops))

    wait_until(seen, "birth, health and the dropped bytes")
    assert live.ingest.stop() == 0
    assert "No connection" not in live.ingest.log  # a stop that was asked for is no trouble


def test_kill_nine_of_ingest_in_the_stream_loses_nothing_and_counts_nothing_twice(
    live: LiveHall, mqtt: TestClient
) -> None:
    live.say(mqtt, *[live.keypad.say(ballot()) for _ in range(300)])
    live.insist(mqtt, 1)
    live.ingest.kill()
    live.ingest.start()
    live.insist(mqtt, 300)
    assert [leaf for leaf in live.leaves() if leaf[0] == "keypad-1"] == [
        ("keypad-1", seq, "ok") for seq in range(1, 301)
    ]


def test_a_broker_that_comes_back_is_found_again(live: LiveHall) -> None:
    live.broker.stop()
    wait_until(lambda: "No connection to the broker" in live.ingest.log, "ingest to miss the broker")
    live.broker.start(["keypad-1"])
    with client(live.broker.port, live.keys.credentials("keypad-1")) as mqtt:
        mqtt.subscribe(*topics.device_filters(live.keys.hall, DeviceId("keypad-1")))
        wait_until(
            lambda: "is there" in live.ingest.log.split("No connection")[-1],
            "ingest to be back",
        )
        live.keypad.say(ballot())
        live.insist(mqtt, 1)


@contextmanager
def whole_device(live: LiveHall) -> Iterator[DeviceRuntime]:
    """The product's runtime and link, in a thread, until the end."""
    desk, store = (office_signer(live.data, office).public_key for office in (DESK, STORE))
    config = DeviceConfig(
        CongressId(CONGRESS), live.keys.hall, DeviceId("keypad-1"), "keypad", "vi+en", "127.0.0.1",
        live.broker.port, Trust(desk, store, desk), True,
    )  # fmt: skip
    identity, files = Identity(config, live.keypad.signer), live.keys.credentials("keypad-1")
    address = BrokerAddress(
        "127.0.0.1", live.broker.port, live.keys.authority_file, files.certificate, files.key
    )
    outbox = Outbox(
        MemoryOutboxStore(MemoryDisk()),
        identity.signer,
        Speaker(config.congress, config.hall, config.device),
        lambda: random.randbytes(8),
    )
    link = MqttLink(address, identity.subscriptions)
    gauges = SystemGauges(live.data)
    runtime = DeviceRuntime(Parts(identity, outbox, link, SystemClock(), gauges, random.random, "whole 1"))
    thread = threading.Thread(target=runtime.run, args=(Recorder(runtime),), name="keypad-1")
    thread.start()
    try:
        yield runtime
    finally:
        runtime.stop()
        thread.join()


@contextmanager
def births_cannot_be_written(engine: Engine) -> Iterator[None]:
    """Their table is away; everything else goes on."""
    with writing(engine) as connection:
        connection.exec_driver_sql("ALTER TABLE births RENAME TO births_away")
    yield
    with writing(engine) as connection:
        connection.exec_driver_sql("ALTER TABLE births_away RENAME TO births")


def test_a_birth_acknowledged_and_not_written_when_ingest_is_killed_comes_by_itself(live: LiveHall) -> None:
    def stored() -> list[str]:
        with reading(live.engine) as connection:
            return list(connection.execute(select(births.c.software)).scalars())

    with whole_device(live) as device:

        def is_after(told_ms: int) -> bool:
            return device.clock.floor_ms > told_ms

        with births_cannot_be_written(live.engine):
            wait_until(lambda: "Nothing is acknowledged until" in live.ingest.log, "a birth to be heard")
            for _ in range(2):  # the time that ingest says behind the acknowledgement has come through
                wait_until(partial(is_after, device.clock.floor_ms), "the acknowledgement to be there")
            live.ingest.kill()
        assert stored() == []
        live.ingest.start()
        wait_until(stored, "the birth to be written")
        assert stored() == ["whole 1"]
        assert device.counters.reconnects == 0


def test_a_second_ingest_on_the_same_folder_is_refused_in_a_sentence(live: LiveHall) -> None:
    second = RunningIngest(live.data, "sqlite://")
    with pytest.raises(AssertionError, match="already runs on this data folder"):
        second.start()

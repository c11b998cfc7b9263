"""What every broker of a hall must do, on real nats-server and real mosquitto with the generated
configuration."""

import os
import signal
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.servers.brokers import KINDS, BrokerFactory, RunningBroker
from tests.servers.credentials import HALL, Credentials, HallKeys
from tests.servers.mqtt_client import TestClient, client
from tests.servers.waiting import wait_until
from wire import topics
from wire.ids import DeviceId
from wire.topics import All, Down, Up

pytestmark = pytest.mark.broker

ALICE, BOB = DeviceId("keypad-1"), DeviceId("keypad-2")


@pytest.fixture(params=KINDS)
def broker(request: pytest.FixtureRequest, start_broker: BrokerFactory) -> RunningBroker:
    running = start_broker(request.param)
    running.start([ALICE, BOB])
    return running


@pytest.fixture
def ingest(broker: RunningBroker, hall_keys: HallKeys) -> Iterator[TestClient]:
    with client(broker.port, hall_keys.credentials("ingest")) as opened:
        opened.subscribe(topics.ingest_filter(HALL))
        yield opened


@pytest.fixture
def alice(broker: RunningBroker, hall_keys: HallKeys) -> Iterator[TestClient]:
    with client(broker.port, hall_keys.credentials(ALICE)) as opened:
        opened.subscribe(*topics.device_filters(HALL, ALICE))
        yield opened


def refused(broker: RunningBroker, attempt: TestClient, credentials: Credentials | None) -> bool:
    """True when this certificate (or none) gets no session; closes the attempt."""
    try:
        return not attempt.connect(broker.port, credentials, authority=broker.settings.authority)
    finally:
        attempt.close()


def test_nobody_enters_without_a_certificate(broker: RunningBroker) -> None:
    assert refused(broker, TestClient(), None)


def test_a_certificate_of_another_authority_is_refused(broker: RunningBroker, tmp_path: Path) -> None:
    rogue = HallKeys(tmp_path).credentials(ALICE)
    assert refused(broker, TestClient(), rogue)


def test_an_expired_certificate_is_refused(broker: RunningBroker, hall_keys: HallKeys) -> None:
    expired = hall_keys.credentials("keypad-2", lifetime=timedelta(minutes=-1))
    assert refused(broker, TestClient(), expired)


def test_own_topics_are_delivered_both_ways(ingest: TestClient, alice: TestClient) -> None:
    alice.publish(topics.up(HALL, ALICE, Up.REC), b"record")
    ingest.wait_for(b"record")
    ingest.publish(topics.down(HALL, ALICE, Down.ACK), b"receipt")
    ingest.publish(topics.broadcast(HALL, All.BALLOT), b"ballot")
    alice.wait_for(b"receipt")
    alice.wait_for(b"ballot")


def test_a_p256_certificate_is_as_good(
    broker: RunningBroker, ingest: TestClient, hall_keys: HallKeys
) -> None:
    with client(broker.port, hall_keys.credentials(BOB, kind="p256")) as bob:
        bob.publish(topics.up(HALL, BOB, Up.REC), b"from a secure element")
    ingest.wait_for(b"from a secure element")


def test_nobody_speaks_for_another_device_or_for_the_fleet(
    broker: RunningBroker, ingest: TestClient, alice: TestClient, hall_keys: HallKeys
) -> None:
    with client(broker.port, hall_keys.credentials(BOB)) as bob:
        bob.send(topics.up(HALL, ALICE, Up.REC), b"forged record")
        bob.send(topics.down(HALL, ALICE, Down.CMD), b"forged command")
        bob.send(topics.broadcast(HALL, All.BALLOT), b"forged ballot")
        bob.publish(topics.up(HALL, BOB, Up.REC), b"own record")
    ingest.wait_for(b"own record")  # same connection, same order: what was sent before it is decided
    ingest.publish(topics.broadcast(HALL, All.TIME), b"genuine time")
    alice.wait_for(b"genuine time")
    assert ingest.payloads == [b"own record"]
    assert alice.payloads == [b"genuine time"]


def test_nobody_hears_what_is_meant_for_another_device(
    broker: RunningBroker, ingest: TestClient, alice: TestClient, hall_keys: HallKeys
) -> None:
    with client(broker.port, hall_keys.credentials(BOB)) as bob:
        bob.subscribe(*topics.device_filters(HALL, ALICE), topics.ingest_filter(HALL))
        bob.subscribe("#", "+/+/+/+/+", "$MQTT/sub/#", "$JS/#", "$SYS/#")
        alice.publish(topics.up(HALL, ALICE, Up.REC), b"a vote")
        ingest.wait_for(b"a vote")
        ingest.publish(topics.down(HALL, ALICE, Down.ACK), b"a receipt")
        ingest.publish(topics.broadcast(HALL, All.TIME), b"for everybody")
        alice.wait_for(b"a receipt")
        bob.wait_for(b"for everybody")
        assert set(bob.payloads) == {b"for everybody"}


def test_a_user_name_in_connect_changes_nothing(
    broker: RunningBroker, ingest: TestClient, hall_keys: HallKeys
) -> None:
    for number, claimed in enumerate(("CN=keypad-1", "keypad-1")):
        bob = TestClient()
        credentials = hall_keys.credentials(BOB)
        try:
            assert bob.connect(broker.port, credentials, authority=credentials.authority, username=claimed), (
                bob.refused
            )
            bob.send(topics.up(HALL, ALICE, Up.REC), b"forged")
            bob.publish(topics.up(HALL, BOB, Up.REC), b"own %d" % number)
            ingest.wait_for(b"own %d" % number)
        finally:
            bob.close()
    assert ingest.payloads == [b"own 0", b"own 1"]


def test_a_device_with_anothers_client_id_evicts_nobody(
    broker: RunningBroker, ingest: TestClient, alice: TestClient, hall_keys: HallKeys
) -> None:
    """The honest client's id is random, and whoever guesses the device's name gains nothing by it."""
    with client(broker.port, hall_keys.credentials(BOB), client_id=ALICE) as bob:
        bob.publish(topics.up(HALL, BOB, Up.REC), b"still bob")
        ingest.wait_for(b"still bob")
        ingest.publish(topics.down(HALL, ALICE, Down.ACK), b"still alice")
        alice.wait_for(b"still alice")
        assert not alice.disconnected


def test_a_new_device_enters_after_a_reload_and_nobody_is_dropped(
    broker: RunningBroker, ingest: TestClient, alice: TestClient, hall_keys: HallKeys
) -> None:
    carol = DeviceId("keypad-3")
    broker.apply([ALICE, BOB, carol])
    credentials = hall_keys.credentials(carol)
    topic = topics.up(HALL, carol, Up.REC)

    def carol_is_heard() -> bool:
        attempt = TestClient()
        try:
            if attempt.connect(broker.port, credentials, authority=credentials.authority):
                attempt.publish(topic, b"carol")
        finally:
            attempt.close()
        return b"carol" in ingest.payloads

    wait_until(carol_is_heard, "the new device is heard")
    ingest.publish(topics.down(HALL, ALICE, Down.ACK), b"still here")
    alice.wait_for(b"still here")
    assert not alice.disconnected
    assert not ingest.disconnected
    assert broker.process.starts == 1


def test_a_revoked_device_is_out_within_two_seconds_and_stays_out(
    broker: RunningBroker, ingest: TestClient, alice: TestClient, hall_keys: HallKeys
) -> None:
    credentials = hall_keys.credentials(BOB)
    with client(broker.port, credentials) as bob:
        bob.subscribe(*topics.device_filters(HALL, BOB))
        broker.apply([ALICE], hall_keys.revoke(BOB))
        bob.wait_disconnected(timeout_s=2)
    assert refused(broker, TestClient(), credentials)
    alice.publish(topics.up(HALL, ALICE, Up.REC), b"undisturbed")
    ingest.wait_for(b"undisturbed")
    assert not alice.disconnected


def test_a_killed_broker_is_started_again(broker: RunningBroker, hall_keys: HallKeys) -> None:
    first = broker.process.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: broker.process.pid not in (None, first), "another process")
    credentials = hall_keys.credentials(ALICE)

    def enters() -> bool:
        attempt = TestClient()
        try:
            return attempt.connect(broker.port, credentials, authority=credentials.authority)
        finally:
            attempt.close()

    wait_until(enters, "a device enters again")


def test_the_rules_of_a_reload_hold_after_a_kill(broker: RunningBroker, hall_keys: HallKeys) -> None:
    credentials = hall_keys.credentials(BOB)
    broker.apply([ALICE], hall_keys.revoke(BOB))
    first = broker.process.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    with_alice = hall_keys.credentials(ALICE)

    def alice_enters() -> bool:
        attempt = TestClient()
        try:
            return attempt.connect(broker.port, with_alice, authority=with_alice.authority)
        finally:
            attempt.close()

    wait_until(alice_enters, "an active device enters again")
    assert refused(broker, TestClient(), credentials)


def test_its_files_are_private(broker: RunningBroker) -> None:
    assert broker.settings.folder.stat().st_mode & 0o777 == 0o700
    configs = list(broker.settings.folder.glob("*.conf"))
    assert configs
    assert all(path.stat().st_mode & 0o077 == 0 for path in configs)

"""A device is revoked while others are registered without a pause, as on the day before a congress: each
registration gives the broker new users, and the revocation must not wait in that row."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519

from fleet.broker.mosquitto_config import ACCESS_FILE
from fleet.broker.nats import CONFIG_FILE
from provisioning.authority.folder import open_authority
from provisioning.authority.forms import certificate_pem
from tests.servers.brokers import KINDS
from tests.system.hall import SystemHall
from tests.system.intruder import with_the_certificate_of
from wire.ids import DeviceId

KICKED_S = 2.0
STREAM_MIN = 20
STOLEN = ("gate-1", "gate-2", "gate-3", "gate-4")
HallFactory = Callable[..., SystemHall]


@contextmanager
def stream_of_registrations(hall: SystemHall) -> Iterator[list[str]]:
    """Boards come along one after the other until the end; their names so far."""
    authority, fleet = open_authority(hall.authority.path, hall.authority.means), hall._technician()
    names: list[str] = []
    failed: list[Exception] = []
    stop = threading.Event()

    def register() -> None:
        try:
            while not stop.is_set():
                name = f"board-{len(names)}"
                key = ed25519.Ed25519PrivateKey.generate().public_key()
                pem = certificate_pem(authority.issue_from_key(DeviceId(name), key)).decode()
                fleet.call("POST", "/api/devices", {"role": "board", "place": "wall", "certificate": pem})
                names.append(name)
        except Exception as err:  # noqa: BLE001  # raised again below, where the test sees it
            failed.append(err)

    worker = threading.Thread(target=register, name="registrations")
    worker.start()
    try:
        yield names
    finally:
        stop.set()
        worker.join(30)
    if failed:
        raise failed[0]


def revoked(hall: SystemHall, name: str, names: list[str], wait_s: float) -> float:
    """Seconds from the answer until it is out; wait_s: so that it falls on another moment of the row."""
    with with_the_certificate_of(hall, name) as stolen:
        began_s, begun = time.monotonic(), len(names)
        hall.until(lambda: len(names) > begun + STREAM_MIN, "the row goes on")
        hall.until(lambda: time.monotonic() > began_s + wait_s, "another moment of it")
        so_far = len(names)
        hall.revoke(name)
        told_s = time.monotonic()
        hall.until(lambda: stolen.disconnected, f"{name} is thrown out", KICKED_S)
        assert len(names) > so_far, "registrations went on meanwhile"
        return time.monotonic() - told_s


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_out_within_two_seconds_wherever_in_the_row_its_revocation_falls(
    kind: str, private_hall: HallFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    hall = private_hall(kind, 2)
    for name in STOLEN:
        hall.provision(name, "gate")
    with stream_of_registrations(hall) as names:
        took_s = [revoked(hall, name, names, 0.3 * number) for number, name in enumerate(STOLEN)]
    with capsys.disabled():
        each = ", ".join(f"{seconds:.2f}" for seconds in took_s)
        print(f"\n{kind}: out {each} s after the answer, while {len(names)} were registered")  # noqa: T201  # measured
    assert max(took_s) <= KICKED_S
    last = names[-1]
    hall.until(lambda: last in (hall.data / "broker" / config_of(kind)).read_text(), "the last is a user")
    hall.vote("yes")
    hall.audited()


def config_of(kind: str) -> str:
    return {"nats": CONFIG_FILE, "mosquitto": ACCESS_FILE}[kind]

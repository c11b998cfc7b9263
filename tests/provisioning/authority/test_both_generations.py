"""The key of a hall is being replaced: real brokers with the tls folder that the authority wrote."""

import contextlib
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519

from fleet.broker import mosquitto, nats
from fleet.broker.process import BrokerProcess
from fleet.broker.settings import BrokerSettings
from provisioning.authority import rotation
from provisioning.authority.folder import AuthorityFolder, Means, create_authority_folder
from provisioning.authority.forms import certificate_pem
from provisioning.authority.root_folder import KeyPlace, RootFolder, create_root_folder
from provisioning.commands import root_request
from provisioning.files import key_pem
from provisioning.hall import HallCard
from tests.provisioning.authority.roots import PASSPHRASE, replaced_key
from tests.servers.brokers import KINDS, require
from tests.servers.credentials import Credentials
from tests.servers.mqtt_client import TestClient
from tests.servers.ports import free_port
from tests.servers.waiting import wait_until
from wire.ids import DeviceId

pytestmark = [pytest.mark.broker, pytest.mark.slow]
OLD, NEW, THIEF = (DeviceId(name) for name in ("keypad-old", "keypad-new", "keypad-thief"))


@dataclass
class RotatingHall:
    """One hall whose broker is stopped and started as the runbook says."""

    kind: str
    folder: Path
    authority: AuthorityFolder
    root: RootFolder
    broker: BrokerProcess | None = None
    port: int = 0

    def holder(self, name: DeviceId) -> Credentials:
        """A device folder as of now: its certificate, and the anchors that it trusts until it renews."""
        key = ed25519.Ed25519PrivateKey.generate()
        paths = Credentials(name, *(self.folder / f"{name}.{end}" for end in ("crt", "key", "ca")))
        paths.certificate.write_bytes(certificate_pem(self.authority.issue_from_key(name, key.public_key())))
        paths.key.write_bytes(key_pem(key))
        paths.authority.write_bytes(self.authority.certificate_pem)
        return paths

    def rotate(self, *, at_once: bool = False) -> None:
        self.authority = replaced_key(self.authority, self.root, at_once=at_once)

    def serve(self) -> None:
        self.stop()
        tls = self.folder / "tls"
        self.authority.write_fleet_tls(tls, [])
        self.port = free_port()
        settings = BrokerSettings(
            self.authority.card.hall,
            self.folder / "broker",
            tls / "server.crt",
            tls / "server.key",
            tls / "ca.crt",
            tls / "ca.crl",
            port=self.port,
        )
        self.broker = nats.NatsServer(settings) if self.kind == "nats" else mosquitto.Mosquitto(settings)
        self.broker.start([OLD, NEW, THIEF], (tls / "ca.crl").read_bytes())

    def revoke(self, name: DeviceId) -> None:
        assert self.broker is not None
        listed = self.authority.revoke(name)
        self.broker.apply([found for found in (OLD, NEW, THIEF) if found != name], listed)

    def lets_in(self, holder: Credentials) -> bool:
        attempt = TestClient()
        try:
            return attempt.connect(self.port, holder, authority=holder.authority)
        finally:
            attempt.close()

    def stop(self) -> None:
        if self.broker is not None:
            self.broker.stop()


@pytest.fixture(params=KINDS)
def hall(request: pytest.FixtureRequest, tmp_path: Path, card: HallCard) -> Iterator[RotatingHall]:
    require(request.param)
    means = Means(lambda: datetime.now(UTC), x509.random_serial_number)
    here = HallCard(card.hall, card.congress, "localhost", 8883, card.trust)
    authority = create_authority_folder(tmp_path / "authority", here, means)
    root = create_root_folder(tmp_path / "root", KeyPlace(), PASSPHRASE, "Root of tests", means)
    authority.adopt(root.sign(root_request(authority)))
    made = RotatingHall(request.param, tmp_path, authority, root)
    yield made
    made.stop()


def test_planned_both_generations_enter_and_either_can_be_revoked(hall: RotatingHall) -> None:
    old = hall.holder(OLD)
    hall.rotate()
    hall.serve()
    new = hall.holder(NEW)
    assert hall.lets_in(old), "trusts the old anchor alone, has a certificate of the old key"
    assert hall.lets_in(new)
    hall.revoke(OLD)
    wait_until(lambda: not hall.lets_in(old), "the old generation's list is read")
    assert hall.lets_in(new)
    hall.revoke(NEW)
    wait_until(lambda: not hall.lets_in(new), "the new generation's list is read")


def test_finished_the_new_generation_goes_on_and_the_old_one_is_nobody(hall: RotatingHall) -> None:
    old = hall.holder(OLD)
    hall.rotate()
    new = hall.holder(NEW)
    hall.authority = rotation.finish(hall.authority, anyway=True)
    hall.serve()
    assert hall.lets_in(new)
    assert not hall.lets_in(old)


def test_stolen_what_the_old_key_signs_opens_nothing_from_the_restart_on(hall: RotatingHall) -> None:
    hall.serve()
    forged = hall.holder(THIEF)
    assert hall.lets_in(forged)
    hall.rotate(at_once=True)
    hall.serve()
    forged.authority.write_bytes(hall.authority.certificate_pem)  # the thief trusts whom he likes
    assert not hall.lets_in(forged)
    assert hall.lets_in(hall.holder(NEW))


@pytest.mark.parametrize("hall", ["nats"], indirect=True)
def test_whoever_pins_the_root_believes_the_desk_after_either_rotation(
    hall: RotatingHall, tmp_path: Path
) -> None:
    for at_once in (False, True):
        earlier = hall.authority.intermediate
        hall.rotate(at_once=at_once)
        private = ed25519.Ed25519PrivateKey.generate()
        (tmp_path / "desk.key").write_bytes(key_pem(private))
        desk = hall.authority.issue_desk(private.public_key(), [])
        for intermediate in (hall.authority.intermediate, earlier):
            (tmp_path / "desk.crt").write_bytes(certificate_pem(desk) + certificate_pem(intermediate))
            assert _believed(tmp_path, hall.authority) is (intermediate != earlier)


def _believed(folder: Path, authority: AuthorityFolder) -> bool:
    """A TLS handshake in memory, by a client that pins nothing but the root."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "desk.crt", folder / "desk.key")
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.load_verify_locations(cadata=certificate_pem(authority.root_certificate).decode())
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = (
        client.wrap_bio(down, up, server_hostname="localhost"),
        server.wrap_bio(up, down, server_side=True),
    )
    try:
        for _ in range(4):
            for end in ends:
                with contextlib.suppress(ssl.SSLWantReadError):
                    end.do_handshake()
    except ssl.SSLCertVerificationError:
        return False
    return True

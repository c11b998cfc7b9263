"""A renewal over real mutual TLS: from a folder, to a desk, into the folder; and the link goes on with it."""

from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from edge.device.adapters.certificates import authority_certificate, own_certificates
from edge.device.adapters.device_folder import DeviceFolder, read_folder
from edge.device.adapters.mqtt_link import BrokerAddress, MqttLink
from edge.device.adapters.renewal_client import DeskRenewer, NobodyRenews, first_end_ms
from edge.device.config import DeskAddress
from edge.device.errors import ConfigError, DeskNotTrusted, DeskRefused
from provisioning.authority.folder import Means
from tests.contract.test_signer import token_of
from tests.edge.device.hall_desk import Answer, Desk, Hall, make_hall
from tests.provisioning.authority.roots import replaced_key
from tests.servers.softhsm import tokens  # noqa: F401  # a fixture
from tests.servers.waiting import wait_until
from wire.enrol import MEDIA_TYPE, RENEW_PATH
from wire.keys import Alg

pytestmark = pytest.mark.slow


def renew(hall: Hall, folder: DeviceFolder, answer: Answer | None = None) -> Desk:
    answer = answer or hall.renewal_of(folder)
    with Desk(hall.desk_files(), answer, clients=hall.authority.certificate_pem) as desk:
        DeskRenewer(folder, DeskAddress("127.0.0.1", desk.port)).renew()
        return desk


def serial(path: Path) -> int:
    return x509.load_pem_x509_certificate(path.read_bytes()).serial_number


@pytest.mark.parametrize("alg", list(Alg))
def test_a_device_gets_a_new_certificate_over_the_same_key(hall: Hall, alg: Alg) -> None:
    folder = hall.folder(alg)
    before, key = serial(folder.path / "identity.crt"), (folder.path / "identity.key").read_bytes()
    settings = (folder.path / "device.toml").read_bytes()
    assert renew(hall, folder).asked == [RENEW_PATH]
    assert serial(folder.path / "identity.crt") != before
    assert (folder.path / "identity.key").read_bytes() == key
    assert [found.fault for _, found in own_certificates(folder.path, folder.identity)] == [""]
    assert (folder.path / "root.crl").read_bytes() == hall.authority.root_revocations
    assert (folder.path / "device.toml").read_bytes() == settings  # a frozen sitting allows no others
    assert sorted(path.name for path in folder.path.iterdir() if path.name.startswith(".")) == []


@pytest.mark.usefixtures("tokens")
def test_a_device_whose_key_is_in_an_element_renews_both_certificates(hall: Hall) -> None:
    path = hall.path / "device"
    path.mkdir()
    folder = hall.folder(identity=token_of(path))
    assert folder.client_files == (path / "tls.crt", path / "tls.key")
    before = [serial(path / name) for name in ("identity.crt", "tls.crt")]
    renew(hall, folder)
    after = [serial(path / name) for name in ("identity.crt", "tls.crt")]
    assert not set(before) & set(after)
    assert [(name, found.fault) for name, found in own_certificates(path, folder.identity)] == [
        ("identity.crt", ""),
        ("tls.crt", ""),
    ]
    assert read_folder(path, "keypad").identity.signer.public_key == folder.identity.signer.public_key


def test_the_broker_is_met_with_the_new_certificate_from_the_next_connection_on(hall: Hall) -> None:
    folder = hall.folder()
    before = serial(folder.path / "identity.crt")
    with Desk(
        hall.broker_files(), lambda *_: (400, "", b""), clients=hall.authority.certificate_pem
    ) as broker:
        address = BrokerAddress("127.0.0.1", broker.port, folder.path / "ca.crt", *folder.client_files)
        link = MqttLink(address, (), jitter=lambda: 0.0)
        link.start(lambda _: None)
        try:
            wait_until(lambda: broker.met, "the old certificate is shown")
            renew(hall, folder)
            broker.cut()
            after = serial(folder.path / "identity.crt")
            wait_until(lambda: after in broker.met, "the new certificate is shown")
        finally:
            link.close()
    assert set(broker.met) == {before, after}


def test_a_device_follows_its_hall_to_another_key(hall: Hall) -> None:
    folder = hall.folder()
    old = hall.authority.own.certificate
    hall.authority = replaced_key(hall.authority, hall.root)
    renew(hall, folder)
    trusted = x509.load_pem_x509_certificates((folder.path / "ca.crt").read_bytes())
    assert set(trusted) == {old, hall.authority.own.certificate}
    assert [found.fault for _, found in own_certificates(folder.path, folder.identity)] == [""]
    assert authority_certificate(folder.path / "ca.crt").fault == ""


def test_a_desk_under_another_root_gets_no_request_and_changes_nothing(hall: Hall, tmp_path: Path) -> None:
    folder, other = hall.folder(), make_hall(tmp_path / "other")
    before = content(folder)
    with (
        Desk(other.desk_files(), hall.renewal_of(folder), clients=hall.authority.certificate_pem) as desk,
        pytest.raises(DeskNotTrusted),
    ):
        DeskRenewer(folder, DeskAddress("127.0.0.1", desk.port)).renew()
    assert desk.asked == []
    assert content(folder) == before


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"device": "keypad-02"}, "it is for keypad-02"),
        ({"authority": b"rubbish"}, "not a certificate"),
        ({"root_revocations": b"rubbish"}, "not the root's"),
    ],
)
def test_a_grant_that_is_not_ours_changes_nothing(hall: Hall, other: dict[str, Any], words: str) -> None:
    folder = hall.folder()
    before = content(folder)
    with pytest.raises(DeskNotTrusted, match=words):
        renew(hall, folder, hall.renewal_of(folder, **other))
    assert content(folder) == before


def test_an_answer_that_is_no_grant_changes_nothing(hall: Hall) -> None:
    folder = hall.folder()
    before = content(folder)
    with pytest.raises(DeskNotTrusted, match="none of ours"):
        renew(hall, folder, lambda *_: (200, MEDIA_TYPE, b"\xff"))
    assert content(folder) == before


def test_a_desk_whose_clock_is_behind_takes_no_days_away(hall: Hall) -> None:
    folder = hall.folder()
    before = content(folder)
    means = hall.authority.means
    slow = Means(now=lambda: means.now().replace(month=1), serial=means.serial)
    hall.authority.means = slow  # type: ignore[misc]  # the clock of that machine
    with pytest.raises(
        DeskRefused, match=r"ends on .* before the one that is here: set the clock"
    ) as refused:
        renew(hall, folder)
    assert refused.value.reason == "desk-clock"
    assert content(folder) == before


def test_a_revoked_devices_refusal_is_told_in_the_desks_words(hall: Hall) -> None:
    folder = hall.folder()
    said = b'{"code": "revoked", "sentence": "keypad-01 was revoked: bring it to the desk."}'
    with pytest.raises(DeskRefused, match="keypad-01 was revoked"):
        renew(hall, folder, lambda *_: (403, "application/json", said))


def test_a_folder_without_a_desk_says_when_and_what_to_do(hall: Hall) -> None:
    folder = hall.folder()
    renewer = NobodyRenews(folder)
    assert renewer.ends_ms() == first_end_ms(folder)
    with pytest.raises(ConfigError, match=r"no \[renewal\]: provision this device again"):
        renewer.renew()


def content(folder: DeviceFolder) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.path.iterdir() if path.is_file()}

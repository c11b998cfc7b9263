"""The ledger: torn, old, damaged, shared by two processes, and long."""

import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from provisioning.authority import issuing
from provisioning.authority.folder import AuthorityFolder, open_authority
from provisioning.authority.forms import digest, fingerprint
from provisioning.authority.ledger import Ledger
from provisioning.errors import AuthorityError, ConfigError
from tests.provisioning.conftest import World
from wire.ids import DeviceId

GATE = DeviceId("gate-1")


def key() -> ed25519.Ed25519PublicKey:
    return ed25519.Ed25519PrivateKey.generate().public_key()


def der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)


def lines(authority: AuthorityFolder) -> list[dict[str, str]]:
    return [json.loads(line) for line in (authority.path / "ledger.jsonl").read_bytes().splitlines()]


def test_a_line_names_key_and_certificate(authority: AuthorityFolder) -> None:
    made = authority.issue_from_key(GATE, key())
    line = lines(authority)[-1]
    assert (line["act"], line["name"]) == ("issued", GATE)
    assert line["key"] == fingerprint(made.public_key())
    assert line["certificate"] == digest(made)


def test_it_stands_in_the_ledger_before_it_leaves_the_house(
    authority: AuthorityFolder,
) -> None:
    (authority.path / "ledger.jsonl").unlink(missing_ok=True)
    (authority.path / "ledger.jsonl").mkdir()
    with pytest.raises(ConfigError, match="cannot be read"):
        authority.issue_from_key(GATE, key())


def test_exactly_the_certificates_that_were_issued_are_in_force(authority: AuthorityFolder) -> None:
    held = ed25519.Ed25519PrivateKey.generate().public_key()
    made = authority.issue_from_key(GATE, held)
    assert authority.certificate_in_force(der(made)) == GATE
    forged = issuing.issue_device(
        authority.own, GATE, held, now=authority.means.time(), serial=made.serial_number
    )
    assert der(forged) != der(made)
    assert authority.certificate_in_force(der(forged)) is None, (
        "the hall's own key signed it, yet nobody issued it"
    )
    assert authority.certificate_in_force(b"no certificate") is None


def test_neither_a_server_nor_ingest_is_a_device(authority: AuthorityFolder, tmp_path: Path) -> None:
    authority.write_fleet_tls(tmp_path / "tls", [])
    for name in ("server.crt", "ingest.crt"):
        found = x509.load_pem_x509_certificate((tmp_path / "tls" / name).read_bytes())
        assert authority.certificate_in_force(der(found)) is None


def test_an_expired_certificate_is_not_in_force(authority: AuthorityFolder, world: World) -> None:
    made = authority.issue_from_key(GATE, key())
    world.days_pass(89.9)
    assert authority.certificate_in_force(der(made)) == GATE
    world.days_pass(0.2)
    assert authority.certificate_in_force(der(made)) is None


def test_a_ledger_from_before_keys_and_digests_is_read(authority: AuthorityFolder, world: World) -> None:
    made = authority.issue_from_key(GATE, key())
    gone = authority.issue_from_key(DeviceId("gate-2"), key())
    authority.revoke(DeviceId("gate-2"))
    old = [{field: line[field] for field in ("act", "name", "serial", "at_ms")} for line in lines(authority)]
    path = authority.path / "ledger.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in old), encoding="ascii")
    again = open_authority(authority.path, world.means())
    assert again.certificate_in_force(der(made)) == GATE
    assert again.certificate_in_force(der(gone)) is None
    assert again.is_revoked(DeviceId("gate-2"))
    foreign = issuing.create_authority(
        again.card.hall, ec.generate_private_key(ec.SECP256R1()), now=world.time, serial=1
    )
    forged = issuing.issue_device(foreign, GATE, key(), now=world.time, serial=made.serial_number)
    assert again.certificate_in_force(der(forged)) is None


def test_a_renewal_keeps_the_key_and_ends_with_the_revocation(authority: AuthorityFolder) -> None:
    held = key()
    made = authority.issue_from_key(GATE, held)
    renewed = authority.renew(der(made), held)
    assert (renewed.public_key(), renewed.serial_number) != (made.public_key(), made.serial_number)
    with pytest.raises(AuthorityError, match="another key"):
        authority.renew(der(renewed), key())
    authority.revoke(GATE)
    for old in (made, renewed):
        assert authority.certificate_in_force(der(old)) is None
        with pytest.raises(AuthorityError, match="not in force"):
            authority.renew(der(old), held)


def test_a_second_key_of_a_device_may_be_renewed_by_either(authority: AuthorityFolder) -> None:
    """A device whose identity lies in an element has an ordinary key for its connections."""
    in_element, for_tls = key(), key()
    authority.issue_from_key(GATE, in_element)
    presented = authority.issue_from_key(GATE, for_tls)
    assert authority.renew(der(presented), in_element).public_key() == in_element
    assert authority.renew(der(presented), for_tls).public_key() == for_tls


def test_what_another_process_revokes_is_revoked_here_at_once(
    authority: AuthorityFolder, world: World
) -> None:
    made = authority.issue_from_key(GATE, key())
    technician = open_authority(authority.path, world.means())
    technician.revoke(GATE)
    assert authority.is_revoked(GATE)
    assert authority.certificate_in_force(der(made)) is None
    with pytest.raises(AuthorityError, match="another name"):
        authority.issue_from_key(GATE, key())


def test_a_certificate_issued_while_it_is_revoked_elsewhere_is_on_the_list(
    authority: AuthorityFolder, world: World
) -> None:
    authority.issue_from_key(GATE, key())
    ledger = Ledger(authority.path / "ledger.jsonl")
    authority.revoke(GATE)
    late = issuing.issue_device(authority.own, GATE, key(), now=world.time, serial=4711)
    ledger.issued(GATE, late, world.time)
    listed = x509.load_pem_x509_crl(authority.revocations())
    assert listed.get_revoked_certificate_by_serial_number(4711) is not None


def test_two_processes_that_issue_at_once_lose_no_line(authority: AuthorityFolder, world: World) -> None:
    desks = [open_authority(authority.path, world.means()) for _ in range(3)]

    def issue(number: int) -> None:
        for count in range(20):
            desks[number].issue_from_key(DeviceId(f"keypad-{number}-{count}"), key())

    threads = [threading.Thread(target=issue, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    names = {line["name"] for line in lines(authority)}
    assert len(names) == 60
    assert all(authority.ledger.knows(name) for name in names)


def test_a_torn_line_is_not_cut_off_under_a_writer(authority: AuthorityFolder, world: World) -> None:
    """A reader that opens while a line is half written waits for its writer, and loses nothing."""
    authority.issue_from_key(GATE, key())
    path = authority.path / "ledger.jsonl"
    half = b'{"act": "issued", "name": "gate-9", "serial": "9", "at_ms": 1'
    with authority.ledger.held() as descriptor:
        with path.open("ab") as file:
            file.write(half)
        opened: list[AuthorityFolder] = []
        reader = threading.Thread(target=lambda: opened.append(open_authority(authority.path, world.means())))
        reader.start()
        with path.open("ab") as file:
            file.write(b"}\n")
        assert descriptor
    reader.join(10)
    assert opened[0].ledger.knows("gate-9")


@pytest.mark.slow
def test_two_thousand_devices_are_asked_for_in_the_time_of_one(
    tmp_path: Path, authority: AuthorityFolder, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    held = key()
    made = authority.issue_from_key(GATE, held)
    few = _cost_s(authority, made)
    began_s = time.perf_counter()
    for number in range(2000):
        authority.issue_from_key(DeviceId(f"keypad-{number:04}"), held)
    issued_s, many = time.perf_counter() - began_s, _cost_s(authority, made)
    with capsys.disabled():
        print(  # noqa: T201  # what is measured
            f"\n2,000 issued in {issued_s:.2f} s; look-up among 1: {few * 1e6:.0f} µs, among 2,001: "
            f"{many * 1e6:.0f} µs"
        )
    assert many < few * 5


def _cost_s(authority: AuthorityFolder, made: x509.Certificate) -> float:
    """The best of some, since others use this machine too."""
    content, best = der(made), 1.0
    for _ in range(50):
        began_s = time.perf_counter()
        assert authority.certificate_in_force(content) == GATE
        assert not authority.is_revoked(GATE)
        best = min(best, time.perf_counter() - began_s)
    return best


def test_no_older_list_takes_the_place_of_a_newer_one(authority: AuthorityFolder, world: World) -> None:
    """Desk and command line revoke at the same moment: who signs a list holds the ledger till it stands."""
    other = open_authority(authority.path, world.means())
    names = (DeviceId("gate-1"), DeviceId("gate-2"))
    serials = [authority.issue_from_key(name, key()).serial_number for name in names]
    second = threading.Thread(target=other.revoke, args=(names[1],))
    sign = issuing.revocation_list

    def slow(*given: Any, **named: Any) -> bytes:
        """Signed, not written yet, when the other one begins."""
        signed = sign(*given, **named)
        if second.ident is None:
            second.start()
            second.join(0.3)
        return signed

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(issuing, "revocation_list", slow)
        authority.revoke(names[0])
        second.join(10)
    listed = x509.load_pem_x509_crl((authority.path / "ca.crl").read_bytes())
    assert all(listed.get_revoked_certificate_by_serial_number(serial) is not None for serial in serials)

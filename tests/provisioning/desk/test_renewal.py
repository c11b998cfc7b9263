"""Renewal by the ledger: who holds exactly a certificate in force, over the key that the fleet knows."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from provisioning.desk.errors import Refused
from provisioning.errors import FleetRefused
from tests.provisioning.desk.conftest import DeskUnderTest
from tests.provisioning.desk.fleet_under_test import FleetUnderTest, place
from tests.provisioning.desk.scripted_device import ScriptedDevice, request_of
from wire.enrol import Grant


@pytest.fixture
def claimed(desk: DeskUnderTest, fleet: FleetUnderTest) -> tuple[ScriptedDevice, Grant]:
    return _claimed(desk, fleet, desk.device())


def _claimed(
    desk: DeskUnderTest, fleet: FleetUnderTest, device: ScriptedDevice
) -> tuple[ScriptedDevice, Grant]:
    fleet.plan(place("seat-1"))
    desk.granted(device, "seat-1")
    return device, device.grant()


def test_a_device_gets_a_new_certificate_over_its_key_and_the_fleet_knows_it(desk, fleet, claimed) -> None:
    device, grant = claimed
    desk.world.days_pass(60)
    renewed = desk.opened.renewing.renew(device.renewal(grant.device), grant.certificate)
    before, after = (x509.load_der_x509_certificate(one.certificate) for one in (grant, renewed))
    assert after.public_key() == before.public_key()
    assert after.not_valid_after_utc > before.not_valid_after_utc
    assert x509.load_pem_x509_certificate(fleet.devices[grant.device]["certificate"].encode()) == after
    assert fleet.devices[grant.device]["place_id"] == "seat-1"
    again = desk.opened.renewing.renew(device.renewal(grant.device), renewed.certificate)
    assert again.device == grant.device


def test_a_renewal_moves_nobody_back_to_where_they_stood_when_it_began(desk, fleet, claimed) -> None:
    device, grant = claimed

    def vacates_it() -> None:
        fleet.devices[grant.device]["place_id"] = fleet.places["seat-1"]["device"] = None

    fleet.before = vacates_it  # after the desk has read of it, before the new certificate arrives
    desk.opened.renewing.renew(device.renewal(grant.device), grant.certificate)
    assert fleet.devices[grant.device]["place_id"] is None
    assert fleet.places["seat-1"]["device"] is None


def test_a_revoked_device_is_told_so_in_words_and_gets_nothing(desk, claimed) -> None:
    device, grant = claimed
    desk.authority.revoke(grant.device)
    with pytest.raises(Refused) as refused:
        desk.opened.renewing.renew(device.renewal(grant.device), grant.certificate)
    assert (refused.value.reason, refused.value.status) == ("revoked", 403)
    assert grant.device in refused.value.en


def test_a_device_that_only_the_fleet_has_revoked_gets_nothing_either(desk, fleet, claimed) -> None:
    device, grant = claimed
    fleet.devices[grant.device]["state"] = "revoked"
    with pytest.raises(Refused) as refused:
        desk.opened.renewing.renew(device.renewal(grant.device), grant.certificate)
    assert refused.value.reason == "revoked"


def test_a_certificate_that_the_hall_key_signed_and_the_ledger_does_not_know_renews_nothing(
    desk, claimed
) -> None:
    from provisioning.authority import issuing

    device, grant = claimed
    forged = issuing.issue_device(
        desk.authority.own, grant.device, device.key.public_key(), now=desk.world.time, serial=77
    )
    with pytest.raises(Refused) as refused:
        desk.opened.renewing.renew(
            device.renewal(grant.device), forged.public_bytes(issuing.serialization.Encoding.DER)
        )
    assert refused.value.reason == "unknown-certificate"


def test_the_key_of_the_connection_alone_renews_nothing(desk, fleet) -> None:
    """The identity is in an element; the connection's key lies in a file, which a thief may copy."""
    tls = ed25519.Ed25519PrivateKey.generate()
    owner = desk.device(key=ec.generate_private_key(ec.SECP256R1()), tls_key=tls)
    device, grant = _claimed(desk, fleet, owner)
    renewed = desk.opened.renewing.renew(device.renewal(grant.device), grant.tls_certificate)
    assert renewed.tls_certificate is not None
    thief = desk.device(key=tls)
    with pytest.raises(Refused) as refused:
        desk.opened.renewing.renew(thief.renewal(grant.device), grant.tls_certificate)
    assert refused.value.reason == "bad-request"


def test_a_request_for_another_key_than_the_registered_one_is_refused(desk, claimed) -> None:
    device, grant = claimed
    device.request = request_of(ed25519.Ed25519PrivateKey.generate())
    with pytest.raises(Refused) as refused:
        desk.opened.renewing.renew(device.renewal(grant.device), grant.certificate)
    assert refused.value.reason == "other-identity"


def test_a_device_renews_for_itself_alone(desk, fleet, claimed) -> None:
    _, grant = claimed
    fleet.plan(place("seat-2"))
    other = desk.device("serial-2")
    other.hello()
    desk.place(other, "seat-2")
    other.press()
    desk.until(other, "granted")
    with pytest.raises(Refused):
        desk.opened.renewing.renew(other.renewal(other.grant().device), grant.certificate)


def test_nobody_without_a_certificate_renews(desk, claimed) -> None:
    device, grant = claimed
    with pytest.raises(Refused) as refused:
        desk.opened.renewing.renew(device.renewal(grant.device), None)
    assert refused.value.reason == "no-certificate"


def test_a_fleet_that_is_away_means_later(desk, fleet, claimed) -> None:
    device, grant = claimed
    fleet.silent = True
    with pytest.raises(Refused) as refused:
        desk.opened.renewing.renew(device.renewal(grant.device), grant.certificate)
    assert (refused.value.reason, refused.value.status) == ("fleet-down", 503)
    assert isinstance(refused.value.__cause__, FleetRefused)

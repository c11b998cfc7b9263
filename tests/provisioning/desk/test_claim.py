"""From hello to installed; and every word that comes at the wrong time, from the wrong one, or twice."""

import tomllib

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from provisioning.authority import forms
from provisioning.desk.errors import Refused
from provisioning.desk.naming import fingerprint
from tests.provisioning.desk.conftest import DeskUnderTest
from tests.provisioning.desk.fleet_under_test import FleetUnderTest, place
from tests.provisioning.desk.scripted_device import request_of
from wire.claim_code import typed_code
from wire.enrol import PRESS_PATH, Press, encode_enrol
from wire.envelope import Purpose, seal


def test_a_device_gets_its_place_its_certificate_and_all_it_has_to_know(desk, fleet: FleetUnderTest) -> None:
    fleet.plan(place("seat-1"))
    device = desk.device()
    assert device.hello().state == "waiting"
    desk.place(device, "seat-1")
    status = device.poll()
    assert (status.state, status.place) == ("placed", "Seat seat-1")
    assert "Seat seat-1" in status.vi
    assert device.press().state in ("pressed", "granted")
    desk.until(device, "granted")
    grant = device.grant()
    certificate = x509.load_der_x509_certificate(grant.certificate)
    assert certificate.public_key() == device.key.public_key()
    assert forms.common_name(certificate.subject) == grant.device
    anchors = forms.certificates_of(grant.authority, "ca.crt")
    intermediate = x509.load_der_x509_certificate(grant.intermediate)
    assert intermediate.public_key() in [anchor.public_key() for anchor in anchors]
    settings = tomllib.loads(grant.settings)
    assert (settings["device"], settings["role"]) == (grant.device, "keypad")
    assert settings["renewal"] == {"host": "desk.hall", "port": 8444}
    assert device.installed(grant).state == "granted"
    registered = fleet.devices[grant.device]
    assert (registered["place_id"], registered["serial"]) == ("seat-1", "serial-1")
    assert registered["sealing_key"] == (b"s" * 32).hex()
    assert fleet.registrations() == ["lan"], "the technician's own sign-in registers"


def test_the_policy_of_the_hall_reaches_the_settings(desk: DeskUnderTest, fleet: FleetUnderTest) -> None:
    fleet.plan(place("seat-1"))
    desk.policy = {"language": "vi", "keypad": {"audio": "off"}, "gate": {"x": 1}}
    device = desk.device()
    device.hello()
    desk.place(device, "seat-1")
    device.press()
    desk.until(device, "granted")
    settings = tomllib.loads(device.grant().settings)
    assert (settings["language"], settings["keypad"]) == ("vi", {"audio": "off"})
    assert "gate" not in settings


def test_the_code_and_the_fingerprint_lead_to_the_claim_and_to_no_other(desk: DeskUnderTest) -> None:
    device, other = desk.device("serial-1"), desk.device("serial-2")
    page = device.hello().page
    other.hello()
    code, fp = page.rpartition("/")[2].split("#")
    assert typed_code(code) == device.status.code  # type: ignore[union-attr]
    found = desk.opened.placing.find(f" {code[:4].lower()}-{code[4:]} ", fp)
    assert found.claim == device.claim
    with pytest.raises(Refused) as refused:
        desk.opened.placing.find(other.status.code, fp)  # type: ignore[union-attr]
    assert refused.value.reason == "other-key"


@pytest.mark.parametrize("typed", ["", "1234", "ZZZZ ZZZU", "0000 0001"])
def test_a_code_typed_wrongly_is_told_what_is_wrong_with_it(desk: DeskUnderTest, typed: str) -> None:
    desk.device().hello()
    with pytest.raises(Refused) as refused:
        desk.opened.placing.find(typed)
    assert refused.value.reason == "wrong-code"


def test_a_good_code_that_nobody_shows_says_so(desk: DeskUnderTest) -> None:
    desk.open()
    with pytest.raises(Refused) as refused:
        desk.opened.placing.find("0000 0000")
    assert (refused.value.reason, refused.value.status) == ("no-such-code", 404)


def test_hello_said_twice_is_one_claim(desk: DeskUnderTest) -> None:
    device = desk.device()
    first = device.hello()
    assert device.hello() == first
    assert len(desk.opened.book.claims) == 1


def test_a_device_that_makes_its_request_anew_keeps_place_and_code(
    desk: DeskUnderTest, fleet: FleetUnderTest
) -> None:
    fleet.plan(place("seat-1"))
    device = desk.device(key=ec.generate_private_key(ec.SECP256R1()))
    code = device.hello().code
    desk.place(device, "seat-1")
    device.request = request_of(device.key)  # ECDSA: other bytes each time
    again = device.hello()
    assert (again.state, again.code) == ("placed", code)
    device.press()
    desk.until(device, "granted")


def test_a_device_that_says_another_serial_loses_its_place(
    desk: DeskUnderTest, fleet: FleetUnderTest
) -> None:
    fleet.plan(place("seat-1"))
    device = desk.device()
    device.hello()
    desk.place(device, "seat-1")
    device.serial = "serial-9"
    assert device.hello().state == "waiting"


def test_the_button_counts_only_where_a_place_was_given(desk: DeskUnderTest) -> None:
    device = desk.device()
    device.hello()
    with pytest.raises(Refused) as refused:
        device.press()
    assert refused.value.reason == "wrong-state"
    assert device.poll().state == "waiting"


def test_a_press_for_another_request_presses_nothing(desk: DeskUnderTest, fleet: FleetUnderTest) -> None:
    fleet.plan(place("seat-1"))
    device = desk.device()
    status = device.hello()
    desk.place(device, "seat-1")
    said = encode_enrol(Press(status.claim, status.nonce, b"x" * 32))
    with pytest.raises(Refused, match="another request"):
        desk.post(PRESS_PATH, seal(said, Purpose.ENROL, device.signer(device.claim)))
    assert device.poll().state == "placed"


def test_nobody_presses_polls_or_fetches_for_another_device(
    desk: DeskUnderTest, fleet: FleetUnderTest
) -> None:
    fleet.plan(place("seat-1"))
    device, thief = desk.device(), desk.device("serial-2")
    device.hello()
    thief.hello()
    desk.place(device, "seat-1")
    own = thief.status
    thief.status = device.status
    for act in (thief.press, thief.poll, thief.grant):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.reason == "bad-request"
    thief.status = own
    assert device.poll().state == "placed"


def test_a_grant_is_fetched_after_the_press_and_never_before(
    desk: DeskUnderTest, fleet: FleetUnderTest
) -> None:
    fleet.plan(place("seat-1"))
    device = desk.device()
    device.hello()
    with pytest.raises(Refused):
        device.grant()
    desk.place(device, "seat-1")
    with pytest.raises(Refused):
        device.grant()


def test_the_grant_is_the_same_however_often_it_is_fetched(
    desk: DeskUnderTest, fleet: FleetUnderTest
) -> None:
    fleet.plan(place("seat-1"))
    device = desk.device()
    device.hello()
    desk.place(device, "seat-1")
    device.press()
    desk.until(device, "granted")
    first = device.grant()
    assert device.grant() == first
    device.installed(first)
    assert device.hello().state == "granted"
    assert device.grant() == first
    assert device.installed(first).state == "granted"


def test_a_key_of_an_element_gets_a_second_certificate_for_connections(
    desk: DeskUnderTest, fleet: FleetUnderTest
) -> None:
    fleet.plan(place("seat-1"))
    tls = ed25519.Ed25519PrivateKey.generate()
    device = desk.device(key=ec.generate_private_key(ec.SECP256R1()), tls_key=tls)
    device.hello()
    desk.place(device, "seat-1")
    device.press()
    desk.until(device, "granted")
    grant = device.grant()
    assert grant.tls_certificate is not None
    made = x509.load_der_x509_certificate(grant.tls_certificate)
    assert made.public_key() == tls.public_key()
    assert forms.common_name(made.subject) == grant.device


def test_a_claim_ends_when_its_device_has_gone_and_lasts_while_it_is_there(desk: DeskUnderTest) -> None:
    device, gone = desk.device("serial-1"), desk.device("serial-2")
    code = device.hello().code
    gone.hello()
    for _ in range(6):
        desk.world.days_pass(5 / (24 * 60))
        device.poll()
    desk.opened.tick()
    assert device.hello().code == code
    with pytest.raises(Refused) as refused:
        gone.poll()
    assert (refused.value.reason, refused.value.status) == ("no-claim", 404)


def test_a_key_that_was_taken_back_is_told_so_and_claims_nothing(desk, fleet: FleetUnderTest) -> None:
    fleet.plan(place("seat-1"))
    device = desk.device()
    device.hello()
    desk.place(device, "seat-1")
    device.press()
    desk.until(device, "granted")
    desk.authority.revoke(device.grant().device)  # by another process than the desk
    again = desk.device(key=device.key)
    again.sealing_key = None
    with pytest.raises(Refused) as refused:
        again.hello()
    assert (refused.value.reason, refused.value.status) == ("key-revoked", 403)


def test_a_clock_that_was_never_set_issues_nothing_and_says_so(desk: DeskUnderTest) -> None:
    desk.world.days_pass(-56 * 365)
    with pytest.raises(Refused) as refused:
        desk.device().hello()
    assert refused.value.reason == "clock"
    assert "1970" in refused.value.en
    assert len(desk.opened.book.claims) == 0


def test_every_code_in_force_is_another_one(desk: DeskUnderTest) -> None:
    codes = set()
    for number in range(50):
        codes.add(desk.device(f"serial-{number}").hello().code)
    assert len(codes) == 50
    assert len({fingerprint(claim.spki) for claim in desk.opened.book.claims.in_force()}) == 50

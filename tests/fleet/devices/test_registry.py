"""Registering, renewing and revoking devices through the API."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given
from hypothesis import strategies as st

from fleet.db import Connection, writing
from fleet.devices import certificates, registry, store
from fleet.devices.rules import Condition, Sign, condition, is_ready, twin_of, twin_text
from fleet.ingest.store import write_births
from provisioning.authority import issuing
from tests.fleet.hall_under_test import HALL, START_MS, HallUnderTest, ok, refused
from wire.ids import DeviceId
from wire.keys import Alg
from wire.records import DeviceRegistered, DeviceRevoked


def body(hall: HallUnderTest, name: str = "keypad-1", role: str = "keypad", **changes: Any) -> dict[str, Any]:
    certificate = hall.provisioned(name).certificate
    return {"role": role, "place": "row A", "certificate": certificate, **changes}


def test_a_registered_device_is_in_the_log_the_registry_and_the_audit(any_hall: HallUnderTest) -> None:
    technician = any_hall.client("technician")
    shown = ok(technician.post("/api/devices", json=body(any_hall)), 201)
    assert (shown["device"], shown["word"], shown["colour"], shown["age_s"]) == (
        "keypad-1",
        "never",
        "grey",
        None,
    )
    (record,) = any_hall.desk_bodies()
    key = any_hall.provisioned("keypad-1").signer.public_key
    assert record == DeviceRegistered(DeviceId("keypad-1"), "keypad", Alg.EDDSA, key.raw)
    assert "device.registered" in str(ok(any_hall.client("auditor").get("/api/audit")))


def test_a_key_of_a_secure_element_is_registered_with_its_algorithm(hall: HallUnderTest) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = hall.provisioned("keypad-9", key=key).certificate
    new = {"role": "keypad", "place": "row A", "certificate": certificate}
    ok(hall.client("technician").post("/api/devices", json=new), 201)
    (record,) = hall.desk_bodies()
    assert isinstance(record, DeviceRegistered)
    assert (record.alg, len(record.public_key)) == (Alg.ES256, 65)


def test_a_renewed_certificate_over_the_same_key_signs_nothing_new(hall: HallUnderTest) -> None:
    technician = hall.client("technician")
    ok(technician.post("/api/devices", json=body(hall)), 201)
    fresh = ok(technician.post("/api/devices", json=body(hall, place="row B")), 201)
    assert (fresh["place"], len(hall.desk_bodies())) == ("row B", 1)


def test_a_known_name_with_another_key_role_or_a_revocation_is_refused(hall: HallUnderTest) -> None:
    technician = hall.client("technician")
    ok(technician.post("/api/devices", json=body(hall)), 201)
    other = hall.provisioned("keypad-1", key=ed25519.Ed25519PrivateKey.generate()).certificate
    refused(technician.post("/api/devices", json=body(hall, certificate=other)), 409, "device-exists")
    refused(technician.post("/api/devices", json=body(hall, role="board")), 409, "device-exists")
    ok(technician.post("/api/devices/keypad-1/revoke", json={"reason": "lost"}))
    refused(technician.post("/api/devices", json=body(hall)), 409, "device-exists")


def test_a_revoked_device_is_revoked_in_the_log_and_for_the_broker_once(any_hall: HallUnderTest) -> None:
    technician = any_hall.client("technician")
    ok(technician.post("/api/devices", json=body(any_hall)), 201)
    for _ in range(2):
        shown = ok(technician.post("/api/devices/keypad-1/revoke", json={"reason": "stolen"}))
    assert (shown["state"], shown["word"], shown["colour"]) == ("revoked", "revoked", "red")
    assert any_hall.desk_bodies()[1:] == [DeviceRevoked(DeviceId("keypad-1"), "stolen")]
    refused(technician.post("/api/devices/keypad-2/revoke", json={"reason": "x"}), 404, "not-found")


def test_a_gate_needs_a_sealing_key_a_keypad_may_have_one_and_a_board_has_none(hall: HallUnderTest) -> None:
    technician = hall.client("technician")
    refused(technician.post("/api/devices", json=body(hall, "gate-1", "gate")), 422, "bad-input")
    board = body(hall, "board-1", "board", sealing_key="ab" * 32)
    refused(technician.post("/api/devices", json=board), 422, "bad-input")
    for name, role in (("gate-1", "gate"), ("keypad-1", "keypad")):
        shown = ok(technician.post("/api/devices", json=body(hall, name, role, sealing_key="ab" * 32)), 201)
        assert shown["sealing_key"] == "ab" * 32
    bad = body(hall, "keypad-2", sealing_key="00" * 32)
    assert "nothing can be sealed" in refused(technician.post("/api/devices", json=bad), 422, "bad-input")


@pytest.mark.parametrize("name", ["desk", "store", "all", "ingest", "registrar", "0123456789abcdef" * 2])
def test_no_device_takes_the_name_of_an_office_or_of_a_voter(hall: HallUnderTest, name: str) -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    pem = certificate_over(hall.authority, name, key.public_key())
    answer = hall.client("technician").post("/api/devices", json=body(hall, certificate=pem))
    assert "which stand for a voter" in refused(answer, 422, "bad-certificate")
    assert not hall.desk_bodies()


def test_a_certificate_of_another_authority_is_refused(hall: HallUnderTest) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.fromtimestamp(START_MS / 1000, UTC)
    other = issuing.create_authority(HALL, key, now=now, serial=x509.random_serial_number())
    pem = certificate_over(other, "keypad-1", ed25519.Ed25519PrivateKey.generate().public_key())
    answer = hall.client("technician").post("/api/devices", json=body(hall, certificate=pem))
    refused(answer, 422, "foreign-certificate")


def test_an_expired_certificate_is_refused(hall: HallUnderTest) -> None:
    new = body(hall)
    hall.clock.step(91 * 24 * 3600 * 1000)
    assert "expired" in refused(
        hall.client("technician").post("/api/devices", json=new), 422, "bad-certificate"
    )


@pytest.mark.parametrize(
    "pem", ["x", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "é" * 100]
)
def test_what_is_no_certificate_is_refused_in_words(hall: HallUnderTest, pem: str) -> None:
    answer = hall.client("technician").post("/api/devices", json=body(hall, certificate=pem))
    refused(answer, 422, "bad-certificate")


def test_a_key_that_cannot_sign_records_is_refused(hall: HallUnderTest) -> None:
    key = rsa.generate_private_key(65537, 2048)
    pem = certificate_over(hall.authority, "keypad-1", key.public_key())
    answer = hall.client("technician").post("/api/devices", json=body(hall, certificate=pem))
    assert "Ed25519 or P-256" in refused(answer, 422, "bad-certificate")


def certificate_over(authority: issuing.Authority, name: str, key: Any) -> str:
    """What provisioning would never issue, signed with its key all the same."""
    now = datetime.fromtimestamp(START_MS / 1000, UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]))
        .issuer_name(authority.certificate.subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(authority.key, issuing.hashes.SHA256())
    )
    return issuing.certificate_pem(certificate).decode()


# -- signs of life
# ----------------------------------------------------------------------------------------------


def test_a_silent_device_goes_grey_and_its_age_is_told(hall: HallUnderTest) -> None:
    technician = hall.client("technician")
    hall.register(technician, "keypad-1")
    hall.alive()
    assert ok(technician.get("/api/devices"))[0]["word"] == "online"
    hall.clock.step(15_001)
    (shown,) = ok(technician.get("/api/devices"))
    assert (shown["word"], shown["colour"], shown["age_s"]) == ("stale", "grey", 15)


def test_a_birth_that_is_repeated_keeps_no_dead_device_alive(hall: HallUnderTest) -> None:
    technician = hall.client("technician")
    hall.register(technician, "keypad-1")

    def word() -> str:
        row = {"device": "keypad-1", "received_ms": hall.clock.now_ms, "epoch": bytes(8), "last_seq": 0}
        rest = {"boot": 1, "software": "test", "twin_generation": 0, "reported": "{}"}
        with writing(hall.engine) as connection:
            write_births(connection, [row | rest])
        return str(ok(technician.get("/api/devices"))[0]["word"])

    assert word() == "online"
    hall.alive()
    hall.clock.step(15_001)
    assert word() == "stale"


@pytest.mark.parametrize(
    ("state", "sign", "word"),
    [
        ("active", Sign(None), Condition.NEVER),
        ("active", Sign(1000_000), Condition.ONLINE),
        ("active", Sign(1000_000, clock_skew_ms=-6000), Condition.ATTENTION),
        ("active", Sign(1000_000 - 15_001), Condition.STALE),
        ("active", Sign(1000_000 + 15_001), Condition.STALE),  # the server's clock went back
        ("revoked", Sign(1000_000), Condition.REVOKED),
    ],
)
def test_words_for_the_last_sign_of_life(state: str, sign: Sign, word: Condition) -> None:
    assert condition(state, sign, 1000_000) is word
    assert is_ready(state, sign, 1000_000) is (word in (Condition.ONLINE, Condition.ATTENTION))


@given(
    st.dictionaries(
        st.from_regex(r"[a-z]{1,8}", fullmatch=True),
        st.none()
        | st.booleans()
        | st.integers(-(2**40), 2**40)
        | st.text(max_size=10)
        | st.binary(max_size=16),
    )
)
def test_a_twin_comes_back_from_the_database_as_it_went_in(desired: dict[str, Any]) -> None:
    assert twin_of(twin_text(desired)) == desired


def test_two_who_register_one_device_at_once_make_one_of_it(
    hall: HallUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    technician = hall.client("technician")
    device = hall.provisioned("keypad-1")
    body = {"role": "keypad", "place": "A1", "certificate": device.certificate}
    ok(technician.post("/api/devices", json=body), 201)
    real, looked = store.find, []

    def not_yet(connection: Connection, name: str) -> store.Device | None:
        looked.append(name)
        return None if len(looked) == 1 else real(connection, name)  # the other one was between look and act

    monkeypatch.setattr(store, "find", not_yet)
    refused(technician.post("/api/devices", json=body), 409, "device-exists")


def test_a_device_that_is_revoked_while_its_renewal_is_under_way_is_not_renewed(hall: HallUnderTest) -> None:
    technician = hall.client("technician")
    ok(technician.post("/api/devices", json=body(hall)), 201)
    real = certificates.read

    def revoked_meanwhile(*given: Any) -> certificates.DeviceCertificate:
        found = real(*given)
        ok(technician.post("/api/devices/keypad-1/revoke", json={"reason": "stolen"}))
        return found

    before = ok(technician.get("/api/devices/keypad-1"))["certificate"]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(registry, "read", revoked_meanwhile)
        refused(technician.post("/api/devices", json=body(hall)), 409, "device-exists")
    after = ok(technician.get("/api/devices/keypad-1"))
    assert (after["state"], after["certificate"]) == ("revoked", before)

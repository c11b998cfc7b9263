"""A device's folder: complete, readable by the device's own code, and finished when it was interrupted."""

import tomllib
from pathlib import Path

import pytest
from cryptography import x509

from edge.device.config import parse_config
from provisioning.authority_folder import AuthorityFolder
from provisioning.device_folder import Order, device_toml, make_device_folder
from provisioning.errors import AuthorityError, ConfigError
from provisioning.hall import HallCard, load_card
from tests.provisioning.conftest import World
from wire.ids import DeviceId
from wire.keys import Alg, public_key
from wire.signers import signer_from_pem

GATE = Order(DeviceId("gate-1"), "gate")
KEYPAD = Order(DeviceId("keypad-1"), "keypad")


def test_the_device_reads_what_provisioning_wrote(
    authority: AuthorityFolder, card: HallCard, tmp_path: Path
) -> None:
    make_device_folder(tmp_path / "k", KEYPAD, authority)
    text = (tmp_path / "k" / "device.toml").read_text(encoding="utf-8")
    config = parse_config(text, "device.toml")
    assert (config.device, config.role, config.hall) == ("keypad-1", "keypad", card.hall)
    assert (config.broker_host, config.broker_port) == ("hall.local", 8883)
    assert config.trust.desk == public_key(Alg.EDDSA, card.trust.desk)
    assert config.trust.store == public_key(Alg.EDDSA, card.trust.store)
    assert not config.hands


def test_firmware_fields_hands_and_another_address_arrive(card: HallCard) -> None:
    order = Order(
        DeviceId("gate-1"),
        "gate",
        broker=("127.0.0.1", 1234),
        hands=True,
        firmware={"threshold_ppm": 363_000, "models": 'a "quoted" path\\', "mirror": True},
    )
    config = parse_config(device_toml(card, order), "device.toml")
    assert (config.broker_host, config.broker_port, config.hands) == ("127.0.0.1", 1234, True)
    assert config.firmware == {"threshold_ppm": 363_000, "models": 'a "quoted" path\\', "mirror": True}


@pytest.mark.parametrize("alg", [Alg.EDDSA, Alg.ES256])
def test_the_key_that_signs_is_the_key_of_the_certificate(
    authority: AuthorityFolder, tmp_path: Path, alg: Alg
) -> None:
    order = Order(DeviceId("keypad-1"), "keypad", alg=alg)
    card = make_device_folder(tmp_path / "k", order, authority)
    signer = signer_from_pem("keypad-1", (tmp_path / "k" / "identity.key").read_bytes())
    certificate = x509.load_pem_x509_certificate(card.certificate.encode())
    certificate.verify_directly_issued_by(x509.load_pem_x509_certificate(authority.certificate_pem))
    assert signer.alg is alg
    assert (tmp_path / "k" / "identity.crt").read_text(encoding="ascii") == card.certificate
    (tmp_path / "k" / "identity.crt").unlink()
    assert make_device_folder(tmp_path / "k", order, authority).certificate != card.certificate
    assert signer_from_pem("keypad-1", (tmp_path / "k" / "identity.key").read_bytes()).public_key == (
        signer.public_key
    )


def test_only_a_gate_has_a_sealing_key(authority: AuthorityFolder, tmp_path: Path) -> None:
    gate = make_device_folder(tmp_path / "g", GATE, authority)
    keypad = make_device_folder(tmp_path / "k", KEYPAD, authority)
    assert gate.sealing_key is not None
    assert len(gate.sealing_key) == 32
    assert keypad.sealing_key is None
    assert not (tmp_path / "k" / "state/sealing.key").exists()


def test_private_keys_are_readable_by_their_owner_alone(authority: AuthorityFolder, tmp_path: Path) -> None:
    make_device_folder(tmp_path / "g", GATE, authority)
    for name in ("identity.key", "state/sealing.key"):
        assert (tmp_path / "g" / name).stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "g").stat().st_mode & 0o777 == 0o700


def test_renewing_keeps_both_keys(authority: AuthorityFolder, world: World, tmp_path: Path) -> None:
    first = make_device_folder(tmp_path / "g", GATE, authority)
    keys = [(tmp_path / "g" / name).read_bytes() for name in ("identity.key", "state/sealing.key")]
    world.days_pass(60)
    second = make_device_folder(tmp_path / "g", GATE, authority)
    assert [(tmp_path / "g" / name).read_bytes() for name in ("identity.key", "state/sealing.key")] == keys
    assert second.sealing_key == first.sealing_key
    ends = [
        x509.load_pem_x509_certificate(made.certificate.encode()).not_valid_after_utc
        for made in (first, second)
    ]
    assert (ends[1] - ends[0]).days == 60


def test_a_key_of_another_kind_is_not_replaced(authority: AuthorityFolder, tmp_path: Path) -> None:
    make_device_folder(tmp_path / "k", KEYPAD, authority)
    before = (tmp_path / "k" / "identity.key").read_bytes()
    with pytest.raises(AuthorityError, match="another kind"):
        make_device_folder(tmp_path / "k", Order(DeviceId("keypad-1"), "keypad", alg=Alg.ES256), authority)
    assert (tmp_path / "k" / "identity.key").read_bytes() == before


@pytest.mark.parametrize("name", ["identity.key", "state/sealing.key"])
def test_a_damaged_key_is_named_and_kept(authority: AuthorityFolder, tmp_path: Path, name: str) -> None:
    make_device_folder(tmp_path / "g", GATE, authority)
    (tmp_path / "g" / name).write_bytes(b"torn")
    with pytest.raises(AuthorityError, match=name):
        make_device_folder(tmp_path / "g", GATE, authority)
    assert (tmp_path / "g" / name).read_bytes() == b"torn"


def test_an_unknown_role_is_refused_before_anything_is_made(
    authority: AuthorityFolder, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match="gate, keypad, board"):
        make_device_folder(tmp_path / "x", Order(DeviceId("x-1"), "toaster"), authority)
    assert not (tmp_path / "x").exists()


def test_the_halls_card_survives_writing_and_reading(authority: AuthorityFolder, card: HallCard) -> None:
    assert load_card(authority.path) == card


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('hall = "Not a name"', "hall must be"),
        ("port = 0", "broker.port"),
        ('host = ""', "broker.host"),
        ('desk = "00"', "trust.desk"),
    ],
)
def test_a_wrong_field_of_the_card_is_named(authority: AuthorityFolder, line: str, says: str) -> None:
    path = authority.path / "hall.toml"
    field = line.split(" =", maxsplit=1)[0]
    lines = [line if old.startswith(f"{field} =") else old for old in path.read_text("utf-8").splitlines()]
    path.write_text("\n".join(lines), encoding="utf-8")
    assert tomllib.loads(path.read_text("utf-8"))
    with pytest.raises(ConfigError, match=says) as caught:
        load_card(authority.path)
    assert "hall.toml" in caught.value.what

"""A device's folder: complete, readable by the device's own code, and finished when it was interrupted."""

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509

from edge.device.config import parse_config
from provisioning.authority.folder import AuthorityFolder
from provisioning.device_folder import Order, device_toml, make_device_folder
from provisioning.errors import AuthorityError, ConfigError
from provisioning.hall import HallCard, load_card
from tests.ballot.board.election import CHARTER
from tests.provisioning.conftest import World
from wire.ids import CongressId, DeviceId
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


def test_gates_and_keypads_have_a_sealing_key_of_their_own_and_a_board_has_none(
    authority: AuthorityFolder, tmp_path: Path
) -> None:
    made = [
        make_device_folder(tmp_path / name, Order(DeviceId(f"{name}-1"), name), authority)
        for name in ("gate", "keypad", "board")
    ]
    keys = [card.sealing_key for card in made]
    assert [key and len(key) for key in keys] == [32, 32, None]
    assert keys[0] != keys[1]
    for name, has_one in (("gate", True), ("keypad", True), ("board", False)):
        path = tmp_path / name / "state/sealing.key"
        assert path.exists() is has_one
        assert not has_one or path.stat().st_mode & 0o777 == 0o600


def test_a_keypad_from_before_gets_its_sealing_key_and_keeps_its_identity(
    authority: AuthorityFolder, tmp_path: Path
) -> None:
    make_device_folder(tmp_path / "k", KEYPAD, authority)
    identity = (tmp_path / "k" / "identity.key").read_bytes()
    (tmp_path / "k" / "state/sealing.key").unlink()
    again = make_device_folder(tmp_path / "k", KEYPAD, authority)
    assert again.sealing_key is not None
    assert (tmp_path / "k" / "identity.key").read_bytes() == identity


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


def test_a_charter_is_pinned_in_a_keypad_and_never_exchanged_by_itself(
    authority: AuthorityFolder, tmp_path: Path
) -> None:
    folder, charter = tmp_path / "k", charter_of_congress(authority)
    make_device_folder(folder, replace(KEYPAD, charter=charter), authority)
    assert (folder / "charter").read_bytes() == charter
    make_device_folder(folder, KEYPAD, authority)
    make_device_folder(folder, replace(KEYPAD, charter=charter), authority)
    assert (folder / "charter").read_bytes() == charter
    other = charter_of_congress(authority, witness_quorum=1)
    with pytest.raises(ConfigError, match="pins another charter"):
        make_device_folder(folder, replace(KEYPAD, charter=other), authority)
    assert (folder / "charter").read_bytes() == charter


def test_what_is_no_charter_of_this_congress_is_refused_before_a_folder_is_made(
    authority: AuthorityFolder, tmp_path: Path
) -> None:
    other = replace(CHARTER, congress=CongressId("another-congress")).encode()
    for order, says in (
        (replace(KEYPAD, charter=b"junk"), "is no charter"),
        (replace(KEYPAD, charter=other), "is the charter of another-congress"),
        (replace(GATE, charter=charter_of_congress(authority)), "a charter is pinned in keypads"),
    ):
        with pytest.raises(ConfigError, match=says):
            make_device_folder(tmp_path / "k", order, authority)
    assert not (tmp_path / "k").exists()


def charter_of_congress(authority: AuthorityFolder, **changes: int) -> bytes:
    return replace(CHARTER, congress=CongressId(authority.card.congress), **changes).encode()  # type: ignore[arg-type]

"""The authority's folder: made once, read again, never giving a name twice."""

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519

from provisioning.authority.folder import AuthorityFolder, create_authority_folder, open_authority
from provisioning.errors import AuthorityError, ConfigError
from provisioning.hall import HallCard
from tests.provisioning.conftest import World
from wire.ids import DeviceId, HallId

DEVICE = DeviceId("gate-1")


def key() -> ed25519.Ed25519PublicKey:
    return ed25519.Ed25519PrivateKey.generate().public_key()


def serials(content: bytes) -> list[int]:
    return [entry.serial_number for entry in x509.load_pem_x509_crl(content)]


def test_secret_files_are_readable_by_their_owner_alone(authority: AuthorityFolder, tmp_path: Path) -> None:
    authority.write_fleet_tls(tmp_path / "tls", [])
    for path in (authority.path / "ca.key", tmp_path / "tls" / "server.key", tmp_path / "tls" / "ingest.key"):
        assert path.stat().st_mode & 0o777 == 0o600


def test_making_it_again_keeps_the_key_and_follows_the_card(
    authority: AuthorityFolder, card: HallCard, world: World
) -> None:
    moved = HallCard(card.hall, card.congress, "other.local", 1883, card.trust)
    again = create_authority_folder(authority.path, moved, world.means())
    assert again.certificate_pem == authority.certificate_pem
    assert open_authority(authority.path, world.means()).card == moved


def test_a_folder_of_another_hall_is_left_alone(
    authority: AuthorityFolder, card: HallCard, world: World
) -> None:
    other = HallCard(HallId("hall-2"), card.congress, card.broker_host, card.broker_port, card.trust)
    with pytest.raises(ConfigError, match="authority of hall hall-1"):
        create_authority_folder(authority.path, other, world.means())


def test_a_revoked_name_is_never_given_again(authority: AuthorityFolder, world: World) -> None:
    authority.issue_from_key(DEVICE, key())
    authority.revoke(DEVICE)
    with pytest.raises(AuthorityError, match="another name"):
        open_authority(authority.path, world.means()).issue_from_key(DEVICE, key())


def test_revoking_takes_back_every_certificate_of_the_device(authority: AuthorityFolder) -> None:
    first, second = authority.issue_from_key(DEVICE, key()), authority.issue_from_key(DEVICE, key())
    other = authority.issue_from_key(DeviceId("gate-2"), key())
    revoked = serials(authority.revoke(DEVICE))
    assert sorted(revoked) == sorted([first.serial_number, second.serial_number])
    assert other.serial_number not in revoked
    assert serials(authority.revoke(DEVICE)) == revoked


def test_revoking_an_unknown_device_is_a_mistake(authority: AuthorityFolder) -> None:
    with pytest.raises(AuthorityError, match="never issued"):
        authority.revoke(DEVICE)


@pytest.mark.parametrize("name", ["desk", "store", "all", "ingest", "registrar", "0123456789abcdef" * 2])
def test_no_device_is_named_like_a_part_of_the_fleet_or_a_voter(
    authority: AuthorityFolder, name: str
) -> None:
    with pytest.raises(ConfigError, match="another name"):
        authority.issue_from_key(DeviceId(name), key())


def test_a_line_torn_by_a_power_cut_is_dropped_and_the_rest_kept(
    authority: AuthorityFolder, world: World
) -> None:
    issued = authority.issue_from_key(DEVICE, key())
    ledger = authority.path / "ledger.jsonl"
    whole = ledger.read_bytes()
    ledger.write_bytes(whole + b'{"act": "issued", "name": "gate-2", "ser')
    reopened = open_authority(authority.path, world.means())
    assert ledger.read_bytes() == whole
    assert serials(reopened.revoke(DEVICE)) == [issued.serial_number]


def test_a_damaged_ledger_stops_the_authority(authority: AuthorityFolder, world: World) -> None:
    authority.issue_from_key(DEVICE, key())
    (authority.path / "ledger.jsonl").write_bytes(b"not json\n")
    with pytest.raises(AuthorityError, match="backup"):
        open_authority(authority.path, world.means())


def test_a_folder_that_is_none_says_how_to_make_one(tmp_path: Path, world: World) -> None:
    with pytest.raises(ConfigError, match="hallward provision hall"):
        open_authority(tmp_path, world.means())


def test_a_file_in_the_way_says_which(tmp_path: Path, card: HallCard, world: World) -> None:
    (tmp_path / "authority").write_bytes(b"")
    with pytest.raises(ConfigError, match="authority"):
        create_authority_folder(tmp_path / "authority", card, world.means())

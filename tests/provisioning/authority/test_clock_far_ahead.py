"""The clock of the machine that holds the key stands in 2106, as after an empty battery or a wrong key."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519

from provisioning.acceptance.signature import seal_of
from provisioning.authority import rotation
from provisioning.authority.folder import AuthorityFolder
from provisioning.authority.root_folder import RootFolder
from provisioning.commands import root_request
from provisioning.errors import AuthorityError
from tests.provisioning.authority.roots import replaced_key
from tests.provisioning.conftest import World
from wire.ids import DeviceId

FAR = datetime(2106, 2, 7, 6, 28, tzinfo=UTC)


def test_nothing_is_issued_that_would_be_good_for_eighty_years(
    under_root: AuthorityFolder, root: RootFolder, world: World, tmp_path: Path
) -> None:
    key = ed25519.Ed25519PrivateKey.generate().public_key()
    under_root.issue_from_key(DeviceId("gate-1"), key)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    world.time = FAR
    for act in (
        lambda: under_root.issue_from_key(DeviceId("gate-2"), key),
        lambda: under_root.issue_desk(key, []),
        lambda: root.sign(root_request(under_root)),
        lambda: seal_of(under_root),
    ):
        with pytest.raises(
            AuthorityError, match=r"stands at 2106-02-07 06:28 UTC, past the end of .* set it"
        ):
            act()
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_a_hall_without_a_root_issues_as_long_as_its_own_key_lasts(
    authority: AuthorityFolder, world: World, tmp_path: Path
) -> None:
    key = ed25519.Ed25519PrivateKey.generate().public_key()
    world.days_pass(9 * 365)
    authority.issue_from_key(DeviceId("gate-1"), key)
    authority.write_fleet_tls(tmp_path / "tls", [])
    world.days_pass(365)
    with pytest.raises(AuthorityError, match="past the end of this hall's own certificate"):
        authority.issue_from_key(DeviceId("gate-1"), key)
    with pytest.raises(AuthorityError, match="past the end of this hall's own certificate"):
        authority.write_fleet_tls(tmp_path / "tls", [])


def test_a_device_is_taken_back_whatever_the_clock_says(under_root: AuthorityFolder, world: World) -> None:
    key = ed25519.Ed25519PrivateKey.generate().public_key()
    under_root.issue_from_key(DeviceId("gate-1"), key)
    world.time = FAR
    under_root.revoke(DeviceId("gate-1"))
    assert under_root.is_revoked(DeviceId("gate-1"))


def test_when_the_root_s_word_is_over_its_next_word_lets_the_hall_go_on(
    under_root: AuthorityFolder, root: RootFolder, world: World
) -> None:
    key = ed25519.Ed25519PrivateKey.generate().public_key()
    world.time = under_root.intermediate.not_valid_after_utc
    with pytest.raises(AuthorityError, match="past the end of the hall's intermediate"):
        under_root.issue_from_key(DeviceId("gate-1"), key)
    under_root.adopt(root.sign(root_request(under_root)))
    under_root.issue_from_key(DeviceId("gate-1"), key)


def test_behind_the_root_s_word_the_hall_still_signs_reports_and_its_server(
    under_root: AuthorityFolder, world: World, tmp_path: Path
) -> None:
    world.time = under_root.intermediate.not_valid_after_utc
    assert seal_of(under_root).issuer == under_root.own.certificate
    under_root.write_fleet_tls(tmp_path / "tls", [])
    assert (tmp_path / "tls" / "server.crt").exists()


def test_a_key_that_is_over_is_replaced_at_once_and_in_no_other_way(
    under_root: AuthorityFolder, root: RootFolder, world: World, tmp_path: Path
) -> None:
    world.time = under_root.own.certificate.not_valid_after_utc
    with pytest.raises(AuthorityError, match="past the end of this hall's own certificate"):
        replaced_key(under_root, root)
    after = replaced_key(under_root, root, at_once=True)
    after.write_fleet_tls(tmp_path / "tls", [])
    assert len(after.anchors) == 1


def test_a_key_that_ends_in_the_middle_of_a_rotation_signs_for_no_broker(
    under_root: AuthorityFolder, root: RootFolder, world: World, tmp_path: Path
) -> None:
    end = under_root.own.certificate.not_valid_after_utc
    world.time = end - timedelta(days=30)
    after = replaced_key(under_root, root)
    after.write_fleet_tls(tmp_path / "tls", [])
    world.time = end
    with pytest.raises(AuthorityError, match=r"past the end of the earlier key.*--finish"):
        after.write_fleet_tls(tmp_path / "tls", [])
    rotation.finish(after).write_fleet_tls(tmp_path / "tls", [])

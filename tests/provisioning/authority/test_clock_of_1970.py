"""The clock of the machine that holds the key was never set."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519

from provisioning.__main__ import main
from provisioning.authority.folder import AuthorityFolder, create_authority_folder
from provisioning.authority.root_folder import RootFolder
from provisioning.commands import root_request
from provisioning.errors import AuthorityError
from provisioning.hall import HallCard
from provisioning.verbs import asked
from tests.provisioning.authority.roots import file_root
from tests.provisioning.conftest import World
from wire.ids import DeviceId

EPOCH = datetime(1970, 1, 1, 0, 3, tzinfo=UTC)


def test_nothing_is_issued_or_taken_back_and_it_is_said_why(
    under_root: AuthorityFolder, root: RootFolder, world: World, tmp_path: Path
) -> None:
    key = ed25519.Ed25519PrivateKey.generate().public_key()
    under_root.issue_from_key(DeviceId("gate-1"), key)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    world.time = EPOCH
    for act in (
        lambda: under_root.issue_from_key(DeviceId("gate-2"), key),
        lambda: under_root.issue_desk(key, []),
        lambda: under_root.revoke(DeviceId("gate-1")),
        lambda: root.sign(root_request(under_root)),
        lambda: root.revoke(under_root.intermediate),
    ):
        with pytest.raises(AuthorityError, match=r"stands at 1970-01-01 00:03 UTC: set it, then try again"):
            act()
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_neither_a_hall_nor_a_root_is_made(tmp_path: Path, card: HallCard, world: World) -> None:
    world.time = EPOCH
    with pytest.raises(AuthorityError, match="stands at 1970"):
        create_authority_folder(tmp_path / "authority", card, world.means())
    with pytest.raises(AuthorityError, match="stands at 1970"):
        file_root(tmp_path / "root", world)
    assert not list(tmp_path.rglob("*.key"))


def test_no_batch_is_made_that_is_over_as_soon_as_the_clock_is_right(
    authority: AuthorityFolder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class NeverSet(datetime):
        @classmethod
        def now(cls, _tz: object = None) -> datetime:  # type: ignore[override]
            return EPOCH

    monkeypatch.setattr(asked, "datetime", NeverSet)
    words = [
        "--authority",
        str(authority.path),
        "--hall",
        authority.card.hall,
        "--count",
        "3",
        "--hours",
        "2",
    ]
    assert main(["batch", "new", *words]) == 1
    assert "stands at 1970-01-01 00:03 UTC: set it" in capsys.readouterr().err
    assert not (authority.path / "batches.jsonl").exists()

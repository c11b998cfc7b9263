"""A row is worth what it notices: each defence is taken out in its turn, and its rows end otherwise."""

import shutil
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from tuf.api.metadata import DelegatedRole, MetaFile, Root, Targets
from tuf.ngclient import UpdaterConfig

from edge.device.adapters import (
    slots_folder,
    tuf_catalogue,
    update_https,
)
from edge.device.adapters.parts_folder import PartsFolder
from edge.device.updating import weigh
from tests.attacks_on_updates.row import NotAnAttack, carried_out
from tests.attacks_on_updates.table import ATTACKS
from tests.release.making import NOW

pytestmark = pytest.mark.slow

ROWS: Final = {attack.id: attack for attack in ATTACKS}


@dataclass(frozen=True, slots=True)
class Defence:
    """rows: ids of those that must notice. of: where it stands; name; without: what stands there instead."""

    rows: str
    of: Any
    name: str
    without: Any


def nothing(*_: Any, **__: Any) -> None:
    return None


def first_of(component: str, named: Any) -> Any:
    return next(iter(named.values()))


def image_hash(director: Any, image: Any) -> bytes:
    return bytes.fromhex(director.hashes["sha256"])


def system_time(*args: Any) -> Any:
    return _refreshed(*args[:-1], NOW)


def at_any_time(*_: Any) -> Any:
    return NOW


def naive_unpack(archive: Path, into: Path, *_: Any, **__: Any) -> None:
    """As an installer does that trusts whoever signed."""
    shutil.rmtree(into, ignore_errors=True)
    into.mkdir(parents=True)
    with tarfile.open(archive) as packed:
        packed.extractall(into, filter="fully_trusted")  # noqa: S202  # this is the fault


def all_that_is_listed(self: Any) -> Any:
    return self._updater._trusted_set["targets"].targets


def without_keys(self: Any) -> dict[str, int]:
    return {"/".join(name.split("/")[:2]): version for name, version in _versions(self).items()}


def whatever_comes(coming: Any, file: int, length: int) -> None:
    _write(coming, file, 2**30)


_refreshed: Final[Any] = tuf_catalogue._refreshed
_versions: Final = tuf_catalogue._Repository.versions
_write: Final = update_https._write

DEFENCES: Final = (
    Defence(
        "another-hall signed-by-strangers one-key-lists-at-the-top one-root-key",
        Root,
        "verify_delegate",
        nothing,
    ),
    Defence(
        "own-list-with-the-online-key one-targets-key one-targets-key-many-signatures",
        Targets,
        "verify_delegate",
        nothing,
    ),
    Defence("mix-and-match", MetaFile, "verify_length_and_hashes", nothing),
    Defence(
        "models-in-the-role-of-config",
        DelegatedRole,
        "is_delegated_path",
        lambda self, _: self.name == "config",
    ),
    Defence("freeze clock-set-ahead", tuf_catalogue, "_refreshed", system_time),
    Defence("expired-without-a-clock clock-set-back", tuf_catalogue, "_told", at_any_time),
    Defence(
        "rollback-after-a-power-cut stolen-snapshot-key replaced-keys",
        tuf_catalogue,
        "_check_floors",
        nothing,
    ),
    Defence(
        "endless-metadata",
        tuf_catalogue,
        "LIMITS",
        UpdaterConfig(
            root_max_length=2**30,
            timestamp_max_length=2**30,
            snapshot_max_length=2**30,
            targets_max_length=2**30,
        ),
    ),
    Defence(
        "fast-forward-of-the-image fast-forward-of-the-director",
        tuf_catalogue._Repository,
        "versions",
        without_keys,
    ),
    Defence("director-delegates", tuf_catalogue._Repository, "listed", all_that_is_listed),
    Defence(
        "freeze-within-its-time a-neighbours-director director-without-an-order",
        weigh,
        "_check_assigned",
        nothing,
    ),
    Defence("director-names-another-or-many", weigh, "_for_component", first_of),
    Defence("director-swaps-the-hash", weigh, "_same_bytes", image_hash),
    Defence(
        "director-names-an-old-target director-names-other-hardware below-the-minimum",
        weigh,
        "_check_machine",
        nothing,
    ),
    Defence("swapped-content patch-to-another-file", PartsFolder, "is_genuine", lambda *_: True),
    Defence("endless-target truncated-target", update_https, "_write", whatever_comes),
    Defence("slow-retrieval", update_https.Pace, "took", nothing),
    Defence(
        "path-out-of-the-slot links-and-devices other-than-its-index another-component",
        slots_folder,
        "unpack",
        naive_unpack,
    ),
)


@pytest.mark.parametrize(
    ("defence", "row"),
    [
        pytest.param(defence, row, id=f"{row}-without-{defence.name}")
        for defence in DEFENCES
        for row in defence.rows.split()
    ],
)
def test_a_row_notices_that_its_defence_is_gone(
    defence: Defence, row: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(defence.of, defence.name, defence.without)
    try:
        verdict = carried_out(ROWS[row]).verdict
    except (NotAnAttack, OSError, AssertionError, StopIteration, tarfile.TarError) as err:
        verdict = repr(err)
    assert verdict != ROWS[row].said

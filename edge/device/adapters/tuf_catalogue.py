"""What officers and director say, verified by python-tuf's own client (SPEC §11.1, ADR-0022).

Two repositories, each from a root that was pinned when the device was provisioned. python-tuf's copies on the
disk are not synced, so a power cut may lose them; what nobody can take back is the floor of each role's
version, which the caller persists with the machine's state. A floor is of the keys that signed: once officers
rotate a stolen key out, what its thief counted up to holds nobody back.
"""

import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, cast

from tuf.api import exceptions
from tuf.api.metadata import Root, Signed, Snapshot, TargetFile, Targets, Timestamp
from tuf.ngclient import FetcherInterface, Updater, UpdaterConfig

from edge.device.adapters.update_https import Clock, Files, Missing
from edge.device.errors import ConfigError, NotNow, UpdateRefused
from edge.device.updating.ports import Wanted
from edge.device.updating.weigh import Machine, Said, Weighed, weigh
from wire.updates import COMPONENTS, Order

REFRESH_S: Final = 120.0
"""For all metadata of one question."""
ROOT_FILE_MAX: Final = 65536
FIRST_MS: Final = 1_767_225_600_000
"""2026-01-01: no release is older, so a clock before it is none."""
TIME: Final = "time-ms"
"""Of the floors: the latest time at which something was believed."""
TIME_SLACK_MS: Final = 600_000
"""How far the hall's time may go back between two starts."""
LIMITS: Final = UpdaterConfig(
    max_root_rotations=32,
    max_delegations=len(COMPONENTS) + 1,
    root_max_length=ROOT_FILE_MAX,
    timestamp_max_length=16_384,
    snapshot_max_length=65_536,
    targets_max_length=1_048_576,
)
_FORBIDDEN: Final = 403
IMAGE: Final = "image"
DIRECTOR: Final = "director"


class TufCatalogue:
    """Implements edge.device.updating.ports.Catalogue.

    folder: state/update/tuf, writable; what is in it may be lost or damaged. roots: by repository (`image`,
    `director`), the files that provisioning put beside device.toml. machine: this device as it stands now.
    """

    def __init__(
        self,
        files: Files,
        folder: Path,
        roots: Mapping[str, Path],
        machine: Callable[[], Machine],
        clock: Clock = time.monotonic,
    ) -> None:
        self._files = files
        self._folder = folder
        self._roots = roots
        self._machine = machine
        self._clock = clock

    def wanted(self, order: Order, floors: Mapping[str, int], now_ms: int | None) -> Wanted:
        """now_ms: None while the hall has not told the time since this start. Raises ConfigError besides
        NotNow and UpdateRefused: no pinned root."""
        now = _told(now_ms, floors)
        until_s = self._clock() + REFRESH_S
        fetcher = _Fetcher(self._files, lambda: until_s - self._clock())
        pinned = {name: _pinned(path) for name, path in self._roots.items()}
        try:
            with _verdicts():
                weighed, version = self._weighed(order, floors, pinned, fetcher, now)
        except OSError as err:
            # The copies here cannot be used, or the disk is full. They are worth nothing that the floors do
            # not hold: the next question begins from the pinned roots.
            shutil.rmtree(self._folder, ignore_errors=True)
            raise NotNow(f"release metadata cannot be kept here ({err}): free some disk") from err
        finally:
            self._files.close()
        version[TIME] = int(now.timestamp() * 1000)
        return Wanted(weighed.path, weighed.length, weighed.sha256, weighed.about, version)

    def _weighed(
        self,
        order: Order,
        floors: Mapping[str, int],
        pinned: Mapping[str, bytes],
        fetcher: FetcherInterface,
        now: datetime,
    ) -> tuple[Weighed, dict[str, int]]:
        director = _refreshed(DIRECTOR, self._folder, pinned[DIRECTOR], fetcher, now)
        _check_floors(director.versions(), floors)
        image = _refreshed(IMAGE, self._folder, pinned[IMAGE], fetcher, now)
        _check_floors(image.versions(), floors)
        named = {path: _said(path, target) for path, target in director.listed().items()}
        weighed = weigh(order, named, image.find, self._machine())
        version = director.versions() | image.versions()  # by now with the role that lists the target
        _check_floors(version, floors)
        return weighed, version


class _Repository:
    """One of the two, refreshed: fresh, signed, and no older than its own copies."""

    def __init__(self, name: str, updater: Updater) -> None:
        self._name = name
        self._updater = updater

    def listed(self) -> Mapping[str, TargetFile]:
        """What its targets role lists itself: the director delegates nothing (Uptane 2.1, §5.3.2)."""
        targets = cast(Targets, self._trusted[Targets.type])
        if targets.delegations is not None:
            raise UpdateRefused(
                "not-assigned", "the director's metadata delegate to others, which they must not"
            )
        return targets.targets

    def find(self, path: str) -> Said | None:
        target = self._updater.get_targetinfo(path)
        return None if target is None else _said(path, target)

    def versions(self) -> dict[str, int]:
        """By role, of what was believed. All roles but root with the keys that may sign it."""
        root, targets = cast(Root, self._trusted[Root.type]), cast(Targets, self._trusted[Targets.type])
        found = {f"{self._name}/{Root.type}": root.version}
        for kind in (Timestamp, Snapshot, Targets):
            role = root.roles[kind.type]
            found[self._floor(kind.type, role.keyids)] = self._version(kind.type)
        delegated = targets.delegations.roles if targets.delegations and targets.delegations.roles else {}
        for name, role in delegated.items():
            if name in self._trusted:
                found[self._floor(name, role.keyids)] = self._version(name)
        return found

    def _floor(self, role: str, keyids: list[str]) -> str:
        keys = hashlib.sha256("\n".join(sorted(keyids)).encode()).hexdigest()[:8]
        return f"{self._name}/{role}/{keys}"

    @property
    def _trusted(self) -> Mapping[str, object]:
        return self._updater._trusted_set  # noqa: SLF001  # python-tuf 7 shows what it trusts nowhere else

    def _version(self, role: str) -> int:
        return cast(Signed, self._trusted[role]).version


def _refreshed(name: str, tuf: Path, root: bytes, fetcher: FetcherInterface, now: datetime) -> _Repository:
    folder = tuf / name
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in folder.glob("tmp*"):  # of a power cut
        left.unlink()
    updater = Updater(str(folder), f"/{name}/metadata/", fetcher=fetcher, config=LIMITS, bootstrap=root)
    # python-tuf would judge expiry by the operating system's clock, which a Pi loses with its power.
    updater._trusted_set.reference_time = now  # noqa: SLF001
    updater.refresh()
    return _Repository(name, updater)


class _Fetcher(FetcherInterface):
    """left_s: until the whole question ends."""

    def __init__(self, files: Files, left_s: Callable[[], float]) -> None:
        self._files = files
        self._left_s = left_s

    def _fetch(self, url: str) -> Iterator[bytes]:
        # A generator: python-tuf wraps what is raised before the first byte, and leaves alone what is after.
        try:
            left_s = self._left_s()
            if left_s <= 0:
                raise NotNow("the hall's update service did not answer in time (slow)")
            yield from self._files.pieces(url, left_s)
        except Missing as err:
            raise exceptions.DownloadHTTPError(f"{url}: HTTP {err.status}", err.status) from err
        except UpdateRefused as err:
            raise NotNow(f"{err.what} ({err.cause})") from err


@contextmanager
def _verdicts() -> Iterator[None]:
    """python-tuf's words as ours."""
    try:
        yield
    except exceptions.ExpiredMetadataError as err:
        raise NotNow(f"waits for fresh metadata from the hall (expired): {err}") from err
    except exceptions.DownloadLengthMismatchError as err:
        raise UpdateRefused("endless", f"more metadata than is allowed: {err}") from err
    except exceptions.DownloadHTTPError as err:
        if err.status_code == _FORBIDDEN:
            raise NotNow("the hall's update service does not know this device's certificate (403)") from err
        raise NotNow(f"the hall's update service has not got it: {err}") from err
    except exceptions.DownloadError as err:
        raise NotNow(f"the hall's update service: {err}") from err
    except exceptions.BadVersionNumberError as err:
        raise UpdateRefused("older", f"metadata are older than what was believed before: {err}") from err
    except exceptions.LengthOrHashMismatchError as err:
        raise UpdateRefused("wrong-hash", f"metadata do not belong together: {err}") from err
    except exceptions.RepositoryError as err:
        raise UpdateRefused("unsigned", f"metadata are not signed as they must be: {err}") from err


def _told(now_ms: int | None, floors: Mapping[str, int]) -> datetime:
    least_ms = max(FIRST_MS, floors.get(TIME, 0) - TIME_SLACK_MS)
    if now_ms is None or now_ms < least_ms:
        raise NotNow("waits for the time from the hall (no-clock)")
    return datetime.fromtimestamp(now_ms // 1000, UTC)


def _check_floors(version: Mapping[str, int], floors: Mapping[str, int]) -> None:
    for role, number in version.items():
        if number < floors.get(role, 0):
            raise UpdateRefused("older", f"{role} is of version {number}, {floors[role]} was believed before")


def _pinned(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(ROOT_FILE_MAX)
    except OSError as err:
        raise ConfigError(
            f"{path} cannot be read ({os.strerror(err.errno or 0)}); provision this device again"
        ) from err


def _said(path: str, target: TargetFile) -> Said:
    return Said(path, target.length, target.hashes, target.custom)

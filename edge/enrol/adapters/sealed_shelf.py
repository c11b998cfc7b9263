"""The station's folder: one file per member, of sealed bytes. It holds no name, no picture and no number of a
face.

station.json    whose station it is: congress, and the gates that have its key
sealed/HEX.json references of one member, sealed as they were uploaded, and how far they got
sealed/HEX.gone a withdrawal that the fleet has not been told of
"""

import base64
import binascii
import contextlib
import errno
import fcntl
import json
import os
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import IO, Any, Final, TypeVar, get_args

from edge.device.errors import ConfigError, StoreError
from edge.enrol.consent import LANGUAGES, Channel, Consent
from edge.enrol.ports import Kept, Step
from edge.enrol.upload import SealedReference
from edge.rollcall_gate.frames import EmbedderId
from edge.rollcall_gate.who.sealing import INDEX_MAX
from wire.ids import MEMBER_REF_BYTES, CongressId, MemberRef, is_name

FORMAT: Final = "hallward-station/1"
STATION_FILE: Final = "station.json"
SEALED: Final = "sealed"
LOCK_FILE: Final = ".lock"
FILE_BYTES_MAX: Final = 64 * 1024
_KEPT, _GONE = ".json", ".gone"
_T = TypeVar("_T")


class SealedShelf:
    """Implements Shelf. Everything is read once; every change is on the disk before it is believed."""

    def __init__(self, folder: Path, congress: CongressId) -> None:
        """Raises ConfigError for the station of another congress and for a damaged file, StoreError."""
        self._folder = folder
        self._congress = congress
        self._sealed = folder / SEALED
        self._gates: dict[str, str] = {}
        self._kept: dict[MemberRef, Kept] = {}
        self._gone: dict[MemberRef, Channel] = {}
        self._lock = lock(folder)
        try:
            self._read()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let another program have the folder."""
        self._lock.close()

    def all(self) -> list[Kept]:
        return list(self._kept.values())

    def find(self, member: MemberRef) -> Kept | None:
        return self._kept.get(member)

    def put(self, kept: Kept) -> None:
        _write(self._path(kept.member, _KEPT), _values(kept))
        self._kept[kept.member] = kept

    def remove(self, member: MemberRef) -> None:
        _erase(self._path(member, _KEPT))
        self._kept.pop(member, None)

    def withdrawals(self) -> Mapping[MemberRef, Channel]:
        return dict(self._gone)

    def note_withdrawal(self, member: MemberRef, channel: Channel) -> None:
        _write(self._path(member, _GONE), {"format": FORMAT, "channel": channel.value})
        self._gone[member] = channel

    def withdrawal_told(self, member: MemberRef) -> None:
        _erase(self._path(member, _GONE))
        self._gone.pop(member, None)

    def gates(self) -> Mapping[str, str]:
        return dict(self._gates)

    def note_gates(self, gates: Mapping[str, str]) -> None:
        together = {**self._gates, **gates}
        if together != self._gates:
            self._write_own(together)

    def _read(self) -> None:
        self._gates = self._own()
        for path in _files(self._sealed):
            member = _member(path)
            if path.suffix == _KEPT:
                self._kept[member] = _guarded(path, partial(_kept, member))
            else:
                self._gone[member] = _guarded(path, lambda value: Channel(value["channel"]))

    def _own(self) -> dict[str, str]:
        path = self._folder / STATION_FILE
        if not path.exists():
            self._write_own({})
            return {}
        values = _guarded(path, lambda value: value)
        if values.get("congress") != self._congress:
            raise ConfigError(
                f"{self._folder} is the station of congress {values.get('congress')}, not of "
                f"{self._congress}: its key opens nothing there; use a folder of its own for each congress"
            )
        gates = values.get("gates")
        if not isinstance(gates, dict) or not all(isinstance(key, str) for key in gates.values()):
            raise _damaged(path)
        return gates

    def _write_own(self, gates: Mapping[str, str]) -> None:
        values = {"format": FORMAT, "congress": self._congress, "gates": dict(gates)}
        _write(self._folder / STATION_FILE, values)
        self._gates = dict(gates)

    def _path(self, member: MemberRef, suffix: str) -> Path:
        return self._sealed / (member.hex() + suffix)


def lock(folder: Path) -> IO[bytes]:
    """The folder, for this program alone until it is closed. Raises ConfigError when another has it."""
    path = folder / LOCK_FILE
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        held = path.open("wb")
    except OSError as err:
        raise ConfigError(f"{folder} cannot be written ({err.strerror}); choose another folder") from err
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as err:
        held.close()
        raise ConfigError(
            f"{folder} is in use: the desk is running. Do it on its page, or stop it first"
        ) from err
    return held


def congress_of(folder: Path) -> CongressId:
    """Whose station it is. Raises ConfigError when nobody was enrolled there."""
    path = folder / STATION_FILE
    if not path.exists():
        raise ConfigError(f"{folder} is no enrolment station: there is no {STATION_FILE} in it")
    congress = _guarded(path, lambda value: value["congress"])
    if not is_name(congress):
        raise _damaged(path)
    return CongressId(congress)


def erase_station(folder: Path) -> int:
    """Overwrite and delete every sealed copy and what is known of the station; how many there were. The key
    is another matter. Raises StoreError."""
    paths = _files(folder / SEALED)
    for path in paths:
        _erase(path)
    _erase(folder / STATION_FILE)
    _erase(folder / LOCK_FILE)
    with contextlib.suppress(OSError):  # somebody else's file in it is somebody else's business
        (folder / SEALED).rmdir()
    return len(paths)


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.suffix in {_KEPT, _GONE})
    except FileNotFoundError:
        return []
    except OSError as err:
        raise ConfigError(f"{folder} cannot be read ({err.strerror})") from err


def _member(path: Path) -> MemberRef:
    with contextlib.suppress(ValueError):
        member = bytes.fromhex(path.stem)
        if len(member) == MEMBER_REF_BYTES:
            return MemberRef(member)
    raise _damaged(path)


def _values(kept: Kept) -> dict[str, Any]:
    embedder = kept.references[0].embedder
    return {
        "format": FORMAT,
        "step": kept.step,
        "model_sha256": embedder.model_sha256.hex(),
        "runtime": embedder.runtime,
        "references": [[ref.index, base64.b64encode(ref.sealed).decode()] for ref in kept.references],
        "consent": kept.consent.body() if kept.consent else None,
    }


def _kept(member: MemberRef, values: dict[str, Any]) -> Kept:
    """Raises what _guarded takes for damage."""
    embedder = EmbedderId(bytes.fromhex(values["model_sha256"]), str(values["runtime"]))
    references = tuple(
        SealedReference(member, index, embedder, base64.b64decode(sealed, validate=True))
        for index, sealed in values["references"]
    )
    indexes = [reference.index for reference in references]
    if not indexes or indexes != list(range(len(indexes))) or len(indexes) > INDEX_MAX + 1:
        raise ValueError("indexes")
    if values["step"] not in get_args(Step):
        raise ValueError("step")
    consent = values["consent"]
    return Kept(member, references, values["step"], None if consent is None else _consent(consent))


def _consent(values: dict[str, Any]) -> Consent:
    if values["language"] not in LANGUAGES:
        raise ValueError("language")
    return Consent(
        str(values["text_version"]),
        str(values["text_sha256"]),
        values["language"],
        Channel(values["channel"]),
        str(values["station"]),
    )


def _guarded(path: Path, parse: Callable[[dict[str, Any]], _T]) -> _T:
    """The content of a file of ours. Raises ConfigError."""
    try:
        with path.open("rb") as stream:
            values = json.loads(stream.read(FILE_BYTES_MAX))
        if not isinstance(values, dict) or values.get("format") != FORMAT:
            raise _damaged(path)
        return parse(values)
    except OSError as err:
        raise ConfigError(f"{path} cannot be read ({err.strerror})") from err
    except (ValueError, KeyError, TypeError, binascii.Error) as err:
        raise _damaged(path) from err


def _damaged(path: Path) -> ConfigError:
    return ConfigError(f"{path} is damaged: move it away, and enrol that member again")


def _write(path: Path, values: Mapping[str, Any]) -> None:
    """All or nothing, and on the disk when it returns."""
    part = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(json.dumps(values).encode())
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
        _sync(path.parent)
    except OSError as err:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        what = "the disk is full" if err.errno in {errno.ENOSPC, errno.EDQUOT} else err.strerror
        raise StoreError(f"{path.parent} cannot be written ({what}); make room, then press again") from err


def _erase(path: Path) -> None:
    try:
        with path.open("r+b") as stream:
            stream.write(bytes(path.stat().st_size))
            stream.flush()
            os.fsync(stream.fileno())
        path.unlink()
        _sync(path.parent)
    except FileNotFoundError:
        return
    except OSError as err:
        raise StoreError(f"{path} cannot be deleted ({err.strerror}); delete it by hand") from err


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

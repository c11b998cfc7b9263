"""The station's folder: one file per member, of sealed bytes. It holds no name, no picture and no number of a
face.

station.json    whose station it is: congress, the gates that have its key, those that are about to get it
sealed/HEX.json references of one member, sealed as they were uploaded, and how far they got
sealed/HEX.gone a withdrawal that the fleet has not been told of, and the digest of the copy that goes with it
sealed/.*.new   a write that was cut off; erased when the folder is opened
"""

import base64
import binascii
import contextlib
import errno
import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import IO, Any, Final, TypeVar, get_args

from durable.files import sync_folder, unfinished_of
from edge.device.errors import ConfigError, StoreError
from edge.enrol.adapters.key_file import KEY_FILE
from edge.enrol.consent import LANGUAGES, Channel, Consent
from edge.enrol.ports import Kept, Ledger, Step
from edge.enrol.upload import SealedReference
from edge.rollcall_gate.frames import EmbedderId
from edge.rollcall_gate.who.sealing import INDEX_MAX
from wire.ids import MEMBER_REF_BYTES, CongressId, MemberRef, is_name

FORMAT: Final = "hallward-station/1"
STATION_FILE: Final = "station.json"
SEALED: Final = "sealed"
LOCK_FILE: Final = ".lock"
FILE_BYTES_MAX: Final = 64 * 1024
_KEPT, _GONE, _NEW = ".json", ".gone", ".new"
_ERASED: Final = b"\0"
"""How a file begins whose erasure was cut off before its name went."""
_T = TypeVar("_T")


class SealedShelf:
    """Implements Shelf. Everything is read once; every change is on the disk before it is believed."""

    def __init__(self, folder: Path, congress: CongressId) -> None:
        """Raises ConfigError for the station of another congress and for a damaged file, StoreError."""
        self._folder = folder
        self._congress = congress
        self._sealed = folder / SEALED
        self._gates: dict[str, str] = {}
        self._intended: dict[str, str] = {}
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
        self._kept.pop(member, None)  # never sent from here on, even when the disk will not let it go
        path = self._path(member, _KEPT)
        _erase(unfinished_of(path))
        _erase(path)

    def withdrawals(self) -> Mapping[MemberRef, Channel]:
        return dict(self._gone)

    def note_withdrawal(self, member: MemberRef, channel: Channel) -> None:
        copy = _digest(self._path(member, _KEPT))
        _write(self._path(member, _GONE), {"format": FORMAT, "channel": channel.value, "copy": copy})
        self._gone[member] = channel

    def withdrawal_told(self, member: MemberRef) -> None:
        _erase(self._path(member, _GONE))
        self._gone.pop(member, None)

    def gates(self) -> Mapping[str, str]:
        return dict(self._gates)

    def note_gates(self, gates: Mapping[str, str]) -> None:
        left = {gate: key for gate, key in self._intended.items() if gate not in gates}
        self._write_own({**self._gates, **gates}, left)

    def intended(self) -> Mapping[str, str]:
        return dict(self._intended)

    def intend_gates(self, gates: Mapping[str, str]) -> None:
        self._write_own(self._gates, gates)

    def _read(self) -> None:
        for path in _cut_off(self._folder):
            _erase(path)
        self._read_own()
        for path in _files(self._sealed):
            member = _member(path)
            if path.suffix == _KEPT:
                self._kept[member] = _guarded(path, partial(_kept, member))
            else:
                self._gone[member] = _guarded(path, lambda value: Channel(value["channel"]))

    def _read_own(self) -> None:
        path = self._folder / STATION_FILE
        if not path.exists():
            self._write_own({}, {})
            return
        values = _guarded(path, lambda value: value)
        if values.get("congress") != self._congress:
            raise ConfigError(
                f"{self._folder} is the station of congress {values.get('congress')}, not of "
                f"{self._congress}: its key opens nothing there; use a folder of its own for each congress"
            )
        for gates in (values.get("gates"), values.get("intended", {})):
            if not isinstance(gates, dict) or not all(isinstance(key, str) for key in gates.values()):
                raise _damaged(path)
        self._gates, self._intended = values["gates"], values.get("intended", {})

    def _write_own(self, gates: Mapping[str, str], intended: Mapping[str, str]) -> None:
        path = self._folder / STATION_FILE
        if path.exists() and (gates, intended) == (self._gates, self._intended):
            return
        own = {"congress": self._congress, "gates": dict(gates), "intended": dict(intended)}
        _write(path, {"format": FORMAT, **own})
        self._gates, self._intended = dict(gates), dict(intended)

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
    is another matter. Raises StoreError, after everything else was erased."""
    paths = _files(folder / SEALED)
    faults = []
    for path in [*_new_files(folder), *paths, folder / STATION_FILE, folder / LOCK_FILE]:
        try:
            _erase(path)
        except StoreError as err:
            faults.append(err)
    if faults:
        raise faults[0]
    with contextlib.suppress(OSError):  # somebody else's file in it is somebody else's business
        (folder / SEALED).rmdir()
    return len(paths)


def _files(folder: Path) -> list[Path]:
    return _of_kind(folder, {_KEPT, _GONE})


def _new_files(folder: Path) -> list[Path]:
    """What a write that was cut off left, sealed references among them."""
    own = [unfinished_of(folder / name) for name in (STATION_FILE, KEY_FILE)]
    return [*_of_kind(folder / SEALED, {_NEW}), *(path for path in own if path.exists())]


def _cut_off(folder: Path) -> list[Path]:
    """What a write, an erasure or a withdrawal left undone when the program was killed within it."""
    found = _new_files(folder)
    for path in _files(folder / SEALED):
        if _begins(path, _ERASED):
            found.append(path)
        elif path.suffix == _GONE and path.with_suffix(_KEPT).exists():
            kept = path.with_suffix(_KEPT)
            # A member who consented anew since has another copy, which stays.
            if _guarded(path, lambda value: value.get("copy")) == _digest(kept):
                found.append(kept)
    return found


def _begins(path: Path, with_: bytes) -> bool:
    try:
        with path.open("rb") as stream:
            return stream.read(len(with_)) == with_
    except OSError as err:
        raise ConfigError(f"{path} cannot be read ({err.strerror})") from err


def _digest(path: Path) -> str | None:
    """SHA-256 of a file's bytes, hex; None when there is none."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        return None
    except OSError as err:
        raise StoreError(f"{path} cannot be read ({err.strerror})") from err


def _of_kind(folder: Path, suffixes: set[str]) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.suffix in suffixes)
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
        "ledger": [kept.ledger.in_force, kept.ledger.withdrawn] if kept.ledger else None,
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
    consent, ledger = values["consent"], values.get("ledger")
    return Kept(
        member,
        references,
        values["step"],
        None if consent is None else _consent(consent),
        None if ledger is None else Ledger(bool(ledger[0]), int(ledger[1])),
    )


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
    except (ValueError, KeyError, TypeError, IndexError, binascii.Error) as err:
        raise _damaged(path) from err


def _damaged(path: Path) -> ConfigError:
    remedy = {
        _GONE: "withdraw again for that member, whose pseudonym is its name",
        STATION_FILE: "start once with --replace-key, and with --gate for each gate",
    }
    what = remedy.get(path.name) or remedy.get(path.suffix) or "enrol that member again"
    return ConfigError(f"{path} is damaged: move it away, and {what}")


def _write(path: Path, values: Mapping[str, Any]) -> None:
    """All or nothing, and on the disk when it returns."""
    part = unfinished_of(path)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(json.dumps(values).encode())
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
        sync_folder(path.parent)
    except OSError as err:
        with contextlib.suppress(StoreError):
            _erase(part)
        what = "the disk is full" if err.errno in {errno.ENOSPC, errno.EDQUOT} else err.strerror
        raise StoreError(f"{path.parent} cannot be written ({what}); make room, then press again") from err


def _erase(path: Path) -> None:
    """Overwrite, then delete; nothing happens when there is none. A disk that refuses the zeros keeps no file
    from being deleted. Raises StoreError while its name is still there."""
    with contextlib.suppress(OSError), path.open("r+b") as stream:
        stream.write(bytes(path.stat().st_size))
        stream.flush()
        os.fsync(stream.fileno())
    try:
        path.unlink()
    except FileNotFoundError:
        return
    except OSError as err:
        raise StoreError(f"{path} cannot be deleted ({err.strerror}); delete it by hand") from err
    with contextlib.suppress(
        OSError
    ):  # a power cut may bring the name back: the fleet's ledger takes it away
        sync_folder(path.parent)

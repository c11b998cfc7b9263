"""`hallward fleet updates mirror`: a hall's server takes what the centre serves, or what came on a stick, so
that its devices ask nobody but their own hall.

python-tuf's own client follows the repository into updates/incoming, the files are fetched there (resumed
where a cut left them), and from there the same import as for officers takes over. Whoever signs the
freshness is the centre: it must be mirrored again before that ends, which `status` says.
"""

import abc
import contextlib
import http.client
import shutil
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from tuf.api.exceptions import DownloadError, DownloadHTTPError, ExpiredMetadataError, RepositoryError
from tuf.api.metadata import Metadata
from tuf.ngclient import FetcherInterface, Updater, UpdaterConfig

from durable.files import PUBLIC, move_whole, write_whole
from fleet.errors import ConfigError, StoreError
from fleet.lock import only_one
from fleet.updates import importing, online, trust
from fleet.updates.errors import ReleaseRefused
from fleet.updates.shelf import CHUNK, Shelf, disk_trouble, hashed, versions
from wire.updates import COMPONENTS

_TIMEOUT_S: Final = 20.0
_CAUSES: Final = "somebody between may be at work, or the centre is half way through an import; try again"


class SourceSilent(StoreError):
    """The centre, or the line to it."""

    code = "source-silent"


@dataclass(frozen=True, slots=True)
class Credentials:
    """Of this hall's server as a device of the centre. PEM files."""

    certificate: Path
    key: Path
    authority: Path

    @classmethod
    def given(
        cls, certificate: Path | None, key: Path | None, authority: Path | None
    ) -> "Credentials | None":
        """None when nothing was given, as for a folder. Raises ConfigError for one without the others."""
        if certificate is None and key is None and authority is None:
            return None
        if certificate is None or key is None or authority is None:
            raise ConfigError("--certificate, --key and --authority go together: PEM files of the centre")
        return cls(certificate, key, authority)


def mirror(
    shelf: Shelf, source: str, now_ms: int, *, root_sha256: str | None = None,
    credentials: Credentials | None = None,
) -> importing.Incoming:  # fmt: skip
    """Serve what the source serves from now on. source: an https URL of an update listener, or a folder that
    has `image/` as it lies in a fleet's `updates/`. May be repeated, goes on where it was cut off.

    Raises ReleaseRefused, ConfigError, StoreError (SourceSilent): what was served before is served still.
    """
    fetcher = _fetcher(source, credentials)
    shelf.folder.mkdir(parents=True, exist_ok=True)
    with only_one(shelf.folder / "mirror.lock", "a mirror"):
        return _mirrored(shelf, fetcher, now_ms, root_sha256)


def _mirrored(shelf: Shelf, fetcher: "Fetcher", now_ms: int, root_sha256: str | None) -> importing.Incoming:
    work = shelf.incoming
    try:
        _follow(shelf, fetcher, work, now_ms, root_sha256)
        release = _entries(work)
        shelf.check_room(sum(entry.target.length for entry in release if not _is_here(shelf, entry)))
        for entry in release:
            if not _is_here(shelf, entry):
                _fetch(fetcher, work, entry)
        with shelf.turn():
            now = online.moment(now_ms)
            found = importing.verify(shelf, work, now, root_sha256, signed_elsewhere=True)
            importing.place(shelf, found)
            importing.put_freshness(shelf, found)
    except OSError as err:
        raise disk_trouble(err, work) from None
    shutil.rmtree(work, ignore_errors=True)
    return found


class Fetcher(FetcherInterface):
    """Bytes by name, from a byte on; for python-tuf's client too."""

    @abc.abstractmethod
    def at(self, name: str, begin: int) -> Iterator[bytes]:
        """Raises DownloadHTTPError (404: no such file), SourceSilent."""

    def _fetch(self, url: str) -> Iterator[bytes]:
        return self.at(url, 0)


class FolderFetcher(Fetcher):
    """From a stick."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def at(self, name: str, begin: int) -> Iterator[bytes]:
        try:
            with (self._folder / name).open("rb") as file:
                file.seek(begin)
                while chunk := file.read(CHUNK):
                    yield chunk
        except FileNotFoundError:
            raise DownloadHTTPError(f"{name} is missing", 404) from None
        except OSError as err:
            raise SourceSilent(f"{self._folder / name} cannot be read: {err.strerror}; try again") from None


class HttpsFetcher(Fetcher):
    """From an update listener, over mutual TLS."""

    def __init__(self, host: str, port: int, credentials: Credentials) -> None:
        self._host, self._port = host, port
        try:
            self._context = ssl.create_default_context(cafile=str(credentials.authority))
            self._context.minimum_version = ssl.TLSVersion.TLSv1_2
            self._context.load_cert_chain(credentials.certificate, credentials.key, password="")
        except (OSError, ValueError) as err:
            raise ConfigError(
                f"{credentials.certificate}, its key or {credentials.authority} cannot be used ({err}): have "
                "the centre's provisioning issue them"
            ) from None

    def at(self, name: str, begin: int) -> Iterator[bytes]:
        connection = http.client.HTTPSConnection(
            self._host, self._port, timeout=_TIMEOUT_S, context=self._context
        )
        try:
            with contextlib.closing(connection):
                headers = {"range": f"bytes={begin}-"} if begin else {}
                connection.request("GET", f"/{name}", headers=headers)
                answer = connection.getresponse()
                if answer.status != (206 if begin else 200):
                    raise DownloadHTTPError(f"{name}: {answer.status}", answer.status)
                while chunk := answer.read(CHUNK):
                    yield chunk
        except (OSError, http.client.HTTPException) as err:
            raise SourceSilent(
                f"{self._host}:{self._port} does not answer as it should ({err}): look at the line and "
                "at the centre's certificate, then mirror again; what has come is kept"
            ) from None


def _fetcher(source: str, credentials: Credentials | None) -> Fetcher:
    """Raises ConfigError."""
    if "://" not in source:
        if not (Path(source) / "image" / "metadata").is_dir():
            raise ConfigError(
                f"{source} holds no image/metadata: give a fleet's updates/ folder, or an https URL"
            )
        return FolderFetcher(Path(source))
    try:
        parts = urlsplit(source)
        port = parts.port or 8884
        host = (parts.hostname or "").encode("idna").decode()
    except ValueError:
        raise ConfigError(f"--from must be https://HOST:PORT or a folder, got {source!r:.80}") from None
    if parts.scheme != "https" or not host or not host.isprintable() or parts.path not in ("", "/"):
        raise ConfigError(f"--from must be https://HOST:PORT or a folder, got {source!r:.80}")
    if credentials is None:
        raise ConfigError("a mirror of an https URL shows a certificate: --certificate, --key, --authority")
    return HttpsFetcher(host, port, credentials)


def _follow(shelf: Shelf, fetcher: Fetcher, work: Path, now_ms: int, root_sha256: str | None) -> None:
    """The metadata, followed by python-tuf from the root that is trusted here, into the form of a release
    folder. Raises ReleaseRefused, SourceSilent."""
    metadata = work / "image" / "metadata"
    # Of an earlier try only whole files of targets are worth keeping.
    shutil.rmtree(metadata, ignore_errors=True)
    metadata.mkdir(parents=True)
    client = work / "client"
    shutil.rmtree(client, ignore_errors=True)
    client.mkdir()
    kept = shelf.roots(shelf.image)
    try:
        first = kept[max(kept)] if kept else fetcher.download_bytes("image/metadata/1.root.json", 512_000)
        if not kept:
            importing.check_told(first, Path("1.root.json"), root_sha256)
        updater = Updater(
            str(client), "image/metadata", fetcher=fetcher, config=UpdaterConfig(), bootstrap=first
        )
        # The hall's clock, not this machine's: the client has no argument for it.
        updater._trusted_set.reference_time = online.moment(now_ms)  # noqa: SLF001
        updater.refresh()
        for component in COMPONENTS:
            updater.get_targetinfo(f"{component}/{component}")  # has its role fetched and verified
    except ExpiredMetadataError as err:
        raise ReleaseRefused(
            f"{err}: the centre has to sign anew, or this machine's clock is wrong"
        ) from None
    except DownloadHTTPError as err:
        refused = "the centre refuses this hall's certificate" if err.status_code == 403 else "not there"
        raise SourceSilent(f"{err}: {refused}; nothing was changed, {_CAUSES}") from None
    except (RepositoryError, DownloadError) as err:
        raise ReleaseRefused(f"what the source says does not hold ({err}); {_CAUSES}") from None
    _lay_out(client, metadata)


def _lay_out(client: Path, metadata: Path) -> None:
    for path in (client / "root_history").iterdir():
        write_whole(metadata / path.name, path.read_bytes(), PUBLIC)
    for role in ("snapshot", "targets", *COMPONENTS):
        data = (client / f"{role}.json").read_bytes()
        version = Metadata.from_bytes(data).signed.version
        write_whole(metadata / f"{version}.{role}.json", data, PUBLIC)
    write_whole(metadata / "timestamp.json", (client / "timestamp.json").read_bytes(), PUBLIC)


def _entries(work: Path) -> tuple[trust.Entry, ...]:
    """What python-tuf found to hold, as ours. Raises ReleaseRefused."""
    image = work / "image" / "metadata"

    def read(role: str, version: int) -> bytes:
        return (image / f"{version}.{role}.json").read_bytes()

    roots = {version: read("root", version) for version in versions(image, "root")}
    root = trust.chain(roots, str(image))[-1].signed
    return trust.published(root, (image / "timestamp.json").read_bytes(), read, str(image))[2].entries


def _is_here(shelf: Shelf, entry: trust.Entry) -> bool:
    return shelf.target(entry.target.path, entry.target.sha256).exists()


def _fetch(fetcher: Fetcher, work: Path, entry: trust.Entry) -> None:
    """One file, from where an earlier try was cut off. By its SHA-256: python-tuf would ask by whichever hash
    comes first. Raises ReleaseRefused, SourceSilent, OSError."""
    into = importing.source_of(work, entry)
    if into.exists():
        return
    into.parent.mkdir(parents=True, exist_ok=True)
    part = into.with_name(f"{into.name}.part")
    begin = part.stat().st_size if part.exists() else 0
    try:
        if begin < entry.target.length:
            with part.open("ab") as file:
                for chunk in fetcher.at(f"image/targets/{into.parent.name}/{into.name}", begin):
                    begin += len(chunk)
                    if begin > entry.target.length:
                        raise ReleaseRefused(f"{entry.target.path}: more bytes than were signed; {_CAUSES}")
                    file.write(chunk)
        hashed(part, entry.hashes, entry.target.length)
    except DownloadHTTPError as err:
        raise SourceSilent(f"{err}: the centre does not hand it out now; {_CAUSES}") from None
    except ReleaseRefused:
        part.unlink(missing_ok=True)
        raise
    move_whole(part, into)  # else a power cut leaves a name without its bytes, which is taken for fetched

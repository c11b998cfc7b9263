"""A fleet with its keys, three officers with theirs, and what they release."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from securesystemslib.signer import CryptoSigner
from tuf.api.exceptions import DownloadHTTPError
from tuf.api.metadata import Metadata, Targets
from tuf.ngclient import FetcherInterface, Updater

from durable.files import no_step
from fleet.updates import importing, online
from fleet.updates.keys import DIRECTOR, IMAGE_ONLINE, load_key, make_keys
from fleet.updates.shelf import Shelf
from release.bundle import tar_bundle
from tests.release.making import File, about, add_files, make_release, officers_of

NOW_MS = 1_795_770_000_000
DAY_MS = 86_400_000
WEIGHTS = hashlib.shake_256(b"weights").digest(200_000)


def models(name: str, counter: int = 1, content: bytes = WEIGHTS, **changes: Any) -> File:
    path = f"models/{name}"
    bundle = tar_bundle("models", f"1.{counter}", counter, {"embed.tflite": content})
    return path, bundle, about(path, counter, **changes)


def config(name: str, counter: int = 1) -> File:
    path = f"config/{name}"
    bundle = tar_bundle("config", f"1.{counter}", counter, {"settings.toml": b"[gate]\n"})
    return path, bundle, about(path, counter)


@dataclass(slots=True)
class Released:
    """data: of the fleet; folder: of the officers. now_ms: the hall's clock."""

    data: Path
    folder: Path
    now_ms: int = NOW_MS
    officers: list[CryptoSigner] = field(default_factory=officers_of)

    @classmethod
    def begun(cls, tmp_path: Path, *files: File, now_ms: int = NOW_MS) -> "Released":
        """Keys made, a first release signed, nothing imported yet."""
        found = cls(tmp_path / "fleet", tmp_path / "stick", now_ms)
        make_keys(found.data, lambda _: None)
        make_release(
            found.folder,
            officers=found.officers,
            online=load_key(found.data, IMAGE_ONLINE).public_key,
            director=load_key(found.data, DIRECTOR).public_key,
            files=files or (models("gate-1.tar"),),
            now=online.moment(found.now_ms),
        )
        return found

    @property
    def shelf(self) -> Shelf:
        return Shelf(self.data)

    @property
    def root_sha256(self) -> str:
        return hashlib.sha256(self.root).hexdigest()

    @property
    def root(self) -> bytes:
        return (self.folder / "image/metadata/1.root.json").read_bytes()

    def add(self, *files: File) -> None:
        add_files(self.folder, self.officers, files, online.moment(self.now_ms))

    def take_in(self, step: Any = no_step, **options: Any) -> importing.Incoming:
        if "root_sha256" not in options:
            options["root_sha256"] = self.root_sha256
        return importing.import_release(Shelf(self.data, step), self.folder, self.now_ms, **options)

    def metadata(self, name: str) -> Path:
        return self.folder / "image/metadata" / name

    def signed_again(self, name: str, signers: list[CryptoSigner], **changes: Any) -> None:
        """The file with other content, and signatures of these alone."""
        path = self.metadata(name)
        found: Metadata[Targets] = Metadata.from_file(str(path))
        for key, value in changes.items():
            setattr(found.signed, key, value)
        found.signatures.clear()
        for signer in signers:
            found.sign(signer, append=True)
        found.to_file(str(path))


class Disk(FetcherInterface):
    """What devices would be served, read from the shelf."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _fetch(self, url: str) -> Any:
        path = self._folder / url
        if not path.exists():
            raise DownloadHTTPError(url, 404)
        return iter([path.read_bytes()])


def seen(released: Released, client: Path, path: str) -> bytes | None:
    """The SHA-256 that python-tuf's own client finds for a path, having begun from the first root, and with
    what it saw before in `client`."""
    client.mkdir(exist_ok=True)
    updater = Updater(
        str(client), "metadata", fetcher=Disk(released.shelf.image.parent), bootstrap=released.root
    )
    updater._trusted_set.reference_time = online.moment(released.now_ms)
    updater.refresh()
    found = updater.get_targetinfo(path)
    return None if found is None else bytes.fromhex(found.hashes["sha256"])


def sha256(file: File) -> bytes:
    return hashlib.sha256(file[1]).digest()

"""The folder that goes from officer to officer, and then to the fleet.

image/metadata/{version}.{role}.json      signed in full; never changed again
image/targets/{component}/{sha256}.{name}
director/metadata/{version}.root.json
drafts/{image,director}/{version}.{role}.json     what still needs signatures

A folder for the director of a further hall has nothing of image.
"""

import re
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO, Final

from tuf.api.metadata import Metadata

from durable.files import UNFINISHED
from release.errors import ConfigError, ReleaseError, Tampered
from release.files import DOCUMENT_BYTES_MAX, Measured, copy_whole, measure, read_whole, write_whole
from release.metadata import parse_metadata
from wire.updates import COMPONENTS

_FILE: Final = re.compile(r"([1-9][0-9]{0,9})\.([a-z]+)\.json")


class Repository(StrEnum):
    IMAGE = "image"
    DIRECTOR = "director"


ROLES: Final = (
    (Repository.IMAGE, "root"),
    (Repository.DIRECTOR, "root"),
    (Repository.IMAGE, "targets"),
    *((Repository.IMAGE, component) for component in COMPONENTS),
)
"""In the order in which they are believed."""


class ReleaseFolder:
    def __init__(self, path: Path) -> None:
        self.path: Final = path

    @property
    def is_begun(self) -> bool:
        return any((self.path / name).exists() for name in ("image", "director", "drafts"))

    @property
    def is_director_alone(self) -> bool:
        """For a further hall: all it holds is roots of that hall's director."""
        image = any((self.path / name / Repository.IMAGE).exists() for name in (".", "drafts"))
        return self.is_begun and not image

    @property
    def roles(self) -> tuple[tuple[Repository, str], ...]:
        """ROLES, as far as this folder is for them."""
        return tuple(one for one in ROLES if not self.is_director_alone or one[0] is Repository.DIRECTOR)

    def signed_versions(self, repository: Repository, role: str) -> list[int]:
        """Rising."""
        return self._versions(self.path / repository / "metadata", role)

    def signed(self, repository: Repository, role: str, version: int) -> Metadata[Any]:
        """Raises Tampered, ConfigError."""
        return self._read(self.path / repository / "metadata", role, version)

    def newest_signed(self, repository: Repository, role: str) -> Metadata[Any] | None:
        versions = self.signed_versions(repository, role)
        return self.signed(repository, role, versions[-1]) if versions else None

    def draft(self, repository: Repository, role: str) -> Metadata[Any] | None:
        """What is waiting for signatures. A draft not newer than what is signed was left behind by a cut.
        Raises Tampered, ConfigError."""
        versions = self._versions(self.path / "drafts" / repository, role)
        signed = self.signed_versions(repository, role)
        if not versions or (signed and versions[-1] <= signed[-1]):
            return None
        return self._read(self.path / "drafts" / repository, role, versions[-1])

    def newest(self, repository: Repository, role: str) -> Metadata[Any]:
        """Draft, or what is signed. Raises ConfigError when there is neither."""
        found = self.draft(repository, role) or self.newest_signed(repository, role)
        if found is None:
            raise ConfigError(
                f"{self.path} has no {role} of the {repository} repository; begin with `hallward release "
                "init`, or take the folder from another officer's copy"
            )
        return found

    def next_version(self, repository: Repository, role: str) -> int:
        """Of the next draft. Whoever signed the draft that it replaces will not have signed two of one
        number; only the numbers of roots have no gaps."""
        signed = self.signed_versions(repository, role)
        latest = signed[-1] if signed else 0
        draft = self.draft(repository, role)
        if draft is not None and draft.signatures and role != "root":
            latest = draft.signed.version
        return latest + 1

    def write_draft(self, repository: Repository, role: str, metadata: Metadata[Any]) -> None:
        """It replaces the draft that was there."""
        folder = self.path / "drafts" / repository
        data = metadata.to_bytes()
        if len(data) > DOCUMENT_BYTES_MAX:
            raise ReleaseError(
                f"{role} has become longer than a device reads; remove targets that are no longer used"
            )
        write_whole(folder / f"{metadata.signed.version}.{role}.json", data)
        self._clear(folder, role, keep=metadata.signed.version)

    def publish(self, repository: Repository, role: str, metadata: Metadata[Any]) -> None:
        """From a draft that has all its signatures to what the fleet imports."""
        name = f"{metadata.signed.version}.{role}.json"
        target = self.path / repository / "metadata" / name
        if target.exists():
            raise Tampered(
                f"{target} is there already: two folders were mixed; go on with the newer one alone"
            )
        write_whole(target, metadata.to_bytes())
        self._clear(self.path / "drafts" / repository, role, keep=None)

    def target_path(self, path: str, sha256: bytes) -> Path:
        component, _, name = path.partition("/")
        return self.path / Repository.IMAGE / "targets" / component / f"{sha256.hex()}.{name}"

    def store_target(self, path: str, source: BinaryIO) -> Measured:
        """Raises ConfigError."""
        measured = measure(source)
        place = self.target_path(path, measured.sha256)
        if not self.has_target(path, measured):
            copy_whole(source, place)
        return measured

    def has_target(self, path: str, expected: Measured) -> bool:
        """It is there, byte for byte."""
        place = self.target_path(path, expected.sha256)
        if not place.is_file() or place.stat().st_size != expected.length:
            return False
        with place.open("rb") as file:
            found = measure(file)
        return found.sha256 == expected.sha256 and expected.sha1 in (None, found.sha1)

    def leftovers(self) -> list[Path]:
        """Half-written files that a pulled stick left behind; harmless."""
        return sorted(self.path.rglob(UNFINISHED))

    def _read(self, folder: Path, role: str, version: int) -> Metadata[Any]:
        path = folder / f"{version}.{role}.json"
        found = parse_metadata(read_whole(path), role, path)
        if found.signed.version != version:
            raise Tampered(f"{path} holds version {found.signed.version}")
        return found

    def _versions(self, folder: Path, role: str) -> list[int]:
        if not folder.is_dir():
            return []
        found = (_FILE.fullmatch(path.name) for path in folder.iterdir())
        return sorted(int(match[1]) for match in found if match and match[2] == role)

    def _clear(self, folder: Path, role: str, keep: int | None) -> None:
        for version in self._versions(folder, role):
            if version != keep:
                (folder / f"{version}.{role}.json").unlink(missing_ok=True)

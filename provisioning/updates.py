"""AUTHORITY/update: where devices of the hall fetch updates, and whose word they take for them.

image.root.json      root of the officers' repository, director.root.json of the fleet's: TUF metadata, pinned
                     in every device that is made from here on
address.toml         host and port of the fleet's update listener; written last, so a folder without it is
                     unfinished

What a root is worth is for people: its SHA-256 stands in the minutes of the officers' ceremony. Here it is
looked at only so that a file of another kind is not found out by a device in the hall.
"""

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import tomli_w

from provisioning.errors import ConfigError
from provisioning.files import PUBLIC, read_whole, write_whole
from provisioning.media.order import is_host

FOLDER: Final = "update"
REPOSITORIES: Final = ("image", "director")
ADDRESS_FILE: Final = "address.toml"
PORT: Final = 8884
ROOT_BYTES_MAX: Final = 65_536
"""A device reads no more of a root."""
MISSING: Final = (
    "các máy làm từ đây không tự cập nhật được: chưa có gốc cập nhật; hãy chạy `hallward provision updates`",
    "devices made here cannot be updated: there are no update roots yet; run `hallward provision updates`",
)
"""Vietnamese, English."""


@dataclass(frozen=True, slots=True)
class UpdateRoot:
    """version: of TUF, rises when the officers' or the fleet's keys change."""

    content: bytes
    version: int

    @property
    def sha256(self) -> str:
        """As `sha256sum` prints it, and as the officers wrote it down."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class UpdateService:
    """host, port: of the fleet's update listener. roots: by repository."""

    host: str
    port: int
    roots: Mapping[str, UpdateRoot]


def root_file(repository: str) -> str:
    """In the authority's folder, on a boot medium beside root.crt, and in a device's folder alike."""
    return f"{FOLDER}/{_name(repository)}"


def roots_in(folder: Path) -> dict[str, UpdateRoot]:
    """By repository, of AUTHORITY/update or a copy of it. Raises ConfigError."""
    return {
        repository: update_root(read_whole(path, "the update root"), str(path))
        for repository in REPOSITORIES
        for path in (folder / _name(repository),)
    }


def update_root(content: bytes, source: str) -> UpdateRoot:
    """Raises ConfigError for what is no root of TUF."""
    if len(content) > ROOT_BYTES_MAX:
        raise ConfigError(f"{source} is longer than {ROOT_BYTES_MAX} bytes: it is no root, give N.root.json")
    try:
        found = json.loads(content.decode())
        signed, signatures = found["signed"], found["signatures"]
        kind, version = signed["_type"], signed["version"]
    except (ValueError, RecursionError, KeyError, TypeError):
        raise ConfigError(
            f"{source} is no TUF metadata: give the root, image/N.root.json or director/N.root.json of the "
            "officers' folder"
        ) from None
    if kind != "root":
        raise ConfigError(f"{source} is the {str(kind)!r:.30} of a repository: give its root, N.root.json")
    if type(version) is not int or version < 1:
        raise ConfigError(f"{source} has no version of 1 or more: it is damaged, copy it again")
    if not isinstance(signatures, list) or not signatures:
        raise ConfigError(f"{source} is not signed: take the one that the officers have signed")
    return UpdateRoot(content, version)


def update_service(host: str, port: int, image: UpdateRoot, director: UpdateRoot) -> UpdateService:
    """Raises ConfigError for an address that cannot be, and for one root in both places."""
    if not is_host(host):
        raise ConfigError(f"--host must be a host name or an address, got {host!r:.80}")
    if not 1 <= port <= 65535:
        raise ConfigError(f"--port must be 1 to 65535, got {port}")
    if image.content == director.content:
        raise ConfigError("both roots are one and the same file: the director has a root of its own")
    return UpdateService(host, port, {"image": image, "director": director})


def pin_root(path: Path, root: UpdateRoot) -> bool:
    """Write it, unless it is there. A newer version takes an older one's place; another one of the same
    version is of another ceremony, and is for people to compare. Returns whether it was written. Raises
    ConfigError."""
    if path.exists():
        there = update_root(read_whole(path, "the update root"), str(path))
        if there.content == root.content:
            return False
        if there.version >= root.version:
            raise ConfigError(
                f"{path} pins another root, of version {there.version} and SHA-256 {there.sha256}: compare "
                "it with what the officers wrote down; if it is the wrong one, remove the file by hand and "
                "run this again"
            )
    write_whole(path, root.content, PUBLIC)
    return True


def keep_service(authority: Path, service: UpdateService) -> bool:
    """May be repeated. Returns whether anything was changed. Raises ConfigError."""
    address = tomli_w.dumps({"host": service.host, "port": service.port}).encode()
    changed = [
        pin_root(authority / root_file(repository), service.roots[repository]) for repository in REPOSITORIES
    ]
    path = authority / FOLDER / ADDRESS_FILE
    if path.exists() and read_whole(path, "the address") == address:
        return any(changed)
    write_whole(path, address, PUBLIC)
    return True


def load_service(authority: Path) -> UpdateService | None:
    """None: nobody said yet where updates come from. Raises ConfigError."""
    path = authority / FOLDER / ADDRESS_FILE
    if not path.exists():
        return None
    try:
        values = tomllib.loads(read_whole(path, "the address of updates").decode())
        host, port = values["host"], values["port"]
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError):
        raise _damaged(path) from None
    if type(host) is not str or type(port) is not int:
        raise _damaged(path)
    roots = roots_in(authority / FOLDER)
    return update_service(host, port, roots["image"], roots["director"])


def _name(repository: str) -> str:
    return f"{repository}.root.json"


def _damaged(path: Path) -> ConfigError:
    return ConfigError(f"{path} is damaged: make it again with `hallward provision updates`")

"""What a key has signed, in a file beside it: two contents under one version number would be two truths.

KEY.signed.json: {"{SHA-256 of the first root} {title}": SHA-256 of what was signed}. Public; kept
because a stick that was swapped for an older copy asks for a number that was used before.
"""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from release.errors import ConfigError, ReleaseError
from release.files import SECRET, read_whole, write_whole
from release.folder import ReleaseFolder, Repository
from release.signing import Pending

_BYTES_MAX: Final = 4_000_000


class Memory:
    def __init__(self, key: Path) -> None:
        self._path = key.with_name(f"{key.name}.signed.json")

    def remember(
        self, folder: ReleaseFolder, ones: Sequence[Pending], keyid: str, *, is_again: bool = False
    ) -> None:
        """Those of `ones` that this key may sign; written before it signs. is_again: the officer knows that
        what was signed before was thrown away. Raises ReleaseError, ConfigError."""
        known = self._read()
        release = _digest(_first_root(folder))
        for one in ones:
            if keyid not in one.keys:
                continue
            line, content = f"{release} {one.title}", _digest(one.draft.signed_bytes)
            if known.get(line, content) != content and not is_again:
                raise ReleaseError(
                    f"this key has signed another {one.title} before: is the stick an older copy? If "
                    "what you signed was thrown away by all of you, give --again"
                )
            known[line] = content
        write_whole(self._path, json.dumps(known, indent=1, sort_keys=True).encode(), SECRET)

    def _read(self) -> dict[str, str]:
        if not self._path.exists():
            return {}
        try:
            found: Any = json.loads(read_whole(self._path, _BYTES_MAX))
        except (ValueError, RecursionError):
            found = None
        if type(found) is not dict or any(type(value) is not str for value in found.values()):
            raise ConfigError(f"{self._path} is damaged; bring it back from the copy of your key")
        return found


def _first_root(folder: ReleaseFolder) -> bytes:
    which = Repository.DIRECTOR if folder.is_director_alone else Repository.IMAGE
    signed = folder.signed_versions(which, "root")
    return (folder.signed(which, "root", signed[0]) if signed else folder.newest(which, "root")).signed_bytes


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()

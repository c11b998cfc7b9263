"""The boot partition of a card, mounted on this machine."""

from collections.abc import Mapping
from pathlib import Path

from provisioning.errors import ConfigError
from provisioning.files import SECRET, write_whole

FIRMWARE = ("config.txt", "cmdline.txt")


class MountedPartition:
    """Raises ConfigError on construction for a folder that no Raspberry Pi starts from."""

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise ConfigError(
                f"{folder} is no folder: put the card in, and name where its boot partition is mounted"
            )
        missing = [name for name in FIRMWARE if not (folder / name).is_file()]
        if missing:
            raise ConfigError(
                f"{folder} is no boot partition, it has no {' and no '.join(missing)}: write Raspberry Pi OS "
                "to the card first, then name where its small FAT partition is mounted"
            )
        self._folder = folder

    def read(self, path: str) -> bytes | None:
        try:
            return (self._folder / path).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as err:
            raise ConfigError(f"{self._folder / path} cannot be read: {err.strerror}") from err

    def write(self, files: Mapping[str, bytes], gone: frozenset[str]) -> None:
        for path, content in files.items():
            # FAT knows no owners; on a card that is mounted otherwise nobody else reads the token.
            write_whole(self._folder / path, content, SECRET)
        for path in sorted(gone):
            try:
                (self._folder / path).unlink(missing_ok=True)
            except OSError as err:
                raise ConfigError(f"{self._folder / path} cannot be removed: {err.strerror}") from err

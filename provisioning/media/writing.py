"""Boot files onto a medium: what others put there stays, unless they are told to go."""

from collections.abc import Mapping
from typing import Final, Protocol

from provisioning.errors import ConfigError
from provisioning.media.boot_files import LAST, MARK

OURS: Final = (LAST, "network-config", "rpi-preseed.toml")
"""Files that somebody else may have filled in. An image brings them empty, or with nothing but comments."""
OTHER_SETUPS: Final = (
    "custom.toml", "firstrun.sh", "ssh", "ssh.txt", "userconf", "userconf.txt", "wpa_supplicant.conf",
)  # fmt: skip
"""Each of them makes an account, opens SSH or runs a script at the first boot, beside ours."""


class Medium(Protocol):
    """Where boot files go. Everything raises ConfigError, a sentence for the person at the card."""

    def read(self, path: str) -> bytes | None:
        """None: there is no such file."""

    def write(self, files: Mapping[str, bytes], gone: frozenset[str]) -> None:
        """In the order given, each whole or absent; then those named in gone are no longer there."""


def write_medium(medium: Medium, files: Mapping[str, bytes], *, replaces: bool) -> None:
    """Twice is harmless. Raises ConfigError; then nothing was written, or running it again finishes it."""
    others = [path for path in OTHER_SETUPS if medium.read(path) is not None]
    foreign = others + [path for path in OURS if _is_foreign(medium.read(path))]
    if foreign and not replaces:
        raise ConfigError(
            f"the medium is set up by somebody else already ({', '.join(foreign)}): "
            "take another card, or say --replace to have these replaced"
        )
    medium.write(files, frozenset(others))


def _is_foreign(content: bytes | None) -> bool:
    if content is None:
        return False
    lines = content.decode(errors="replace").splitlines()
    return MARK not in lines[:2] and any(line.strip() and not line.lstrip().startswith("#") for line in lines)

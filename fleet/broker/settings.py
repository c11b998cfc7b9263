"""Where a broker listens, and which files it shows. Sizes are the wire's: no message is larger than SPEC §3
allows."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fleet.errors import ConfigError
from wire.envelope import ENVELOPE_MAX
from wire.ids import HallId

# An envelope, its topic, and the headers that NATS puts around a stored message.
MESSAGE_BYTES_MAX: Final = ENVELOPE_MAX + 4096
CONNECTIONS_MAX: Final = 8192
# 2,000 devices that return at once keep two cores busy for some seconds: a handshake may have to wait its
# turn.
HANDSHAKE_S: Final = 20
DEFAULT_PORT: Final = 8883


@dataclass(frozen=True, slots=True)
class BrokerSettings:
    """folder: the broker's own, made 0700; certificate, key, authority, revocations: PEM files of
    provisioning.

    Raises ConfigError on construction for a port outside 1..65535 or a path that a config file cannot hold.
    """

    hall: HallId
    folder: Path
    certificate: Path
    key: Path
    authority: Path
    revocations: Path
    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT

    def __post_init__(self) -> None:
        if not 1 <= self.port <= 65535:
            raise ConfigError(f"broker.port is {self.port}; allowed are 1 to 65535")
        for path in (self.folder, self.certificate, self.key, self.authority, self.revocations):
            if any(character in str(path) for character in "\n\r\0"):
                raise ConfigError(
                    f"a broker's files cannot lie under a path with a line break: {str(path)!r:.80}"
                )

    def missing(self) -> Path | None:
        """The first file that should be there and cannot be read, or None."""
        for path in (self.certificate, self.key, self.authority):
            if not path.is_file():
                return path
        return None

"""The charter of the congress, as provisioning pinned it in a keypad's folder."""

from pathlib import Path
from typing import Final

from ballot.documents.charter import Charter, parse_charter
from ballot.errors import BadDocument
from edge.device.errors import ConfigError
from wire.ids import CongressId

CHARTER_FILE: Final = "charter"


def read_charter(folder: Path, congress: CongressId) -> Charter | None:
    """None: there is none, and this unit takes part in no secret question. Raises ConfigError for a damaged
    one, and for that of another congress."""
    path = folder / CHARTER_FILE
    try:
        charter = parse_charter(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as err:
        raise ConfigError(f"{path} cannot be read: {err.strerror}") from err
    except BadDocument as err:
        raise ConfigError(
            f"{path} is no charter ({err.en}); provision this keypad with --charter again"
        ) from err
    if charter.congress != congress:
        raise ConfigError(
            f"{path} is the charter of {charter.congress}, this keypad belongs to {congress}; "
            "provision it with its own"
        )
    return charter

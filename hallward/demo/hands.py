"""The hands of the people in the hall, on simulated hardware: a JSON line to a device's socket, one back."""

import json
import socket
from pathlib import Path
from typing import Any, Final

from wire.errors import HallError

ANSWER_MAX: Final = 65536
TIMEOUT_S: Final = 20.0


class NoAnswer(HallError):
    """The device's simulated hardware did not answer."""

    code = "no-hands"


class Hands:
    """Of one device folder."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "state" / "hands.sock"

    def do(self, action: str, **details: Any) -> dict[str, Any]:
        """Do one thing; the device's answer. Raises NoAnswer."""
        line = json.dumps({"do": action, **details}).encode() + b"\n"
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                connection.settimeout(TIMEOUT_S)
                connection.connect(str(self.path))
                connection.sendall(line)
                with connection.makefile("rb") as answers:
                    answer = answers.readline(ANSWER_MAX)
            found = json.loads(answer)
        except (OSError, ValueError) as err:
            raise NoAnswer(f"{self.path.parent.parent.name} did not answer {action!r}: {err}") from err
        if not isinstance(found, dict):
            raise NoAnswer(f"{self.path.parent.parent.name} answered {action!r} with no object")
        return found

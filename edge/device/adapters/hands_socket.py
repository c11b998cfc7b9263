"""The hands of a simulated device: a unix socket in its state folder, one JSON object per line, one per
answer.

Only started when device.toml says `[simulated] hands = true`. The socket is for the owner alone (0600).
"""

import contextlib
import json
import logging
import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from edge.device.errors import DeviceError
from wire.errors import HallError

LINE_BYTES_MAX: Final = 64 * 1024
_PATH_BYTES_MAX: Final = 107
_BACKLOG: Final = 8
_log: Final = logging.getLogger("hallward.hands")

Answer = Callable[[dict[str, Any]], dict[str, Any]]


class HandsSocket:
    """Serves until closed. answer: called on a thread of the caller it serves; raises HallError for a wish it
    cannot fulfil, which is answered as `{"error": sentence}`."""

    def __init__(self, path: Path, answer: Answer) -> None:
        if len(os.fsencode(path)) > _PATH_BYTES_MAX:
            raise DeviceError(
                f"{path} is longer than the {_PATH_BYTES_MAX} bytes a socket may have; move the folder"
            )
        self._answer = answer
        self._path = path
        path.unlink(
            missing_ok=True
        )  # left behind by a start that was killed; the outbox's lock says we are alone
        self._server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            before = os.umask(0o177)
            try:
                self._server.bind(os.fspath(path))
            finally:
                os.umask(before)
            self._server.listen(_BACKLOG)
        except OSError as err:
            self._server.close()
            raise DeviceError(f"{path} cannot be opened: {err.strerror}") from err
        threading.Thread(target=self._accept, name="hands", daemon=True).start()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)  # wakes the accepting thread
        self._server.close()
        self._path.unlink(missing_ok=True)

    def _accept(self) -> None:
        while True:
            try:
                caller, _ = self._server.accept()
            except OSError:
                return  # closed
            threading.Thread(target=self._serve, args=(caller,), name="hand", daemon=True).start()

    def _serve(self, caller: socket.socket) -> None:
        # the caller may go at any moment, even while the last answer is being flushed
        with contextlib.suppress(OSError), caller, caller.makefile("rwb") as lines:
            while line := lines.readline(LINE_BYTES_MAX):
                lines.write(json.dumps(self._reply(line), ensure_ascii=False).encode() + b"\n")
                lines.flush()

    def _reply(self, line: bytes) -> dict[str, Any]:
        try:
            wish = json.loads(line)
        except ValueError:
            return {"error": "not a line of JSON"}
        if not isinstance(wish, dict):
            return {"error": "a wish is a JSON object"}
        try:
            return self._answer(wish)
        except HallError as err:
            return {"error": err.diagnostics()}
        except Exception as err:  # noqa: BLE001  # a fault of the simulation must not look like one of the device
            _log.exception("a wish failed")
            return {"error": f"{type(err).__name__}: {err}"}

"""Files on their way to devices: so many at a time, each by its hash, in ranges, and not for ever."""

import asyncio
import logging
import threading
from pathlib import Path
from typing import Final

from starlette.responses import FileResponse
from starlette.types import Receive, Scope, Send

from fleet.api.errors import answer
from wire.ids import DeviceId

log: Final = logging.getLogger(__name__)
PER_DEVICE: Final = 2
IN_ALL: Final = 64
RETRY_S: Final = 5
_BEGIN_S: Final = 60
_LEAST_BYTES_S: Final = 16 * 1024
"""Who reads slower is cut off and goes on from there by a range: a place is free again."""


class Transfers:
    """Counts those under way."""

    def __init__(self, per_device: int = PER_DEVICE, in_all: int = IN_ALL) -> None:
        self._per_device = per_device
        self._in_all = in_all
        self._of: dict[DeviceId, int] = {}
        self._lock = threading.Lock()

    def begin(self, device: DeviceId) -> bool:
        """False: too many already."""
        with self._lock:
            of_it = self._of.get(device, 0)
            if of_it >= self._per_device or sum(self._of.values()) >= self._in_all:
                return False
            self._of[device] = of_it + 1
            return True

    @property
    def under_way(self) -> int:
        with self._lock:
            return sum(self._of.values())

    def end(self, device: DeviceId) -> None:
        with self._lock:
            self._of[device] -= 1
            if not self._of[device]:
                del self._of[device]


class Transfer(FileResponse):
    """A file whose name is its hash: it never changes, so its tag is its name and it has no date."""

    chunk_size = 256 * 1024
    max_ranges = 1

    def __init__(self, transfers: Transfers, device: DeviceId, path: Path, tag: str) -> None:
        headers = {
            "cache-control": "no-store",
            "etag": f'"{tag}"',
            "last-modified": "Thu, 01 Jan 1970 00:00:00 GMT",
        }
        stat = path.stat()
        super().__init__(path, headers=headers, media_type="application/octet-stream", stat_result=stat)
        self._transfers = transfers
        self._device = device
        self._limit_s = _BEGIN_S + stat.st_size / _LEAST_BYTES_S

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self._transfers.begin(self._device):
            busy = answer(503, "busy", "Too many files are on their way; ask again in a few seconds.")
            busy.headers["retry-after"] = str(RETRY_S)
            await busy(scope, receive, send)
            return
        try:
            async with asyncio.timeout(self._limit_s):
                await super().__call__(scope, receive, send)
        except TimeoutError:
            log.info("%s reads too slowly: its transfer was cut off.", self._device)
        finally:
            self._transfers.end(self._device)

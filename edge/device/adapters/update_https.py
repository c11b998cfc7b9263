"""Bytes of updates from the hall's listener (SPEC §11.4): HTTPS, with the device's own certificate.

Nothing here is believed: metadata are verified by their signatures, targets by their hash. What is held to
here is only how much may come, and how slowly. Times are of a monotonic clock, in seconds.
"""

import http.client
import os
import re
import ssl
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol

from edge.device.adapters.update_delta import PATCH_PPM_MAX, TARGET_BYTES_MAX, apply_patch
from edge.device.errors import ConfigError, NotNow, UpdateRefused
from edge.device.updating.ports import Wanted

CONNECT_TIMEOUT_S: Final = 5.0
SILENCE_S: Final = 15.0
"""Between two bytes."""
RATE_BYTES_S: Final = 4096
"""Least rate, over each RATE_WINDOW_S: 20 MB then take 80 minutes."""
RATE_WINDOW_S: Final = 30.0
PIECE_BYTES: Final = 65536
SYNC_BYTES: Final = 4 * 1024 * 1024
"""Of a target: what a power cut takes at most."""
_BUSY: Final = 503
_OK: Final = 200
_PARTIAL: Final = 206
_RANGE: Final = re.compile(r"bytes ([0-9]{1,12})-([0-9]{1,12})/([0-9]{1,12})")
_SILENT: Final = "the hall's update service does not answer"
Clock = Callable[[], float]


class Missing(Exception):
    """The listener has no such file, or not for this device. status: of HTTP."""

    def __init__(self, status: int) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status


class Slow(OSError):
    """Fewer bytes than RATE_BYTES_S, or not all within the limit: whoever drips keeps a device from its
    update without seeming away."""


class Pace:
    """How fast one answer comes. limit_s: from now to its last byte."""

    def __init__(self, clock: Clock, limit_s: float, window_s: float = RATE_WINDOW_S) -> None:
        self._clock = clock
        self._window_s = window_s
        self._ends_s = clock() + limit_s
        self._came: deque[tuple[float, int]] = deque([(clock(), 0)])
        self._within = 0

    def left_s(self) -> float:
        """How long to wait for the next byte. Raises Slow."""
        left_s = self._ends_s - self._clock()
        if left_s <= 0:
            raise Slow("not all of it came within the time allowed")
        return min(SILENCE_S, left_s)

    def took(self, count: int) -> None:
        """So many bytes came. Raises Slow."""
        now_s = self._clock()
        self._came.append((now_s, count))
        self._within += count
        while self._came[0][0] <= now_s - self._window_s:
            began_s, _ = self._came.popleft()
            if self._within < RATE_BYTES_S * (now_s - began_s):
                raise Slow(f"less than {RATE_BYTES_S} bytes a second")
            self._within -= self._came[0][1]


class Files(Protocol):
    """What a listener serves: UpdateListener, or memory in tests."""

    def pieces(self, path: str, limit_s: float) -> Iterator[bytes]:
        """A whole file, as it comes; of how many bytes is the caller's to limit. Raises Missing, NotNow,
        UpdateRefused (`slow`), ConfigError."""
        ...

    def rest(self, path: str, begin: int, length: int, limit_s: float) -> Iterator[bytes | int]:
        """First where the bytes begin, `begin` or 0; then they, however many. length: what the whole file
        must have. Raises as `pieces`, and UpdateRefused when it says that it has another (`endless`,
        `wrong-hash`)."""
        ...

    def close(self) -> None: ...


class UpdateListener:
    """Implements Files over HTTPS: the hall's update service. ca: ca.crt; client: (certificate, key), PEM;
    both are read at each connection, since a renewal replaces them. window_s: see Pace. One connection serves
    many questions. For one thread."""

    def __init__(
        self,
        host: str,
        port: int,
        ca: Path,
        client: tuple[Path, Path],
        clock: Clock = time.monotonic,
        window_s: float = RATE_WINDOW_S,
    ) -> None:
        self._host = host
        self._port = port
        self._ca = ca
        self._client = client
        self._clock = clock
        self._window_s = window_s
        self._open: _Https | None = None
        self._coming: http.client.HTTPResponse | None = None

    def pieces(self, path: str, limit_s: float) -> Iterator[bytes]:
        with _in_words():
            yield from self._pieces(self._ask(path, 0, limit_s))

    def rest(self, path: str, begin: int, length: int, limit_s: float) -> Iterator[bytes | int]:
        with _in_words():
            answer = self._ask(path, begin, limit_s)
            yield _begins(answer, begin, length)
            yield from self._pieces(answer)

    def close(self) -> None:
        if self._coming is not None:
            self._coming.close()  # it may hold the socket that the connection has given up
            self._coming = None
        if self._open is not None:
            self._open.close()
            self._open = None

    def _ask(self, path: str, begin: int, limit_s: float) -> http.client.HTTPResponse:
        rested = self._open
        try:
            return self._answer(rested or self._connect(limit_s), path, begin, limit_s)
        except (OSError, http.client.HTTPException) as err:
            self.close()
            if rested is None or isinstance(err, Slow):
                raise
        # It had rested, and may have been closed over there: once more, anew.
        return self._answer(self._connect(limit_s), path, begin, limit_s)

    def _connect(self, limit_s: float) -> "_Https":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.sslsocket_class = _PacedSocket
        try:
            context.load_verify_locations(self._ca)
            context.load_cert_chain(*self._client)
        except OSError as err:  # ssl.SSLError is one
            raise ConfigError(f"{self._ca} or what lies beside it cannot be used for TLS: {err}") from err
        connection = _Https(self._host, self._port, context=context, timeout=min(CONNECT_TIMEOUT_S, limit_s))
        connection.connect()
        self._open = connection
        return connection

    def _answer(
        self, connection: "_Https", path: str, begin: int, limit_s: float
    ) -> http.client.HTTPResponse:
        connection.sock.pace = Pace(self._clock, limit_s, self._window_s)
        connection.request("GET", path, headers={"Range": f"bytes={begin}-"} if begin else {})
        self._coming = answer = connection.getresponse()
        if answer.status not in (_OK, _PARTIAL):
            if answer.length is not None and answer.length <= PIECE_BYTES:
                answer.read()
                answer.close()
            else:
                self.close()  # its body is of no use, and may have no end
            if answer.status >= _BUSY or answer.status == 429:
                raise NotNow(f"the hall's update service is busy (HTTP {answer.status})")
            raise Missing(answer.status)
        return answer

    def _pieces(self, answer: http.client.HTTPResponse) -> Iterator[bytes]:
        """Whoever stops early leaves bytes on the line: then it is closed."""
        is_whole = False
        try:
            while piece := answer.read1(PIECE_BYTES):
                yield piece
            if answer.length:
                raise http.client.IncompleteRead(b"", answer.length)
            answer.close()  # of the answer, so that the connection takes the next question
            is_whole = True
        finally:
            if not is_whole and self._coming is answer:
                self.close()


class _PacedSocket(ssl.SSLSocket):
    """Holds headers, too, to the pace: the library waits for each line of them as long as it takes."""

    pace: Pace | None = None

    def recv_into(self, buffer, nbytes=None, flags=0):  # type: ignore[no-untyped-def]
        if self.pace is None:
            return super().recv_into(buffer, nbytes, flags)
        self.settimeout(self.pace.left_s())
        count = super().recv_into(buffer, nbytes, flags)
        self.pace.took(count)
        return count


class _Https(http.client.HTTPSConnection):
    sock: _PacedSocket
    auto_open = 0  # a connection that the library opened by itself would have no pace


@contextmanager
def _in_words() -> Iterator[None]:
    """What a network can do, as the device says it."""
    try:
        yield
    except Slow as err:
        raise UpdateRefused("slow", f"the hall's update service is too slow: {err}") from err
    except ssl.SSLCertVerificationError as err:
        raise NotNow(
            f"whoever answers for the hall's update service is not of this hall ({err.verify_message})"
        ) from err
    except (OSError, http.client.HTTPException) as err:
        raise NotNow(f"{_SILENT}: {err}") from err


class HttpsSource:
    """Implements edge.device.updating.ports.Source."""

    def __init__(self, listener: Files) -> None:
        self._listener = listener

    def fetch(self, wanted: Wanted, into: Path, begin: int, limit_s: float) -> None:
        try:
            if begin < wanted.length:
                self._append(wanted, into, begin, limit_s)
        except Missing as err:
            raise NotNow(f"the hall has not got {wanted.path} yet (HTTP {err.status})") from err
        finally:
            self._listener.close()

    def delta(self, base: bytes, archive: Path, wanted: Wanted, into: Path) -> bool:
        """Whatever is wrong with a patch: the whole target is fetched instead."""
        most = wanted.length * PATCH_PPM_MAX // 1_000_000
        if wanted.length > TARGET_BYTES_MAX:
            return False
        patch = bytearray()
        limit_s = RATE_WINDOW_S + most / RATE_BYTES_S
        try:
            for piece in self._listener.pieces(f"/delta/{base.hex()}/{wanted.sha256.hex()}", limit_s):
                patch += piece
                if len(patch) > most:
                    return False
            return apply_patch(archive, base, bytes(patch), wanted.length, into)
        except (Missing, NotNow, UpdateRefused, OSError):
            return False
        finally:
            self._listener.close()

    def _append(self, wanted: Wanted, into: Path, begin: int, limit_s: float) -> None:
        component, _, name = wanted.path.partition("/")
        path = f"/image/targets/{component}/{wanted.sha256.hex()}.{name}"
        coming = self._listener.rest(path, begin, wanted.length, limit_s)
        try:
            descriptor = os.open(into, os.O_WRONLY | os.O_CREAT, 0o600)
            with os.fdopen(descriptor, "wb") as stream:
                _write(coming, stream.fileno(), wanted.length)
        except OSError as err:
            raise NotNow(f"{into.name} cannot be written here ({err.strerror}): free some disk") from err


def _write(coming: Iterator[bytes | int], file: int, length: int) -> None:
    """What came is on the disk however this ends."""
    at = unsynced = 0
    try:
        for piece in coming:
            if isinstance(piece, int):
                at = piece
                os.ftruncate(file, at)
                os.lseek(file, at, os.SEEK_SET)
                continue
            at += len(piece)
            if at > length:
                raise _other_length(at, length)
            left = memoryview(piece)
            while left:
                left = left[os.write(file, left) :]
            unsynced += len(piece)
            if unsynced >= SYNC_BYTES:
                os.fsync(file)
                unsynced = 0
    finally:
        os.fsync(file)
    if at < length:
        raise _other_length(at, length)


def _begins(answer: http.client.HTTPResponse, begin: int, length: int) -> int:
    """Where the answer's bytes begin. A server that ignores ranges begins at 0."""
    if answer.status == _PARTIAL:
        found = _RANGE.fullmatch(answer.headers.get("Content-Range", ""))
        if begin and found and int(found[3]) == length and int(found[1]) == begin:
            return begin
        if found and int(found[3]) != length:
            raise _other_length(int(found[3]), length)
        raise NotNow("the hall's update service answers another part than was asked for")
    if answer.length is not None and answer.length != length:
        raise _other_length(answer.length, length)
    return 0


def _other_length(found: int, length: int) -> UpdateRefused:
    cause = "endless" if found > length else "wrong-hash"
    return UpdateRefused(
        cause, f"the hall's file has {found} bytes{' or more' * (found > length)}, signed are {length}"
    )

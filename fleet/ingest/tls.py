"""A TLS socket that reads ahead and writes in bulk: paho reads byte by byte and writes packet by packet,
and each call would be a system call and a TLS record of its own, which is most of what an acknowledgement
costs."""

import ssl
from pathlib import Path
from typing import Any, Final, Self

from fleet.errors import ConfigError

READ_BYTES: Final = 1 << 16
WRITE_BYTES: Final = 1 << 16


class BufferedTls(ssl.SSLSocket):
    """`recv` takes from what was read ahead, as far as it was handed over; `send` gathers until `flush`."""

    _ahead: bytes
    _at: int
    _handed: int
    _out: bytearray

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        made = super().__new__(cls, *args, **kwargs)  # wrap_socket() never calls __init__
        made._ahead, made._at, made._handed, made._out = b"", 0, 0, bytearray()
        return made

    def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:  # noqa: ARG002  # as socket has it
        """At most buflen bytes of what `hand_over` gave. Raises SSLWantReadError when that is taken.

        paho reads on for as many packets as it has messages in flight: what it took beyond its own packet
        would be lost to us, acknowledged, or cut in the middle.
        """
        if self._at >= self._handed:
            raise ssl.SSLWantReadError
        found = self._ahead[self._at : min(self._at + buflen, self._handed)]
        self._at += len(found)
        return found

    def hand_over(self, end: int) -> None:
        """Let `recv` have what was read ahead, up to `end`."""
        self._handed = end

    def read_ahead(self) -> bool | None:
        """Take in what has arrived: True when something had, False when not, None when the peer has closed.

        Raises: OSError.
        """
        try:
            more = super().recv(READ_BYTES)
        except (ssl.SSLWantReadError, BlockingIOError):
            return False
        self._ahead, self._at, self._handed = self._ahead[self._at :] + more, 0, 0
        return True if more else None

    @property
    def ahead(self) -> tuple[bytes, int]:
        """What was read ahead, and from where on it was not taken yet."""
        return self._ahead, self._at

    def skip_to(self, at: int) -> None:
        """Everything before `at` has been taken."""
        self._at = at

    def send(self, data: Any, flags: int = 0) -> int:  # noqa: ARG002  # the signature is that of socket
        """Takes everything while there is room. Raises SSLWantWriteError when there is none."""
        if len(self._out) >= WRITE_BYTES:
            self.flush()
            if len(self._out) >= WRITE_BYTES:
                raise ssl.SSLWantWriteError
        self._out += data
        return len(data)

    def gather(self, packets: bytes) -> None:
        """Add bytes to what `flush` hands over, however many wait already: ingest bounds what it answers."""
        self._out += packets

    def flush(self) -> None:
        """Hand what was gathered to the network, as much as it takes now. Raises OSError."""
        while self._out:
            try:
                sent = super().send(bytes(self._out))
            except (ssl.SSLWantWriteError, ssl.SSLWantReadError, BlockingIOError):
                return
            del self._out[:sent]

    @property
    def unsent(self) -> bool:
        return bool(self._out)

    def pending(self) -> int:
        """Bytes that are there without the network."""
        return len(self._ahead) - self._at + super().pending()


def tls_context(ca_certificate: Path, certificate: Path, key: Path) -> ssl.SSLContext:
    """Mutual TLS towards this hall's broker and nobody else's. Raises ConfigError naming the file."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.sslsocket_class = BufferedTls
    try:
        context.load_verify_locations(cafile=ca_certificate)
        context.load_cert_chain(certificate, key)
    except FileNotFoundError:
        missing = next(
            (path for path in (ca_certificate, certificate, key) if not path.exists()), certificate
        )
        raise ConfigError(f"{missing} is missing: let provisioning issue the hall's certificates") from None
    except (ssl.SSLError, OSError) as err:
        raise ConfigError(f"{certificate}, {key} or {ca_certificate} cannot be used for TLS: {err}") from None
    return context

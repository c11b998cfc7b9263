"""The way to the provisioning desk: HTTPS whose chain ends at the root that the boot medium pinned (SPEC
§10.1).

The desk is verified before a byte is said to it: the chain up to root.crt and the name by OpenSSL, then the
intermediate against root.crl, the newest list of the root that this device has seen. No system store, no
proxy, no redirection. One connection serves many questions, since a device that waits to be placed asks
every other second and a hall has 2,000 of them.
"""

import http.client
import json
import ssl
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cryptography import x509

from edge.device.errors import ClockBehind, ConfigError, DeskNotTrusted, DeskRefused, DeskUnreachable
from edge.device.grant import common_name, is_issued_by, revocations_of
from wire.enrol import ANSWER_BYTES_MAX, BUNDLE_BYTES_MAX, MEDIA_TYPE

__all__ = [
    "ClockBehind",
    "DeskConnection",
    "DeskNotTrusted",
    "DeskRefused",
    "DeskUnreachable",
    "load_root",
    "newest_revocations",
]

ROOT_FILE: Final = "root.crt"
ROOT_REVOCATIONS_FILE: Final = "root.crl"
DESK_NAME: Final = "provisioning"
"""Common name of its certificate. The broker has one of the same hall's key, and must not speak for the
desk."""
CONNECT_TIMEOUT_S: Final = 5.0
ANSWER_TIMEOUT_S: Final = 15.0
"""From the question to the last byte of its answer."""
REFUSAL_BYTES_MAX: Final = 4096
_SENTENCE_MAX: Final = 400
_NOT_YET_VALID: Final = 9
_EXPIRED: Final = 10
_REFUSED_OUR_CERTIFICATE: Final = (
    "CERTIFICATE_EXPIRED",
    "CERTIFICATE_REVOKED",
    "CERTIFICATE_UNKNOWN",
    "BAD_CERTIFICATE",
    "UNKNOWN_CA",
    "CERTIFICATE_REQUIRED",
    "ACCESS_DENIED",
)
"""Alerts of RFC 8446 §6.2 about the certificate of this side, as OpenSSL names them. TLS 1.3 sends them after
the handshake."""
_OK: Final = 200
_TOO_BUSY: Final = 429


class DeskConnection:
    """To one desk. folder: holds root.crt, and root.crl once one was seen. client: (certificate, key), PEM
    files, for mutual TLS.

    Files are read at each connection, so that what a renewal wrote counts from the next one on. For one
    thread.
    """

    def __init__(self, host: str, port: int, folder: Path, client: tuple[Path, Path] | None = None) -> None:
        self._host = host
        self._port = port
        self._folder = folder
        self._client = client
        self._open: _Https | None = None
        self._intermediate: x509.Certificate | None = None

    @property
    def intermediate(self) -> x509.Certificate:
        """The hall's key under the root, as it was verified at the latest connection. A grant is to be
        compared with it (SPEC §10.1). Only after `post` has answered."""
        if self._intermediate is None:
            raise AssertionError("no desk was verified yet")
        return self._intermediate

    def post(self, path: str, body: bytes) -> bytes:
        """The answer's body, of at most ANSWER_BYTES_MAX. May be repeated: every step of §10 may.

        Raises DeskUnreachable, DeskNotTrusted (ClockBehind), DeskRefused; ConfigError when a file of this
        folder is missing or damaged.
        """
        if self._open is not None:
            try:
                return self._ask(self._open, path, body)
            except DeskUnreachable:
                self.close()  # a connection that rested may have been closed over there: once more, anew
        self._open = self._connect()
        try:
            return self._ask(self._open, path, body)
        except DeskUnreachable:
            self.close()
            raise

    def close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None

    def _connect(self) -> "_Https":
        root = load_root(self._folder)
        connection = _Https(self._host, self._port, context=self._context())
        try:
            connection.connect()
            self._intermediate = _verified_intermediate(connection.sock, root, self._folder)
            connection.sock.settimeout(ANSWER_TIMEOUT_S)
        except ssl.SSLCertVerificationError as err:
            connection.close()
            raise _not_trusted(err, self._host, self._port) from err
        except (OSError, ValueError) as err:
            connection.close()
            raise self._silent(err) from err
        except DeskNotTrusted:
            connection.close()
            raise
        return connection

    def _context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        try:
            context.load_verify_locations(self._folder / ROOT_FILE)
            if self._client is not None:
                context.load_cert_chain(*self._client)
        except (OSError, ssl.SSLError) as err:
            raise ConfigError(f"a certificate or key in {self._folder} cannot be used: {err}") from err
        return context

    def _ask(self, connection: "_Https", path: str, body: bytes) -> bytes:
        until_s = time.monotonic() + ANSWER_TIMEOUT_S
        try:
            connection.request("POST", path, body, {"Content-Type": MEDIA_TYPE, "Accept": MEDIA_TYPE})
            answer = connection.getresponse()
            content = _read(answer, until_s)
        except ssl.SSLError as err:
            self.close()
            if any(word in str(err.reason) for word in _REFUSED_OUR_CERTIFICATE):
                raise DeskRefused(
                    "certificate-refused",
                    "the desk refuses this device's certificate: it has ended, or was revoked; "
                    "provision this device again",
                ) from err
            raise self._silent(err) from err
        except (OSError, http.client.HTTPException) as err:
            raise self._silent(err) from err
        if answer.status == _OK and answer.headers.get_content_type() == MEDIA_TYPE:
            return content
        if answer.status >= 500 or answer.status in (_OK, _TOO_BUSY):
            raise DeskUnreachable(f"the desk at {self._host}:{self._port} is troubled (HTTP {answer.status})")
        raise _refusal(answer.status, content)

    def _silent(self, err: Exception) -> DeskUnreachable:
        return DeskUnreachable(f"the desk at {self._host}:{self._port} does not answer: {err}")


class _Https(http.client.HTTPSConnection):
    """The socket's own limit is that of each wait; `_read` holds the whole answer to its."""

    sock: ssl.SSLSocket
    auto_open = 0  # the library would connect anew by itself, past the check of the intermediate

    def __init__(self, host: str, port: int, *, context: ssl.SSLContext) -> None:
        super().__init__(host, port, timeout=CONNECT_TIMEOUT_S, context=context)


def load_root(folder: Path) -> x509.Certificate:
    """The pinned root. Raises ConfigError."""
    path = folder / ROOT_FILE
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except OSError as err:
        raise ConfigError(f"{path} cannot be read: {err.strerror}; write the boot medium again") from err
    except ValueError as err:
        raise ConfigError(f"{path} is not a certificate; write the boot medium again") from err


def newest_revocations(folder: Path, root: x509.Certificate) -> x509.CertificateRevocationList | None:
    """The list of the root that was kept here, if one was and it is the root's. What is kept was verified
    before: a damaged file is a damaged disk, and costs no trust that the next grant does not bring back."""
    try:
        content = (folder / ROOT_REVOCATIONS_FILE).read_bytes()
    except OSError:
        return None
    return revocations_of(content, root) if len(content) <= BUNDLE_BYTES_MAX else None


def _verified_intermediate(sock: ssl.SSLSocket, root: x509.Certificate, folder: Path) -> x509.Certificate:
    """Raises DeskNotTrusted."""
    chain = [x509.load_der_x509_certificate(der) for der in _verified_chain(sock)]
    if len(chain) != 3:
        raise DeskNotTrusted(
            f"the desk's certificate stands {len(chain) - 1} steps below the root, it must be two: "
            "this is no desk of ours"
        )
    if common_name(chain[0]) != DESK_NAME:
        raise DeskNotTrusted(
            f"{common_name(chain[0]) or 'somebody'} of this hall answers in the desk's place: do not go on"
        )
    intermediate = chain[1]
    if not is_issued_by(intermediate, root):
        raise DeskNotTrusted("the desk's chain does not end at the pinned root")
    revoked = newest_revocations(folder, root)
    if revoked is not None and revoked.get_revoked_certificate_by_serial_number(intermediate.serial_number):
        raise DeskNotTrusted(
            "the root has revoked the hall's key that this desk shows: do not go on, "
            "and call whoever keeps the root"
        )
    return intermediate


def _verified_chain(sock: ssl.SSLSocket) -> list[bytes]:
    """DER, leaf first. Public since Python 3.13; before that the same answer is had from the object below."""
    public = getattr(sock, "get_verified_chain", None)
    if public is not None:
        return list(public())
    below = sock._sslobj  # type: ignore[attr-defined]  # noqa: SLF001  # see above
    return [ssl.PEM_cert_to_DER_cert(found.public_bytes()) for found in below.get_verified_chain()]


def _read(answer: http.client.HTTPResponse, until_s: float) -> bytes:
    """The body, whole. Raises OSError or HTTPException when it is too long or too slow."""
    content = bytearray()
    while True:
        if time.monotonic() > until_s:
            raise TimeoutError("the answer is too slow")
        piece = answer.read1(65536)
        if not piece:
            if answer.length:
                raise http.client.IncompleteRead(bytes(content), answer.length)
            answer.close()  # of the answer, so that the connection takes the next question
            return bytes(content)
        content += piece
        if len(content) > ANSWER_BYTES_MAX:
            raise OSError(f"the answer is longer than {ANSWER_BYTES_MAX} bytes")


def _refusal(status: int, content: bytes) -> DeskRefused:
    """From its {"code", "sentence"}; words of ours for anything else."""
    try:
        found = json.loads(content) if len(content) <= REFUSAL_BYTES_MAX else {}
        code, sentence = found["code"], found["sentence"]
    except (ValueError, LookupError, TypeError, RecursionError):
        code = sentence = None
    if isinstance(code, str) and isinstance(sentence, str) and sentence.isprintable():
        return DeskRefused(code[:64], sentence[:_SENTENCE_MAX])
    return DeskRefused(f"http-{status}", f"the desk says no, and not why (HTTP {status})")


def _not_trusted(err: ssl.SSLCertVerificationError, host: str, port: int) -> DeskNotTrusted:
    today = datetime.now(UTC).date()
    if err.verify_code == _NOT_YET_VALID:
        return ClockBehind(
            f"this device's clock says {today}, before any certificate: connect it to the hall's network, "
            "which sets it, and wait"
        )
    if err.verify_code == _EXPIRED:
        return DeskNotTrusted(
            f"the desk's certificate has ended, or this device's clock ({today}) is ahead: set the clock, or "
            "start the desk again"
        )
    return DeskNotTrusted(
        f"the desk at {host}:{port} is not under the root of this boot medium ({err.verify_message}): "
        "do not go on; is this the hall's network?"
    )

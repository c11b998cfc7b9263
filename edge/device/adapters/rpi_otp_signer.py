"""The device's key in the one-time memory of a Raspberry Pi 4 or 5, used by the firmware through Raspberry
Pi's own program `rpi-fw-crypto`: ECDSA P-256 with SHA-256. The key is not handed out; whoever is root on the
device can still make it sign, and its maker says plainly that this is no hardware security module.

Source: raspberrypi/utils, rpifwcrypto/README.md and main.c, as read in November 2026: `genkey --key-id N
--alg ec`, `pubkey --key-id N` (DER), `sign --in FILE --key-id N --alg ec` (DER), `set-key-status N LOCKED`.
Not tried on a Raspberry Pi: tested against a stand-in that has exactly these words.
"""

import os
import selectors
import subprocess
import time
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from edge.device.config import IdentityTable
from edge.device.errors import ConfigError, DeviceError, StoreError
from wire.errors import BadSignature
from wire.keys import Alg, PublicKey, low_s, public_key

TIMEOUT_S: Final = 5.0
OUTPUT_BYTES_MAX: Final = 512
"""A public key has 91 bytes, a signature at most 72."""


class RpiOtpSigner:
    """Implements wire.keys.Signer. Raises ConfigError, DeviceError on construction."""

    alg: Final = Alg.ES256

    def __init__(self, kid: str, identity: IdentityTable) -> None:
        self.kid: Final = kid
        self._tool = _Tool(identity)
        self.public_key: Final = self._tool.public_key()
        self._tool.lock()

    def __repr__(self) -> str:
        return f"RpiOtpSigner({self.kid})"

    def sign(self, message: bytes) -> bytes:
        """Raises StoreError when the firmware gives no signature: what cannot be signed is not stored. The
        message goes in by the standard input, so it never lies in a file."""
        try:
            made = self._tool.run("sign", "--in", "/dev/stdin", *self._tool.key, "--alg", "ec", given=message)
            signature = low_s(*decode_dss_signature(made))
            self.public_key.verify(
                signature, message
            )  # the program writes what the firmware left, even nothing
        except (DeviceError, ValueError, OverflowError, BadSignature) as err:
            raise StoreError(
                f"the firmware does not sign ({err}); start this device again, "
                "and exchange it if that does not help"
            ) from err
        return signature


def make_otp_key(identity: IdentityTable) -> None:
    """Once for ever: one-time memory cannot be written again. A key that is there is kept. Raises
    ConfigError, DeviceError."""
    tool = _Tool(identity)
    try:
        tool.public_key()
    except DeviceError:
        tool.run("genkey", *tool.key, "--alg", "ec")
        tool.public_key()


class _Tool:
    """The program, without a shell, with a limit on time and on what it may say."""

    def __init__(self, identity: IdentityTable) -> None:
        if not Path(identity.module).is_file():
            raise ConfigError(
                f"{identity.module} is missing: install rpi-fw-crypto (package raspi-utils), "
                "or set identity.kind to file"
            )
        self._program = identity.module
        self.number: Final = identity.key
        self.key: Final = ("--key-id", identity.key)

    def run(self, *words: str, given: bytes = b"") -> bytes:
        """What it wrote on its standard output. Raises DeviceError with its own complaint."""
        source = os.memfd_create("message")  # a pipe would need somebody who writes while we read
        try:
            os.write(source, given)
            os.lseek(source, 0, os.SEEK_SET)
            with subprocess.Popen(
                [self._program, *words], stdin=source, stdout=subprocess.PIPE, stderr=subprocess.PIPE
            ) as child:
                try:
                    said, complaint = _hear(child)
                    if len(said) > OUTPUT_BYTES_MAX:
                        raise DeviceError(f"rpi-fw-crypto {words[0]} said more than {OUTPUT_BYTES_MAX} bytes")
                    status = child.wait(TIMEOUT_S)
                except (subprocess.TimeoutExpired, TimeoutError) as err:
                    raise DeviceError(f"rpi-fw-crypto {words[0]} took longer than {TIMEOUT_S:g} s") from err
                finally:
                    child.kill()
        except OSError as err:
            raise DeviceError(f"rpi-fw-crypto cannot be run: {err.strerror}") from err
        finally:
            os.close(source)
        if status != 0:
            why = " ".join(complaint.decode("utf-8", "replace").split())
            raise DeviceError(f"rpi-fw-crypto {words[0]} failed: {why or f'status {status}'}")
        return said

    def public_key(self) -> PublicKey:
        """Raises DeviceError when the slot is empty or holds no P-256 key."""
        content = self.run("pubkey", *self.key)
        try:
            key = load_der_public_key(content)
            if not (isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)):
                raise ValueError("no P-256 key")
        except ValueError as err:
            raise DeviceError(f"OTP key {self.number} is not a P-256 key: {err}") from err
        return public_key(Alg.ES256, key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))

    def lock(self) -> None:
        """Until the next boot nobody reads the key itself through the firmware; signing goes on. An older
        program without this word is no reason to stand still."""
        try:
            self.run("set-key-status", self.number, "LOCKED")
        except DeviceError:
            return


def _hear(child: "subprocess.Popen[bytes]") -> tuple[bytes, bytes]:
    """What it says on both ways until it closes them, or says too much. Raises TimeoutError."""
    until_s = time.monotonic() + TIMEOUT_S
    heard = {stream.fileno(): b"" for stream in (child.stdout, child.stderr) if stream is not None}
    with selectors.DefaultSelector() as waiting:
        for descriptor in heard:
            waiting.register(descriptor, selectors.EVENT_READ)
        while waiting.get_map() and all(len(said) <= OUTPUT_BYTES_MAX for said in heard.values()):
            ready = waiting.select(max(0.0, until_s - time.monotonic()))
            if not ready:
                raise TimeoutError
            for key, _ in ready:
                piece = os.read(key.fd, OUTPUT_BYTES_MAX + 1)
                heard[key.fd] += piece
                if not piece:
                    waiting.unregister(key.fd)
    said, complaint = heard.values()
    return said, complaint

"""The end of a gate's sealing key: another one in its place, and its bytes destroyed."""

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from durable.files import SECRET, write_whole
from edge.device.errors import DeviceError


def replace_sealing_key(path: Path) -> X25519PrivateKey:
    """Make a new key in place of this one and destroy the old: nothing that was wrapped to it opens again.

    At every moment there is one whole key in the file. Raises DeviceError, and then the old one may still be
    there.
    """
    key = X25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        with path.open("r+b") as old:
            write_whole(path, pem, SECRET)
            # The old bytes have no name any more, but they are still there: overwritten in place, as far as
            # the storage does not move them (a card's controller may; the disk of a gate is to be encrypted).
            old.write(bytes(os.fstat(old.fileno()).st_size))
            old.flush()
            os.fsync(old.fileno())
    except OSError as err:
        raise DeviceError(
            f"{path.name} cannot be replaced ({err.strerror}); free the disk or make {path.parent} writable, "
            "and start the gate again"
        ) from err
    return key

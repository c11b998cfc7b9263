"""A stand-in for Raspberry Pi's `rpi-fw-crypto`, with exactly the words of raspberrypi/utils
rpifwcrypto/main.c: unknown options are passed over, a missing one ends in its usage and status 1, a failure
in status 255. It really signs, with a P-256 key in the file `otp` beside it, and writes down what it was
asked."""

import sys
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

FAILED = 255
OPTIONS = {
    "sign": ("--in", "--key-id", "--alg"),
    "pubkey": ("--key-id",),
    "genkey": ("--key-id", "--alg"),
}


def main(home: Path, words: list[str]) -> int:
    with (home / "asked").open("a") as stream:
        stream.write(" ".join(words) + "\n")
    if (home / "broken").exists():
        sys.stderr.write("Failed to open /dev/vcio: No such file or directory\n")
        return FAILED
    if words[:1] == ["set-key-status"]:
        return 0 if words[1:] == ["1", "LOCKED"] else FAILED
    if not words or words[0] not in OPTIONS:
        return _usage()
    given = dict(zip(words[1::2], words[2::2], strict=False))
    if any(option not in given for option in OPTIONS[words[0]]):
        return _usage()
    if given.get("--alg", "ec") != "ec":
        sys.stderr.write(f"Unsupported algorithm: {given['--alg']}\n")
        return FAILED
    return _done(home / f"otp-{int(given['--key-id'])}", words[0], given)


def _done(slot: Path, verb: str, given: dict[str, str]) -> int:
    if verb == "genkey":
        if slot.exists():
            return _error(10, "Key slot is not blank")
        made = ec.generate_private_key(ec.SECP256R1())
        slot.write_bytes(made.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))
        sys.stdout.write(f"Successfully generated ECDSA key in slot {given['--key-id']}\n")
        return 0
    if not slot.exists():
        return _error(6, "Key not set (all zeros)")
    key = load_der_private_key(slot.read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    if verb == "pubkey":
        said = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    else:
        said = key.sign(Path(given["--in"]).read_bytes(), ec.ECDSA(hashes.SHA256()))
    sys.stdout.buffer.write(said)
    return 0


def _error(number: int, words: str) -> int:
    sys.stderr.write(f"Last crypto error: {number} ({words})\n")
    return FAILED


def _usage() -> int:
    sys.stderr.write("Usage: rpi-fw-crypto <command> [args]\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))

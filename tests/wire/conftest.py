"""Signers with fixed keys, and the golden vectors."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from wire import signers

VECTORS = Path(__file__).parents[2] / "wire" / "vectors" / "v1"


@pytest.fixture(scope="session")
def vectors() -> Callable[[str], Any]:
    return lambda name: json.loads((VECTORS / name).read_text())


@pytest.fixture(scope="session")
def signer() -> Callable[[str], signers.Ed25519Signer]:
    def make(kid: str) -> signers.Ed25519Signer:
        seed = hashlib.sha256(b"test " + kid.encode()).digest()
        return signers.Ed25519Signer(kid, ed25519.Ed25519PrivateKey.from_private_bytes(seed))

    return make


@pytest.fixture(scope="session")
def chip_signer() -> signers.Es256Signer:
    return signers.Es256Signer("keypad-08", ec.derive_private_key(2**200 + 7, ec.SECP256R1()))

"""A signer whose key is in a chip."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from wire.signers import Es256Signer


@pytest.fixture(scope="session")
def chip() -> Es256Signer:
    return Es256Signer("c-hoa", ec.derive_private_key(2**200 + 7, ec.SECP256R1()))

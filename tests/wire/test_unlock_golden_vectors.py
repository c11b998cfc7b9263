"""PINs of seats, sealed once and kept: a keypad of today opens what the fleet of that day sealed."""

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from wire import cbor
from wire.errors import BadSchema
from wire.ids import CongressId, DeviceId, MemberRef
from wire.unlock import Code, open_unlock, seal_unlock


def test_sealed_pins_of_the_vectors_open_with_the_keypads_sealing_key(vectors: Any) -> None:
    golden = vectors("unlock.json")
    private = X25519PrivateKey.from_private_bytes(bytes.fromhex(golden["sealing_private_key"]))
    where = {"congress": CongressId(golden["congress"]), "keypad": DeviceId(golden["keypad"])}
    info = cbor.encode(["unlock/1", golden["congress"], golden["keypad"]])
    assert info.hex() == golden["info"]
    assert private.public_key().public_bytes_raw().hex() == golden["sealing_key"]
    suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
    for case in golden["codes"]:
        sealed = bytes.fromhex(case["sealed"])
        code = Code(MemberRef(bytes.fromhex(case["member"])), case["serial"], case["pin"])
        packed = cbor.encode([code.member, code.serial, code.pin])
        assert suite.decrypt(sealed, private, info) == bytes([len(packed)]) + packed.ljust(47, b"\0")
        assert open_unlock(sealed, private, **where) == code
        again = seal_unlock(code, private.public_key().public_bytes_raw(), **where)
        assert len(again) == len(sealed) == 96
        assert open_unlock(again, private, **where) == code
    assert [case["serial"] for case in golden["codes"]] == [417, 2**32 - 1, 0]


@pytest.mark.parametrize(
    ("serial", "pin"), [(417, "12345"), (417, ""), (0, "123456"), (2**32, "123456"), (417, "12345x")]
)
def test_a_code_that_no_keypad_would_take_is_not_sealed(serial: int, pin: str) -> None:
    public = X25519PrivateKey.generate().public_key().public_bytes_raw()
    with pytest.raises(BadSchema):
        seal_unlock(
            Code(MemberRef(b"m" * 16), serial, pin),
            public,
            congress=CongressId("congress-1"),
            keypad=DeviceId("keypad-7"),
        )

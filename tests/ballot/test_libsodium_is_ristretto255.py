"""The arithmetic is that of RFC 9496, and what libsodium does otherwise is put right by the adapter."""

import ctypes
import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given, settings

from ballot.adapters.libsodium import LIBRARY, Libsodium
from ballot.errors import BadBallot, LibsodiumMissing
from ballot.group import BASE, IDENTITY, ORDER, is_usable, scalar_bytes, scalar_of
from tests.ballot.contests import GROUP, scalars
from tests.ballot.plain_ristretto import PlainRistretto

RFC = json.loads((Path(__file__).parent / "rfc9496.json").read_text())
PLAIN = PlainRistretto()
BAD = [bytes.fromhex(text) for text in RFC["bad_encodings"]]
GROUPS = pytest.mark.parametrize("group", [GROUP, PLAIN], ids=["libsodium", "plain"])


@GROUPS
def test_the_multiples_of_the_base_are_those_of_the_standard(group: Libsodium) -> None:
    expected = [bytes.fromhex(text) for text in RFC["multiples_of_the_base"]]
    assert len(expected) == 16
    assert [group.base(number) for number in range(16)] == expected
    assert [group.mul(number, BASE) for number in range(16)] == expected
    total = IDENTITY
    for point in expected:
        assert total == point
        total = group.add(total, BASE)
    assert group.sub(total, expected[-1]) == BASE


@GROUPS
@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.hex()[:12])
def test_every_bad_encoding_of_the_standard_is_refused_by_every_operation(
    group: Libsodium, bad: bytes
) -> None:
    assert not group.is_point(bad)
    for operation in (
        lambda: group.add(bad, BASE),
        lambda: group.add(BASE, bad),
        lambda: group.sub(bad, BASE),
        lambda: group.sub(BASE, bad),
        lambda: group.mul(5, bad),
        lambda: group.mul(0, bad),
        lambda: group.mul(ORDER, bad),
    ):
        with pytest.raises(BadBallot):
            operation()


@GROUPS
@pytest.mark.parametrize("point", [BASE, IDENTITY], ids=["base", "identity"])
def test_an_element_has_one_encoding_though_libsodium_reads_two(group: Libsodium, point: bytes) -> None:
    alias = point[:-1] + bytes([point[-1] | 0x80])
    assert not group.is_point(alias)
    for operation in (
        lambda: group.add(alias, BASE),
        lambda: group.sub(BASE, alias),
        lambda: group.mul(5, alias),
        lambda: group.mul(0, alias),
    ):
        with pytest.raises(BadBallot):
            operation()


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_a_point_of_another_length_is_never_read(length: int) -> None:
    assert len(BAD) == 29
    short = bytes(length)
    assert not GROUP.is_point(short)
    for operation in (
        lambda: GROUP.add(short, BASE),
        lambda: GROUP.sub(BASE, short),
        lambda: GROUP.mul(5, short),
        lambda: GROUP.mul(0, short),
    ):
        with pytest.raises(BadBallot):
            operation()


def test_the_identity_comes_out_as_itself_and_is_no_key() -> None:
    assert GROUP.base(0) == GROUP.base(ORDER) == IDENTITY
    assert GROUP.mul(0, BASE) == GROUP.mul(ORDER, BASE) == GROUP.mul(7, IDENTITY) == IDENTITY
    assert GROUP.sub(BASE, BASE) == GROUP.add(IDENTITY, IDENTITY) == IDENTITY
    assert GROUP.is_point(IDENTITY)
    assert not is_usable(GROUP, IDENTITY)
    assert is_usable(GROUP, BASE)


def test_this_machines_library_maps_hashes_as_the_standard_does() -> None:
    from_hash = ctypes.CDLL(LIBRARY).crypto_core_ristretto255_from_hash
    assert len(RFC["from_hash"]) == 7
    for case in RFC["from_hash"]:
        element = ctypes.create_string_buffer(32)
        from_hash(element, hashlib.sha512(case["sha512_of"].encode()).digest())
        assert element.raw.hex() == case["element"]
        assert GROUP.is_point(element.raw)
        assert PLAIN.is_point(element.raw)


@settings(max_examples=25)
@given(scalars(), scalars())
def test_libsodium_agrees_with_plain_integers(one: int, other: int) -> None:
    a, b = GROUP.base(one), GROUP.base(other)
    assert (a, b) == (PLAIN.base(one), PLAIN.base(other))
    assert GROUP.add(a, b) == PLAIN.add(a, b) == GROUP.base(one + other)
    assert GROUP.sub(a, b) == PLAIN.sub(a, b) == GROUP.base(one - other)
    assert GROUP.mul(other, a) == PLAIN.mul(other, a) == GROUP.base(one * other)


@given(scalars())
def test_scalars_have_one_encoding(scalar: int) -> None:
    assert scalar_of(scalar_bytes(scalar)) == scalar % ORDER


@pytest.mark.parametrize(
    "data",
    [b"", bytes(31), bytes(33), ORDER.to_bytes(32, "little"), b"\xff" * 32],
    ids=lambda data: data.hex()[:8],
)
def test_other_bytes_are_no_scalar(data: bytes) -> None:
    with pytest.raises(BadBallot):
        scalar_of(data)


@pytest.mark.parametrize("library", ["libsodium.so.0", "libc.so.6"])
def test_a_machine_without_it_is_told_what_to_install(library: str) -> None:
    with pytest.raises(LibsodiumMissing) as refused:
        Libsodium(library)
    assert "apt install libsodium23" in refused.value.diagnostics()
    assert refused.value.exit_code == 78

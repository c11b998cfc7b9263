"""A patch is signed by nobody: whatever it says, it makes the wanted length within bounds, or nothing."""

import bz2
import hashlib
import struct
from contextlib import suppress
from pathlib import Path

import bsdiff4
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.device.adapters.update_delta import TARGET_BYTES_MAX, BadPatch, apply_patch, patched
from tests.edge.device.updates.made import random_bytes

OLD = random_bytes(20_000)
NEW = OLD[:5000] + random_bytes(300) + OLD[6000:]
PATCH = bsdiff4.diff(OLD, NEW)
SIGN = 1 << 63


def patch_of(
    control: bytes, diff: bytes, extra: bytes, length: int, magic: bytes = b"BSDIFF40", more: bytes = b""
) -> bytes:
    parts = [bz2.compress(control), bz2.compress(diff), bz2.compress(extra)]
    return struct.pack("<8sQQQ", magic, len(parts[0]), len(parts[1]), length) + b"".join(parts) + more


def triple(add: int, copy: int, seek: int) -> bytes:
    return struct.pack("<3Q", add, copy, seek)


def test_a_patch_of_the_server_makes_the_target() -> None:
    assert patched(OLD, PATCH, len(NEW)) == NEW
    assert patched(b"", bsdiff4.diff(b"", NEW), len(NEW)) == NEW
    turned = OLD[10_000:] + OLD[:10_000]
    assert patched(OLD, bsdiff4.diff(OLD, turned), len(OLD)) == turned


@pytest.mark.parametrize(
    "patch",
    [
        b"",
        b"BSDIFF40",
        patch_of(triple(4, 0, 0), b"abcd", b"", 5),
        patch_of(triple(4, 0, 0), b"abcd", b"", 4, magic=b"BSDIFN40"),
        patch_of(triple(4, 0, 0), b"abcd", b"", 4, more=b"!"),
        patch_of(triple(5, 0, 0), b"abcd", b"", 4),
        patch_of(triple(4, 1, 0), b"abcd", b"", 4),
        patch_of(triple(3, 0, 0), b"abcd", b"", 4),
        patch_of(triple(2, 0, 0), b"ab", b"cd", 4),
        patch_of(triple(4, 0, 0)[:-1], b"abcd", b"", 4),
        patch_of(triple(SIGN | 4, 0, 0) + triple(8, 0, 0), b"abcd", b"", 4),
        patch_of(triple(0, SIGN | 1, 0) + triple(4, 1, 0), b"abcd", b"", 4),
        patch_of(triple(2, 0, 2**62) + triple(2, 0, 0), b"abcd", b"", 4),
        patch_of(triple(2, 0, SIGN | 2**62) + triple(2, 0, 0), b"abcd", b"", 4),
        patch_of(triple(4, 0, 0), bytes(10**6), b"", 4),
        patch_of(triple(4, 0, 0), b"abcd", bytes(10**6), 4),
        patch_of(triple(0, 0, 0) * 200_001, b"abcd", b"", 4),
        struct.pack("<8sQQQ", b"BSDIFF40", 2**63, 0, 4),
        struct.pack("<8sQQQ", b"BSDIFF40", 0, 2**64 - 1, 4),
    ],
)
def test_a_patch_that_lies_is_not_applied(patch: bytes) -> None:
    with pytest.raises(BadPatch):
        patched(OLD, patch, 4)


@given(st.data())
def test_a_damaged_patch_makes_the_wanted_length_or_nothing(data: st.DataObject) -> None:
    damaged = bytearray(PATCH)
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(PATCH) - 1))] ^= data.draw(st.integers(1, 255))
    cut = data.draw(st.sampled_from([len(PATCH), len(PATCH) - 1, len(PATCH) // 2]))
    with suppress(BadPatch):
        assert len(patched(OLD, bytes(damaged[:cut]), len(NEW))) == len(NEW)


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(-9, 9)), max_size=4))
def test_a_control_block_of_any_kind_makes_the_wanted_length_or_nothing(
    triples: list[tuple[int, int, int]],
) -> None:
    control = b"".join(triple(add, copy, -seek | SIGN if seek < 0 else seek) for add, copy, seek in triples)
    diff, extra = sum(add for add, _, _ in triples), sum(copy for _, copy, _ in triples)
    if diff + extra:
        patch = patch_of(control, bytes(diff), b"x" * extra, diff + extra)
        with suppress(BadPatch):
            assert len(patched(b"base", patch, diff + extra)) == diff + extra


class TestOnTheDisk:
    sha256 = hashlib.sha256(OLD).digest()

    def applied(self, folder: Path, base: bytes, patch: bytes = PATCH) -> bool:
        (folder / "base").write_bytes(base)
        return apply_patch(folder / "base", self.sha256, patch, len(NEW), folder / "part")

    def test_the_result_takes_the_place_of_what_was_fetched_before(self, tmp_path: Path) -> None:
        (tmp_path / "part").write_bytes(b"x" * 100_000)
        assert self.applied(tmp_path, OLD)
        assert (tmp_path / "part").read_bytes() == NEW

    def test_what_is_not_the_base_is_not_patched(self, tmp_path: Path) -> None:
        assert not self.applied(tmp_path, OLD[:-1] + b"!")
        assert not self.applied(tmp_path, OLD, PATCH[:-1])
        assert not (tmp_path / "part").exists()

    def test_a_base_beyond_memory_is_not_read(self, tmp_path: Path) -> None:
        with (tmp_path / "base").open("wb") as stream:
            stream.truncate(TARGET_BYTES_MAX + 1)
        assert not apply_patch(tmp_path / "base", self.sha256, PATCH, len(NEW), tmp_path / "part")

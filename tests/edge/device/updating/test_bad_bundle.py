"""An archive that is not what its index says: refused before it is in any slot."""

import hashlib
import io
import tarfile
from pathlib import Path

import pytest

from edge.device.adapters.bundle_archive import archive_length, held_in, pack, unpack
from edge.device.errors import UpdateRefused
from tests.edge.device.updating.unit import bundle
from wire.bundle import INDEX, Bundle, BundledFile, encode_bundle

FILES = {"a.txt": b"one\n" * 200, "deep/er/b.bin": bytes(range(256)) * 5, "empty": b""}
GOOD = bundle("models", 3, FILES)


def index_of(files: dict[str, bytes], component: str = "models", counter: int = 3) -> bytes:
    rows = {name: BundledFile(len(data), hashlib.sha256(data).digest()) for name, data in files.items()}
    return encode_bundle(Bundle(component, "v3", counter, rows))


def tar(
    members: list[tuple[str, bytes]],
    how: dict[str, dict[str, object]] | None = None,
    form: int = tarfile.USTAR_FORMAT,
) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=form) as archive:
        for name, data in members:
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(data), 0o644
            if form == tarfile.PAX_FORMAT:
                member.pax_headers = {"comment": "more"}
            for field, value in (how or {}).get(name, {}).items():
                setattr(member, field, value)
            archive.addfile(member, io.BytesIO(data))
    return packed.getvalue()


def members(files: dict[str, bytes] = FILES) -> list[tuple[str, bytes]]:
    return [(INDEX, index_of(files)), *sorted(files.items())]


BAD = {
    "empty": b"",
    "zeros": bytes(10_240),
    "not an archive": b"x" * 20_480,
    "truncated": GOOD[:-10_240],
    "cut in a file": GOOD[:2_000],
    "longer": GOOD + bytes(10_240),
    "something behind it": GOOD[:-1] + b"x",
    "something between files": GOOD.replace(b"one\n" * 200 + bytes(1), b"one\n" * 200 + b"x", 1),
    "other content": GOOD.replace(b"one\n", b"two\n", 1),
    "index not first": tar(members()[::-1]),
    "index twice": tar([members()[0], *members()]),
    "a file that is not named": tar([*members(), ("zzz", b"more")]),
    "a file is missing": tar(members()[:-1]),
    "other order": tar([members()[0], *members()[:0:-1]]),
    "a path out of the slot": tar([members()[0], ("../a.txt", FILES["a.txt"]), *members()[2:]]),
    "an absolute path": tar([members()[0], ("/a.txt", FILES["a.txt"]), *members()[2:]]),
    "a link": tar(members(), {"a.txt": {"type": tarfile.SYMTYPE, "linkname": "/etc/passwd", "size": 0}}),
    "a hard link": tar(members(), {"a.txt": {"type": tarfile.LNKTYPE, "linkname": INDEX, "size": 0}}),
    "a device": tar(members(), {"a.txt": {"type": tarfile.CHRTYPE, "size": 0}}),
    "executable": tar(members(), {"a.txt": {"mode": 0o755}}),
    "of somebody": tar(members(), {"a.txt": {"uid": 1000}}),
    "another component": tar([(INDEX, index_of(FILES, "firmware")), *sorted(FILES.items())]),
    "another release": tar([(INDEX, index_of(FILES, counter=2)), *sorted(FILES.items())]),
    "an index of another form": tar([(INDEX, index_of(FILES) + b" "), *sorted(FILES.items())]),
    "of another form of tar": tar(members(), form=tarfile.PAX_FORMAT),
}


def test_what_is_unpacked_is_what_was_packed_and_can_be_packed_again(tmp_path: Path) -> None:
    archive, again = tmp_path / "good.tar", tmp_path / "again.tar"
    archive.write_bytes(GOOD)
    found = unpack(archive, tmp_path / "slot", "models", 3)
    assert archive_length(found) == len(GOOD)
    assert {name: (tmp_path / "slot" / name).read_bytes() for name in FILES} == FILES
    pack(tmp_path / "slot", again)
    assert again.read_bytes() == GOOD
    held = held_in(tmp_path / "slot")
    assert held is not None
    assert (held.sha256, held.counter) == (hashlib.sha256(GOOD).digest(), 3)


@pytest.mark.parametrize("name", BAD)
def test_anything_else_than_its_index_calls_for_is_refused(tmp_path: Path, name: str) -> None:
    archive = tmp_path / "in" / "bad.tar"
    archive.parent.mkdir()
    archive.write_bytes(BAD[name])
    with pytest.raises(UpdateRefused) as refused:
        unpack(archive, tmp_path / "in" / "slot", "models", 3)
    assert refused.value.cause == "wrong-shape"
    assert [path.name for path in tmp_path.iterdir()] == ["in"]
    assert {path.name for path in (tmp_path / "in").iterdir()} <= {"bad.tar", "slot"}


def test_a_slot_whose_bytes_have_changed_is_not_what_was_signed(tmp_path: Path) -> None:
    archive = tmp_path / "good.tar"
    archive.write_bytes(GOOD)
    unpack(archive, tmp_path / "slot", "models", 3)
    (tmp_path / "slot" / "a.txt").write_bytes(b"other")
    held = held_in(tmp_path / "slot")
    assert held is not None
    assert held.sha256 != hashlib.sha256(GOOD).digest()
    (tmp_path / "slot" / INDEX).write_bytes(b"{}")
    assert held_in(tmp_path / "slot") is None

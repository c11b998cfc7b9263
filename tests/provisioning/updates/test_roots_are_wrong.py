"""`hallward provision updates`: what is pinned from here on, and what is refused."""

import hashlib
import json
from pathlib import Path

import pytest

from provisioning.__main__ import main
from provisioning.errors import ConfigError
from provisioning.updates import ROOT_BYTES_MAX, load_service, update_root
from tests.provisioning.updates.conftest import changed, pinning, root_bytes

Said = pytest.CaptureFixture[str]


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "update").iterdir()}


def test_both_roots_are_pinned_and_told_as_the_officers_wrote_them_down(
    hall: Path, roots: dict[str, Path], capsys: Said
) -> None:
    assert main(pinning(hall, roots, "--port", "9000")) == 0
    said = capsys.readouterr().out
    for path in roots.values():
        assert f"version 1: SHA-256 {hashlib.sha256(path.read_bytes()).hexdigest()}" in said
    service = load_service(hall)
    assert service is not None
    assert (service.host, service.port) == ("10.0.0.2", 9000)
    assert {name: root.content for name, root in service.roots.items()} == {
        name: path.read_bytes() for name, path in roots.items()
    }


def test_said_again_it_changes_nothing_and_alone_it_shows(
    pinned: Path, roots: dict[str, Path], capsys: Said
) -> None:
    before = files(pinned)
    capsys.readouterr()
    assert main(pinning(pinned, roots)) == 0
    assert "all of it was there already" in capsys.readouterr().out
    assert main(["updates", "--authority", str(pinned)]) == 0
    assert "updates from 10.0.0.2:8884" in capsys.readouterr().out
    assert files(pinned) == before


def test_one_word_alone_changes_that_alone(pinned: Path, tmp_path: Path) -> None:
    newer = tmp_path / "2.root.json"
    newer.write_bytes(root_bytes(2))
    before = files(pinned)
    assert main(["updates", "--authority", str(pinned), "--image-root", str(newer)]) == 0
    assert files(pinned) == {**before, "image.root.json": newer.read_bytes()}
    assert main(["updates", "--authority", str(pinned), "--host", "fleet.hall.example"]) == 0
    service = load_service(pinned)
    assert service is not None
    assert (service.host, service.port, service.roots["image"].version) == ("fleet.hall.example", 8884, 2)


def test_the_roots_of_another_ceremony_take_nobodys_place_by_themselves(
    pinned: Path, roots: dict[str, Path], capsys: Said
) -> None:
    before = files(pinned)
    roots["image"].write_bytes(root_bytes())
    assert main(pinning(pinned, roots)) == 78
    said = capsys.readouterr().err
    assert hashlib.sha256(before["image.root.json"]).hexdigest() in said
    assert "compare it with what the officers wrote down" in said
    assert files(pinned) == before


def test_an_older_root_takes_no_newer_ones_place(
    pinned: Path, roots: dict[str, Path], tmp_path: Path
) -> None:
    newer = tmp_path / "2.root.json"
    newer.write_bytes(root_bytes(2))
    assert main(["updates", "--authority", str(pinned), "--image-root", str(newer)]) == 0
    assert main(pinning(pinned, roots)) == 78


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no TUF metadata"),
        (b"\xff\xfe", "no TUF metadata"),
        (b"[" * 60_000, "no TUF metadata"),
        (b"[]", "no TUF metadata"),
        (b'{"signed": 1, "signatures": []}', "no TUF metadata"),
        (json.dumps({"signed": {"_type": "root"}, "signatures": [1]}).encode(), "no TUF metadata"),
        (changed(root_bytes(), _type="targets"), "is the 'targets' of a repository"),
        (changed(root_bytes(), version=0), "no version of 1 or more"),
        (changed(root_bytes(), version=True), "no version of 1 or more"),
        (changed(root_bytes(), version="1"), "no version of 1 or more"),
        (json.dumps(json.loads(root_bytes()) | {"signatures": []}).encode(), "is not signed"),
        (b" " * (ROOT_BYTES_MAX + 1), "is longer than"),
    ],
)
def test_what_is_no_root_is_refused_with_what_to_give_instead(content: bytes, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        update_root(content, "r.json")


def test_a_file_that_a_device_could_not_read_never_gets_into_the_authority(
    hall: Path, roots: dict[str, Path], capsys: Said
) -> None:
    roots["director"].write_text("<html>")
    assert main(pinning(hall, roots)) == 78
    assert "no TUF metadata" in capsys.readouterr().err
    assert not (hall / "update").exists()


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--host", "two words"], "--host must be"),
        (["--port", "0"], "--port must be"),
        (["--port", "65536"], "--port must be"),
    ],
)
def test_an_address_that_cannot_be_is_refused(
    hall: Path, roots: dict[str, Path], more: list[str], says: str, capsys: Said
) -> None:
    assert main(pinning(hall, roots, *more)) == 78
    assert says in capsys.readouterr().err


def test_one_file_in_both_places_is_refused(hall: Path, roots: dict[str, Path], capsys: Said) -> None:
    assert main(pinning(hall, {"image": roots["image"], "director": roots["image"]})) == 78
    assert "one and the same" in capsys.readouterr().err


def test_half_of_it_the_first_time_is_refused(hall: Path, capsys: Said) -> None:
    assert main(["updates", "--authority", str(hall), "--host", "10.0.0.2"]) == 78
    assert "the first time all of it is needed" in capsys.readouterr().err


def test_a_folder_that_is_no_authority_gets_none(tmp_path: Path, roots: dict[str, Path]) -> None:
    assert main(pinning(tmp_path / "elsewhere", roots)) == 78
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("content", [b"host = 1\nport = 2\n", b"[", b"\xff", b'host = "h"\n'])
def test_a_damaged_address_is_a_sentence(pinned: Path, content: bytes) -> None:
    (pinned / "update" / "address.toml").write_bytes(content)
    with pytest.raises(ConfigError, match="make it again with `hallward provision updates`"):
        load_service(pinned)


def test_status_tells_a_hall_whose_devices_cannot_be_updated(
    hall: Path, roots: dict[str, Path], capsys: Said
) -> None:
    assert main(["status", "--authority", str(hall)]) == 0
    assert "run `hallward provision updates`" in capsys.readouterr().out
    assert main(["updates", "--authority", str(hall)]) == 1
    assert main(pinning(hall, roots)) == 0
    capsys.readouterr()
    assert main(["status", "--authority", str(hall)]) == 0
    assert "provision updates" not in capsys.readouterr().out

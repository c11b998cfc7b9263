"""Import believes a release as a whole or not at all, and says in a sentence why not."""

import errno
import json
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata, Root, Targets

from fleet.errors import ConfigError, StoreError
from fleet.updates import catalogue, online
from fleet.updates import shelf as shelves
from fleet.updates.errors import ReleaseRefused
from tests.fleet.updates.released import DAY_MS, Released, models
from tests.release.making import about


def refusal(released: Released, **options: Any) -> str:
    """The sentence; nothing was published by it."""
    before = everything(released)
    with pytest.raises(ReleaseRefused) as caught:
        released.take_in(**options)
    assert everything(released) == before
    return caught.value.diagnostics()


def everything(released: Released) -> dict[str, bytes]:
    return {
        str(path): path.read_bytes()
        for path in sorted((released.data / "updates").rglob("*"))
        if path.is_file() and path.name != "lock"
    }


def test_the_first_root_is_believed_on_an_officers_word_alone(released: Released) -> None:
    sentence = refusal(released, root_sha256=None)
    assert f"--root-sha256 {released.root_sha256}" in sentence
    assert "not the one that you gave" in refusal(released, root_sha256="00" * 32)
    released.take_in()
    released.add(models("gate-2.tar", 2))
    released.take_in(root_sha256=None)


@pytest.mark.parametrize(
    ("signers", "words"),
    [
        ("none", "is unsigned, or signed again by somebody else"),
        ("strangers", "is unsigned, or signed again by somebody else"),
        ("one", "has 1 of the 2 signatures it needs: have 1 more of the officers sign it"),
        ("one and a stranger", "has 1 of the 2 signatures"),
        ("online", "is unsigned, or signed again"),
    ],
)
@pytest.mark.parametrize("name", ["1.targets.json", "2.models.json", "1.root.json"])
def test_too_few_signatures_of_the_right_people_are_refused(
    released: Released, name: str, signers: str, words: str
) -> None:
    if not released.metadata(name).exists():
        name = "1.models.json"
    strangers = [CryptoSigner.generate_ed25519(), CryptoSigner.generate_ed25519()]
    chosen = {
        "none": [],
        "strangers": strangers,
        "one": released.officers[:1],
        "one and a stranger": [released.officers[0], strangers[0]],
        "online": [online.load_key(released.data, "image-online")],
    }[signers]
    released.signed_again(name, chosen)
    assert words in refusal(released)


def test_a_changed_file_of_metadata_is_refused(released: Released) -> None:
    path = released.metadata("1.targets.json")
    path.write_bytes(path.read_bytes().replace(b"2027-", b"2028-"))
    assert "is unsigned, or signed again" in refusal(released)


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[1]", b"\xff", b'{"signed": {"_type": "root"}}', b"[" * 9000]
)
def test_what_is_no_metadata_is_refused(released: Released, content: bytes) -> None:
    released.metadata("1.targets.json").write_bytes(content)
    assert "cannot be read as signed metadata" in refusal(released)


@pytest.mark.parametrize("value", [chr(0xD800), 1.5])
def test_metadata_that_cannot_be_signed_at_all_are_refused(released: Released, value: object) -> None:
    path = released.metadata("1.targets.json")
    body = json.loads(path.read_bytes())
    body["signed"]["words"] = value
    path.write_text(json.dumps(body), encoding="ascii")
    assert "cannot be read as signed metadata" in refusal(released)


def test_a_flood_of_metadata_is_refused_unread(released: Released) -> None:
    released.metadata("1.targets.json").write_bytes(b" " * 5_000_001)
    assert "larger than any metadata" in refusal(released)


def test_a_file_that_is_not_the_signed_one_is_refused(released: Released) -> None:
    (path,) = (released.folder / "image/targets/models").iterdir()
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + b"\x01")
    assert "its sha256 is" in refusal(released)
    path.write_bytes(whole[:-1])
    assert f"{len(whole) - 1} of {len(whole)} bytes" in refusal(released)
    path.write_bytes(whole + b"\x00")
    assert "longer than" in refusal(released)
    path.unlink()
    assert "is signed for and" in refusal(released)
    assert "is missing" in refusal(released)


def test_what_has_expired_is_refused(released: Released) -> None:
    released.now_ms += 91 * DAY_MS
    assert "expired on 2027-02-" in refusal(released)


def test_an_older_release_is_refused(published: Released, tmp_path: Path) -> None:
    shutil.copytree(published.folder, tmp_path / "old stick")
    published.add(models("gate-2.tar", 2))
    published.take_in()
    published.folder = tmp_path / "old stick"
    assert "is older than version" in refusal(published)
    assert len(catalogue.targets(published.data)) == 2


def test_two_releases_under_one_version_are_refused(published: Released) -> None:
    name = max(path.name for path in published.folder.glob("image/metadata/*.models.json"))
    published.signed_again(
        name, published.officers, expires=online.moment(published.now_ms) + timedelta(days=9)
    )
    assert "two releases were made from one" in refusal(published)


def test_a_release_of_other_officers_is_refused(published: Released, tmp_path: Path) -> None:
    other = Released.begun(tmp_path / "elsewhere", models("gate-9.tar", 9))
    published.folder = other.folder
    assert "this release is of other officers" in refusal(published, root_sha256=other.root_sha256)


def test_a_root_with_the_keys_of_another_fleet_is_refused(released: Released, tmp_path: Path) -> None:
    other = Released.begun(tmp_path / "elsewhere")
    released.folder = other.folder
    assert "names other keys for snapshot than this fleet's image-online" in refusal(
        released, root_sha256=other.root_sha256
    )


def test_a_director_root_that_the_officers_did_not_sign_is_refused(released: Released) -> None:
    path = released.folder / "director/metadata/1.root.json"
    root: Metadata[Root] = Metadata.from_file(str(path))
    strangers = [CryptoSigner.generate_ed25519() for _ in range(2)]
    for officer in released.officers:
        root.signed.revoke_key(officer.public_key.keyid, "root")
    for stranger in strangers:
        root.signed.add_key(stranger.public_key, "root")
    root.signatures.clear()
    for stranger in strangers:
        root.sign(stranger, append=True)
    root.to_file(str(path))
    assert "director/metadata/1.root.json is unsigned, or signed again" in refusal(released)
    path.unlink()
    assert "brings no director/metadata/1.root.json" in refusal(released)


def test_a_root_that_skips_a_version_or_is_renamed_is_refused(published: Released) -> None:
    published.metadata("3.root.json").write_bytes(published.root)
    assert "a root between is missing" in refusal(published)


def test_half_of_a_folder_is_refused(released: Released, tmp_path: Path) -> None:
    for path in released.folder.glob("image/metadata/*.config.json"):
        path.unlink()
    assert "holds no N.config.json" in refusal(released)
    released.folder = tmp_path / "empty"
    released.folder.mkdir()
    with pytest.raises(ReleaseRefused, match=r"holds no N\.root\.json"):
        released.take_in(root_sha256="00" * 32)


@pytest.mark.parametrize(
    ("path", "changes", "words"),
    [
        ("models/x.tar", {"component": "config"}, "it says it is config"),
        ("models/x.tar", {"hardware": ()}, "custom, hardware"),
        ("models/x.part", {}, "what half a file is called"),
        ("config/x.tar", {}, "does not sign for config/x.tar"),
        ("models/x.tar", {"minimum": 5, "counter": 4}, "above its own counter"),
    ],
)
def test_a_target_that_no_device_would_read_is_refused(
    released: Released, path: str, changes: dict[str, Any], words: str
) -> None:
    name = max(file.name for file in released.folder.glob("image/metadata/*.models.json"))
    found: Metadata[Targets] = Metadata.from_file(str(released.metadata(name)))
    file = next(iter(found.signed.targets.values()))
    file.unrecognized_fields["custom"] = about(path, **changes).custom()
    released.signed_again(name, released.officers, targets={path: file})
    assert words in refusal(released)


def test_a_full_disk_is_said_before_anything_is_written(
    released: Released, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(released.data)
    monkeypatch.setattr(shelves.shutil, "disk_usage", lambda _: usage._replace(free=shelves.SPARE_BYTES))
    with pytest.raises(StoreError, match="needs 1 MiB and 0 MiB are free"):
        released.take_in()
    assert not (released.data / "updates/image").exists()


def test_a_disk_that_fills_up_while_copying_leaves_nothing_half(released: Released) -> None:
    def full(what: str) -> None:
        if what.startswith("rename gate-1") or (what.startswith("rename") and ".tar" in what):
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(StoreError, match="the disk is full; free some space"):
        released.take_in(step=full)
    assert not list((released.data / "updates").rglob(".*.new"))
    assert catalogue.targets(released.data) == []
    released.take_in()
    assert len(catalogue.targets(released.data)) == 1


@pytest.mark.parametrize("days", [0, 8, -1])
def test_a_timestamp_of_more_than_a_week_is_not_signed(released: Released, days: int) -> None:
    with pytest.raises(ConfigError, match="must be 1 to 7"):
        released.take_in(days=days)

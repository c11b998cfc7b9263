"""What may be listed: rising counters, one name for one file, whole numbers, names that are names."""

import io
from pathlib import Path

import pytest

from release.bundle import tar_bundle
from release.errors import ConfigError, ReleaseError
from release.folder import ReleaseFolder, Repository
from release.metadata import parse_metadata
from release.repository import add, listed, remove
from tests.release.making import NOW, about, add_files, make_release, officers_of, sign_all
from tests.release.officers import Table


@pytest.fixture
def made(tmp_path: Path) -> ReleaseFolder:
    officers = officers_of(5)
    make_release(
        tmp_path,
        officers=officers[:3],
        online=officers[3].public_key,
        director=officers[4].public_key,
        files=[("models/face-3.tar", b"three", about("models/face-3.tar", 3))],
    )
    return ReleaseFolder(tmp_path)


@pytest.mark.parametrize("counter", [1, 3])
def test_a_counter_that_does_not_rise_is_refused(made: ReleaseFolder, counter: int) -> None:
    with pytest.raises(
        ReleaseError, match="devices take only what rises; make it with the counter 4 or more"
    ):
        add(made, "models/face-n.tar", io.BytesIO(b"n"), about("models/face-n.tar", counter), NOW)


def test_the_counter_of_what_was_removed_stays_given_out(tmp_path: Path) -> None:
    officers = officers_of(5)
    keys = {"online": officers[3].public_key, "director": officers[4].public_key}
    make_release(
        tmp_path,
        officers=officers[:3],
        files=[("models/face-3.tar", b"three", about("models/face-3.tar", 3))],
        **keys,
    )
    made = ReleaseFolder(tmp_path)
    remove(made, "models/face-3.tar", NOW)
    sign_all(made, officers[:3])
    with pytest.raises(ReleaseError, match="counter 4 or more"):
        add(made, "models/face-2.tar", io.BytesIO(b"2"), about("models/face-2.tar", 2), NOW)


def test_other_hardware_counts_for_itself(made: ReleaseFolder) -> None:
    other = about("models/cpu-1.tar", 1, hardware=("gate-x86",))
    add(made, "models/cpu-1.tar", io.BytesIO(b"1"), other, NOW)
    assert set(listed(made, "models")) == {"models/face-3.tar", "models/cpu-1.tar"}


def test_the_same_file_is_listed_once(made: ReleaseFolder) -> None:
    with pytest.raises(ReleaseError, match=r"listed already, as models/face-3\.tar"):
        add(made, "models/face-4.tar", io.BytesIO(b"three"), about("models/face-4.tar", 4), NOW)


def test_a_name_is_never_given_twice(made: ReleaseFolder) -> None:
    with pytest.raises(ReleaseError, match="give this one another name"):
        add(made, "models/face-3.tar", io.BytesIO(b"four"), about("models/face-3.tar", 4), NOW)


@pytest.mark.parametrize("path", ["models/../root", "models/", "models/Face", "models/a/b", "faces/a"])
def test_a_name_that_is_none_is_refused(made: ReleaseFolder, path: str) -> None:
    with pytest.raises(ReleaseError):
        add(made, path, io.BytesIO(b"n"), about(path, 4, component="models"), NOW)
    assert made.draft(Repository.IMAGE, "models") is None


def test_a_float_anywhere_is_refused_in_a_sentence(sworn: Table) -> None:
    with pytest.raises(ConfigError, match="a whole number; shares in ppm"):
        sworn.type(
            "add", sworn.folder, "x", "--path", "os/x", "--hardware", "gate-pi5", "--version", "1",
            "--counter", "1", "--measured", "fnmr=0.01",
        )  # fmt: skip
    draft = sworn.folder / "image/metadata/1.os.json"
    with pytest.raises(ReleaseError, match="signed numbers are whole"):
        parse_metadata(draft.read_bytes().replace(b'"version":1', b'"version":1.5'), "os", draft)


def test_what_a_bundle_says_of_itself_is_not_contradicted(sworn: Table) -> None:
    bundle = sworn.room / "m.tar"
    bundle.write_bytes(tar_bundle("models", "2", 7, {"embedder.tflite": b"network"}))
    where = ("add", sworn.folder, bundle, "--hardware", "gate-pi5", "--path")
    for words, fault in {
        ("config/m.tar",): "a bundle of models",
        ("models/m.tar", "--counter", "8"): "--counter 8 is not what the bundle says: 7",
        ("models/m.tar", "--embedder", "ab" * 32): "--embedder is not the embedder",
        ("models/m.tar", "--require", "luck=1"): "nobody can tell what luck is",
        ("models/m.tar", "--minimum", "8"): "above its own counter",
        ("models/M.tar",): "a target is called COMPONENT/NAME",
    }.items():
        with pytest.raises(ReleaseError, match=fault):
            sworn.type(*where, *words)
    assert "another one means that everybody enrols again" in sworn.type(*where, "models/m.tar")[1]


def test_an_os_image_has_the_hash_that_its_installers_know(sworn: Table) -> None:
    image = sworn.room / "os.swu"
    image.write_bytes(b"image")
    words = ("add", sworn.folder, image, "--path", "os/os.swu", "--hardware", "gate-pi5")
    with pytest.raises(ReleaseError, match="give --version and --counter"):
        sworn.type(*words)
    sworn.type(*words, "--version", "12.1", "--counter", "1")
    assert list(listed(ReleaseFolder(sworn.folder), "os")["os/os.swu"].hashes) == ["sha1", "sha256"]


@pytest.mark.parametrize("version", ["", " ", "1\x1b[2J", "1\n2", "1\u202e", "1\udce9"])
def test_a_version_that_nobody_could_read_is_refused_and_leaves_no_draft(sworn: Table, version: str) -> None:
    image, settings = sworn.room / "os.img", sworn.room / "settings.toml"
    image.write_bytes(b"image")
    settings.write_text("[gate]\nmin_score_ppm = 1\n", encoding="utf-8")
    words = ("add", sworn.folder, image, "--path", "os/os.img", "--hardware", "gate-pi5", "--counter", "1")
    with pytest.raises(ConfigError, match="letters and digits that can be printed"):
        sworn.type(*words, "--version", version)
    if version.strip():
        with pytest.raises(ConfigError, match="--environment"):
            sworn.type(*words, "--version", "1", "--environment", version)
    out = sworn.room / "bundle.tar"
    with pytest.raises(ConfigError, match="letters and digits that can be printed"):
        sworn.type("bundle", "config", settings, "--version", version, "--counter", "1", "--out", out)
    bundle = sworn.room / "theirs.tar"
    bundle.write_bytes(tar_bundle("models", version, 7, {"embedder.tflite": b"network"}))
    with pytest.raises(ConfigError, match="letters and digits that can be printed"):
        sworn.type("add", sworn.folder, bundle, "--path", "models/m.tar", "--hardware", "gate-pi5")
    assert not out.exists()
    assert not list((sworn.folder / "drafts").rglob("*.json"))


def test_an_empty_file_is_not_listed(sworn: Table) -> None:
    image = sworn.room / "os.img"
    image.write_bytes(b"")
    with pytest.raises(ReleaseError, match=r"os/os\.img is empty"):
        sworn.type(
            "add", sworn.folder, image, "--path", "os/os.img", "--hardware", "gate-pi5", "--version", "1",
            "--counter", "1",
        )  # fmt: skip


def test_a_list_that_was_signed_is_not_drawn_up_again_under_its_number(tmp_path: Path) -> None:
    officers = officers_of(5)
    keys = {"online": officers[3].public_key, "director": officers[4].public_key}
    make_release(tmp_path, officers=officers[:3], **keys)
    add_files(tmp_path, officers[:3], [("config/a.tar", b"a", about("config/a.tar"))])
    assert ReleaseFolder(tmp_path).signed_versions(Repository.IMAGE, "config") == [1, 2]

"""Officers come and go; the old ones and the new ones sign for it."""

import contextlib
from pathlib import Path
from typing import Any

import pytest
from tuf.api.exceptions import DownloadHTTPError
from tuf.api.metadata import Metadata
from tuf.ngclient import FetcherInterface, Updater

from release.errors import ConfigError, ReleaseError
from release.folder import ReleaseFolder, Repository
from tests.release.making import (
    NOW,
    Roots,
    about,
    add_files,
    make_release,
    officers_of,
    put_online,
    remove_files,
)
from tests.release.officers import Table


class PulledOut(BaseException):
    pass


class FromFolder(FetcherInterface):
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _fetch(self, url: str):  # type: ignore[no-untyped-def]
        path = self._folder / url.removeprefix("folder:/")
        if not path.is_file():
            raise DownloadHTTPError("not there", 404)
        yield path.read_bytes()


def client(folder: Path, roots: Roots, room: Path) -> Updater:
    made = Updater(
        str(room / "metadata"),
        "folder:/image/metadata/",
        str(room),
        "folder:/image/targets/",
        FromFolder(folder),
        bootstrap=roots.image,
    )
    made._trusted_set.reference_time = NOW
    return made


def test_the_client_of_python_tuf_finds_what_officers_signed(tmp_path: Path) -> None:
    *officers, online, director = officers_of(5)
    folder = tmp_path / "release"
    file = ("models/face.tar", b"a network", about("models/face.tar"))
    roots = make_release(
        folder, officers=officers, online=online.public_key, director=director.public_key, files=[file]
    )
    put_online(folder, online)
    device = client(folder, roots, tmp_path / "device")
    target = device.get_targetinfo("models/face.tar")
    assert target is not None
    assert target.custom == file[2].custom()
    assert Path(device.download_target(target)).read_bytes() == b"a network"
    add_files(folder, officers, [("config/x.tar", b"x", about("config/x.tar"))])
    remove_files(folder, officers, ["models/face.tar"])
    put_online(folder, online, version=2)
    later = client(folder, roots, tmp_path / "device")
    assert later.get_targetinfo("models/face.tar") is None
    assert later.get_targetinfo("config/x.tar") is not None


def rotate(table: Table, *names: str) -> str:
    asked = [word for name in names for word in ("--officer", table.public(name))]
    return table.type("rotate-root", table.folder, *asked)[1]


def test_new_officers_need_the_old_ones(sworn: Table) -> None:
    sworn.add(1)
    sworn.sign("an")
    sworn.sign("chi")
    sworn.key("dung")
    sworn.key("em")
    assert "image root version 2 waits for 2 of an, binh, chi, dung, em" in rotate(sworn, "an", "dung", "em")
    said = sworn.sign("dung")[1]
    assert "root: 2 of 3: an " in said
    assert "(before: 2 of 3: an " in said
    assert "image root version 2 needs 2 more" in sworn.sign("em")[1], "the new ones alone are not enough"
    code, said = sworn.type("check", sworn.folder)
    assert code == 0, "what was in force still is"
    assert said.startswith("not in it yet: image root version 2, until 2 more of an, binh, chi sign\n")
    assert said.endswith("\ninstallable")
    sworn.sign("an")
    assert sworn.sign("binh")[0] == 0
    assert sworn.type("check", sworn.folder) == (0, "installable")
    assert sorted(path.name for path in (sworn.folder / "image/metadata").glob("*.root.json")) == [
        "1.root.json",
        "2.root.json",
    ]
    sworn.add(2)
    with pytest.raises(ReleaseError, match="may sign nothing"):
        sworn.sign("binh")
    sworn.sign("dung")
    assert sworn.sign("em")[0] == 0
    assert sworn.type("check", sworn.folder)[0] == 0


def test_a_rotation_that_changes_nothing_is_refused(sworn: Table) -> None:
    with pytest.raises(ConfigError, match="say what changes"):
        sworn.type("rotate-root", sworn.folder)
    with pytest.raises(ReleaseError, match="give --threshold 2 to 3"):
        sworn.type("rotate-root", sworn.folder, "--threshold", "0")
    assert sworn.type("check", sworn.folder) == (0, "installable")


def test_a_stolen_online_key_is_replaced_by_a_root(sworn: Table) -> None:
    before = sworn.public("image-online").read_bytes()
    sworn.type("rotate-root", sworn.folder, "--online", sworn.fleet_key("image-online"))
    assert sworn.public("image-online").read_bytes() != before
    said = sworn.sign("an")[1]
    assert "timestamp: 1 of 1: image-online " in said
    assert "image config" not in said, "what the officers signed stays signed"
    assert sworn.sign("chi")[0] == 0
    assert sworn.type("check", sworn.folder)[0] == 0


@pytest.mark.parametrize("cut", [1, 4, 5, 6])
def test_a_rotation_that_was_cut_short_is_repeated(
    sworn: Table, cut: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stick is pulled out after one component, all four, targets, the director's root."""
    sworn.key("dung")
    wrote, whole = [], ReleaseFolder.write_draft

    def fused(folder: ReleaseFolder, repository: Repository, role: str, metadata: Metadata[Any]) -> None:
        if len(wrote) == cut:
            raise PulledOut
        wrote.append(role)
        whole(folder, repository, role, metadata)

    with monkeypatch.context() as patched, contextlib.suppress(PulledOut):
        patched.setattr(ReleaseFolder, "write_draft", fused)
        rotate(sworn, "an", "binh", "dung")
    rotate(sworn, "an", "binh", "dung")
    sworn.sign("an")
    assert sworn.sign("binh")[0] == 0
    assert sworn.type("check", sworn.folder) == (0, "installable")
    targets = ReleaseFolder(sworn.folder).newest_signed(Repository.IMAGE, "targets")
    assert targets is not None
    assert set(targets.signed.unrecognized_fields["x-names"].values()) == {"an", "binh", "dung"}

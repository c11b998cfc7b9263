"""A director's root for another hall, signed by the officers of the release, in a folder of its own."""

from pathlib import Path

import pytest

from release.errors import NotInRole, ReleaseError
from release.folder import ReleaseFolder, Repository
from release.signing import missing
from tests.release.officers import Table


@pytest.fixture
def other(sworn: Table) -> Table:
    """The same room, and the further hall's stick with a draft on it."""
    (sworn.room / "hall-7").mkdir()
    found = OtherStick(sworn.room, sworn.now)
    found.draw("hall-7-director")
    return found


class OtherStick(Table):
    @property
    def folder(self) -> Path:
        return self.room / "hall-7" / "stick"

    def draw(self, name: str) -> tuple[int, str]:
        words = ("--release", self.room / "stick", "--director", self.fleet_key(name))
        return self.type("director", self.folder, *words)


def roots(folder: Path) -> list[int]:
    return ReleaseFolder(folder).signed_versions(Repository.DIRECTOR, "root")


def test_two_of_the_three_officers_sign_it_and_nothing_else_is_in_the_folder(other: Table) -> None:
    code, said = other.sign("an")
    assert code == 1
    assert "targets: 1 of 1: hall-7-director " in said
    assert "root: 2 of 3: an " in said
    assert roots(other.folder) == []
    code, said = other.sign("chi")
    assert code == 0
    assert "write down, the first root of director: SHA-256 " in said
    assert [path.name for path in other.folder.rglob("*.json")] == ["1.root.json"]
    assert other.type("check", other.folder) == (0, "installable")
    assert "director root version 1: signed by an, chi" in other.type("status", other.folder)[1]


def test_the_officers_of_the_release_are_who_its_fleet_asks_for(other: Table, sworn: Table) -> None:
    other.sign("an")
    other.sign("chi")
    release, folder = ReleaseFolder(sworn.folder), ReleaseFolder(other.folder)
    image = release.signed(Repository.IMAGE, "root", 1).signed
    assert missing(image, "root", folder.signed(Repository.DIRECTOR, "root", 1)) == 0
    assert roots(sworn.folder) == [1], "the release is as it was"
    assert sworn.type("check", sworn.folder) == (0, "installable")


def test_one_officer_or_a_stranger_is_not_enough(other: Table) -> None:
    other.key("dung")
    with pytest.raises(NotInRole):
        other.sign("dung")
    assert other.sign("an")[0] == other.sign("an")[0] == 1
    assert other.type("check", other.folder)[0] == 1
    assert roots(other.folder) == []


def test_another_key_of_that_hall_is_the_next_version(other: Table) -> None:
    other.sign("an")
    other.sign("chi")
    other.draw("hall-7-new")
    said = other.sign("binh")[1]
    assert "targets: 1 of 1: hall-7-new " in said
    assert "(before: 1 of 1: hall-7-director " in said
    assert other.sign("an")[0] == 0
    assert roots(other.folder) == [1, 2]
    assert other.type("check", other.folder) == (0, "installable")


def test_its_end_is_renewed_like_any_roots(other: Table) -> None:
    other.sign("an")
    other.sign("chi")
    other.type("renew", other.folder, "root")
    other.sign("an")
    assert other.sign("binh")[0] == 0
    assert roots(other.folder) == [1, 2]


def test_a_folder_that_holds_a_release_keeps_its_own_director(sworn: Table) -> None:
    words = ("--release", sworn.folder, "--director", sworn.fleet_key("hall-7-director"))
    with pytest.raises(ReleaseError, match="a folder of its own"):
        sworn.type("director", sworn.folder, *words)


def test_officers_who_are_about_to_change_sign_that_first(sworn: Table) -> None:
    sworn.key("dung")
    officers = [word for name in ("an", "binh", "dung") for word in ("--officer", sworn.public(name))]
    sworn.type("rotate-root", sworn.folder, *officers)
    words = ("--release", sworn.folder, "--director", sworn.fleet_key("hall-7-director"))
    with pytest.raises(ReleaseError, match="not signed yet"):
        sworn.type("director", sworn.room / "hall-7", *words)

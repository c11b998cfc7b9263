"""One suite for both places that boot files go to: a mounted partition, and an image of a FAT32 volume."""

from collections.abc import Callable
from pathlib import Path

import pytest

from provisioning.errors import ConfigError
from provisioning.media.adapters.mounted import MountedPartition
from provisioning.media.adapters.mtools import FatImage
from provisioning.media.boot_files import LAST, MEDIUM_LABEL, boot_files
from provisioning.media.writing import Medium, write_medium
from tests.provisioning.media.conftest import Order
from tests.provisioning.media.fat32 import Fat32

Read = Callable[[], dict[str, bytes]]


@pytest.fixture(params=["mounted", "image"])
def medium(request: pytest.FixtureRequest, tmp_path: Path, card: Path) -> tuple[Medium, Read]:
    """The medium, and what somebody else finds on it."""
    if request.param == "mounted":
        return MountedPartition(card), lambda: {
            str(file.relative_to(card)): file.read_bytes() for file in card.rglob("*") if file.is_file()
        }
    request.getfixturevalue("mtools")
    file = tmp_path / "medium.img"
    return FatImage(file, label=MEDIUM_LABEL, size_mib=40), lambda: Fat32(file).files()


def test_everything_is_there_as_it_was_made(medium: tuple[Medium, Read], order: Order) -> None:
    files = boot_files(order())
    write_medium(medium[0], files, replaces=False)
    found = medium[1]()
    assert {path: found[path] for path in files} == files
    assert medium[0].read("hallward/seed.toml") == files["hallward/seed.toml"]
    assert medium[0].read("nothing") is None


def test_twice_is_harmless_and_another_order_takes_its_place(
    medium: tuple[Medium, Read], order: Order
) -> None:
    write_medium(medium[0], boot_files(order()), replaces=False)
    first = medium[1]()
    write_medium(medium[0], boot_files(order()), replaces=False)
    assert medium[1]() == first
    write_medium(medium[0], boot_files(order("gate")), replaces=False)
    assert b'role = "gate"' in medium[1]()["hallward/seed.toml"]


def test_what_somebody_else_set_up_stays_unless_told_otherwise(
    medium: tuple[Medium, Read], order: Order
) -> None:
    theirs = b"#cloud-config\nusers:\n- name: an\n"
    medium[0].write({LAST: theirs, "userconf.txt": b"an:$6$x"}, frozenset())
    with pytest.raises(ConfigError, match=r"userconf\.txt, user-data\).*--replace"):
        write_medium(medium[0], boot_files(order()), replaces=False)
    found = medium[1]()
    assert found[LAST] == theirs
    assert "hallward/seed.toml" not in found
    write_medium(medium[0], boot_files(order()), replaces=True)
    assert medium[1]()[LAST] == boot_files(order())[LAST]
    assert "userconf.txt" not in medium[1]()

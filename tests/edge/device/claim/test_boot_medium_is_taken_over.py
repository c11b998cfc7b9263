"""What systemd runs before a firmware: the boot medium's files reach a folder that is nobody's."""

import subprocess
from pathlib import Path
from typing import Final

import pytest

from tests.edge.unit_file import read_unit, service

EDGE: Final = Path(__file__).resolve().parents[4] / "edge"
UNITS: Final = (
    EDGE / "ballot_keypad" / "hallward-keypad.service",
    EDGE / "rollcall_gate" / "hallward-gate.service",
)


@pytest.fixture(params=UNITS, ids=lambda path: path.stem)
def unit(request: pytest.FixtureRequest) -> Path:
    found: Path = request.param
    return found


def boot(unit: Path, medium: Path, folder: Path) -> int:
    """As systemd would, with other paths: `$$` is its own way to write `$`."""
    line = service(read_unit(unit), "ExecStartPre")
    assert line.startswith("-/bin/sh -c '")
    script = line.removeprefix("-/bin/sh -c '").removesuffix("'").replace("$$", "$")
    assert "'" not in script
    script = script.replace("/boot/firmware/hallward", str(medium)).replace("/var/lib/hallward", str(folder))
    return subprocess.run(["/bin/sh", "-c", script], check=False, timeout=20).returncode


@pytest.fixture
def medium(tmp_path: Path) -> Path:
    made = tmp_path / "medium"
    made.mkdir()
    for name in ("seed.toml", "root.crt", "rpi-preseed.toml"):
        (made / name).write_text(name)
    return made


def test_a_new_machine_gets_its_seed_and_can_be_given_another(
    unit: Path, medium: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    assert boot(unit, medium, folder) == 0
    assert {path.name for path in folder.iterdir()} == {"seed.toml", "root.crt"}
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    (medium / "seed.toml").write_text("another")
    (medium / "hardware.toml").write_text("parts")
    assert boot(unit, medium, folder) == 0
    assert (folder / "seed.toml").read_text() == "another"
    assert (folder / "hardware.toml").read_text() == "parts"


def test_a_device_keeps_what_it_has(unit: Path, medium: Path, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "device.toml").touch()
    assert boot(unit, medium, folder) == 0
    assert {path.name for path in folder.iterdir()} == {"device.toml"}


def test_a_machine_without_a_medium_starts_all_the_same(unit: Path, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    assert boot(unit, tmp_path / "nowhere", folder) == 0
    assert list(folder.iterdir()) == []


def test_claim_and_renewal_may_write_what_they_must(unit: Path) -> None:
    found = read_unit(unit)
    assert service(found, "ReadWritePaths") == service(found, "ExecStart").split()[-1]
    assert set(service(found, "StateDirectory").split()) == {"hallward", "hallward/state"}

"""What systemd is asked to hold for a keypad: started again, shut in, nothing secret kept."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

from tests.edge.unit_file import Unit, read_unit, service
from tests.servers.missing import skip_or_fail

UNIT: Final = Path(__file__).resolve().parents[3] / "edge" / "ballot_keypad" / "hallward-keypad.service"


@pytest.fixture(scope="module")
def unit() -> Unit:
    return read_unit(UNIT)


def test_a_keypad_that_falls_or_hangs_is_started_again_for_ever(unit: Unit) -> None:
    assert service(unit, "Type") == "notify"
    assert service(unit, "WatchdogSec") == "15"
    assert (service(unit, "Restart"), service(unit, "RestartSec")) == ("always", "1")
    assert unit["Unit", "StartLimitIntervalSec"] == ["0"]
    assert "network-online" not in " ".join(unit["Unit", "After"] + unit["Unit", "Wants"])
    assert "edge.device.launch keypad" in service(unit, "ExecStart")


def test_no_secret_choice_can_reach_a_disk_by_swap_or_core_file(unit: Unit) -> None:
    assert service(unit, "LimitCORE") == "0"
    assert service(unit, "MemorySwapMax") == "0"
    assert int(service(unit, "MemoryHigh").removesuffix("M")) > 2 * 70  # with a candidate that is tried
    assert int(service(unit, "MemoryMax").removesuffix("M")) <= 192


def test_only_its_own_folder_can_be_written(unit: Unit) -> None:
    device = service(unit, "ExecStart").split()[-1]
    assert service(unit, "ProtectSystem") == "strict"
    assert unit["Service", "ReadWritePaths"] == [device]
    assert service(unit, "PrivateTmp") == "yes"
    assert "PYTHONSAFEPATH=1" in service(unit, "Environment").split()


def test_only_its_own_devices_are_there(unit: Unit) -> None:
    assert service(unit, "DevicePolicy") == "closed"
    allowed = dict(line.split() for line in unit["Service", "DeviceAllow"])
    assert allowed == {"char-gpiochip": "rw", "char-i2c": "rw", "char-spi": "rw", "char-alsa": "rw"}
    assert service(unit, "NoNewPrivileges") == "yes"
    assert service(unit, "CapabilityBoundingSet") == ""


def test_systemd_understands_every_line_and_finds_it_well_shut_in(tmp_path: Path) -> None:
    """Of 100; a service without a word about it has 96."""
    if shutil.which("systemd-analyze") is None:
        skip_or_fail("systemd-analyze", "systemd")
    text = re.sub(r"(?m)^ExecStart=.*$", "ExecStart=/bin/true", UNIT.read_text("utf-8"))
    (tmp_path / UNIT.name).write_text(re.sub(r"(?m)^Documentation=.*$", "", text), "utf-8")
    done = analyze("verify", "--man=no", tmp_path / UNIT.name)
    assert done.returncode == 0, done.stderr
    assert UNIT.name not in done.stderr
    done = analyze("security", "--offline=true", "--no-pager", "--threshold=25", tmp_path / UNIT.name)
    if "unrecognized option" in done.stderr or "Unknown command" in done.stderr:
        pytest.skip("this systemd-analyze judges no unit file that is not installed")
    assert done.returncode == 0, done.stdout[-300:] + done.stderr


def analyze(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", *words], capture_output=True, text=True, check=False, timeout=60
    )

"""What systemd is asked to hold for a gate: started again when it falls or hangs, shut in, nothing kept."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

from edge.device.adapters.device_folder import read_folder
from edge.rollcall_gate.app import sealing_key_file
from tests.edge.rollcall_gate.gate_folder import provisioned
from tests.edge.unit_file import Unit, read_unit, service
from tests.servers.missing import skip_or_fail

UNIT: Final = Path(__file__).resolve().parents[3] / "edge" / "rollcall_gate" / "hallward-gate.service"


@pytest.fixture(scope="module")
def unit() -> Unit:
    return read_unit(UNIT)


def test_a_gate_that_falls_or_hangs_is_started_again_for_ever(unit: Unit) -> None:
    assert service(unit, "Type") == "notify"
    assert service(unit, "WatchdogSec") == "15"
    assert (service(unit, "Restart"), service(unit, "RestartSec")) == ("always", "1")
    assert unit["Unit", "StartLimitIntervalSec"] == ["0"]
    assert ("Service", "RestartPreventExitStatus") not in unit
    assert "network-online" not in " ".join(unit["Unit", "After"] + unit["Unit", "Wants"])


def test_only_its_own_folder_can_be_written(unit: Unit) -> None:
    device = service(unit, "ExecStart").split()[-1]
    assert service(unit, "ProtectSystem") == "strict"
    assert unit["Service", "ReadWritePaths"] == [device]
    assert [f"/var/lib/{name}" for name in service(unit, "StateDirectory").split()] == [
        device,
        f"{device}/state",
    ]
    assert service(unit, "StateDirectoryMode") == "0700"
    assert service(unit, "WorkingDirectory") == f"/run/{service(unit, 'RuntimeDirectory')}"
    assert service(unit, "PrivateTmp") == "yes"


def test_no_face_can_reach_a_disk_by_swap_or_core_file(unit: Unit) -> None:
    assert service(unit, "MemorySwapMax") == "0"
    assert service(unit, "LimitCORE") == "0"
    assert service(unit, "MemoryMax") == "512M"


def test_it_runs_as_nobody_special_and_reaches_camera_door_and_screen_alone(unit: Unit) -> None:
    assert service(unit, "User") == "hallward"
    assert set(service(unit, "SupplementaryGroups").split()) == {"video", "gpio", "input"}
    assert service(unit, "NoNewPrivileges") == "yes"
    assert service(unit, "CapabilityBoundingSet") == ""
    assert service(unit, "DevicePolicy") == "closed"
    allowed = dict(line.split() for line in unit["Service", "DeviceAllow"])
    assert allowed == {
        "char-video4linux": "rw",
        "char-media": "rw",
        "char-dma_heap": "rw",
        "char-gpiochip": "rw",
        "char-fb": "rw",
        "char-input": "r",
    }


def test_a_module_that_lies_where_it_stands_is_not_loaded(unit: Unit) -> None:
    assert "PYTHONSAFEPATH=1" in service(unit, "Environment").split()


@pytest.fixture
def beside(tmp_path: Path) -> Path:
    """The unit with a program that exists here: what `verify` may judge on any machine."""
    if shutil.which("systemd-analyze") is None:
        skip_or_fail("systemd-analyze", "systemd")
    text = re.sub(r"(?m)^ExecStart=.*$", "ExecStart=/bin/true", UNIT.read_text("utf-8"))
    text = re.sub(r"(?m)^Documentation=.*$", "", text)
    (tmp_path / UNIT.name).write_text(text, "utf-8")
    return tmp_path / UNIT.name


def analyze(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", *words], capture_output=True, text=True, check=False, timeout=60
    )


def test_systemd_understands_every_line(beside: Path) -> None:
    done = analyze("verify", "--man=no", beside)
    assert done.returncode == 0, done.stderr
    ours = [line for line in done.stderr.splitlines() if UNIT.name in line]
    assert not ours, done.stderr


def test_systemd_finds_it_well_shut_in(beside: Path) -> None:
    """Of 10; a service without a word about it has 9.6."""
    done = analyze("security", "--offline=true", "--no-pager", "--threshold=25", beside)
    if "unrecognized option" in done.stderr or "Unknown command" in done.stderr:
        pytest.skip("this systemd-analyze judges no unit file that is not installed")
    assert done.returncode == 0, done.stdout[-300:] + done.stderr


def test_the_key_that_is_replaced_at_the_end_of_a_congress_lies_where_it_can_be(
    unit: Unit, tmp_path: Path, gate_models
) -> None:
    found = read_folder(provisioned(tmp_path, gate_models.embedder.parent), "gate")
    assert service(unit, "ReadWritePaths") == service(unit, "ExecStart").split()[-1]
    assert sealing_key_file(found).parent == tmp_path / "state"

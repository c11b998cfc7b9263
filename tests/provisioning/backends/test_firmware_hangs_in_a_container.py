"""The first process of a container: seeds the device, and does for the firmware what systemd does."""

import importlib.util
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from edge.device.claim.seed import parse_seed
from provisioning.backends.balena.project import TEMPLATES
from tests.servers.waiting import wait_until

pytestmark = pytest.mark.slow
UUID = "0123456789abcdef" * 2
ROOT = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
VARIABLES = {"BALENA_DEVICE_UUID": UUID, "HALLWARD_ROOT": ROOT}
FIRMWARE = """
import os, socket, sys, time

mode = open(sys.argv[2] + "/mode").read()
with open(sys.argv[2] + "/starts", "a") as starts:
    starts.write("x")
pipe = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
assert os.environ["WATCHDOG_USEC"].isdigit()
while mode != "mute":
    pipe.sendto(b"STATUS=at work\\nWATCHDOG=1", os.environ["NOTIFY_SOCKET"])
    if mode in ("broken", "wrong"):
        sys.exit(78 if mode == "wrong" else 1)
    time.sleep(0.02)
time.sleep(60)
"""


@pytest.fixture
def life() -> ModuleType:
    """As a file of its own, which it is in the image."""
    spec = importlib.util.spec_from_file_location("life", TEMPLATES / "life.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_seed_is_one_that_the_firmware_reads(life: ModuleType, tmp_path: Path) -> None:
    more = {
        "HALLWARD_DESK_HOST": "desk.hall",
        "HALLWARD_DESK_PORT": "8443",
        "HALLWARD_HARDWARE": "[keypad]\n",
    }
    life.write_seed("keypad", tmp_path, {**VARIABLES, **more})
    seed = parse_seed(
        (tmp_path / "seed.toml").read_text(), "seed.toml", (tmp_path / "hardware.toml").read_text()
    )
    assert (seed.role, seed.serial) == ("keypad", UUID)
    assert seed.desk is not None
    assert (seed.desk.host, seed.desk.port) == ("desk.hall", 8443)
    assert (tmp_path / "root.crt").read_text() == ROOT
    assert not list(tmp_path.glob(".*"))


def test_without_a_desk_it_is_looked_for(life: ModuleType) -> None:
    assert parse_seed(life.seed_text("gate", VARIABLES), "seed.toml").desk is None


def test_what_lies_there_is_kept(life: ModuleType, tmp_path: Path) -> None:
    for name in ("device.toml", "seed.toml"):
        (tmp_path / name).write_text("mine")
        life.write_seed("keypad", tmp_path, {})
        assert [path.read_text() for path in tmp_path.iterdir()] == ["mine"]
        (tmp_path / name).unlink()


def test_a_variable_that_was_mended_is_heard_until_the_claim(life: ModuleType, tmp_path: Path) -> None:
    for more in (
        {"HALLWARD_DESK_HOST": "desk.hal", "HALLWARD_HARDWARE": "[keypad"},
        {"HALLWARD_DESK_HOST": "desk.hall"},
    ):
        life.write_seed("keypad", tmp_path, {**VARIABLES, **more})
    assert "desk.hall" in (tmp_path / "seed.toml").read_text()
    assert not (tmp_path / "hardware.toml").exists()
    (tmp_path / "device.toml").write_text("")
    life.write_seed("keypad", tmp_path, {**VARIABLES, "HALLWARD_DESK_HOST": "elsewhere.hall"})
    assert "desk.hall" in (tmp_path / "seed.toml").read_text()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BALENA_DEVICE_UUID", 'a"\nrole = "gate'),
        ("BALENA_DEVICE_UUID", ""),
        ("HALLWARD_ROOT", "none"),
        ("HALLWARD_DESK_HOST", 'desk"\n'),
        ("HALLWARD_DESK_PORT", "70000"),
        ("HALLWARD_DESK_PORT", "0"),
    ],
)
def test_a_wrong_variable_is_named_and_nothing_is_written(
    life: ModuleType, tmp_path: Path, name: str, value: str
) -> None:
    with pytest.raises(ValueError, match=name):
        life.write_seed("keypad", tmp_path, {**VARIABLES, "HALLWARD_DESK_HOST": "desk.hall", name: value})
    assert not list(tmp_path.iterdir())


def test_health_is_a_fresh_beat(life: ModuleType) -> None:
    assert [life.is_healthy(age) for age in (None, 0.0, 15.0, 15.1)] == [False, True, True, False]
    assert not life.hangs(89, None)
    assert life.hangs(91, None)
    assert not life.hangs(1000, 14)
    assert life.hangs(1000, 16)


class Container:
    """life.py with its paths and times moved into a folder, and a firmware of three lines."""

    def __init__(self, folder: Path, mode: str) -> None:
        self.folder = folder
        (folder / "fake_firmware.py").write_text(FIRMWARE)
        (folder / "mode").write_text(mode)
        (folder / "device.toml").write_text("")
        code = (
            "import importlib.util, pathlib, sys; from pathlib import Path\n"
            f"spec = importlib.util.spec_from_file_location('life', {str(TEMPLATES / 'life.py')!r})\n"
            "life = importlib.util.module_from_spec(spec); spec.loader.exec_module(life)\n"
            f"life.NOTIFY = {str(folder / 'notify')!r}; life.BEAT_FILE = Path({str(folder / 'beat')!r})\n"
            "life.WATCHDOG_S = life.START_S = 0.5; life.ABORT_S = 2.0; life.AGAIN_S = life.LISTEN_S = 0.05\n"
            "life.ROLES['fake_firmware'] = 'keypad'\n"
            f"sys.exit(life.main(['run', 'fake_firmware', {str(folder)!r}]))\n"
        )
        environment = {**os.environ, "PYTHONPATH": str(folder)}
        self.process = subprocess.Popen(
            [sys.executable, "-c", code], env=environment, stderr=subprocess.PIPE, text=True
        )

    def starts(self) -> int:
        found = self.folder / "starts"
        return len(found.read_text()) if found.exists() else 0

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=60)
        return self.process.returncode


@pytest.fixture
def start() -> Iterator[Callable[[str], Container]]:
    """In a folder with a short name: the address of a socket has 107 letters."""
    with tempfile.TemporaryDirectory() as name:
        started: list[Container] = []

        def make(mode: str) -> Container:
            started.append(Container(Path(name), mode))
            return started[-1]

        yield make
        for container in started:
            if container.process.poll() is None:
                container.stop()


def test_a_firmware_that_beats_is_healthy_and_ends_when_told(start: Callable[[str], Container]) -> None:
    container = start("well")
    beat = container.folder / "beat"
    wait_until(beat.exists, "a beat")
    first = beat.stat().st_mtime_ns
    wait_until(lambda: beat.stat().st_mtime_ns > first + 700_000_000, "beats beyond the limit")
    assert container.stop() == 0
    assert container.starts() == 1


def test_a_firmware_that_hangs_is_aborted_and_started_again(start: Callable[[str], Container]) -> None:
    container = start("mute")
    wait_until(lambda: container.starts() >= 3, "a third start")
    assert not (container.folder / "beat").exists()
    assert container.stop() == 0


def test_a_firmware_whose_configuration_is_wrong_is_not_started_for_ever(
    start: Callable[[str], Container],
) -> None:
    container = start("wrong")
    container.process.communicate(timeout=60)
    assert (container.process.returncode, container.starts()) == (78, 1)


def test_it_ends_when_told_between_two_lives(start: Callable[[str], Container]) -> None:
    container = start("broken")
    wait_until(lambda: container.starts() >= 3, "a third start")
    assert container.stop() == 0

"""hallward/first-boot.sh, really run, in a system that lies in a folder: whole, twice, cut, lacking parts."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from provisioning.media.boot_files import boot_files
from tests.provisioning.media.conftest import CMDLINE, Order

pytestmark = pytest.mark.slow

STUBS = ("systemctl", "passwd", "useradd", "chown", "mount", "mountpoint")
PASSWD = "root:x:0:0::/:/bin/bash\npi:x:1000:1000::/:/bin/bash\nnobody:x:65534:65534::/:/bin/false\n"
FSTAB = "PARTUUID=0a1b-01 /boot/firmware vfat defaults 0 2\nPARTUUID=0a1b-02 / ext4 defaults,noatime 0 1\n"


UPDATE_ROOTS = {f"update/{name}.root.json": name.encode() for name in ("image", "director")}


@dataclass(frozen=True, slots=True)
class System:
    root: Path
    stubs: Path

    @property
    def folder(self) -> Path:
        return self.root / "var/lib/hallward"

    @property
    def boot(self) -> Path:
        return self.root / "boot/firmware"

    def lay(self, files: dict[str, bytes]) -> None:
        for path, content in files.items():
            file = self.boot / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)

    def starts(self) -> "subprocess.CompletedProcess[str]":
        around = {"PATH": f"{self.stubs}:{os.environ['PATH']}", "HALLWARD_ROOT": str(self.root)}
        around |= {"CALLS": str(self.stubs / "calls"), "LC_ALL": "C.UTF-8"}
        script = str(self.boot / "hallward/first-boot.sh")
        return subprocess.run(
            ["sh", script], env=around, capture_output=True, text=True, check=False, timeout=60
        )

    def calls(self) -> list[str]:
        file = self.stubs / "calls"
        return file.read_text().splitlines() if file.exists() else []


@pytest.fixture
def system(tmp_path: Path, order: Order) -> System:
    """A system that has everything: program, overlayroot, a partition for the device's folder."""
    made = System(tmp_path / "system", tmp_path / "stubs")
    made.stubs.mkdir()
    for name in STUBS:
        stub = made.stubs / name
        stub.write_text(f'#!/bin/sh\necho "{name} $*" >>"$CALLS"\ntest "{name}" != mountpoint\n')
        stub.chmod(0o755)
    (made.stubs / "id").write_text("#!/bin/sh\nexit 1\n")
    (made.stubs / "id").chmod(0o755)
    unit = (
        made.root
        / "opt/hallward/.venv/lib/python3.13/site-packages/edge/ballot_keypad/hallward-keypad.service"
    )
    for file, content in {
        unit: "[Unit]\nDescription=Hallward keypad\n",
        made.root / "opt/hallward/.venv/bin/python": "",
        made.root / "etc/passwd": PASSWD,
        made.root / "etc/fstab": FSTAB,
        made.root / "etc/hostname": "raspberrypi\n",
        made.root / "etc/cloud/cloud.cfg": "",
        made.root / "sys/firmware/devicetree/base/serial-number": "10000000abcdef12\0",
        made.root / "dev/disk/by-label/hallward": "",
        made.root / "usr/share/initramfs-tools/scripts/init-bottom/overlayroot": "",
        made.boot / "config.txt": "arm_64bit=1\n",
        made.boot / "cmdline.txt": CMDLINE,
    }.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    (made.root / "opt/hallward/.venv/bin/python").chmod(0o755)
    made.lay(boot_files(order(ntp="time.hall.example", token="a-token", update_roots=UPDATE_ROOTS)))
    return made


def test_a_first_boot_leaves_a_device_that_asks_for_its_desk(system: System) -> None:
    done = system.starts()
    assert done.returncode == 0, done.stderr
    for name in ("seed.toml", "root.crt", "hardware.toml", *UPDATE_ROOTS):
        file = system.folder / name
        assert file.read_bytes() == (system.boot / "hallward" / name).read_bytes()
        assert file.stat().st_mode & 0o777 == 0o600
    for folder in (system.folder, system.folder / "update"):
        assert folder.stat().st_mode & 0o777 == 0o700
        assert f"chown hallward: {folder}" in system.calls()
    assert (system.root / "etc/systemd/system/hallward-keypad.service").read_text().startswith("[Unit]")
    assert "systemctl enable --quiet hallward-keypad.service" in system.calls()
    assert (system.root / "etc/hostname").read_text() == "keypad-abcdef12\n"
    assert system.calls()[-1] == "systemctl --no-block reboot"


def test_a_medium_without_update_roots_makes_a_device_all_the_same(system: System) -> None:
    for name in UPDATE_ROOTS:
        (system.boot / "hallward" / name).unlink()
    assert system.starts().returncode == 0
    assert not (system.folder / "update").exists()


def test_nobody_logs_in_and_nothing_calls_home(system: System) -> None:
    (system.boot / "ssh").touch()
    (system.boot / "userconf.txt").write_text("pi:$6$x")
    assert system.starts().returncode == 0
    calls = system.calls()
    assert [call for call in calls if call.startswith("passwd")] == ["passwd --lock root", "passwd --lock pi"]
    masked = {word for call in calls if call.startswith("systemctl mask") for word in call.split()[3:]}
    assert masked >= {"ssh.service", "ssh.socket", "getty@tty1.service", "serial-getty@ttyS0.service"}
    assert masked >= {"userconfig.service", "apt-daily.timer", "apt-daily-upgrade.timer"}
    assert not (system.boot / "ssh").exists()
    assert not (system.boot / "userconf.txt").exists()
    assert "console=serial" not in (system.boot / "cmdline.txt").read_text()
    assert "console=tty1" in (system.boot / "cmdline.txt").read_text()


def test_watchdog_time_and_hardware_are_set(system: System) -> None:
    assert system.starts().returncode == 0
    etc = system.root / "etc/systemd"
    assert (etc / "system.conf.d/hallward-watchdog.conf").read_text() == "[Manager]\nRuntimeWatchdogSec=10s\n"
    time = (etc / "timesyncd.conf.d/hallward.conf").read_text()
    assert time == "[Time]\nNTP=time.hall.example\nFallbackNTP=\n"
    config = (system.boot / "config.txt").read_text()
    assert config.startswith("arm_64bit=1\n")
    assert "[all]\ndtparam=watchdog=on\n" in config


def test_the_root_is_read_only_and_the_devices_folder_is_not(system: System) -> None:
    assert system.starts().returncode == 0
    fstab = (system.root / "etc/fstab").read_text()
    assert "/boot/firmware vfat defaults,ro 0 2" in fstab
    assert "LABEL=hallward /var/lib/hallward ext4 noatime,nodev,nosuid,noexec 0 2\n" in fstab
    assert (system.boot / "cmdline.txt").read_text().endswith(" overlayroot=tmpfs:recurse=0\n")
    assert (system.boot / "cmdline.txt").read_text().count("\n") == 1
    assert f"mount {system.folder}" in system.calls()


@pytest.mark.parametrize(
    "lacks", ["dev/disk/by-label/hallward", "usr/share/initramfs-tools/scripts/init-bottom/overlayroot"]
)
def test_a_root_that_stays_writable_is_said_so(system: System, lacks: str) -> None:
    (system.root / lacks).unlink()
    done = system.starts()
    assert done.returncode == 0
    assert "The root stays writable" in done.stdout
    assert "The root stays writable" in (system.boot / "hallward-first-boot.log").read_text()
    assert "overlayroot" not in (system.boot / "cmdline.txt").read_text()


@pytest.mark.parametrize(
    ("lacks", "says"),
    [
        ("opt/hallward/.venv/bin/python", "Write the card again from the hall's base image."),
        (
            "opt/hallward/.venv/lib/python3.13/site-packages/edge/ballot_keypad/hallward-keypad.service",
            "Use another base image.",
        ),
        ("boot/firmware/hallward/seed.toml", "Prepare the card again with provision image."),
    ],
)
def test_what_is_missing_is_said_before_anything_is_changed(system: System, lacks: str, says: str) -> None:
    (system.root / lacks).unlink()
    done = system.starts()
    assert done.returncode == 1
    assert "DỪNG" in done.stdout
    assert says in done.stdout
    assert says in (system.boot / "hallward-first-boot.log").read_text()
    assert system.calls() == []
    assert not system.folder.exists()


def test_a_second_start_changes_nothing(system: System) -> None:
    assert system.starts().returncode == 0
    calls, before = system.calls(), _content(system.root)
    assert system.starts().returncode == 0
    assert system.calls() == calls
    assert _content(system.root) == before


def test_a_start_that_was_cut_short_is_finished_by_the_next(system: System) -> None:
    """Power goes at each command in turn; then it comes back."""
    assert system.starts().returncode == 0
    whole, cuts = _content(system.root), len(system.calls())
    for name in STUBS:
        stub = system.stubs / name
        stub.write_text(
            f'#!/bin/sh\necho "{name} $*" >>"$CALLS"\n'
            'test "$(wc -l <"$CALLS")" -lt "$(cat "$CALLS.cut")" || kill -KILL "$PPID"\n'
            f'test "{name}" != mountpoint\n'
        )
    for cut in range(1, cuts):
        (system.root / "etc/hallward-first-boot.done").unlink(missing_ok=True)
        (system.stubs / "calls").write_text("")
        (system.stubs / "calls.cut").write_text(str(cut))
        assert system.starts().returncode != 0
        assert not (system.root / "etc/hallward-first-boot.done").exists()
        (system.stubs / "calls.cut").write_text("1000")
        assert system.starts().returncode == 0
        assert _content(system.root) == whole


def test_the_seed_of_a_claimed_device_stays_away(system: System) -> None:
    system.folder.mkdir(parents=True)
    (system.folder / "device.toml").write_text('device = "keypad-1"\n')
    assert system.starts().returncode == 0
    assert not (system.folder / "seed.toml").exists()


def _content(root: Path) -> dict[str, bytes]:
    """Everything but the log, which grows."""
    return {
        str(file.relative_to(root)): file.read_bytes()
        for file in sorted(root.rglob("*"))
        if file.is_file() and file.name != "hallward-first-boot.log"
    }

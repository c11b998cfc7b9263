"""First process of the container: what systemd is to a device of our own image (ADR-0010).

It writes the seed of a device that is nobody's yet, starts the firmware, listens to the beats of its
watchdog, aborts one that hangs and starts it again. `life.py healthy` is the healthcheck. Standard
library alone: it is copied into the image beside the firmware, and imports nothing of it.

    life.py run KEYPAD_OR_GATE_MODULE FOLDER
    life.py healthy

Variables of the fleet: HALLWARD_ROOT (PEM of the pinned root, needed once), HALLWARD_DESK_HOST and
HALLWARD_DESK_PORT (optional), HALLWARD_HARDWARE (text of hardware.toml, optional). The serial number is the
uuid that balena gave. Update roots, where the image has them, lie beside this file.
"""

import contextlib
import json
import os
import re
import signal
import socket
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

WATCHDOG_S: Final = 15.0
START_S: Final = 90.0
"""For the first beat: a gate loads its networks."""
ABORT_S: Final = 3.0
AGAIN_S: Final = 1.0
LISTEN_S: Final = 0.5
BEAT_FILE: Final = Path("/run/hallward/beat")
NOTIFY: Final = "/run/hallward/notify"
HERE: Final = Path(__file__).parent
UPDATE_ROOTS: Final = ("image.root.json", "director.root.json")
ROLES: Final = {"edge.ballot_keypad": "keypad", "edge.rollcall_gate": "gate"}
_HOST: Final = re.compile(r"[A-Za-z0-9.:-]{1,253}")


def seed_text(role: str, environment: Mapping[str, str]) -> str:
    """seed.toml. Raises ValueError with the variable that is wrong."""
    serial = environment.get("BALENA_DEVICE_UUID", "")
    if not re.fullmatch(r"[0-9a-f]{7,62}", serial):
        raise ValueError("BALENA_DEVICE_UUID is no uuid")
    lines = [f'role = "{role}"', f'serial = "{serial}"']
    if host := environment.get("HALLWARD_DESK_HOST"):
        port = environment.get("HALLWARD_DESK_PORT", "8443")
        if not _HOST.fullmatch(host):
            raise ValueError("HALLWARD_DESK_HOST is no name or address of a host")
        if not re.fullmatch(r"[1-9][0-9]{0,4}", port) or int(port) > 65535:
            raise ValueError("HALLWARD_DESK_PORT is no port, 1 to 65535")
        lines += ["", "[desk]", f"host = {json.dumps(host)}", f"port = {port}"]
    return "\n".join(lines) + "\n"


def write_seed(role: str, folder: Path, environment: Mapping[str, str]) -> None:
    """Of a device that is nobody's yet, anew at each start, so that a variable that was mended is heard;
    seed.toml last. A fleet that has no HALLWARD_ROOT any more keeps what lies there."""
    root = environment.get("HALLWARD_ROOT", "")
    if (folder / "device.toml").exists() or (not root and (folder / "seed.toml").exists()):
        return
    if "BEGIN CERTIFICATE" not in root:
        raise ValueError(
            "HALLWARD_ROOT is no certificate: give the fleet the root that its devices shall pin"
        )
    seed = seed_text(role, environment)
    for name, content in (
        *((f"update/{name}", _beside(name)) for name in UPDATE_ROOTS),
        ("root.crt", root.strip() + "\n"),
        ("hardware.toml", environment.get("HALLWARD_HARDWARE", "")),
        ("seed.toml", seed),
    ):
        if content:
            path = folder / name
            path.parent.mkdir(mode=0o700, exist_ok=True)
            scratch = path.with_name(f".{path.name}")
            with scratch.open("w", encoding="utf-8") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())  # a power cut must not leave the name without the words
            scratch.replace(path)
        else:
            (folder / name).unlink(missing_ok=True)


def _beside(name: str) -> str:
    path = HERE / name
    return path.read_text(encoding="utf-8") if path.exists() else ""


def is_healthy(beat_age_s: float | None) -> bool:
    """None: no beat since the start."""
    return beat_age_s is not None and beat_age_s <= WATCHDOG_S


def hangs(since_start_s: float, since_beat_s: float | None) -> bool:
    return since_start_s > START_S if since_beat_s is None else since_beat_s > WATCHDOG_S


class Firmware:
    """The firmware, one life after the other."""

    def __init__(self, module: str, folder: Path, ears: socket.socket) -> None:
        self._words = [sys.executable, "-P", "-m", module, "run", str(folder)]
        self._ears = ears
        self._pid = 0
        self.stopped = False

    def stop(self) -> None:
        """From a signal's handler, at any time; in a pause or at its end there is no firmware to tell."""
        self.stopped = True
        if self._pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGTERM)

    def live(self) -> int:
        """From a start until it ends by itself or is aborted: its exit status, negative for a signal."""
        BEAT_FILE.unlink(missing_ok=True)
        environment = {k: v for k, v in os.environ.items() if k != "WATCHDOG_PID"}
        environment |= {"NOTIFY_SOCKET": NOTIFY, "WATCHDOG_USEC": str(int(WATCHDOG_S * 1_000_000))}
        self._pid = os.posix_spawn(sys.executable, self._words, environment)
        if self.stopped:  # told while it was being started
            self.stop()
        try:
            return self._watch()
        finally:
            self._pid = 0

    def _watch(self) -> int:
        started = time.monotonic()
        beat: float | None = None
        while True:
            if self._hears():
                beat = time.monotonic()
                BEAT_FILE.touch()
            if (status := self._ended()) is not None:
                return status
            now = time.monotonic()
            if hangs(now - started, None if beat is None else now - beat):
                return self._abort()

    def _hears(self) -> bool:
        try:
            words = self._ears.recv(4096).decode("utf-8", "replace").split("\n")
        except TimeoutError:
            return False
        return "WATCHDOG=1" in words

    def _ended(self) -> int | None:
        ended, status = os.waitpid(self._pid, os.WNOHANG)
        return os.waitstatus_to_exitcode(status) if ended else None

    def _abort(self) -> int:
        """SIGABRT first: the log then says where each thread stood."""
        os.kill(self._pid, signal.SIGABRT)
        deadline = time.monotonic() + ABORT_S
        while time.monotonic() < deadline:
            if (status := self._ended()) is not None:
                return status
            self._hears()
        os.kill(self._pid, signal.SIGKILL)
        return os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])


def run(module: str, folder: Path) -> int:
    """Until it is told to stop (0), or the firmware says that its configuration is wrong (78)."""
    try:
        write_seed(ROLES[module], folder, os.environ)
    except (ValueError, OSError) as err:
        sys.stderr.write(f"hallward: {err}\n")
        return 78
    Path(NOTIFY).unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ears:
        ears.bind(NOTIFY)
        ears.settimeout(LISTEN_S)
        firmware = Firmware(module, folder, ears)
        signal.signal(signal.SIGTERM, lambda *_: firmware.stop())
        while not firmware.stopped:
            status = firmware.live()
            if status in (0, 78):
                return status
            if not firmware.stopped:
                sys.stderr.write(f"hallward: the firmware ended with {status}, it starts again\n")
                time.sleep(AGAIN_S)
        return 0


def main(words: list[str]) -> int:
    match words:
        case ["healthy"]:
            age = time.time() - BEAT_FILE.stat().st_mtime if BEAT_FILE.exists() else None
            return 0 if is_healthy(age) else 1
        case ["run", module, folder] if module in ROLES:
            return run(module, Path(folder))
        case _:
            sys.stderr.write("life.py run edge.ballot_keypad|edge.rollcall_gate FOLDER | healthy\n")
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

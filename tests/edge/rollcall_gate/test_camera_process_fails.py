"""The process that holds the camera hangs, crashes, lies, is killed; or the gate is. The gate never waits."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.rollcall_gate.adapters.cameras import capture_command
from edge.rollcall_gate.adapters.frame_memory import SLOTS
from edge.rollcall_gate.adapters.watched_camera import (
    FIRST_MS,
    FRESH_MS,
    REST_MS,
    REST_MS_MAX,
    WatchedCamera,
)
from edge.rollcall_gate.errors import CameraError
from edge.rollcall_gate.frames import Frame
from tests.servers.waiting import wait_until

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]
LONG_MS = 60_000
PRELUDE = """
import ctypes, os, signal, sys, time
import numpy as np
from edge.rollcall_gate.adapters.capture_process import capture, end_with
from edge.rollcall_gate.adapters.frame_memory import FrameMemory
from edge.rollcall_gate.frames import Frame
end_with(0)
memory = FrameMemory(int(sys.argv[1]))
ahead_ms = int(sys.argv[2])
def frame(level, late_ms=0):
    pixels = np.full((48, 64, 3), level, np.uint8)
    now_ms = time.monotonic_ns() // 1_000_000 + ahead_ms
    return Frame(pixels, now_ms - late_ms, pixels[::2, ::2].copy())
def hang():
    ctypes.PyDLL(None).sleep(1000)  # in C, with the interpreter's lock held
"""
STANDS_STILL = (
    PRELUDE
    + """
class Still:
    def read(self):
        time.sleep(0.01)
        return frame(5)
capture(Still(), memory)
"""
)
HANGS_AFTER_ONE = PRELUDE + "memory.publish(frame(7)); hang()"


class Clock:
    """The real clock, and a hand to put it forward; processes start with the same clock."""

    def __init__(self) -> None:
        self.ahead_ms = 0

    def __call__(self) -> int:
        return time.monotonic_ns() // 1_000_000 + self.ahead_ms


Open = Callable[..., WatchedCamera]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def opened(clock: Clock) -> Iterator[Open]:
    """Watch a process that runs this script."""
    cameras: list[WatchedCamera] = []

    def watch(script: str, **limits: int) -> WatchedCamera:
        def command(fd: int) -> list[str]:
            return [sys.executable, "-c", script, str(fd), str(clock.ahead_ms)]

        patient = {"stale_ms": LONG_MS, "fresh_ms": LONG_MS}  # on a busy machine, too
        cameras.append(WatchedCamera(command, clock, **(patient | limits)))
        return cameras[-1]

    yield watch
    for camera in cameras:
        camera.close()


def pid(camera: WatchedCamera) -> int:
    assert camera._child is not None
    return camera._child.process.pid


def lives(process: int) -> bool:
    """Neither gone nor a zombie."""
    try:
        return Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def first(camera: WatchedCamera) -> Frame:
    frames: list[Frame] = []

    def came() -> bool:
        frame = camera.read()
        frames.extend([] if frame is None else [frame])
        return bool(frames)

    wait_until(came, "a frame")
    return frames[0]


def fault(camera: WatchedCamera) -> str:
    """Read until it says what is wrong."""
    said: list[str] = []

    def is_said() -> bool:
        try:
            camera.read()
        except CameraError as err:
            said.append(err.what)
        return bool(said)

    wait_until(is_said, "a fault")
    return said[0]


def recovered(camera: WatchedCamera) -> Frame:
    """Read past the faults until a frame comes."""
    frames: list[Frame] = []

    def came() -> bool:
        try:
            frame = camera.read()
        except CameraError:
            return False
        frames.extend([] if frame is None else [frame])
        return bool(frames)

    wait_until(came, "a frame after the fault")
    return frames[0]


def test_a_camera_that_hangs_in_c_is_killed_and_started_again(opened: Open, clock: Clock) -> None:
    camera = opened(HANGS_AFTER_ONE)
    assert first(camera).pixels[0, 0].tolist() == [7, 7, 7]
    hung = pid(camera)
    assert camera.read() is None
    clock.ahead_ms += LONG_MS + 1
    began = time.monotonic()
    assert "no new frame for" in fault(camera)
    assert time.monotonic() - began < 60  # the camera hangs for a quarter of an hour
    wait_until(lambda: not lives(hung), "the process that hung is gone")
    assert "no new frame for" in fault(camera)  # it is said until frames come again
    clock.ahead_ms += REST_MS
    assert recovered(camera).pixels[0, 0].tolist() == [7, 7, 7]
    assert pid(camera) != hung
    assert camera.read() is None  # the fault is over
    assert camera.counters() == {"frames": 2, "repeats": 0, "restarts": 1, "drops": 0}


def test_a_process_that_does_not_care_for_its_gate_is_killed_all_the_same(opened: Open, clock: Clock) -> None:
    deaf = "signal.signal(signal.SIGIO, signal.SIG_IGN); memory.publish(frame(7)); hang()"
    camera = opened(PRELUDE + deaf)
    first(camera)
    hung = pid(camera)
    clock.ahead_ms += LONG_MS + 1
    fault(camera)
    wait_until(lambda: not lives(hung), "the process that hung is gone")


def test_a_camera_that_never_gives_a_frame_is_not_waited_for_for_ever(opened: Open, clock: Clock) -> None:
    camera = opened(PRELUDE + "hang()")
    assert camera.read() is None
    clock.ahead_ms += FIRST_MS - 1_000
    assert camera.read() is None
    clock.ahead_ms += 1_001
    assert "gave no frame in" in fault(camera)


def test_a_process_that_crashes_at_once_is_started_ever_more_rarely(opened: Open, clock: Clock) -> None:
    camera = opened("import os; os._exit(3)")
    for rest_ms in (REST_MS, 1_000, 2_000, 4_000, 8_000, REST_MS_MAX, REST_MS_MAX):
        failed = camera.counters()["restarts"]
        wait_until(lambda n=failed: fault(camera) and camera.counters()["restarts"] > n, "it failed again")
        assert "ended by itself (status 3)" in fault(camera)
        assert camera._child is None or rest_ms < 4_000  # it rests; half a second may be over already
        assert camera._rest_ms == rest_ms
        clock.ahead_ms += rest_ms


def test_a_rest_is_short_again_after_a_frame(opened: Open, clock: Clock) -> None:
    camera = opened(HANGS_AFTER_ONE)
    for _ in range(3):
        recovered(camera)
        clock.ahead_ms += LONG_MS + 1
        assert "no new frame" in fault(camera)
        assert camera._rest_ms == REST_MS
        clock.ahead_ms += REST_MS


def test_what_the_process_says_before_it_ends_is_what_the_technician_reads(opened: Open) -> None:
    camera = opened(PRELUDE + "memory.say('/dev/video0: busy;\\n\\x1b[2Jsee who\\0 has it'); sys.exit(1)")
    said = fault(camera)
    assert said.startswith("/dev/video0: busy;  [2Jsee who  has it")
    assert said.isprintable()


def test_a_missing_camera_is_named_through_the_process(clock: Clock, tmp_path: Path) -> None:
    camera = WatchedCamera(partial(capture_command, "v4l2", "/dev/video99", tmp_path), clock)
    assert "/dev/video99: no such device" in fault(camera)
    camera.close()


def test_a_program_that_does_not_exist_is_a_fault_and_not_a_crash(clock: Clock, tmp_path: Path) -> None:
    camera = WatchedCamera(lambda _: [str(tmp_path / "none")], clock)
    assert "cannot be started" in fault(camera)
    clock.ahead_ms += REST_MS
    assert "cannot be started" in fault(camera)
    camera.close()


@pytest.mark.parametrize(
    "garbage",
    [
        "memory._whole[:] = -1",
        "memory._whole[:] = 2**62",
        "memory.publish(frame(1)); memory._slots[1][2:4] = 60_000; ",
        "memory.publish(frame(1)); memory._slots[1][2:4] = -1",
        "memory.publish(frame(1)); memory._slots[1][4:6] = 2**40",
        "memory.publish(frame(1, late_ms=-3_600_000))",
        "os.write(int(sys.argv[1]), os.urandom(1 << 20))",
    ],
)
def test_garbage_in_the_memory_costs_a_restart(opened: Open, clock: Clock, garbage: str) -> None:
    camera = opened(PRELUDE + garbage + "; hang()")
    said: list[str] = []

    def is_said() -> bool:
        clock.ahead_ms += 10
        try:
            assert camera.read() is None
        except CameraError as err:
            said.append(err.what)
        return bool(said)

    wait_until(is_said, "a fault")
    assert camera.counters()["restarts"] == 1
    assert camera.counters()["frames"] == 0


def test_the_memory_cannot_be_cut_short_under_the_reader(opened: Open) -> None:
    camera = opened(PRELUDE + "memory.publish(frame(1)); os.ftruncate(int(sys.argv[1]), 0)")
    assert first(camera).pixels[0, 0].tolist() == [1, 1, 1]
    assert "status 1" in fault(camera)  # it was refused: PermissionError


def test_a_process_killed_in_the_middle_of_a_frame_leaves_no_half_frame(
    opened: Open, tmp_path: Path, clock: Clock
) -> None:
    """The second frame's pixels are a file that ends half way: copying them is fatal there and then."""
    half = tmp_path / "half"
    script = (
        PRELUDE
        + f"""
file = open({str(half)!r}, "w+b"); file.truncate(480 * 640 * 3)
torn = np.memmap(file, np.uint8, "r+", shape=(480, 640, 3)); torn[:] = 99
file.truncate(480 * 640 * 3 // 2 // 4096 * 4096)
for number in range({SLOTS}):
    memory.publish(frame(number + 1))
memory.publish(Frame(torn, frame(0).captured_ms))
"""
    )
    camera = opened(script)
    child = camera._child
    assert child is not None
    wait_until(lambda: child.process.poll() is not None, "its death")
    assert child.process.returncode == -signal.SIGBUS
    memory = child.memory
    assert memory.newest == SLOTS
    whole = memory.frame(SLOTS)
    assert whole is not None
    assert whole.pixels[0, 0].tolist() == [SLOTS] * 3
    assert memory._slots[1][0] == 0  # the place of the first frame: it was in the middle of it
    assert memory.frame(1) is None
    assert memory.frame(SLOTS + 1) is None


def test_an_old_frame_is_dropped_and_unseen_ones_are_counted(opened: Open, clock: Clock) -> None:
    script = PRELUDE + "[memory.publish(frame(n)) for n in range(5)]; hang()"
    camera = opened(script, fresh_ms=FRESH_MS)
    child = camera._child
    assert child is not None
    wait_until(lambda: child.memory.newest == 5, "five frames")
    clock.ahead_ms += FRESH_MS + 1
    assert camera.read() is None
    assert camera.counters() == {"frames": 0, "repeats": 0, "restarts": 0, "drops": 5}


def test_a_frame_of_the_same_moment_is_not_handed_out_twice(opened: Open) -> None:
    script = "same = frame(1); memory.publish(same); time.sleep(0.2); memory.publish(same); hang()"
    camera = opened(PRELUDE + script)
    first(camera)
    wait_until(lambda: camera.read() is None and camera.counters()["repeats"] == 1, "a repeat")
    assert camera.counters()["frames"] == 1


def test_a_picture_that_stands_still_to_the_last_pixel_is_a_hung_camera(opened: Open, clock: Clock) -> None:
    camera = opened(STANDS_STILL)
    first(camera)
    wait_until(lambda: camera.read() is None and camera.counters()["repeats"] > 3, "repeats")
    clock.ahead_ms += LONG_MS
    assert "no new frame" in fault(camera)
    assert camera.counters()["frames"] == 1
    assert camera.counters()["repeats"] > 3


def test_kill_minus_nine_from_outside_is_noticed_at_the_next_read(opened: Open, clock: Clock) -> None:
    camera = opened(HANGS_AFTER_ONE)
    first(camera)
    os.kill(pid(camera), signal.SIGKILL)
    assert "status -9" in fault(camera)
    clock.ahead_ms += REST_MS
    recovered(camera)


def held() -> list[str]:
    """What this process has open, but for the folder that is being listed."""
    names = [str(entry.readlink()) for entry in Path("/proc/self/fd").iterdir() if entry.is_symlink()]
    return sorted(name for name in names if not name.startswith("/proc/"))


def test_after_close_the_process_is_gone_and_so_is_its_memory(opened: Open) -> None:
    before = held()
    camera = opened(HANGS_AFTER_ONE)
    first(camera)
    process = pid(camera)
    camera.close()
    assert not Path(f"/proc/{process}").exists()  # reaped, not a zombie either
    assert camera.read() is None
    assert held() == before


GATE = """
import sys, time
from edge.rollcall_gate.adapters.watched_camera import WatchedCamera
camera = WatchedCamera(
    lambda fd: [sys.executable, "-c", sys.argv[1], str(fd), "0"], lambda: time.monotonic_ns() // 1_000_000
)
while camera.read() is None:
    time.sleep(0.01)
print(camera._child.process.pid, flush=True)
time.sleep(1000)
"""


@pytest.mark.parametrize(
    "child",
    [HANGS_AFTER_ONE, PRELUDE + "memory.publish(frame(7)); signal.pause()"],
    ids=["hung in C", "waiting"],
)
def test_the_process_dies_with_its_gate(child: str) -> None:
    gate = subprocess.Popen([sys.executable, "-c", GATE, child], stdout=subprocess.PIPE, cwd=ROOT, text=True)
    assert gate.stdout is not None
    with gate:
        process = int(gate.stdout.readline())
        assert lives(process)
        gate.send_signal(signal.SIGKILL)
    wait_until(lambda: not lives(process), "the camera's process is gone")


def test_a_process_whose_gate_died_before_it_looked_ends() -> None:
    reading, writing = os.pipe()
    os.close(writing)
    script = (
        "from edge.rollcall_gate.adapters.capture_process import end_with; end_with(0); raise SystemExit(7)"
    )
    done = subprocess.run([sys.executable, "-c", script], stdin=reading, cwd=ROOT, check=False, timeout=60)
    os.close(reading)
    assert done.returncode == 1


def test_the_real_process_plays_a_recording_and_ends_in_words(clock: Clock, tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), np.full((60, 80, 3), 90, np.uint8))
    recording = tmp_path / "recording.toml"
    recording.write_text('noise = 2\n[[show]]\nat_ms = 0\npicture = "a.png"\nfor_ms = 60000\n', "utf-8")
    camera = WatchedCamera(partial(capture_command, "recorded", "", tmp_path), clock)
    frames = [first(camera) for _ in range(3)]
    assert not np.array_equal(frames[0].pixels, frames[1].pixels)
    assert all(frame.lores is None for frame in frames)
    recording.write_text("[[show]]\nat_ms = -1\n", "utf-8")
    os.kill(pid(camera), signal.SIGKILL)
    fault(camera)
    clock.ahead_ms += REST_MS

    def is_named() -> bool:
        return "recording.toml: show 1" in fault(camera)

    wait_until(is_named, "the recording's mistake")
    camera.close()

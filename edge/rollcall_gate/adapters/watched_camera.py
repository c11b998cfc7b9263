"""A camera in a process of its own, under watch: a driver that hangs costs a restart, not the gate."""

import contextlib
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from edge.rollcall_gate.adapters.frame_memory import FrameMemory, NotAFrame
from edge.rollcall_gate.errors import CameraError
from edge.rollcall_gate.frames import Frame

STALE_MS: Final = 2_000
FIRST_MS: Final = 15_000
"""From the start of the process to its first frame: Python, OpenCV and libcamera load in seconds on a Pi."""
FRESH_MS: Final = 500
"""A frame that is older was missed; the next one is due at once."""
REST_MS: Final = 500
REST_MS_MAX: Final = 16_000
FUTURE_MS: Final = 1_000
REAP_S: Final = 2.0


@dataclass(slots=True)
class _Child:
    process: subprocess.Popen[bytes]
    memory: FrameMemory
    started_ms: int
    seen: int = 0


class WatchedCamera:
    """Implements Camera over `command`, which is given the descriptor of a FrameMemory to fill.

    `read` never waits. It gives the newest frame not seen before, and looks after the process: one that ends,
    gives no new frame for stale_ms, or writes what cannot be, is killed and started again after a rest that
    doubles from REST_MS to REST_MS_MAX. Until frames come again every read raises CameraError with the
    reason.

    now_ms: CLOCK_MONOTONIC, as in the process.
    """

    def __init__(
        self,
        command: Callable[[int], list[str]],
        now_ms: Callable[[], int],
        *,
        stale_ms: int = STALE_MS,
        first_ms: int = FIRST_MS,
        fresh_ms: int = FRESH_MS,
    ) -> None:
        self._command = command
        self._now_ms = now_ms
        self._stale_ms = stale_ms
        self._first_ms = first_ms
        self._fresh_ms = fresh_ms
        self._child: _Child | None = None
        self._dying: subprocess.Popen[bytes] | None = None
        self._fault: str | None = None
        self._rest_ms = 0
        self._again_ms = now_ms()
        self._captured_ms = -1
        self._closed = False
        self._frames = self._repeats = self._restarts = self._drops = 0
        self._tend(self._again_ms)

    def read(self) -> Frame | None:
        if self._closed:
            return None
        now_ms = self._now_ms()
        self._tend(now_ms)
        frame = None if self._child is None else self._take(self._child, now_ms)
        if frame is None and self._fault is not None:
            raise CameraError(self._fault)
        return frame

    def counters(self) -> dict[str, int]:
        """Since the start, for the health report.

        frames: handed out. repeats: the same picture or moment again. restarts: of the process. drops: frames
        that nobody looked at in time.
        """
        living = 0 if self._child is None else self._child.memory.repeats
        return {
            "frames": self._frames,
            "repeats": self._repeats + living,
            "restarts": self._restarts,
            "drops": self._drops,
        }

    def close(self) -> None:
        """The process is gone afterwards, unless the kernel itself holds it."""
        self._closed = True
        self._kill()
        if self._dying is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._dying.wait(REAP_S)

    def _tend(self, now_ms: int) -> None:
        """Stop a process that fails; start one when it is time."""
        if self._child is not None:
            wrong = self._wrong_with(self._child, now_ms)
            if wrong is not None:
                self._fail(wrong, now_ms)
        if self._dying is not None and self._dying.poll() is not None:
            self._dying = None
        if self._child is None and self._dying is None and now_ms >= self._again_ms:
            self._start(now_ms)

    def _wrong_with(self, child: _Child, now_ms: int) -> str | None:
        code = child.process.poll()
        if code is not None:
            return child.memory.words or f"the camera's process ended by itself (status {code})"
        if not child.memory.newest:
            waited_ms = now_ms - child.started_ms
            return f"the camera gave no frame in {waited_ms} ms" if waited_ms > self._first_ms else None
        age_ms = now_ms - child.memory.newest_captured_ms
        if age_ms < -FUTURE_MS:
            return "the camera's process gives frames of the future"
        return f"the camera gave no new frame for {age_ms} ms" if age_ms > self._stale_ms else None

    def _start(self, now_ms: int) -> None:
        memory = FrameMemory.create()
        try:
            process = subprocess.Popen(
                self._command(memory.fd),
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                pass_fds=(memory.fd,),
            )
        except OSError as err:
            self._fail(f"the camera's process cannot be started ({err.strerror})", now_ms)
            return
        finally:
            memory.forget_descriptor()
        self._child = _Child(process, memory, now_ms)

    def _fail(self, wrong: str, now_ms: int) -> None:
        self._fault = f"{wrong}; it is started again by itself"
        self._restarts += 1
        self._rest_ms = min(REST_MS_MAX, max(REST_MS, 2 * self._rest_ms))
        self._again_ms = now_ms + self._rest_ms
        self._kill()

    def _kill(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        self._repeats += child.memory.repeats
        child.process.kill()
        if child.process.stdin is not None:
            child.process.stdin.close()
        self._dying = child.process

    def _take(self, child: _Child, now_ms: int) -> Frame | None:
        newest = child.memory.newest
        if newest == child.seen:
            return None
        try:
            frame = child.memory.frame(newest)
        except NotAFrame as err:
            self._fail(f"the camera's process gave {err}", now_ms)
            return None
        if frame is None:
            return None
        self._drops += max(0, newest - child.seen - 1)
        child.seen = newest
        if frame.captured_ms <= self._captured_ms:
            self._repeats += 1
            return None
        if now_ms - frame.captured_ms > self._fresh_ms:
            self._drops += 1
            return None
        self._captured_ms = frame.captured_ms
        self._frames += 1
        self._fault, self._rest_ms = None, 0
        return frame

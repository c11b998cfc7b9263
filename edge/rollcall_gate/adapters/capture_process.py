"""The process that holds the camera: `capture_process FD KIND DEVICE FOLDER`, as a module.

It writes frames into the memory at FD, and ends when the gate ends: its standard input is a pipe from there,
and the kernel sends SIGIO, which nobody here handles, when the other end is gone. That works even while a
driver hangs in C with the interpreter's lock held. Its camera may hang, leak or crash; the gate looks on.
"""

import fcntl
import os
import select
import signal
import sys
import time
from pathlib import Path
from typing import Final

import numpy as np

from edge.rollcall_gate.adapters.frame_memory import FrameMemory
from edge.rollcall_gate.errors import CameraError
from edge.rollcall_gate.frames import Frame, Pixels
from edge.rollcall_gate.ports import Camera
from wire.errors import HallError

IDLE_S: Final = 0.005
"""Between two looks at a camera that does not wait by itself."""
_SPARSE: Final = 8


def end_with(pipe: int) -> None:
    """From now on this process dies when the other end of `pipe` is closed, whatever it is doing."""
    signal.signal(signal.SIGIO, signal.SIG_DFL)
    fcntl.fcntl(pipe, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(pipe, fcntl.F_SETFL, fcntl.fcntl(pipe, fcntl.F_GETFL) | os.O_ASYNC)
    watched = select.poll()
    watched.register(pipe, select.POLLIN)
    if watched.poll(0):  # it was closed before the kernel was asked to tell
        os._exit(1)


def capture(camera: Camera, memory: FrameMemory) -> None:
    """Publish frame after frame, for ever. Raises CameraError.

    A camera that gives the same pixels again has hung: a sensor's noise never repeats. That is no new frame.
    """
    last = np.zeros(0, np.uint8)
    while True:
        frame = camera.read()
        if frame is None:
            time.sleep(IDLE_S)
            continue
        seen = _some_pixels(frame)
        if np.array_equal(seen, last):
            memory.count_repeat()
            continue
        last = seen
        try:
            memory.publish(frame)
        except ValueError as err:
            raise CameraError(f"{err}; choose a smaller picture for this camera") from err


def main(arguments: list[str]) -> int:
    """Runs until it is killed, or the camera fails: then its words are in the memory."""
    end_with(sys.stdin.fileno())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the gate, which ends this process
    from edge.rollcall_gate.adapters.cameras import open_unwatched  # after `end_with`: slow

    memory = FrameMemory(int(arguments[0]))
    try:
        camera = open_unwatched(arguments[1], device=arguments[2], folder=Path(arguments[3]), now_ms=_now_ms)
        capture(camera, memory)
    except HallError as err:
        memory.say(err.diagnostics())
    return 1


def _some_pixels(frame: Frame) -> Pixels:
    return frame.pixels[::_SPARSE, ::_SPARSE].copy()


def _now_ms() -> int:
    return time.monotonic_ns() // 1_000_000


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

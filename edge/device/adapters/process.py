"""The process a firmware runs in: its log, and the signals that end it cleanly."""

import ctypes
import logging
import resource
import signal
from collections.abc import Callable
from typing import Final

_PR_SET_DUMPABLE: Final = 4
"""prctl(2)."""


def log_to_stderr(device: str) -> None:
    """One line per event: time, device, level, words."""
    logging.basicConfig(format=f"%(asctime)s {device} %(levelname)s %(message)s", level=logging.INFO)
    logging.getLogger("tuf").setLevel(logging.WARNING)  # it names each key of three that did not sign


def stop_on_signals(stop: Callable[[], None]) -> None:
    """SIGTERM and SIGINT end the loop after the event at hand. kill -9 is as safe, only less polite."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop())


def end_on_signals() -> None:
    """SIGTERM and SIGINT end the process at once, as at its start: nothing is there that they could stop."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)


def leave_no_core() -> None:
    """What stands in this memory is written into no core file, whoever asks for one: neither into a file nor
    into a program that collects them, which the limit alone does not stop (core(5))."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)

"""The process a firmware runs in: its log, and the signals that end it cleanly."""

import logging
import signal
from collections.abc import Callable


def log_to_stderr(device: str) -> None:
    """One line per event: time, device, level, words."""
    logging.basicConfig(format=f"%(asctime)s {device} %(levelname)s %(message)s", level=logging.INFO)


def stop_on_signals(stop: Callable[[], None]) -> None:
    """SIGTERM and SIGINT end the loop after the event at hand. kill -9 is as safe, only less polite."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop())

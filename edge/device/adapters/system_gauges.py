"""Readings of a Linux machine."""

import os
from pathlib import Path

from edge.device.health import Gauges, parse_rss_kb, parse_temperature_mc


class SystemGauges:
    """folder: where the device keeps its state, whose free space counts."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self) -> Gauges:
        return Gauges(
            rss_kb=parse_rss_kb(_text("/proc/self/status")),
            temperature_mc=parse_temperature_mc(_text("/sys/class/thermal/thermal_zone0/temp")),
            disk_free_kb=_free_kb(self._folder),
        )


def _text(path: str) -> str:
    try:
        return Path(path).read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""


def _free_kb(folder: Path) -> int | None:
    try:
        found = os.statvfs(folder)
    except OSError:
        return None
    return found.f_bavail * found.f_frsize // 1024

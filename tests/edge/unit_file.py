"""A systemd unit file, read."""

import re
from collections import defaultdict
from pathlib import Path

Unit = dict[tuple[str, str], list[str]]
"""(section, name) -> values in order."""


def read_unit(path: Path) -> Unit:
    found: Unit = defaultdict(list)
    section = ""
    for line in path.read_text("utf-8").splitlines():
        if match := re.fullmatch(r"\[(\w+)\]", line):
            section = match[1]
        elif line and not line.startswith("#"):
            name, equals, value = line.partition("=")
            assert equals, line
            found[section, name].append(value)
    return found


def service(unit: Unit, name: str) -> str:
    (value,) = unit["Service", name]
    return value

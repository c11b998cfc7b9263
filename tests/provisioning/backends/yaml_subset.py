"""The YAML that our compose files are written in, and not a letter more: mappings and lists by two spaces,
texts without surprises. What is outside of it is an error, not a guess."""

import json
import re
from typing import Any

_KEY = re.compile(r"([A-Za-z_][A-Za-z0-9_.-]*):(?: (.+))?")
_PLAIN = re.compile(r"[A-Za-z0-9./][A-Za-z0-9 _./:=,'-]*[A-Za-z0-9.]|[A-Za-z0-9]")


def parse(text: str) -> Any:
    lines = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            indent = len(line) - len(line.lstrip(" "))
            assert indent % 2 == 0, f"line {number}: indented by {indent}"
            assert "\t" not in line, f"line {number}: a tab"
            assert line == line.rstrip(), f"line {number}: a space at its end"
            lines.append((number, indent, line.strip()))
    value, left = _block(lines, 0)
    assert not left, f"line {left[0][0]}: not understood"
    return value


Lines = list[tuple[int, int, str]]


def _block(lines: Lines, indent: int) -> tuple[Any, Lines]:
    assert lines, "nothing where something should stand"
    assert lines[0][1] == indent, f"line {lines[0][0]}: indented by {lines[0][1]} in place of {indent}"
    return _sequence(lines, indent) if lines[0][2].startswith("- ") else _mapping(lines, indent)


def _sequence(lines: Lines, indent: int) -> tuple[list[Any], Lines]:
    found = []
    while lines and lines[0][1] == indent and lines[0][2].startswith("- "):
        found.append(_scalar(lines[0][2][2:], lines[0][0]))
        lines = lines[1:]
    return found, lines


def _mapping(lines: Lines, indent: int) -> tuple[dict[str, Any], Lines]:
    found: dict[str, Any] = {}
    while lines and lines[0][1] == indent:
        number, _, text = lines[0]
        entry = _KEY.fullmatch(text)
        assert entry is not None, f"line {number}: {text}"
        assert entry[1] not in found, f"line {number}: {entry[1]} stands twice"
        lines = lines[1:]
        if entry[2] is not None:
            found[entry[1]] = _scalar(entry[2], number)
        elif lines and lines[0][1] > indent:
            found[entry[1]], lines = _block(lines, indent + 2)
        else:
            found[entry[1]] = None
    return found, lines


def _scalar(text: str, number: int) -> Any:
    if text[0] in '"[':
        return json.loads(text)
    if text in ("true", "false"):
        return text == "true"
    if text.isdigit():
        return int(text)
    assert _PLAIN.fullmatch(text), f"line {number}: {text}"
    assert text.lower() not in ("yes", "no", "on", "off", "null"), f"line {number}: {text} may be anything"
    assert ": " not in text, f"line {number}: {text} may be a mapping"
    return text

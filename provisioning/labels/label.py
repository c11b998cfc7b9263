"""What stands on a label, and the sheet of serial numbers that labels are made from. Pure.

A label hangs in a hall where everybody can photograph it: it holds a serial number, which is a name, and
where the device stands. There is no field that a token, a key or a password could stand in.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from provisioning.errors import ConfigError

LABELS_MAX: Final = 5000
PLACE_CHARACTERS_MAX: Final = 80
PAGE_CHARACTERS_MAX: Final = 100
"""With the longest serial number a module of the code is 0.44 mm then, five dots at 300 dpi."""
FAULTS_SHOWN: Final = 20
MODELS: Final = {
    "keypad": ("Bàn phím biểu quyết", "Voting keypad"),
    "gate": ("Cổng điểm danh", "Roll-call gate"),
    "board": ("Bảng hiển thị", "Wall display"),
    "": ("Thiết bị hội trường", "Hall device"),
}
_COLUMNS: Final = {
    "serial": "serial",
    "số máy": "serial",
    "role": "role",
    "loại": "role",
    "label": "place",
    "tên": "place",
}
_SERIAL: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")


@dataclass(frozen=True, slots=True)
class Label:
    """serial: 1 to 64 letters, digits and `. _ : -`. role: a key of MODELS. place: in words,
    empty when not known.

    Raises ConfigError on construction, saying which.
    """

    serial: str
    role: str = ""
    place: str = ""

    def __post_init__(self) -> None:
        if not _SERIAL.fullmatch(self.serial):
            raise ConfigError(f"serial {self.serial!r:.44} must be 1 to 64 letters, digits and . _ : -")
        if self.role not in MODELS:
            raise ConfigError(
                f"role {self.role!r:.44} must be one of {', '.join(filter(None, MODELS))}, or empty"
            )
        if len(self.place) > PLACE_CHARACTERS_MAX or not self.place.isprintable():
            raise ConfigError(
                f"place {self.place!r:.44} must be at most {PLACE_CHARACTERS_MAX} printable characters"
            )

    @property
    def model(self) -> tuple[str, str]:
        """Vietnamese, English."""
        return MODELS[self.role]

    def page(self, base: str) -> str:
        """The address in the QR code. base: of page_base."""
        return f"{base}/d/{self.serial}"


def page_base(text: str) -> str:
    """Where devices have their pages, without a slash at the end. Raises ConfigError."""
    base = text.rstrip("/")
    try:
        parts = urlsplit(base)
    except ValueError:
        parts = urlsplit("")
    plain = not (parts.query or parts.fragment or parts.username or parts.password)
    if parts.scheme not in ("http", "https") or not parts.hostname or not plain or not base.isascii():
        raise ConfigError(f"the page base must look like https://desk.hall.example:8443, got {text!r:.80}")
    if len(base) > PAGE_CHARACTERS_MAX or not base.isprintable() or " " in base:
        raise ConfigError(f"the page base must be at most {PAGE_CHARACTERS_MAX} characters without blanks")
    return base


def labels_of_sheet(content: bytes, source: str) -> tuple[Label, ...]:
    """CSV with the column serial (số máy), and role (loại) and label (tên) where they are known.

    The plan of a hall has them all; its lines without a serial number are left out. Raises ConfigError with
    every fault by its line.
    """
    try:
        text = content.decode("utf-8-sig")
        separator = max((",", ";", "\t"), key=text.partition("\n")[0].count)
        reader = csv.reader(io.StringIO(text), delimiter=separator, strict=True)
        rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except (UnicodeDecodeError, csv.Error) as err:
        raise ConfigError(f"{source} cannot be read as CSV in UTF-8: {err}") from None
    if not rows:
        raise ConfigError(f"{source} is empty: its first line names the columns serial, role and label")
    names = [_COLUMNS.get(_plain(cell), "") for cell in rows[0][1]]
    if names.count("serial") != 1:
        raise ConfigError(
            f"{source}, line {rows[0][0]}: name one column serial, so that it is known which it is"
        )
    lines = [(number, dict(zip(names, row, strict=False))) for number, row in rows[1:]]
    return distinct(
        ((f"line {number}", cells) for number, cells in lines if cells.get("serial", "").strip()), source
    )


def distinct(rows: Iterable[tuple[str, dict[str, str]]], source: str) -> tuple[Label, ...]:
    """Labels of rows (where each stands, its fields), no serial number twice. Raises ConfigError."""
    made: list[Label] = []
    seen: dict[str, str] = {}
    faults: list[str] = []
    for where, fields in rows:
        told = {name: _clean(fields.get(name) or "") for name in ("serial", "role", "place")}
        try:
            label = Label(**told)
        except ConfigError as err:
            faults.append(f"{where}: {err}")
            continue
        if (first := seen.setdefault(label.serial, where)) != where:
            faults.append(
                f"{where}: serial {label.serial} stands in {first} already: two devices, or one line twice?"
            )
        made.append(label)
    if faults:
        more = f"\nand {len(faults) - FAULTS_SHOWN} more" if len(faults) > FAULTS_SHOWN else ""
        raise ConfigError(f"{source}:\n" + "\n".join(faults[:FAULTS_SHOWN]) + more)
    if not 1 <= len(made) <= LABELS_MAX:
        raise ConfigError(
            f"{source} names {len(made)} serial numbers: 1 to {LABELS_MAX} can be printed at once"
        )
    return tuple(made)


def _clean(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _plain(name: str) -> str:
    return _clean(name).casefold()

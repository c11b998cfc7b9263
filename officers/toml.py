"""TOML that people write, read strictly: a field that is missing, of another type or unknown is named."""

import tomllib
from typing import Any

from officers.errors import BadInput
from wire.ids import is_name


def table_in(content: bytes, path: str) -> dict[str, Any]:
    """Raises BadInput."""
    try:
        return tomllib.loads(content.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as err:
        raise BadInput("bad-toml", path=path, what=err) from None


class Fields:
    """Fields of one table, each taken once. Every method raises BadInput."""

    def __init__(self, path: str, table: dict[str, Any]) -> None:
        self.path = path
        self._left = dict(table)

    def has(self, field: str) -> bool:
        return field in self._left

    def name(self, field: str) -> str:
        found = self._take(field)
        if not is_name(found):
            raise BadInput("bad-field", path=self.path, field=field, what="1-32 × a-z 0-9 -")
        return str(found)

    def text(self, field: str, bytes_max: int) -> str:
        found = self._take(field)
        if type(found) is not str or not found.strip() or len(found.encode()) > bytes_max:
            raise BadInput("bad-field", path=self.path, field=field, what=f"1-{bytes_max} byte")
        return found

    def number(self, field: str, low: int, high: int) -> int:
        found = self._take(field)
        if type(found) is not int or not low <= found <= high:
            raise BadInput("bad-field", path=self.path, field=field, what=f"{low} … {high}")
        return found

    def flag(self, field: str) -> bool:
        found = self._take(field)
        if type(found) is not bool:
            raise BadInput("bad-field", path=self.path, field=field, what="true, false")
        return found

    def texts(self, field: str) -> list[str]:
        found = self._take(field)
        if type(found) is not list or any(type(item) is not str for item in found):
            raise BadInput("bad-field", path=self.path, field=field, what='["…", "…"]')
        return found

    def tables(self, field: str) -> list["Fields"]:
        found = self._take(field)
        if type(found) is not list or any(type(item) is not dict for item in found):
            raise BadInput("bad-field", path=self.path, field=field, what=f"[[{field}]]")
        return [Fields(f"{self.path}, {field} {number}", item) for number, item in enumerate(found, start=1)]

    def nothing_else(self) -> None:
        for field in self._left:
            raise BadInput("unknown-field", path=self.path, field=field)

    def _take(self, field: str) -> Any:
        if field not in self._left:
            raise BadInput("missing-field", path=self.path, field=field)
        return self._left.pop(field)

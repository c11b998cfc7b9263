"""Checks of single fields, so that every message is a table of (field, check) in records.py and down.py.

A check takes what was decoded and returns it typed; it raises BadSchema in words otherwise. `bool` is
never an integer here.
"""

from collections.abc import Callable
from dataclasses import fields as dataclass_fields
from typing import Any, ClassVar, Final, TypeVar

from wire import cbor
from wire.errors import BadSchema
from wire.ids import HASH_BYTES, is_name

Check = Callable[[Any], Any]
T = TypeVar("T", bound="Body")

TIME_MS_MAX: Final = 2**53 - 1


def integer(low: int, high: int) -> Check:
    def check(value: Any) -> int:
        if type(value) is not int or not low <= value <= high:
            raise BadSchema(f"must be an integer of {low} to {high}, got {value!r:.40}")
        return value

    return check


def blob(length: int) -> Check:
    def check(value: Any) -> bytes:
        if type(value) is not bytes or len(value) != length:
            raise BadSchema(f"must be {length} bytes, got {value!r:.40}")
        return value

    return check


def blob_up_to(length_max: int) -> Check:
    def check(value: Any) -> bytes:
        if type(value) is not bytes or len(value) > length_max:
            raise BadSchema(f"must be at most {length_max} bytes, got {value!r:.40}")
        return value

    return check


def blob_not_empty(length_max: int) -> Check:
    within = blob_up_to(length_max)

    def check(value: Any) -> bytes:
        found: bytes = within(value)
        if not found:
            raise BadSchema(f"must be 1 to {length_max} bytes, got none")
        return found

    return check


def path(hashes_max: int) -> Check:
    """Hashes one behind the other, of an inclusion or consistency path."""
    within = blob_up_to(hashes_max * HASH_BYTES)

    def check(value: Any) -> bytes:
        found: bytes = within(value)
        if len(found) % HASH_BYTES:
            raise BadSchema(f"must be whole hashes of {HASH_BYTES} bytes, got {len(found)} bytes")
        return found

    return check


def text(bytes_max: int) -> Check:
    def check(value: Any) -> str:
        if type(value) is not str or len(value.encode(errors="surrogatepass")) > bytes_max:
            raise BadSchema(f"must be text of at most {bytes_max} bytes, got {value!r:.40}")
        return value

    return check


def one_of(*words: str) -> Check:
    def check(value: Any) -> str:
        if type(value) is not str or value not in words:
            raise BadSchema(f"must be one of {', '.join(words)}, got {value!r:.40}")
        return value

    return check


def optional(inner: Check) -> Check:
    def check(value: Any) -> Any:
        return None if value is None else inner(value)

    return check


def array(low: int, high: int, item: Check) -> Check:
    """An array of low to high items of one kind; returned as a tuple."""

    def check(value: Any) -> tuple[Any, ...]:
        if type(value) is not list or not low <= len(value) <= high:
            raise BadSchema(f"must be an array of {low} to {high} items")
        return tuple(item(each) for each in value)

    return check


def rows(count_max: int, *columns: Check) -> Check:
    """An array of arrays, each with exactly these columns; returned as a tuple of tuples."""

    def check(value: Any) -> tuple[tuple[Any, ...], ...]:
        if type(value) is not list or len(value) > count_max:
            raise BadSchema(f"must be an array of at most {count_max} rows")
        found = []
        for row in value:
            if type(row) is not list or len(row) != len(columns):
                raise BadSchema(f"each row must be an array of {len(columns)}")
            found.append(tuple(column(cell) for column, cell in zip(columns, row, strict=True)))
        return tuple(found)

    return check


def mapping(count_max: int, value_check: Check) -> Check:
    """A map from names to values."""

    def check(value: Any) -> dict[str, Any]:
        if type(value) is not dict or len(value) > count_max:
            raise BadSchema(f"must be a map of at most {count_max} names")
        return {name(key): value_check(item) for key, item in value.items()}

    return check


def name(value: Any) -> str:
    if not is_name(value):
        raise BadSchema(f"must be 1 to 32 of a-z, 0-9 and '-', got {value!r:.40}")
    return str(value)


def flag(value: Any) -> bool:
    if type(value) is not bool:
        raise BadSchema(f"must be true or false, got {value!r:.40}")
    return value


def scalar(value: Any) -> int | str | bytes | bool | None:
    """Any value without structure: the cells of a twin."""
    if value is not None and type(value) not in (int, str, bytes, bool):
        raise BadSchema("must be an integer, text, bytes, a truth value or null")
    return value  # type: ignore[no-any-return]  # the line above is the proof


hash_value: Final = blob(HASH_BYTES)
time_ms: Final = integer(0, TIME_MS_MAX)
count: Final = integer(0, 2**32 - 1)


class Body:
    """A message body: a frozen dataclass whose fields stand in `checks` in the same order. Wire form: an
    array of them."""

    kind: ClassVar[str]
    checks: ClassVar[tuple[Check, ...]]

    def values(self) -> list[cbor.Value]:
        """The wire form, checked: an impossible message is refused where it is made, not where it arrives."""
        return [_plain(value) for value in self.parsed(self.raw()).raw()]

    def raw(self) -> list[Any]:
        return [_plain(getattr(self, field.name)) for field in dataclass_fields(self)]  # type: ignore[arg-type]  # every Body is a dataclass

    @classmethod
    def parsed(cls: type[T], values: Any) -> T:
        """The typed body. Raises BadSchema naming the kind and the field."""
        if type(values) is not list or len(values) != len(cls.checks):
            raise BadSchema(f"{cls.kind} has {len(cls.checks)} fields")
        found = []
        for index, check in enumerate(cls.checks):
            try:
                found.append(check(values[index]))
            except BadSchema as err:
                field = dataclass_fields(cls)[index].name  # type: ignore[arg-type]  # every Body is a dataclass
                raise BadSchema(f"{cls.kind}, {field}: {err.what}") from None
        return cls(*found)


def _plain(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, str) else value

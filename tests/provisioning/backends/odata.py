"""The part of OData that pine's client writes, enough to answer it over rows in memory."""

import re
from collections.abc import Callable, Iterator
from typing import Any

Row = dict[str, Any]
Test = Callable[[Row], bool]
_TOKEN = re.compile(r"(?:datetime)?'(?:[^']|'')*'|[(),:/]|[^\s'(),:/]+")


def split(text: str, separator: str) -> list[str]:
    """At the separators that stand in no bracket and no quotation."""
    parts, depth, quoted, start = [], 0, False, 0
    for at, letter in enumerate(text):
        quoted ^= letter == "'"
        if not quoted:
            depth += (letter == "(") - (letter == ")")
            if letter == separator and depth == 0:
                parts.append(text[start:at])
                start = at + 1
    return [part for part in [*parts, text[start:]] if part]


def options(text: str, separator: str) -> dict[str, str]:
    found = dict(part.split("=", 1) for part in split(text, separator))
    assert set(found) <= {"$select", "$filter", "$expand", "$orderby", "$top"}, f"pine wrote more: {text}"
    return found


class Filter:
    """`a eq 1 and (b in (1, 2) or c/any(x:x/d ge datetime'…'))`.

    follow: from a row along a field to the row that it points to, None: nowhere.
    """

    def __init__(self, text: str, follow: Callable[[Row, str], Row | None]) -> None:
        self._tokens = _TOKEN.findall(text)
        self._follow = follow
        self._at = 0
        self.test = self._either()
        assert self._at == len(self._tokens), f"not understood: {text}"

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self, *wanted: str) -> str:
        token = self._peek()
        assert token, "the filter ends too early"
        assert not wanted or token in wanted, f"{token} in place of {wanted}"
        self._at += 1
        return token

    def _either(self) -> Test:
        parts = list(self._parts("or", self._both))
        return lambda row: any(part(row) for part in parts)

    def _both(self) -> Test:
        parts = list(self._parts("and", self._one))
        return lambda row: all(part(row) for part in parts)

    def _parts(self, word: str, part: Callable[[], Test]) -> Iterator[Test]:
        yield part()
        while self._peek() == word:
            self._take()
            yield part()

    def _one(self) -> Test:
        if self._peek() == "(":
            self._take()
            inner = self._either()
            self._take(")")
            return inner
        field = self._take()
        if self._peek() == "/":
            self._take()
            return self._beyond(field)
        word = self._take("eq", "ne", "ge", "gt", "le", "lt", "in")
        if word == "in":
            wanted = self._list()
            return lambda row: row.get(field) in wanted
        value = self._value()
        return {
            "eq": lambda row: row.get(field) == value,
            "ne": lambda row: row.get(field) != value,
            "ge": lambda row: row.get(field) is not None and row[field] >= value,
            "gt": lambda row: row.get(field) is not None and row[field] > value,
            "le": lambda row: row.get(field) is not None and row[field] <= value,
            "lt": lambda row: row.get(field) is not None and row[field] < value,
        }[word]

    def _beyond(self, field: str) -> Test:
        """`field/any(alias:test)`, or `alias/field eq 1` inside of it."""
        if self._peek() != "any":
            return self._one()
        self._take()
        self._take("(")
        self._take()
        self._take(":")
        inner = self._either()
        self._take(")")

        def test(row: Row) -> bool:
            other = self._follow(row, field)
            return other is not None and inner(other)

        return test

    def _list(self) -> list[Any]:
        self._take("(")
        values = [self._value()]
        while self._take(",", ")") == ",":
            values.append(self._value())
        return values

    def _value(self) -> Any:
        token = self._take()
        if token.startswith("'"):
            return token[1:-1].replace("''", "'")
        if token.startswith("datetime"):
            return token[len("datetime'") : -1]
        return {"true": True, "false": False, "null": None}[token] if token.isalpha() else int(token)

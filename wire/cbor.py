"""The one encoding: a subset of deterministic CBOR (RFC 8949 §4.2.1), strict in both directions (SPEC §2).

Integers of 64 bits, byte strings, text, arrays, maps with integer or text keys, booleans and null. No
floats, no tags,
no indefinite lengths, shortest heads only, map keys ascending by their encoded bytes, and nothing after
the item.
A value that `decode` returns always encodes to the bytes it came from.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from wire.errors import BadEncoding, TooLarge

Value: TypeAlias = "int | bytes | str | bool | Sequence[Value] | Mapping[Any, Value] | None"

DEPTH_MAX: Final = 8
INT_MAX: Final = 2**64 - 1

_UNSIGNED, _NEGATIVE, _BYTES, _TEXT, _ARRAY, _MAP, _SIMPLE = 0, 1, 2, 3, 4, 5, 7
_FALSE, _TRUE, _NULL = 0xF4, 0xF5, 0xF6


def encode(value: Value) -> bytes:
    """The one encoding of a value. Raises BadEncoding for a type or an integer that the subset lacks."""
    out = bytearray()
    _encode(value, out, DEPTH_MAX)
    return bytes(out)


def decode(data: bytes, limit: int) -> Any:
    """The value of at most `limit` bytes. Arrays come as list, maps as dict.

    Raises: TooLarge beyond the limit (before looking at a byte), BadEncoding for anything that `encode`
    would not write.
    """
    if len(data) > limit:
        raise TooLarge(f"message of {len(data)} bytes, at most {limit} are read")
    try:
        value, end = _decode(data, 0, DEPTH_MAX)
    except IndexError:
        raise BadEncoding("message ends in the middle of an item") from None
    if end != len(data):
        raise BadEncoding(f"{len(data) - end} bytes follow the item")
    return value


def decode_sequence(data: bytes) -> Iterator[tuple[int, Any]]:
    """The items of a CBOR sequence (RFC 8742), each with the offset at which it begins.

    Raises: BadEncoding at the first item that `encode` would not write; what lies behind it cannot be told
    apart.
    """
    at = 0
    while at < len(data):
        try:
            value, end = _decode(data, at, DEPTH_MAX)
        except IndexError:
            raise BadEncoding("the sequence ends in the middle of an item") from None
        yield at, value
        at = end


def _head(major: int, number: int, out: bytearray) -> None:
    major <<= 5
    if number < 24:
        out.append(major | number)
    elif number < 0x100:
        out += bytes((major | 24, number))
    elif number < 0x10000:
        out.append(major | 25)
        out += number.to_bytes(2, "big")
    elif number < 0x100000000:
        out.append(major | 26)
        out += number.to_bytes(4, "big")
    elif number <= INT_MAX:
        out.append(major | 27)
        out += number.to_bytes(8, "big")
    else:
        raise BadEncoding("integer beyond 64 bits")


def _encode(value: Value, out: bytearray, depth: int) -> None:
    if depth < 0:
        raise BadEncoding(f"nested deeper than {DEPTH_MAX}")
    kind = type(value)
    if kind is int:
        number: int = value  # type: ignore[assignment]  # `type() is int` also rules bool out, isinstance would not
        _head(_UNSIGNED, number, out) if number >= 0 else _head(_NEGATIVE, -1 - number, out)
    elif isinstance(value, bytes):
        _head(_BYTES, len(value), out)
        out += value
    elif isinstance(value, str):
        text = _utf8(value)
        _head(_TEXT, len(text), out)
        out += text
    elif value is None:
        out.append(_NULL)
    elif isinstance(value, bool):
        out.append(_TRUE if value else _FALSE)
    elif kind is list or kind is tuple:
        items: Sequence[Value] = value  # type: ignore[assignment]  # narrowed by the exact type, as above
        _head(_ARRAY, len(items), out)
        for item in items:
            _encode(item, out, depth - 1)
    elif isinstance(value, Mapping):
        _encode_map(value, out, depth)
    else:
        raise BadEncoding(f"{kind.__name__} has no encoding here")


def _encode_map(value: Mapping[Any, Value], out: bytearray, depth: int) -> None:
    pairs = []
    for key, item in value.items():
        if type(key) is not int and type(key) is not str:
            raise BadEncoding("map keys are integers or text")
        pairs.append((encode(key), item))
    _head(_MAP, len(pairs), out)
    for encoded_key, item in sorted(pairs, key=lambda pair: pair[0]):
        out += encoded_key
        _encode(item, out, depth - 1)


def _number(data: bytes, at: int, info: int) -> tuple[int, int]:
    if info < 24:
        return info, at
    if info > 27:
        raise BadEncoding("indefinite length or reserved head")
    width = 1 << (info - 24)
    raw = data[at : at + width]
    if len(raw) != width:
        raise IndexError
    number = int.from_bytes(raw, "big")
    if number < (24 if width == 1 else 1 << (4 * width)):
        raise BadEncoding("a shorter head would do")
    return number, at + width


def _decode(data: bytes, at: int, depth: int) -> tuple[Any, int]:
    if depth < 0:
        raise BadEncoding(f"nested deeper than {DEPTH_MAX}")
    first = data[at]
    major, info = first >> 5, first & 31
    if major == _SIMPLE:
        return _simple(first), at + 1
    number, at = (info, at + 1) if info < 24 else _number(data, at + 1, info)
    if major == _UNSIGNED:
        return number, at
    if major in (_BYTES, _TEXT):
        end = at + number
        if end > len(data):
            raise IndexError
        return (data[at:end] if major == _BYTES else _text(data[at:end])), end
    if major == _ARRAY:
        items = []
        for _ in range(
            number
        ):  # ends by IndexError when the count exceeds the bytes: each item takes at least one
            item, at = _decode(data, at, depth - 1)
            items.append(item)
        return items, at
    if major == _NEGATIVE:
        return -1 - number, at
    if major == _MAP:
        return _map(data, at, number, depth)
    raise BadEncoding("tags are not used here")


def _simple(first: int) -> bool | None:
    if first == _NULL:
        return None
    if first in (_TRUE, _FALSE):
        return first == _TRUE
    raise BadEncoding("floats and other simple values are not used here")


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise BadEncoding("text holds half a surrogate pair, which UTF-8 has no bytes for") from None


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise BadEncoding("text is not UTF-8") from None


def _map(data: bytes, at: int, count: int, depth: int) -> tuple[dict[Any, Any], int]:
    found: dict[Any, Any] = {}
    previous = b""
    for _ in range(count):
        start = at
        key, at = _decode(data, at, 0)
        if type(key) is not int and type(key) is not str:
            raise BadEncoding("map keys are integers or text")
        encoded_key = data[start:at]
        if encoded_key <= previous:
            raise BadEncoding("map keys are not ascending")
        previous = encoded_key
        found[key], at = _decode(data, at, depth - 1)
    return found, at

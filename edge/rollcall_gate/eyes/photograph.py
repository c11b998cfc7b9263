"""How large is an encoded photograph, before anybody unpacks it? Read off its header.

A picture of one colour packs a thousandfold: a megabyte could unpack to gigabytes, on a device that has one.
Sources: PNG specification (W3C, 2003) 11.2.2 IHDR; JPEG, ITU-T T.81 annex B.2.
"""

from typing import Final

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_PNG_HEADER_BYTES: Final = 24
_JPEG: Final = b"\xff\xd8"
# Start of frame, of every coding; C4, C8 and CC in that range are something else (T.81 table B.1).
_START_OF_FRAME: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_WITHOUT_LENGTH: Final = frozenset({0x01, *range(0xD0, 0xD9)})
_FRAME_BYTES: Final = 9


def pixels_in(data: bytes) -> int | None:
    """Width times height of a JPEG or PNG; None when the header is that of neither, or damaged."""
    if data.startswith(_PNG) and len(data) >= _PNG_HEADER_BYTES and data[12:16] == b"IHDR":
        return int.from_bytes(data[16:20], "big") * int.from_bytes(data[20:24], "big")
    return _jpeg_pixels(data) if data.startswith(_JPEG) else None


def _jpeg_pixels(data: bytes) -> int | None:
    """Walk from marker to marker until the frame header; each step goes forward, so it ends."""
    at = len(_JPEG)
    while at + _FRAME_BYTES <= len(data):
        if data[at] != 0xFF:
            return None
        marker = data[at + 1]
        if marker == 0xFF:  # a fill byte
            at += 1
        elif marker in _WITHOUT_LENGTH:
            at += 2
        elif marker in _START_OF_FRAME:
            return int.from_bytes(data[at + 5 : at + 7], "big") * int.from_bytes(data[at + 7 : at + 9], "big")
        else:
            at += 2 + max(2, int.from_bytes(data[at + 2 : at + 4], "big"))
    return None

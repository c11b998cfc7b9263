"""The text of an opened ballot as QR codes small enough for a small display. Pure.

One frame is the text itself. Several are `HV1.2/5:` and a piece each; whoever scans them, in any order, has
the text again. Both are letters of a QR code's alphanumeric set.
"""

import re
from collections.abc import Iterable
from typing import Final

FRAME_LETTERS: Final = 47
"""What version 2 holds at level L: 25 modules, of two pixels each with a border on 64 pixels of height."""
_HEAD: Final = re.compile(r"HV1\.(\d{1,2})/(\d{1,2}):")


def frames_of(text: str) -> tuple[str, ...]:
    if len(text) <= FRAME_LETTERS:
        return (text,)
    room = FRAME_LETTERS - len("HV1.99/99:")
    pieces = [text[at : at + room] for at in range(0, len(text), room)]
    return tuple(f"HV1.{number}/{len(pieces)}:{piece}" for number, piece in enumerate(pieces, start=1))


def joined(frames: Iterable[str]) -> str | None:
    """The text of these frames; None while one is missing, or one is of another ballot."""
    found: dict[int, str] = {}
    counts: set[int] = set()
    for frame in frames:
        head = _HEAD.match(frame)
        if head is None:
            return frame
        found[int(head[1])] = frame[head.end() :]
        counts.add(int(head[2]))
    if len(counts) != 1 or sorted(found) != list(range(1, max(counts) + 1)):
        return None
    return "".join(found[number] for number in sorted(found))

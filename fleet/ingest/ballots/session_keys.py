"""Which unit speaks with which key in a contest, as units say it before the roll is made (wire/SPEC §7)."""

from typing import Any, NamedTuple

from ballot.board.board import Board
from wire.errors import RecordRejected
from wire.ids import CongressId
from wire.voting import SessionKey, proved_key


class _Said(NamedTuple):
    key: bytes
    received_ms: int


class SessionKeys:
    """Those that wait to be written. A unit says its key again until it has its place in the roll."""

    def __init__(self) -> None:
        self._said: dict[tuple[bytes, str], _Said] = {}

    def __bool__(self) -> bool:
        return bool(self._said)

    def said(self, message: SessionKey, congress: CongressId, board: Board | None, now_ms: int) -> bool:
        """False: the unit does not hold that key, or there is no such contest, or it is over: which unit had
        which key is forgotten then, and stays so."""
        contest = None if board is None else board.contests.get(message.contest)
        if contest is None or contest.course.cancelled is not None or contest.course.state == "certified":
            return False
        try:
            proved_key(message, congress)
        except RecordRejected:
            return False
        self._said[message.contest, message.device] = _Said(message.key, now_ms)
        return True

    def rows(self) -> list[dict[str, Any]]:
        return [
            {"contest": contest, "device": device, "key": said.key, "received_ms": said.received_ms}
            for (contest, device), said in self._said.items()
        ]

    def written(self) -> None:
        self._said.clear()

"""The store's answer to a unit about one entry, with the proofs by which it is believed (wire/SPEC §6.4)."""

from typing import Final, NamedTuple

from fleet.ingest.ballots.shelf import Found, Shelf
from wire import topics
from wire.envelope import Purpose, Sealer
from wire.ids import ContestId, DeviceId, HallId, StoreId
from wire.keys import Signer
from wire.merkle import Tree
from wire.voting import BoardAnswer, encode_board_message


class Head(NamedTuple):
    """A checkpoint of our own log."""

    size: int
    note: str


class Asked(NamedTuple):
    """Who wants to know, about which entry, and the last checkpoint it kept (0: none)."""

    device: str
    contest: ContestId
    entry_hash: bytes
    known_size: int


NOTHING: Final = Found(0, b"")


def board_answer(
    asked: Asked, shelf: Shelf, tree: Tree, head: Head, hall: HallId, store_id: StoreId
) -> BoardAnswer | None:
    """None when the entry has no place yet. head: the checkpoint to prove against; it must cover the place.

    Consistency leads from the smaller to the larger of what the unit kept and this checkpoint; a unit that
    has seen a larger log than there is gets none, and will say so.
    """
    place = shelf.places.get(asked.entry_hash)
    if place is None or place.leaf >= head.size:
        return None
    beacon = _covered(shelf.beacon_behind(place.leaf), head)
    closing = _covered(shelf.closing, head)
    return BoardAnswer(
        hall=hall,
        device=DeviceId(asked.device),
        store_id=store_id,
        contest=asked.contest,
        entry_hash=asked.entry_hash,
        accepted=not place.refusal,
        refusal=place.refusal,
        index=place.leaf,
        path=_path(tree, place.leaf, head),
        beacon=beacon.envelope,
        beacon_index=beacon.leaf,
        beacon_path=_path(tree, beacon.leaf, head) if beacon.envelope else b"",
        note=head.note,
        known_size=asked.known_size,
        consistency=_consistency(tree, asked.known_size, head.size),
        closing=closing.envelope,
        closing_index=closing.leaf,
        closing_path=_path(tree, closing.leaf, head) if closing.envelope else b"",
    )


def best_head(shelf: Shelf, entry_hash: bytes, head: Head, cosigned: Head | None) -> Head:
    """Once the contest is closed, the witnesses' checkpoint as soon as it covers close and entry; else the
    newest."""
    place = shelf.places.get(entry_hash)
    if cosigned is None or shelf.closing is None or place is None:
        return head
    return cosigned if cosigned.size > max(place.leaf, shelf.closing.leaf) else head


class AnswerPress:
    """Seals answers, many a second."""

    def __init__(self, sealer: Sealer, hall: HallId) -> None:
        self._sealer, self._hall = sealer, hall

    @classmethod
    def of(cls, signer: Signer, hall: HallId) -> "AnswerPress":
        return cls(Sealer(Purpose.BOARD_ANSWER, signer), hall)

    def press(self, answer: BoardAnswer) -> tuple[str, bytes]:
        """(topic, payload)"""
        topic = topics.down(self._hall, answer.device, topics.Down.ACK)
        return topic, self._sealer.seal(encode_board_message(answer))


def _covered(found: Found | None, head: Head) -> Found:
    return found if found is not None and found.leaf < head.size else NOTHING


def _path(tree: Tree, index: int, head: Head) -> bytes:
    return b"".join(tree.inclusion(index, head.size))


def _consistency(tree: Tree, known: int, size: int) -> bytes:
    small, large = min(known, size), max(known, size)
    if small in (0, large) or large > tree.size:
        return b""
    return b"".join(tree.consistency(small, large))

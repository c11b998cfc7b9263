"""The lane list as a gate holds it: whose badge has which number, and how to greet whom. In memory only.

Greetings stay sealed until somebody is admitted: a gate's memory is no list of names.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from edge.rollcall_gate.who.pages import Arriving, collect
from edge.rollcall_gate.who.roster import Keys
from wire.down import LaneList
from wire.errors import RecordRejected
from wire.ids import CongressId, MemberRef
from wire.lane import Greeting, open_greeting, pin_of, same_pin, unwrap_lane_key

Row = tuple[MemberRef, int, bytes]


@dataclass(frozen=True, slots=True)
class Lane:
    """lane_key: None until a list has come. by_serial: badge number -> member. sealed: member -> their
    row.
    """

    generation: int = 0
    lane_key: bytes | None = None
    by_serial: Mapping[int, MemberRef] = field(default_factory=dict)
    sealed: Mapping[MemberRef, Row] = field(default_factory=dict)
    arriving: Arriving[LaneList] = field(default_factory=Arriving)

    def greeting(self, member: MemberRef, congress: CongressId) -> Greeting | None:
        """How to welcome them; None when they stand on no list, or it does not open."""
        row = self.sealed.get(member)
        if row is None or self.lane_key is None:
            return None
        try:
            return open_greeting(row[2], self.lane_key, congress=congress, member=member, serial=row[1])
        except RecordRejected:
            return None

    def bearer(self, serial: int, pin: str, congress: CongressId) -> MemberRef | None:
        """Whose badge number and PIN these are; None when they are nobody's. Takes as long either way."""
        member = self.by_serial.get(serial)
        expected = pin_of(
            self.lane_key or bytes(32),
            congress=congress,
            member=MemberRef(bytes(16)) if member is None else member,
            serial=serial,
        )
        right = same_pin(pin, expected)
        return member if right and self.lane_key is not None else None


def take_page(lane: Lane, page: LaneList, generation: int, keys: Keys) -> Lane:
    """Take one page; with the last of a generation the list is replaced as a whole. Raises BadSignature when
    the lane key is not for this gate; the list held so far stays then.
    """
    if generation <= lane.generation:
        return lane
    arriving = collect(lane.arriving, page, page.page, page.pages, generation)
    if not arriving.is_complete:
        return replace(lane, arriving=arriving)
    rows = [row for each in arriving.in_order() for row in each.rows]
    lane_key = unwrap_lane_key(page.wrapped_key, keys.sealing_key, congress=keys.congress, gate=keys.gate)
    return Lane(
        generation,
        lane_key,
        {serial: member for member, serial, _ in rows if serial},
        {row[0]: row for row in rows},
    )

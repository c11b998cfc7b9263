"""References to the gates: one base of all, then deltas of everything that has changed since (SPEC §6.2)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from fleet.desk import store as desk
from fleet.desk.desk import Letter
from fleet.desk.office import Act
from fleet.devices import store as devices
from fleet.people import store as people
from fleet.people.consent import store as consents
from fleet.people.roster import rules, store
from fleet.people.roster.rules import Row
from wire.down import References, ReferencesDelta
from wire.fields import Body
from wire.ids import HASH_BYTES, DeviceId, MemberRef

NO_EMBEDDER = (bytes(HASH_BYTES), "")


@dataclass(frozen=True, slots=True)
class Told:
    """gates: how many were told; references: how many they have now; generation: of their delta."""

    gates: int
    references: int
    generation: int


def tell_references(act: Act, gone: Sequence[MemberRef] = ()) -> Told:
    """Tell every active gate that has a wrapped key, by delta, or by a new base where a delta will not do:
    there is none yet, the embedder or a gate's key is another, or too much has changed.

    gone: members who withdraw in this act; their sealed references leave the pages of the base too.
    """
    references = people.references(act.connection)
    rows = [(each.member, each.index, each.sealed) for each in references]
    keys = people.wrapped(act.connection)
    gates = {gate: keys[gate] for gate in devices.active(act.connection, "gate") if gate in keys}
    if not gates:
        return Told(0, len(rows), max(act.now_ms, store.newest_told(act.connection)))
    base = store.base(act.connection)
    unchanged = (base.model_sha256, base.runtime) if base else NO_EMBEDDER
    embedder = (references[0].model_sha256, references[0].runtime) if references else unchanged
    changed = rules.changes(base.held, rows) if base else []
    if (
        base is None
        or embedder != unchanged
        or gates.keys() - base.gates
        or rules.outgrown(len(changed), base.held)
    ):
        _tell_base(act, gates, embedder, rows)
        changed = []
    elif gone:
        pages = store.pages_with(act.connection, gone)
        act.amend(References.kind, pages, _without(frozenset(gone)))
    named = {row[0] for row in (*changed, *rows)}
    withdrawn = [member for member in consents.withdrawn(act.connection) if member not in named]
    _tell_delta(act, gates, embedder, changed + rules.taken_back(withdrawn))
    generation = max(desk.generations(act.connection, [ReferencesDelta.kind]).values())
    return Told(len(gates), len(rows), generation)


def _tell_base(
    act: Act, gates: dict[DeviceId, bytes], embedder: tuple[bytes, str], rows: Sequence[Row]
) -> None:
    pages = rules.pages_of(rows)
    act.tell(
        *(
            Letter(gate, References(*embedder, key, number, len(pages), page))
            for gate, key in gates.items()
            for number, page in enumerate(pages)
        )
    )
    store.set_base(act.connection, embedder, pages, gates.keys(), act.now_ms)


def _tell_delta(
    act: Act, gates: dict[DeviceId, bytes], embedder: tuple[bytes, str], rows: Sequence[Row]
) -> None:
    """The desk fills in of which base it is."""
    pages = rules.pages_of(rows)
    act.tell(
        *(
            Letter(gate, ReferencesDelta(0, *embedder, key, number, len(pages), page))
            for gate, key in gates.items()
            for number, page in enumerate(pages)
        )
    )


def _without(gone: frozenset[MemberRef]) -> Callable[[Body], Body]:
    def change(page: Body) -> Body:
        if not isinstance(page, References):
            raise AssertionError("pages of references were asked for")
        return replace(page, rows=rules.blanked(page.rows, gone))

    return change

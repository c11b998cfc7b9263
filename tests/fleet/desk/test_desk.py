"""The desk's chain and its messages: what a device verifies of them, and that nothing is half done."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from fleet.audit import store as audit
from fleet.db import reading, writing
from fleet.desk import desk as desk_module
from fleet.desk import store
from fleet.desk.desk import DOWN_LIFE_MS, Letter
from fleet.desk.office import Act, Office
from fleet.tables import desk_queue, downlink, high_water
from tests.fleet.hall_under_test import HALL, HallUnderTest, SteppedClock
from wire import topics
from wire.down import (
    AUDIENCE_ALL,
    DOWN_TYPES,
    DownMessage,
    Forget,
    FreezeNotice,
    LaneList,
    References,
    ReferencesDelta,
    SittingNotice,
    TimeNotice,
    Twin,
    parse_down,
)
from wire.envelope import Purpose, verify
from wire.errors import Replayed
from wire.ids import DESK, DeviceId, Epoch, MemberRef, SittingId
from wire.records import Alarm, DeviceRevoked

KEYPAD = DeviceId("keypad-1")


def revoked(number: int) -> DeviceRevoked:
    return DeviceRevoked(DeviceId(f"d{number}"), "lost")


def said(hall: HallUnderTest, audience: str = AUDIENCE_ALL) -> list[DownMessage]:
    """What a device of this audience hears, verified as it verifies."""
    with reading(hall.engine) as connection:
        rows = connection.execute(
            select(downlink).where(downlink.c.audience == audience).order_by(downlink.c.kind, downlink.c.page)
        ).all()
    messages = []
    for row in rows:
        verified = verify(row.envelope, Purpose.DOWN, DESK, hall.office.desk.signer.public_key)
        message = parse_down(verified, HALL, KEYPAD, hall.clock.now_ms)
        assert (row.kind, row.generation, row.expires_ms) == (
            message.body.kind, message.generation, message.expires_ms,
        )  # fmt: skip
        messages.append(message)
    return messages


def tell(hall: HallUnderTest, *letters: Letter) -> None:
    with hall.office.act("lan", "x.done", "x") as act:
        act.tell(*letters)


def sitting(state: str) -> Letter:
    return Letter(AUDIENCE_ALL, SittingNotice(SittingId("s1"), state))


def test_records_of_acts_form_one_chain_over_appended_and_waiting_ones(any_hall: HallUnderTest) -> None:
    for number in range(3):
        with any_hall.office.act("lan", "device.revoked", "x") as act:
            assert act.record(revoked(number)) == number + 1
        if number == 1:
            any_hall.append()
    assert any_hall.desk_bodies() == [revoked(0), revoked(1), revoked(2)]


def test_the_chain_goes_on_from_the_log_when_the_queue_has_been_emptied(hall: HallUnderTest) -> None:
    with hall.office.act("lan", "x.done", "x") as act:
        act.record(revoked(1))
    with writing(hall.engine) as connection:
        epoch = store.epoch(connection)
        assert epoch is not None
        seq, record_hash = store.chain_head(connection, epoch)
        connection.execute(
            high_water.insert().values(
                device=DESK, epoch=epoch, seq=seq, record_hash=record_hash, leaf_index=0
            )
        )
        connection.execute(desk_queue.delete())
        assert store.chain_head(connection, epoch) == (1, record_hash)


def test_an_act_that_fails_leaves_no_record_and_no_message(hall: HallUnderTest) -> None:
    def interrupted(act: Act) -> None:
        act.record(revoked(1))
        act.tell(sitting("open"))
        raise KeyError("a mistake of ours")

    def whole() -> None:
        with hall.office.act("lan", "x.done", "x") as act:
            interrupted(act)

    with pytest.raises(KeyError):
        whole()
    assert hall.desk_bodies() == []
    assert said(hall) == []


def test_messages_wait_for_the_record_of_their_act(hall: HallUnderTest) -> None:
    with hall.office.act("lan", "x.done", "x") as act:
        act.tell(Letter(AUDIENCE_ALL, FreezeNotice(SittingId("s1"), frozen=True)))
        seq = act.record(revoked(1))
        act.tell(sitting("open"))
    with reading(hall.engine) as connection:
        found = {row.kind: row.after_desk_seq for row in connection.execute(select(downlink))}
    assert found == {FreezeNotice.kind: 0, SittingNotice.kind: seq}


def test_a_newer_message_takes_the_place_of_the_older_under_a_higher_generation(
    any_hall: HallUnderTest,
) -> None:
    tell(any_hall, sitting("open"))
    first = said(any_hall)[0]
    tell(any_hall, sitting("closed"))
    (second,) = said(any_hall)
    assert isinstance(second.body, SittingNotice)
    assert second.body.state == "closed"
    assert second.generation > first.generation


@pytest.mark.parametrize("stepped_ms", [-365 * 24 * 3600 * 1000, 0, 3600 * 1000])
def test_generations_rise_even_when_the_clock_goes_back_a_year(hall: HallUnderTest, stepped_ms: int) -> None:
    tell(hall, sitting("open"))
    before = said(hall)[0].generation
    hall.clock.now_ms += stepped_ms
    tell(hall, sitting("closed"))
    assert said(hall)[0].generation > before
    assert stepped_ms <= 0 or said(hall)[0].generation == hall.clock.now_ms


def test_row_ids_rise_over_replaced_rows_so_that_ingest_misses_none(any_hall: HallUnderTest) -> None:
    seen = []
    for state in ("open", "closed", "open"):
        tell(any_hall, sitting(state))
        with reading(any_hall.engine) as connection:
            seen.append(connection.execute(select(downlink.c.id)).scalar_one())
    assert seen == sorted(set(seen))


def test_pages_share_a_generation_and_a_shorter_set_leaves_no_page_behind(any_hall: HallUnderTest) -> None:
    def pages(count: int) -> list[Letter]:
        return [
            Letter(KEYPAD, References(bytes(32), "litert", b"key", page, count, ())) for page in range(count)
        ]

    tell(any_hall, *pages(3))
    three = said(any_hall, KEYPAD)
    assert len({message.generation for message in three}) == 1
    tell(any_hall, *pages(1))
    (one,) = said(any_hall, KEYPAD)
    assert one.generation > three[0].generation


def test_messages_end_after_twelve_hours_unless_they_are_renewed(hall: HallUnderTest) -> None:
    tell(hall, sitting("open"), Letter(KEYPAD, Twin({"seat": "A1", "member": bytes(16)})))
    first = said(hall)[0]
    hall.clock.step(DOWN_LIFE_MS // 2 - 1)
    with hall.office.keep() as connection:
        assert hall.office.desk.renew(connection) == 0
    hall.clock.step(2)
    with hall.office.keep() as connection:
        assert hall.office.desk.renew(connection) == 2
    renewed = said(hall)[0]
    assert (renewed.body, renewed.generation > first.generation) == (first.body, True)
    assert said(hall, KEYPAD)[0].body == Twin({"seat": "A1", "member": bytes(16)})
    hall.clock.step(DOWN_LIFE_MS + 1)
    with pytest.raises(Replayed):
        said(hall)


def test_a_new_epoch_signs_waiting_acts_again_and_says_again_what_is_in_force(
    any_hall: HallUnderTest,
) -> None:
    with any_hall.office.act("lan", "x.done", "x") as act:
        act.record(revoked(1))
    any_hall.append()
    with any_hall.office.act("lan", "x.done", "x") as act:
        act.record(revoked(2))
        act.tell(sitting("open"))
    before = said(any_hall)[0]
    any_hall.clock.step(1000)
    with writing(any_hall.engine) as connection:
        any_hall.office.desk.begin_epoch(connection, Epoch(b"restored"))
    assert any_hall.desk_bodies() == [revoked(2)]
    again = said(any_hall)[0]
    assert (again.body, again.generation > before.generation) == (before.body, True)
    with reading(any_hall.engine) as connection:
        assert connection.execute(select(downlink.c.after_desk_seq)).scalar_one() == 0


def test_acts_at_the_same_moment_take_turns(hall: HallUnderTest) -> None:
    def act_often(name: str) -> None:
        for number in range(20):
            with hall.office.act(name, "device.revoked", "x") as act:
                act.record(revoked(number))

    people = [threading.Thread(target=act_often, args=(name,)) for name in ("lan", "minh", "nga")]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert len(hall.desk_bodies()) == 60


def test_boots_are_counted(hall: HallUnderTest) -> None:
    with writing(hall.engine) as connection:
        assert [store.next_boot(connection), store.next_boot(connection)] == [1, 2]


def test_two_processes_that_act_at_once_make_one_chain(any_hall: HallUnderTest) -> None:
    """Each process has its own lock, so nothing but the database can make them take turns."""
    other = Office(any_hall.engine, any_hall.office.desk, any_hall.clock, any_hall.random)

    def acts(office: Office) -> None:
        for number in range(25):
            with office.act("root-1", "test.done", str(number)) as act:
                act.record(Alarm("test", str(number)))

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(acts, office) for office in (any_hall.office, other)]:
            done.result()
    assert len(any_hall.desk_bodies()) == 50
    with any_hall.office.look() as connection:
        assert audit.verify(connection) is None


GATES = (DeviceId("gate-1"), DeviceId("gate-2"))


def page(number: int = 0, pages: int = 1, row: bytes = b"") -> References:
    rows = ((MemberRef(bytes(16)), 0, row),) if row else ()
    return References(bytes(32), "litert", b"key", number, pages, rows)


def delta() -> ReferencesDelta:
    return ReferencesDelta(0, bytes(32), "litert", b"key", 0, 1, ())


def rows_of(hall: HallUnderTest, kind: str) -> list[tuple[str, int, int]]:
    """(audience, page, generation) of what is in force of this kind."""
    with reading(hall.engine) as connection:
        c = downlink.c
        query = select(c.audience, c.page, c.generation).where(c.kind == kind).order_by(c.audience, c.page)
        return [tuple(row) for row in connection.execute(query)]


def test_every_kind_that_the_desk_may_say_has_its_topic(hall: HallUnderTest) -> None:
    kinds = DOWN_TYPES.keys() - {TimeNotice.kind}
    topics_of = {kind: desk_module._BROADCAST.get(kind) or desk_module._DOWN.get(kind) for kind in kinds}
    assert {kind for kind, topic in topics_of.items() if topic is None} == set()
    assert {topics_of[kind] for kind in desk_module.ROSTER} == {topics.Down.TWIN}


def test_references_lane_lists_and_forgetting_rise_together_and_alike_at_every_gate(
    any_hall: HallUnderTest,
) -> None:
    for _ in range(3):
        tell(any_hall, Letter(GATES[0], page()))
    tell(any_hall, *(Letter(gate, LaneList(b"key", 0, 1, ())) for gate in GATES))
    lists = rows_of(any_hall, LaneList.kind)
    assert lists[0][2] == lists[1][2] > rows_of(any_hall, References.kind)[0][2]
    tell(any_hall, Letter(GATES[1], Forget(1)))
    assert rows_of(any_hall, Forget.kind)[0][2] > lists[0][2]
    tell(any_hall, Letter(GATES[0], Twin({})))
    assert rows_of(any_hall, Twin.kind)[0][2] == any_hall.clock.now_ms, "twins have a count of their own"


def test_a_delta_names_the_base_that_its_gate_has_or_gets_with_it(any_hall: HallUnderTest) -> None:
    tell(any_hall, Letter(KEYPAD, page()))
    tell(any_hall, Letter(KEYPAD, delta()))
    base, change = said(any_hall, KEYPAD)[::-1]
    assert isinstance(change.body, ReferencesDelta)
    assert change.body.base == base.generation
    tell(any_hall, Letter(KEYPAD, delta()), Letter(KEYPAD, page()))
    later, change = said(any_hall, KEYPAD)[::-1]
    assert isinstance(change.body, ReferencesDelta)
    assert change.body.base == later.generation > base.generation


def test_an_amended_page_keeps_its_generation_and_leaves_the_others_alone(any_hall: HallUnderTest) -> None:
    tell(any_hall, *(Letter(gate, page(n, 2, b"sealed")) for gate in GATES for n in (0, 1)))
    tell(any_hall, Letter(KEYPAD, page(0, 1, b"sealed")))
    before = rows_of(any_hall, References.kind)
    with reading(any_hall.engine) as connection:
        kept = {row.page: row.id for row in connection.execute(select(downlink).where(downlink.c.page == 1))}
        last = max(connection.execute(select(downlink.c.id)).scalars())
    with any_hall.office.act("lan", "x.done", "x") as act:
        act.amend(References.kind, [0], lambda _body: page(0, 2))
    assert rows_of(any_hall, References.kind) == before
    with reading(any_hall.engine) as connection:
        ids = {row.page: row.id for row in connection.execute(select(downlink).where(downlink.c.page == 1))}
        assert ids == kept
        fresh = connection.execute(select(downlink).where(downlink.c.page == 0)).all()
    assert all(row.id > last and b"sealed" not in row.envelope for row in fresh)
    assert len(fresh) == 3


def test_what_one_act_tells_several_gates_has_one_generation_though_the_clock_goes_on(
    hall: HallUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A gate's signed word is held against the generation of the act: one that was told a tick earlier would
    never have answered."""

    def ticking(clock: SteppedClock) -> int:
        clock.now_ms += 1
        return clock.now_ms

    monkeypatch.setattr(SteppedClock, "wall_ms", ticking)
    nobody = ReferencesDelta(0, bytes(32), "", b"", 0, 1, ())
    with hall.office.act("chair", "references.published", "gates") as act:
        act.tell(*(Letter(f"gate-{n}", nobody) for n in range(5)))
    with reading(hall.engine) as connection:
        told = connection.execute(select(downlink.c.generation)).scalars().all()
    assert len(told) == 5
    assert len(set(told)) == 1

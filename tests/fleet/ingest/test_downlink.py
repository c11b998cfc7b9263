"""What is said to the devices, when: after its leaf, again and again, everything at a birth, and never a
storm.
"""

from collections import Counter
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import delete, insert

from fleet.db import writing
from fleet.ingest.downlink import Downlink, held_references
from fleet.ingest.store import Notice
from fleet.tables import downlink
from tests.fleet.ingest.simulated_hall import HALL, Hall
from wire import topics
from wire.down import SittingNotice, TimeNotice, parse_down
from wire.envelope import Purpose, verify
from wire.ids import STORE, DeviceId
from wire.records import Alarm

WALL = 1_800_000_000_000


def notice(
    row_id: int,
    audience: str = "all",
    kind: str = "sitting/1",
    after: int = 0,
    life_ms: int = 10**9,
    page: int = 0,
    generation: int = 1,
) -> Notice:
    return Notice(row_id, audience, kind, page, generation, WALL + life_ms, after, f"topic-{row_id}")


def said(
    line: Downlink, from_ms: int, to_ms: int, step_ms: int = 10, at_most: int = 100
) -> list[tuple[int, int]]:
    """(when, id) of everything that is said."""
    return [
        (now, each.id)
        for now in range(from_ms, to_ms, step_ms)
        for each in line.due(now, WALL + now, at_most)
    ]


def test_a_message_waits_for_its_leaf_and_is_said_at_once_then() -> None:
    line = Downlink()
    line.learn([notice(1, after=7)], 6, 0)
    assert said(line, 0, 1000) == []
    line.learn([], 7, 1000)
    assert said(line, 1000, 1010) == [(1000, 1)]


def test_a_message_in_force_is_repeated_every_five_seconds() -> None:
    line = Downlink()
    line.learn([notice(1)], 0, 0)
    times = [when for when, _ in said(line, 0, 60_000)]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert times[0] == 0
    assert gaps[0] <= 5000
    assert set(gaps[1:]) == {5000}


def test_an_expired_message_is_said_no_more() -> None:
    line = Downlink()
    line.learn([notice(1, life_ms=7000)], 0, 0)
    assert max(when for when, _ in said(line, 0, 60_000)) <= 7000
    assert len(line) == 0


def test_two_thousand_twins_are_repeated_all_over_the_interval() -> None:
    line = Downlink()
    line.learn([notice(n, f"keypad-{n}", "twin/1") for n in range(1, 2001)], 0, 0)
    first = said(line, 0, 1000)
    assert len(first) == 2000
    per_tenth = Counter(when // 100 for when, _ in said(line, 1000, 60_000))
    assert max(per_tenth.values()) < 120
    assert sum(per_tenth.values()) > 2000 * 10


def test_a_birth_brings_everything_to_this_device_and_to_no_other() -> None:
    line = Downlink()
    rows = [notice(1, "keypad-1", "twin/1"), notice(2, "keypad-2", "twin/1"), notice(3)]
    line.learn(rows, 0, 0)
    said(line, 0, 10)
    line.born("keypad-1", 1500, {})
    assert {row for _, row in said(line, 1500, 1510)} == {1, 3}


def test_two_thousand_births_in_a_second_are_two_broadcasts_and_no_storm() -> None:
    line = Downlink()
    line.learn([notice(1)], 0, 0)
    heard = []
    for now in range(5000, 6000):
        for _ in range(2):
            line.born(f"keypad-{now}", now, {})
        heard += [each.id for each in line.due(now, WALL, 100)]
    assert len(heard) <= 2


@pytest.mark.parametrize("kind", ["references/1", "references-delta/1", "lane-list/1"])
def test_a_roster_is_not_said_every_five_seconds(kind: str) -> None:
    line = Downlink()
    line.learn([notice(1, "gate-1", kind)], 0, 0)
    assert len(said(line, 0, 60_000)) == 1
    line.born("gate-1", 60_000, {})
    assert said(line, 60_000, 60_010) == [(60_000, 1)]


def roster() -> Downlink:
    """Two pages of a base of generation 70, a delta of generation 80 and a twin, all of them said before."""
    line = Downlink()
    rows = [notice(page + 1, "gate-1", "references/1", page=page, generation=70) for page in (0, 1)]
    rows += [notice(3, "gate-1", "references-delta/1", generation=80), notice(4, "gate-1", "twin/1")]
    line.learn(rows, 0, 0)
    said(line, 0, 100)
    return line


@pytest.mark.parametrize(
    ("reported", "expected"),
    [
        ("70/80", {4}),
        ("70/79", {3, 4}),
        ("69/80", {1, 2, 4}),
        ("0/0", {1, 2, 3, 4}),
        ("70", {1, 2, 3, 4}),
        ("70/80/90", {1, 2, 3, 4}),
        ("-70/80", {1, 2, 3, 4}),
        ("", {1, 2, 3, 4}),
        ("ok", {1, 2, 3, 4}),
    ],
)
def test_a_gate_is_not_sent_the_pages_that_it_says_it_holds(reported: str, expected: set[int]) -> None:
    line = roster()
    line.born("gate-1", 1000, held_references({"references": reported, "twin": "ok"}))
    assert {row for _, row in said(line, 1000, 1010)} == expected


def test_a_birth_that_says_nothing_of_references_brings_them_all() -> None:
    line = roster()
    line.born("gate-1", 1000, held_references({}))
    assert {row for _, row in said(line, 1000, 1010)} == {1, 2, 3, 4}


def test_a_page_signed_again_under_its_generation_waits_for_its_repeat_and_a_newer_one_does_not() -> None:
    line = roster()
    line.forget(1)
    line.learn([notice(5, "gate-1", "references/1", page=0, generation=70)], 0, 1000)
    line.learn([notice(6, "gate-1", "references-delta/1", generation=81)], 0, 1000)
    first = {row: when for when, row in reversed(said(line, 1000, 302_000))}
    assert first[6] == 1000
    assert 100_000 < first[5] <= 301_100
    line.born("gate-1", 302_000, {})
    assert 5 in {row for _, row in said(line, 302_000, 302_010)}


def test_a_page_that_was_signed_again_before_it_was_ever_said_is_said_at_once() -> None:
    line = Downlink()
    rows = [notice(page, "gate-1", "references/1", page=page, generation=70) for page in (0, 1)]
    line.learn(rows, 0, 0)
    assert [each.id for each in line.due(0, WALL, at_most=1)] == [0]
    line.forget(1)
    line.learn([notice(2, "gate-1", "references/1", page=1, generation=70)], 0, 10)
    assert said(line, 10, 20) == [(10, 2)]


def test_what_is_no_page_is_said_at_once_whatever_its_generation() -> None:
    line = roster()
    line.forget(4)
    line.learn([notice(5, "gate-1", "twin/1")], 0, 1000)
    assert said(line, 1000, 1010) == [(1000, 5)]


def test_what_has_been_replaced_is_forgotten() -> None:
    line = Downlink()
    line.learn([notice(1), notice(2, after=9)], 0, 0)
    line.keep_only([])
    line.learn([], 9, 10)
    assert said(line, 0, 10_000) == []


def put(hall: Hall, row_id: int, audience: str, after: int, payload: bytes) -> None:
    values: dict[str, Any] = {
        "id": row_id,
        "audience": audience,
        "kind": SittingNotice.kind,
        "page": 0,
        "generation": row_id,
        "expires_ms": hall.clock.wall + 10**8,
        "after_desk_seq": after,
        "topic": topics.broadcast(HALL, topics.All.SITTING),
        "envelope": payload,
    }
    with writing(hall.engine) as connection:
        connection.execute(delete(downlink).where(downlink.c.audience == audience))
        connection.execute(insert(downlink).values(**values))


def heard(hall: Hall) -> list[bytes]:
    return [payload for topic, payload, _ in hall.link.published if topic.endswith("/all/sitting")]


def test_an_act_of_the_desk_is_a_leaf_before_any_device_hears_of_it(hall: Hall) -> None:
    put(hall, 1, "all", 1, b"opened")
    hall.turns(5)
    assert heard(hall) == []
    hall.act(Alarm("opened", "x"))
    hall.turns(2)
    assert [row.kind for row in hall.leaves()][-1] == "alarm/1"
    assert heard(hall)[:1] == [b"opened"]


def test_a_newer_message_takes_the_place_of_the_older(hall: Hall) -> None:
    put(hall, 1, "all", 0, b"one")
    hall.turns(2)
    put(hall, 2, "all", 0, b"two")
    hall.turns(2)
    hall.link.published.clear()
    hall.turns(300, step_ms=50)
    assert set(heard(hall)) == {b"two"}


def test_nothing_is_lost_while_the_broker_is_away(hall: Hall) -> None:
    hall.link.connected = False
    put(hall, 1, "all", 0, b"one")
    hall.turns(5)
    assert heard(hall) == []
    hall.link.connected = True
    hall.turns(3)
    assert heard(hall) == [b"one"]


def test_time_is_said_every_five_seconds_signed_by_the_store(hall: Hall) -> None:
    hall.turns(400, step_ms=50)
    said_times = [
        parse_down(verify(payload, Purpose.DOWN, STORE, hall.store.public_key), HALL, DeviceId("any"), 0)
        for topic, payload, _ in hall.link.published
        if topic.endswith("/all/time")
    ]
    assert 4 <= len(said_times) <= 6
    assert all(isinstance(message.body, TimeNotice) for message in said_times)
    generations = [message.generation for message in said_times]
    assert generations == sorted(set(generations))


def test_a_device_that_knows_more_than_this_store_is_asked_for_it(hall: Hall) -> None:
    """The store was set back by hand: the device holds receipts for what is no longer here."""
    keypad = hall.register("keypad-1")
    hall.link.deliver("keypad-1", keypad.birth(last_seq=40), kind=topics.Up.BIRTH)
    hall.turns(5)
    assert hall.resends(keypad) == [], "it is given the time to send by itself"
    hall.turns(60)
    assert [resend.from_seq for resend in hall.resends(keypad)] == [1]


def test_a_restarted_store_asks_every_device_once_whether_it_knows_more(hall: Hall) -> None:
    keypad = hall.register("keypad-1")
    hall.link.deliver("keypad-1", keypad.say(Alarm("a", "b")))
    hall.turns()
    hall.start()
    hall.turns(200)
    assert [resend.from_seq for resend in hall.resends(keypad)] == [2]

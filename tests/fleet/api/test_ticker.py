"""What the API process does by itself, and that no trouble of the store ends it."""

import logging

import pytest
from sqlalchemy import select

from fleet.api.ticker import RENEW_MS, Ticker
from fleet.db import reading
from fleet.desk.desk import DOWN_LIFE_MS, Letter
from fleet.tables import downlink
from tests.fleet.hall_under_test import HallUnderTest
from wire.down import AUDIENCE_ALL, SittingNotice
from wire.ids import SittingId


def generation(hall: HallUnderTest) -> int:
    with reading(hall.engine) as connection:
        return int(connection.execute(select(downlink.c.generation)).scalar_one())


def test_what_is_in_force_is_signed_again_before_it_ends(hall: HallUnderTest) -> None:
    ticker = Ticker(hall.office, hall.app.state.services.live)
    with hall.office.act("lan", "x.done", "x") as act:
        act.tell(Letter(AUDIENCE_ALL, SittingNotice(SittingId("s1"), "open")))
    first = generation(hall)
    ticker.tick()
    assert generation(hall) == first
    hall.clock.step(DOWN_LIFE_MS // 2 + RENEW_MS)
    ticker.tick()
    assert generation(hall) == hall.clock.now_ms > first


def test_a_store_in_trouble_is_said_once_and_so_is_its_return(
    hall: HallUnderTest, caplog: pytest.LogCaptureFixture
) -> None:
    ticker = Ticker(hall.office, hall.app.state.services.live)
    with hall.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE questions RENAME TO away")
    with caplog.at_level(logging.WARNING):
        ticker.tick()
        ticker.tick()
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert "hallward fleet init" in caplog.text
    caplog.clear()
    with hall.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE away RENAME TO questions")
    with caplog.at_level(logging.WARNING):
        ticker.tick()
        ticker.tick()
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_the_page_is_computed_only_while_somebody_watches(hall: HallUnderTest) -> None:
    live = hall.app.state.services.live
    ticker = Ticker(hall.office, live)
    ticker.tick()
    assert live._snapshot.number == 0
    live.watchers = 1
    ticker.tick()
    assert live._snapshot.number == 1

"""A hall of 2,000 places and devices: no route takes more than its share."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path

import pytest
from sqlalchemy import insert, update

from fleet.db import database_url, open_engine, writing
from fleet.tables import devices, health, places
from tests.fleet.hall_under_test import hasty, made, ok
from tests.fleet.places.floor import Floor, seat_line, table
from tests.measured import TIMES, least_cpu_s

pytestmark = pytest.mark.slow

PLACES_S_MAX = 0.3
SMALL, LARGE = 250, 2000
RATIO_MAX = 3 * LARGE / SMALL
"""Linear is 8; thrice that is for noise, and far below 64."""


@contextmanager
def floor_in(folder: Path) -> Iterator[Floor]:
    folder.mkdir(parents=True)
    with made(hasty(open_engine(database_url(folder, {})))) as hall:
        yield Floor(hall)


def import_cpu_s(folder: Path, lines: list[str]) -> float:
    """Into a hall without a place, which a hall is once only."""

    def once(at: int) -> float:
        with floor_in(folder / str(at)) as floor:
            return least_cpu_s(lambda: floor.plan(*lines), times=1)

    return min(once(at) for at in range(TIMES))


def measured(folder: Path, number: int) -> dict[str, float]:
    """Seconds of work of each route in a hall of so many places, a device at each and some spares."""
    lines = [seat_line(each, f"KP-{each}", row=f"R{each // 50}") for each in range(number)]
    took = {"import": import_cpu_s(folder / "import", lines)}
    with floor_in(folder / "hall") as floor:
        hall = floor.hall
        floor.plan(*lines)
        for each in range(1, TIMES + 1):
            floor.register(f"spare-{each}")
        with writing(hall.engine) as connection:
            common = {
                "role": "keypad", "alg": -8, "public_key": bytes(32), "certificate": "", "place": "here",
                "state": "active", "registered_ms": 1,
            }  # fmt: skip
            rows = [
                {"device": f"keypad-{each}", "serial": f"KP-{each}", "generation": each, **common}
                for each in range(number)
            ]
            connection.execute(insert(devices), rows)
            seen = {"last_seen_ms": hall.clock.now_ms, "clock_skew_ms": 0, "readings": "{}"}
            connection.execute(insert(health), [{"device": row["device"], **seen} for row in rows])
            for each in range(number):
                stands = update(places).where(places.c.place == f"s-{each}")
                connection.execute(stands.values(device=f"keypad-{each}"))
        relabelled = [line.replace("ghế", "bàn") for line in lines]
        plans = cycle((relabelled, lines))
        stood, spare = "keypad-1", "spare-1"

        def swap() -> None:
            nonlocal stood, spare
            body = {"dead": stood, "spare": spare, "reason": "dark"}
            assert ok(floor.technician.post("/api/swap", json=body))["place"] == "s-1"
            stood, spare = spare, f"spare-{int(spare[-1]) + 1}"

        took["places"] = least_cpu_s(lambda: ok(floor.technician.get("/api/places")))
        took["devices"] = least_cpu_s(lambda: ok(floor.technician.get("/api/devices")))
        took["import again"] = least_cpu_s(lambda: floor.plan(*lines))
        took["relabel all"] = least_cpu_s(lambda: floor.plan(*next(plans)))
        took["swap"] = least_cpu_s(swap)
        assert len(floor.places()) == number
    return took


def test_no_route_is_slower_than_linear_and_the_plan_is_there_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    small, large = measured(tmp_path / "small", SMALL), measured(tmp_path / "large", LARGE)
    with capsys.disabled():
        for route, seconds in large.items():
            before = f"{SMALL}: {small[route] * 1000:.0f} ms"
            print(f"\n{route}, {before}, {LARGE}: {seconds * 1000:.0f} ms", end="")  # noqa: T201  # measured
    assert large["places"] < PLACES_S_MAX
    for route, seconds in large.items():
        assert seconds < RATIO_MAX * max(small[route], 0.005), route


def test_the_largest_plan_that_is_taken_fits_into_one_request(tmp_path: Path) -> None:
    lines = [
        f"seat-{each:05},keypad,Khán phòng lớn – dãy {each // 50} – ghế số {each},dãy {each // 50},"
        f"ghế {each},{each % 100 * 99},{each // 100 * 99},10000000{each:08x}"
        for each in range(5000)
    ]
    with made(hasty(open_engine(database_url(tmp_path, {})))) as hall:
        assert len(table(*lines)) < 900_000
        assert Floor(hall).plan(*lines)["rows"] == 5000

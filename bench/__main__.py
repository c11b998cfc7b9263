"""python -m bench [NAME …]: measure, print a table, write the rows; 1 when a budget (§12) is missed."""

import argparse
import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import Final, NoReturn

from bench import (
    bad_model,
    ballots,
    board,
    bulk_claim,
    burst,
    electionguard,
    gate,
    ingest_cost,
    machine,
    memory,
    queue_of_people,
    reconnect,
    update_night,
)
from bench.crowd import Crowd
from bench.hall import Hall, running_hall
from bench.identities import Identities
from bench.rows import Row, table, write
from models.cache import cache_folder
from tests.servers.postgres import PostgresCluster, find_binaries
from wire.errors import HallError

IDENTITIES: Final = Path("var/bench/identities")
RESULTS: Final = Path("bench/results.json")
BOARD_DEVICES: Final = (2000, 5000)


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything. keypads: of the crowd; feeders and records: of the ingest measurement. voters:
    of the question with three options; list_voters: of that with 60 people."""

    keypads: int = 2000
    feeders: int = 100
    records: int = 200
    rounds: int = 3
    restarts: int = 3
    gate_rounds: int = 200
    queue_people: int = 60
    board_devices: tuple[int, ...] = BOARD_DEVICES
    board_rounds: int = 9
    ballot_rounds: int = 200
    voters: int = 2000
    list_voters: int = 200
    selection_rounds: int = 30
    claimed: int = 2000
    updated: int = 2000
    shadow_frames: int = 200


QUICK: Final = Size(
    keypads=20,
    feeders=5,
    records=200,  # of fewer, ingest may need less than one tick of the processor's clock, and reads as free
    rounds=1,
    restarts=1,
    gate_rounds=5,
    queue_people=12,
    board_devices=(20,),
    board_rounds=2,
    ballot_rounds=5,
    voters=12,
    list_voters=2,
    selection_rounds=3,
    claimed=40,
    updated=200,
    shadow_frames=40,
)


def ingest(identities: Identities, size: Size) -> list[Row]:
    """CPU time of ingest per record, on SQLite and on PostgreSQL, against verification alone."""
    rows = _fed(identities, size, None, "SQLite")
    if find_binaries() is None:
        print("PostgreSQL is not installed (apt install postgresql): its rows are left out")
        return rows
    with _private_postgres() as url:
        return rows + _fed(identities, size, url, "PostgreSQL")


def _fed(identities: Identities, size: Size, url: str | None, store: str) -> list[Row]:
    load = ingest_cost.Load(size.records, size.rounds)
    with running_hall(identities, size.feeders, url) as hall:
        return asyncio.run(ingest_cost.measure(hall, load, store))


@contextmanager
def _private_postgres() -> Iterator[str]:
    """URL of an empty database of a cluster that lives as long as this."""
    cluster = PostgresCluster()
    try:
        cluster.start()
        yield cluster.new_database()
    finally:
        cluster.remove()


def crowd(identities: Identities, size: Size) -> list[Row]:
    """A whole hall over mutual TLS: everybody presses at once, everybody comes back after a kill -9."""

    async def measured(hall: Hall) -> list[Row]:
        async with Crowd(hall.keypads(), hall.address, hall.authority_file) as keypads:
            rows = await burst.measure(hall, keypads, size.rounds)
            rows += memory.fleet(hall, size.keypads)
            return rows + await reconnect.measure(hall, keypads, size.restarts)

    with running_hall(identities, size.keypads) as hall:
        return asyncio.run(measured(hall))


def devices(identities: Identities, _: Size) -> list[Row]:
    """Resident memory of a keypad and of a gate."""
    with running_hall(identities, 1) as hall:
        return memory.devices(hall)


def pages(identities: Identities, size: Size) -> list[Row]:
    """The state of the live page and the list of devices."""
    rows = []
    for count in size.board_devices:
        with running_hall(identities, count) as hall:
            rows += board.measure(hall, size.board_rounds)
    return rows


def gates(_: Identities, size: Size) -> list[Row]:
    """Frame to decision beside the networks' own time, part by part; int8 against float; 1:N."""
    return gate.measure(size.gate_rounds)


def people(_: Identities, size: Size) -> list[Row]:
    """A scripted queue before a whole gate: people a minute, wrong admits and refusals, time to decision."""
    plan = queue_of_people.Plan(size.queue_people)
    return queue_of_people.measure(plan, cache_folder(os.environ))


def secret_ballots(_: Identities, size: Size) -> list[Row]:
    """A secret ballot made and verified, of each kind, beside libsodium's own multiplication."""
    return ballots.measure(size.ballot_rounds)


def result(_: Identities, size: Size) -> list[Row]:
    """From the close of a secret question to its result, on the hall server and at a trustee's."""
    from bench import ballots_election, close_to_result  # they need libsodium to be imported at all

    motion = ballots_election.voted(ballots_election.motion(), size.voters)
    rows = close_to_result.measure(motion, budgets=True)
    long_list = ballots_election.voted(ballots_election.long_list(), size.list_voters)
    return rows + close_to_result.measure(long_list, budgets=False)


def selections(_: Identities, size: Size) -> list[Row]:
    """ElectionGuard's Python package and ours, a selection each."""
    return electionguard.measure(size.selection_rounds)


def provisioning(_: Identities, size: Size) -> list[Row]:
    """Devices claimed in bulk, by one batch."""
    return bulk_claim.measure(size.claimed)


def bad_models(_: Identities, size: Size) -> list[Row]:
    """Bad models before a gate: where each is stopped, and what a shadow run costs the lane."""
    return bad_model.measure(cache_folder(os.environ), size.shadow_frames)


def updates(_: Identities, size: Size) -> list[Row]:
    """A hall of keypads updated over a modelled Wi-Fi: planned, and all at once; a bad release stopped."""
    return update_night.measure(size.updated)


SCENARIOS: Final[dict[str, Callable[[Identities, Size], list[Row]]]] = {
    "ingest": ingest,
    "crowd": crowd,
    "devices": devices,
    "pages": pages,
    "gate": gates,
    "queue": people,
    "ballots": secret_ballots,
    "result": result,
    "electionguard": selections,
    "provisioning": provisioning,
    "update-night": updates,
    "bad-model": bad_models,
}


def main(words: Sequence[str] | None = None) -> int:
    """Exit status: 0 every budget is kept, 1 one is missed or a measurement failed, 2 wrong words."""
    signal.signal(signal.SIGTERM, _stop)  # as Ctrl-C: whatever was started is stopped on the way out
    given = _parser().parse_args(words)
    unknown = [name for name in given.names if name not in SCENARIOS]
    if unknown:
        print(f"there is no {unknown[0]!r} among {', '.join(SCENARIOS)}", file=sys.stderr)
        return 2
    size = QUICK if given.quick else Size()
    if given.keypads is not None:
        size = replace(size, keypads=given.keypads)
    rows: list[Row] = [machine.row()]
    failed = False
    for name in given.names or SCENARIOS:
        _warn_if_busy(name)
        begun_s = time.monotonic()
        try:
            rows += SCENARIOS[name](Identities(IDENTITIES), size)
        except HallError as err:
            print(f"bench {name}: {err.diagnostics()} [{err.code}]", file=sys.stderr)
            failed = True
        else:
            print(f"{name}: measured in {time.monotonic() - begun_s:.0f} s")
    print(table(rows))
    write(rows, given.out)
    missed = [row for row in rows if not row.ok]
    return 1 if failed or (missed and not given.quick) else 0


def _warn_if_busy(name: str) -> None:
    busy = machine.busy_processors()
    if busy > machine.QUIET:
        print(f"{name}: others keep {busy:.1f} processors busy, so the times will be worse than they should")


def _stop(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description="Measure, and compare with the budgets."
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(SCENARIOS)}; none: all")
    parser.add_argument("--keypads", type=int, help="how many press at once (default 2,000)")
    parser.add_argument("--out", type=Path, default=RESULTS, help=f"where the rows go (default {RESULTS})")
    parser.add_argument("--quick", action="store_true", help="little of everything, budgets are not judged")
    return parser


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)

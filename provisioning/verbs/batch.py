"""`hallward provision batch new | list | revoke`: tokens for the boot media of many devices."""

import argparse
import secrets
import time
from datetime import UTC, datetime

from provisioning.desk.batches import BatchFile, fault
from provisioning.desk.journal import FILE_NAME, claims_of, read_lines
from provisioning.errors import ConfigError
from provisioning.media.order import TOKEN_WORD
from provisioning.verbs.asked import Verbs, add_authority, opened, verb
from wire.ids import HallId


def add(verbs: Verbs) -> None:
    batch = verb(verbs, "batch", _list, "tokens for the boot media of many devices")
    acts = batch.add_subparsers(required=True, metavar="ACT")
    new = verb(acts, "new", _new, "make a token; it is printed once")
    add_authority(new)
    new.add_argument("--hall", required=True, help="name of the hall, as a check")
    new.add_argument("--count", type=int, required=True, help="how many devices it is good for")
    new.add_argument("--hours", type=int, required=True, help="how long it is good")
    listing = verb(acts, "list", _list, "say which batches there are, and how far they are used")
    add_authority(listing)
    revoke = verb(acts, "revoke", _revoke, "end a batch; devices that have a place keep it")
    add_authority(revoke)
    revoke.add_argument("batch", help="name of the batch, as list prints it")


def _new(given: argparse.Namespace) -> int:
    authority = opened(given)
    hall = authority.card.hall
    if given.hall != hall:
        raise ConfigError(f"{given.authority} is the authority of {hall}, not of {given.hall}: name its hall")
    batch, token = BatchFile(given.authority).new(
        HallId(hall),
        given.count,
        given.hours,
        now_ms=int(authority.time().timestamp() * 1000),
        random=secrets.token_bytes,
    )
    print(f"batch {batch.batch}: {batch.count} devices of {hall}, until {_time(batch.ends_ms)}")
    print(f"{TOKEN_WORD}{token}")
    print(
        "the token is shown this once: put it alone into a file for `hallward provision image --token-file`; "
        "it opens nothing by itself"
    )
    return 0


def _list(given: argparse.Namespace) -> int:
    hall, path = opened(given).card.hall, given.authority / FILE_NAME
    claims = claims_of(read_lines(path), path)
    batches = BatchFile(given.authority).every()
    for batch in batches:
        used = claims.used(batch.batch)
        state = fault(batch, hall, _now_ms(), used) or "in force"
        print(f"{batch.batch}  {used} of {batch.count} used  until {_time(batch.ends_ms)}  {state}")
    if not batches:
        print("there are no batches")
    return 0


def _revoke(given: argparse.Namespace) -> int:
    BatchFile(given.authority).revoke(given.batch, _now_ms())
    print(f"batch {given.batch} is over: a device that brings its token waits for a technician")
    return 0


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _time(at_ms: int) -> str:
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC):%Y-%m-%d %H:%M} UTC"

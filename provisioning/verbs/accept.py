"""`hallward provision accept`: every device tests itself, and a signed report says what was found."""

import argparse
import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from durable.files import make_folder
from provisioning.acceptance.acceptance import Pace, accept
from provisioning.acceptance.report import Outcome, Report
from provisioning.errors import ConfigError
from provisioning.files import PUBLIC, write_whole
from provisioning.verbs.asked import Verbs, add_authority, add_fleet, opened, signed_in, verb

WAIT_S: Final = 120
WAIT_S_MAX: Final = 3600


def add(verbs: Verbs) -> None:
    parser = verb(verbs, "accept", _accept, "have every device test itself, and write the signed report")
    add_authority(parser)
    add_fleet(parser, required=True)
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="the report, a PDF")
    parser.add_argument(
        "--wait", type=int, default=WAIT_S, metavar="S", help="how long answers are awaited, in seconds"
    )
    parser.add_argument(
        "--device", action="append", default=[], metavar="NAME", help="only this device; may be repeated"
    )


def _accept(given: argparse.Namespace) -> int:
    """1 when anything failed or did not answer; the report is written all the same."""
    if not 1 <= given.wait <= WAIT_S_MAX:
        raise ConfigError(f"--wait must be 1 to {WAIT_S_MAX} seconds, got {given.wait}")
    with _kept(given.out):
        report = _reported(given)
    for line in _summary(report):
        print(line)
    print(f"signed report: {given.out}")
    return 0 if report.is_passed else 1


@contextmanager
def _kept(out: Path) -> Iterator[None]:
    """Hold the name of a report from before the first device is asked: nobody is told after minutes that it
    cannot be written, and of two who name one file the second is told at once. A kill leaves an empty file,
    which the next run takes for its own; without a report the folders made for it go, too. Raises
    ConfigError."""
    try:
        missing = [above for above in out.parents if not above.exists()]
        if out.is_symlink() or (out.exists() and not (out.is_file() and _is_empty(out))):
            raise ConfigError(f"{out} exists, and a report is never overwritten: name another file")
        make_folder(out.parent, 0o700)
        descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, PUBLIC)
    except OSError as err:
        raise ConfigError(f"{out} cannot be written: {err.strerror}") from err
    try:
        _lock(descriptor, out)
        try:
            yield
        finally:
            if _is_empty(out):
                out.unlink(missing_ok=True)
                with suppress(OSError):  # somebody else has put something there meanwhile
                    for folder in missing:
                        folder.rmdir()
    finally:
        os.close(descriptor)


def _lock(descriptor: int, out: Path) -> None:
    """Raises ConfigError while somebody else holds it, or has just given the name to a report."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as err:
        if err.errno == errno.EWOULDBLOCK:
            raise ConfigError(f"{out} is being written by another acceptance: name another file") from None
        # A file system without locks has one writer at a time.
    if not _is_empty(out):
        raise ConfigError(f"{out} has just been written, and a report is never overwritten: name another")


def _is_empty(out: Path) -> bool:
    """False where there is none."""
    return out.exists() and out.stat().st_size == 0


def _reported(given: argparse.Namespace) -> Report:
    """The report, written and signed. Raises what accept raises, and what can be wrong with a folder."""
    # The two libraries that write and sign a PDF are slow to load, and no other verb needs them.
    from provisioning.acceptance.sheet import Prints, as_pdf  # noqa: PLC0415  # see above
    from provisioning.acceptance.signature import seal_of  # noqa: PLC0415  # see above
    from provisioning.authority.forms import digest  # noqa: PLC0415  # beside them

    authority = opened(given)
    fleet = signed_in(given)
    seal = seal_of(authority)
    pace = Pace(lambda: datetime.now(UTC), time.monotonic, time.sleep, print)
    report = accept(fleet, authority.card, given.account, pace, wait_s=given.wait, only=given.device)
    pdf = as_pdf(report, Prints(seal.fingerprint, digest(seal.issuer)))
    write_whole(given.out, seal.sign(pdf, reason="Commissioning", location=report.hall), PUBLIC)
    return report


def _summary(report: Report) -> list[str]:
    lines = [
        f"{each.paper.device} ({each.paper.place}): {row.part}: {row.detail}"
        for each in report.tested
        for row in each.faults
    ]
    lines += [
        f"{each.paper.device} ({each.paper.place}): {each.why or 'did not answer in time'}"
        for each in report.tested
        if each.outcome is Outcome.SILENT
    ]
    lines += [f"{place.place} ({place.label}): no device stands there" for place in report.empty]
    counts = report.counts
    lines.append(", ".join(f"{counts[outcome]} {outcome}" for outcome in Outcome))
    return lines

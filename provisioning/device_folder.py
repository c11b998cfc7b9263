"""The folder that makes a machine a device of a hall (read by edge/device).

identity.key   Ed25519, or P-256 where the device signs with ES256; 0600
identity.crt   its certificate; ca.crt  the hall's authority
state/sealing.key   X25519, gates and keypads: opens what is wrapped to this device alone, the key of the face
               references or the PIN of a seat; 0600. In the state folder, because a gate replaces it at the
               end of a congress, and writes nowhere else
charter        keypads that take part in secret questions: who holds which key of the congress, pinned here
update/        image.root.json, director.root.json: whose word it takes for what it is to run; none in a hall
               without updates
device.toml    names, broker, pinned keys; written last, so a folder without it is unfinished

Making it again finishes what was interrupted and renews the certificate; keys that are there are kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, x25519

from ballot.documents.charter import Charter, parse_charter
from ballot.errors import BadDocument
from provisioning.authority.folder import AuthorityFolder
from provisioning.authority.forms import certificate_pem
from provisioning.authority.keys import load_private
from provisioning.errors import AuthorityError, ConfigError
from provisioning.files import PUBLIC, SECRET, key_pem, made_once, read_whole, write_whole
from provisioning.hall import HallCard, quoted
from provisioning.updates import UpdateService, pin_root, root_file
from wire.ids import DeviceId, is_name
from wire.keys import Alg

ROLES: Final = ("gate", "keypad", "board")
SEALED_TO: Final = frozenset({"gate", "keypad"})
"""Roles that are told what nobody else may read."""
SEALING_KEY_FILE: Final = "sealing.key"
CHARTER_FILE: Final = "charter"
Field = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Order:
    """What to make. firmware: fields of the table named like the role; hands: hardware is simulated."""

    device: DeviceId
    role: str
    alg: Alg = Alg.EDDSA
    broker: tuple[str, int] | None = None
    """Another address than the hall's card names: a relay, or another network."""
    hands: bool = False
    firmware: Mapping[str, Field] | None = None
    charter: bytes | None = None
    """To be pinned in a keypad; None leaves the folder as it is."""
    update: UpdateService | None = None
    """None: what it runs is replaced by hand alone."""
    hardware: str | None = None
    """Its kind of hardware, for which releases are signed; None: the usual one of its role."""


@dataclass(frozen=True, slots=True)
class DeviceCard:
    """What the fleet has to know of a device: the body of POST /api/devices. sealing_key: X25519, 32
    bytes."""

    device: DeviceId
    role: str
    certificate: str
    sealing_key: bytes | None


def make_device_folder(path: Path, order: Order, authority: AuthorityFolder) -> DeviceCard:
    """Make, finish or renew a device's folder. Raises ConfigError, AuthorityError."""
    if order.role not in ROLES:
        raise ConfigError(f"role must be one of {', '.join(ROLES)}, got {order.role!r:.40}")
    if order.hardware is not None and not is_name(order.hardware):
        raise ConfigError(
            f"a kind of hardware is named by 1 to 32 of a-z, 0-9 and '-', got {order.hardware!r:.40}"
        )
    if order.charter is not None:
        _pin(path / CHARTER_FILE, order, authority.card)
    if order.update is not None:
        for repository, root in order.update.roots.items():
            pin_root(path / root_file(repository), root)
    identity = _identity(path / "identity.key", order.alg)
    sealing = _sealing(_sealing_file(path)) if order.role in SEALED_TO else None
    certificate = certificate_pem(authority.issue_from_key(order.device, identity.public_key()))
    write_whole(path / "ca.crt", authority.certificate_pem, PUBLIC)
    write_whole(path / "identity.crt", certificate, PUBLIC)
    write_whole(path / "device.toml", device_toml(authority.card, order).encode(), PUBLIC)
    return DeviceCard(order.device, order.role, certificate.decode(), sealing)


def charter_of(content: bytes, source: str, card: HallCard) -> Charter:
    """Raises ConfigError for what is no charter, or that of another congress."""
    try:
        charter = parse_charter(content)
    except BadDocument as err:
        raise ConfigError(f"{source} is no charter: {err.en}") from err
    if charter.congress != card.congress:
        raise ConfigError(
            f"{source} is the charter of {charter.congress}, this hall is of {card.congress}: use its own"
        )
    return charter


def _pin(path: Path, order: Order, card: HallCard) -> None:
    """A pin that is there is never exchanged by running this again."""
    if order.role != "keypad":
        raise ConfigError(f"a charter is pinned in keypads; {order.device} is a {order.role}")
    content = order.charter or b""
    charter_of(content, "the charter", card)
    if path.exists() and read_whole(path, "the charter") != content:
        raise ConfigError(
            f"{path} pins another charter: compare both, remove the file by hand, and run this again"
        )
    write_whole(path, content, PUBLIC)


def device_toml(card: HallCard, order: Order) -> str:
    """The text of device.toml: the hall's card with this device's own lines."""
    host, port = order.broker or (card.broker_host, card.broker_port)
    hall = HallCard(card.hall, card.congress, host, port, card.trust)
    text = f"device = {quoted(order.device)}\nrole = {quoted(order.role)}\n{hall.toml()}"
    if order.update is not None:
        text += f"\n[update]\nhost = {quoted(order.update.host)}\nport = {order.update.port}\n"
        text += f"hardware = {quoted(order.hardware)}\n" if order.hardware is not None else ""
    if order.hands:
        text += "\n[simulated]\nhands = true\n"
    if order.firmware:
        lines = (f"{name} = {_value(value)}" for name, value in sorted(order.firmware.items()))
        text += f"\n[{order.role}]\n" + "\n".join(lines) + "\n"
    return text


def _value(value: Field) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return quoted(value) if isinstance(value, str) else repr(value)


def _identity(path: Path, alg: Alg) -> ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey:
    with made_once(path.parent):
        if not path.exists():
            made = (
                ed25519.Ed25519PrivateKey.generate()
                if alg is Alg.EDDSA
                else ec.generate_private_key(ec.SECP256R1())
            )
            write_whole(path, key_pem(made), SECRET)
    key = load_private(path)
    if isinstance(key, ed25519.Ed25519PrivateKey) != (alg is Alg.EDDSA):
        raise AuthorityError(
            f"{path} is a key of another kind: a device keeps its kind of key, give it a new folder"
        )
    return key


def _sealing_file(folder: Path) -> Path:
    """Where the device looks for it; a gate's from before stays where it is."""
    beside = folder / SEALING_KEY_FILE
    if beside.exists():
        return beside
    state = folder / "state"
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    return state / SEALING_KEY_FILE


def _sealing(path: Path) -> bytes:
    """The public half, 32 bytes."""
    with made_once(path.parent):
        if not path.exists():
            write_whole(path, key_pem(x25519.X25519PrivateKey.generate()), SECRET)
    try:
        key = serialization.load_pem_private_key(read_whole(path, "the sealing key"), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise AuthorityError(f"{path} is damaged: remove it to have another key made") from None
    if not isinstance(key, x25519.X25519PrivateKey):
        raise AuthorityError(f"{path} is no X25519 key: remove it to have another one made")
    return key.public_key().public_bytes_raw()

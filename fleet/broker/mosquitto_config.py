"""The configuration of mosquitto 2.0 and newer, and its access list. Pure text; measured on Debian's 2.0.11.

- `use_identity_as_username` makes the common name the user, `use_username_as_clientid` the client id: a
  device that connects with another's client id evicts nobody.
- A reload (SIGHUP) reads the access list and the revocation list anew, but leaves revoked clients connected,
  mute and deaf. The private socket in the broker's own folder ends that: whoever connects there under a
  client id takes its place, so the fleet does, and leaves. The socket has an empty access list: nothing can
  be said or heard on it.
- Nothing is persisted: sessions are clean, and an acknowledgement of a broker is never a promise (DESIGN §4).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from fleet.broker.access import User
from fleet.broker.settings import CONNECTIONS_MAX, MESSAGE_BYTES_MAX, BrokerSettings

ACCESS_FILE: Final = "access"
NO_ACCESS_FILE: Final = "no-access"
REVOCATIONS_FILE: Final = "revocations.pem"
SOCKET_FILE: Final = "evict.sock"


def mosquitto_config(settings: BrokerSettings) -> str:
    """The whole configuration file. `user root` keeps the rights of whoever starts it: no other could read
    the key."""
    folder = settings.folder
    return f"""\
# Generated from the registry; edits are overwritten.
per_listener_settings true
user root
persistence false
log_dest stderr
log_timestamp false
log_type error
log_type warning
connection_messages false
max_inflight_messages 1000
max_queued_messages 100000
max_queued_bytes 0
max_packet_size {MESSAGE_BYTES_MAX}
max_keepalive 600
set_tcp_nodelay true

listener {settings.port} {settings.host}
max_connections {CONNECTIONS_MAX}
cafile {settings.authority}
certfile {settings.certificate}
keyfile {settings.key}
crlfile {folder / REVOCATIONS_FILE}
tls_version tlsv1.3
require_certificate true
use_identity_as_username true
use_username_as_clientid true
allow_anonymous false
acl_file {folder / ACCESS_FILE}

listener 0 {folder / SOCKET_FILE}
max_connections 4
allow_anonymous true
acl_file {folder / NO_ACCESS_FILE}
"""


def mosquitto_access(users: Sequence[User]) -> str:
    """The access list: whoever is not in it may do nothing."""
    blocks = []
    for user in users:
        lines = [f"user {user.name}"]
        lines += [f"topic write {text}" for text in user.publish]
        lines += [f"topic read {text}" for text in user.subscribe]
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)


def takeover(client_id: str) -> bytes:
    """The MQTT 3.1.1 packet CONNECT, clean and without a user, under this client id (OASIS MQTT 3.1.1, §3.1).

    The id is a device's name: at most 32 ASCII characters, so one byte holds each length.
    """
    name = client_id.encode("ascii")
    body = b"\x00\x04MQTT\x04\x02\x00\x0a" + len(name).to_bytes(2, "big") + name
    return b"\x10" + bytes([len(body)]) + body


LEAVE: Final = b"\xe0\x00"
ACCEPTED: Final = b"\x20\x02\x00\x00"


def socket_path(folder: Path) -> Path:
    return folder / SOCKET_FILE

"""The configuration of nats-server, from settings and users. Pure text; measured on 2.15
(tests/contract/test_broker.py).

- `verify_and_map` maps a certificate without alternative names to the user named like its subject:
  `CN=keypad-7`. A user name or password in CONNECT is ignored.
- Users have no password, so both listeners demand a certificate and the users may come by MQTT alone; NATS
  cannot run without its own client port, which therefore listens on loopback, on any free port, and refuses
  everyone.
- QoS 1 deliveries need no permission on `$MQTT.sub.>`; granting it would let a device hear everybody's.
- After a kill -9 the sessions of clean clients remain; the inactivity threshold removes them, before what
  they would still have to hear fills the disk.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from fleet.broker.access import User
from fleet.broker.settings import CONNECTIONS_MAX, HANDSHAKE_S, MESSAGE_BYTES_MAX, BrokerSettings

STORE_BYTES_MAX: Final = 1 << 30
MEMORY_BYTES_MAX: Final = 64 << 20
# Unacknowledged messages per subscription: ingest acknowledges after its commit, in batches.
UNACKNOWLEDGED_MAX: Final = 8192
INACTIVE_SESSION: Final = "5m"


def nats_config(settings: BrokerSettings, users: Sequence[User]) -> str:
    """The whole configuration file."""
    tls = _tls(settings)
    accounts = ",\n".join(_user(user) for user in users)
    return f"""\
# Generated from the registry; edits are overwritten.
server_name: {_text(settings.hall)}
host: "127.0.0.1"
port: -1
tls: {tls}
max_connections: {CONNECTIONS_MAX}
max_payload: {MESSAGE_BYTES_MAX}
ping_interval: "20s"
logtime: false
jetstream: {{
  store_dir: {_text(settings.folder / "store")}
  max_memory_store: {MEMORY_BYTES_MAX}
  max_file_store: {STORE_BYTES_MAX}
}}
mqtt: {{
  host: {_text(settings.host)}
  port: {settings.port}
  tls: {tls}
  ack_wait: "30s"
  max_ack_pending: {UNACKNOWLEDGED_MAX}
  reject_qos2_publish: true
  consumer_inactive_threshold: "{INACTIVE_SESSION}"
}}
authorization: {{
  timeout: {HANDSHAKE_S}
  users: [
{accounts}
  ]
}}
"""


def _tls(settings: BrokerSettings) -> str:
    fields = {
        "cert_file": _text(settings.certificate),
        "key_file": _text(settings.key),
        "ca_file": _text(settings.authority),
        "verify_and_map": "true",
        "min_version": '"1.3"',
        "timeout": str(HANDSHAKE_S),
    }
    return "{ " + ", ".join(f"{name}: {value}" for name, value in fields.items()) + " }"


def _user(user: User) -> str:
    rights = ", ".join(
        f"{verb}: {{ allow: {_subjects(filters)} }}"
        for verb, filters in (("publish", user.publish), ("subscribe", user.subscribe))
    )
    return (
        f'    {{ user: "CN={user.name}", allowed_connection_types: ["MQTT"], permissions: {{ {rights} }} }}'
    )


def _subjects(filters: Sequence[str]) -> str:
    """MQTT filters in NATS's words: `/` becomes `.`, `+` becomes `*`. Names of ours hold neither dots nor
    stars."""
    return json.dumps([text.replace("/", ".").replace("+", "*") for text in filters])


def _text(value: str | Path) -> str:
    return json.dumps(str(value), ensure_ascii=False)

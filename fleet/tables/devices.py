"""Devices: who they are, what they last said, what they are to be."""

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Integer, LargeBinary, String, Table, Text

from fleet.tables.schema import metadata

devices: Final = Table(
    "devices",
    metadata,
    Column("device", String(32), primary_key=True),
    Column("role", String(16), nullable=False),
    Column("alg", Integer, nullable=False),
    Column("public_key", LargeBinary(65), nullable=False),
    Column("sealing_key", LargeBinary(32), nullable=True, comment="X25519, gates and keypads"),
    Column("certificate", Text, nullable=False, comment="PEM"),
    Column("place", String(80), nullable=False, comment="in words, for the board"),
    Column("serial", String(64), nullable=True, comment="as printed on it: a name, never a secret"),
    Column("state", String(16), nullable=False, comment="active | revoked"),
    Column("registered_ms", BigInteger, nullable=False),
    Column("revoked_ms", BigInteger, nullable=True),
    Column(
        "generation", BigInteger, nullable=False, comment="rises with each change: broker users follow it"
    ),
    Column(
        "backend", String(16), nullable=True, comment="who updates it: native | ddi | balena; null: native"
    ),
)

places: Final = Table(
    "places",
    metadata,
    Column("place", String(32), primary_key=True),
    Column("role", String(16), nullable=False, comment="gate | keypad | board"),
    Column("label", String(80), nullable=False, comment="in words, for people"),
    Column("row", String(16), nullable=False, comment="of seats, as people call it; may be empty"),
    Column("seat", String(16), nullable=False, comment="as printed on the seat; may be empty"),
    Column("x", Integer, nullable=False, comment="on the map, from the left, 0 to 9999"),
    Column("y", Integer, nullable=False, comment="on the map, from the podium, 0 to 9999"),
    Column("serial", String(64), nullable=True, comment="of the device expected here; null: any"),
    Column("device", String(32), nullable=True, unique=True, comment="that stands here; null: none"),
    Column("changed_ms", BigInteger, nullable=False),
    comment="the plan of the hall: where devices stand",
)

self_tests: Final = Table(
    "self_tests",
    metadata,
    Column("device", String(32), primary_key=True),
    Column("leaf_index", BigInteger, nullable=False, comment="of the record that says it"),
    Column("wall_ms", BigInteger, nullable=False, comment="by the device's stamp"),
    Column("received_ms", BigInteger, nullable=False),
    Column("command", String(32), nullable=True, comment="id of the command that asked, hex"),
    Column("passed", Boolean, nullable=False),
    Column("results", Text, nullable=False, comment="JSON list of [part, passed, detail]"),
    comment="the newest signed self-test of each device",
)

births: Final = Table(
    "births",
    metadata,
    Column("device", String(32), primary_key=True),
    Column("received_ms", BigInteger, nullable=False),
    Column("epoch", LargeBinary(8), nullable=False),
    Column("last_seq", BigInteger, nullable=False),
    Column("boot", BigInteger, nullable=False),
    Column("software", String(64), nullable=False),
    Column("twin_generation", BigInteger, nullable=False),
    Column("reported", Text, nullable=False, comment="JSON"),
)

health: Final = Table(
    "health",
    metadata,
    Column("device", String(32), primary_key=True),
    Column("last_seen_ms", BigInteger, nullable=False),
    Column("clock_skew_ms", BigInteger, nullable=False),
    Column("readings", Text, nullable=False, comment="JSON, counters"),
)

twins: Final = Table(
    "twins",
    metadata,
    Column("device", String(32), primary_key=True),
    Column("generation", BigInteger, nullable=False),
    Column(
        "desired",
        Text,
        nullable=False,
        comment="JSON; bytes as hex under the key's type in devices/twin rules",
    ),
    Column("changed_ms", BigInteger, nullable=False),
)

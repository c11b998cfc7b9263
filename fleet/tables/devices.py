"""Devices: who they are, what they last said, what they are to be."""

from typing import Final

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, String, Table, Text

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
    Column("state", String(16), nullable=False, comment="active | revoked"),
    Column("registered_ms", BigInteger, nullable=False),
    Column("revoked_ms", BigInteger, nullable=True),
    Column(
        "generation", BigInteger, nullable=False, comment="rises with each change: broker users follow it"
    ),
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

"""Updates: what devices are to run and what came of it; freezes that were lifted, and what devices attest."""

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, String, Table, Text

from fleet.tables.schema import BigId, metadata

rollouts: Final = Table(
    "rollouts",
    metadata,
    Column("rollout", String(32), primary_key=True),
    Column("component", String(16), nullable=False),
    Column("target", String(80), nullable=False, comment="path in the image repository"),
    Column("sha256", LargeBinary(32), nullable=False),
    Column("length", BigInteger, nullable=False),
    Column("about", Text, nullable=False, comment="JSON, what its officers say of the target"),
    Column("state", String(16), nullable=False),
    Column(
        "generation", BigInteger, nullable=False, comment="rises with each start, abort, roll back, retry"
    ),
    Column("plan", Text, nullable=False, comment="JSON, fleet/rollout/rules/plan.py"),
    Column("words", Text, nullable=False, comment="where it stands and why, for people"),
    Column("words_vi", Text, nullable=False, comment="the same in Vietnamese"),
    Column("why", Text, nullable=False, comment="why it was stopped or paused; or empty"),
    Column("why_vi", Text, nullable=False, comment="the same in Vietnamese"),
    Column("wave", Integer, nullable=False, comment="the last one begun, from 0; -1: none"),
    Column("began_ms", BigInteger, nullable=False, comment="when that wave began; 0: none did"),
    Column("account", String(64), nullable=False, comment="who made it"),
    Column("created_ms", BigInteger, nullable=False),
    Column("changed_ms", BigInteger, nullable=False),
)

rollout_devices: Final = Table(
    "rollout_devices",
    metadata,
    Column("rollout", String(32), primary_key=True),
    Column("device", String(32), primary_key=True),
    Column("wave", Integer, nullable=False),
    Column("slot_ms", BigInteger, nullable=False, comment="after the beginning of its wave"),
    Column("backend", String(16), nullable=False, comment="native | ddi | balena"),
    Column("state", String(16), nullable=False),
    Column("cause", String(80), nullable=False, comment="a word of the matrix; empty while all is well"),
    Column("detail", Text, nullable=False),
    Column("before_sha256", LargeBinary(32), nullable=True, comment="what it had when it was planned"),
    Column("generation", BigInteger, nullable=False, comment="of the order that it was given"),
    Column("readings", Text, nullable=False, comment="JSON, integers, before and after"),
    Column("ordered_ms", BigInteger, nullable=True),
    Column("ended_ms", BigInteger, nullable=True),
    Index("ix_rollout_devices_device", "device"),
)

update_outcomes: Final = Table(
    "update_outcomes",
    metadata,
    Column("leaf_index", BigInteger, primary_key=True, autoincrement=False),
    Column("device", String(32), nullable=False),
    Column("rollout", String(32), nullable=True),
    Column("generation", BigInteger, nullable=False),
    Column("component", String(16), nullable=False),
    Column("before_sha256", LargeBinary(32), nullable=True),
    Column("after_sha256", LargeBinary(32), nullable=True),
    Column("step", String(16), nullable=False),
    Column("cause", String(80), nullable=False),
    Column("readings", Text, nullable=False, comment="JSON, integers"),
    Column("wall_ms", BigInteger, nullable=False, comment="by the device's stamp"),
    Column("received_ms", BigInteger, nullable=False),
    Index("ix_update_outcomes_rollout", "rollout"),
    comment="records update/1 of the log, as they stand there",
)

attestations: Final = Table(
    "attestations",
    metadata,
    Column("sitting", String(32), primary_key=True),
    Column("device", String(32), primary_key=True),
    Column("leaf_index", BigInteger, nullable=False),
    Column("from_ms", BigInteger, nullable=False),
    Column("to_ms", BigInteger, nullable=False),
    Column("boots", BigInteger, nullable=False),
    Column("lifted", Boolean, nullable=False),
    Column("unchanged", Boolean, nullable=False),
    Column("parts", Text, nullable=False, comment="JSON list of [part, hash then, hash after]"),
    Column("received_ms", BigInteger, nullable=False),
    comment="records attestation/1 of the log",
)

overrides: Final = Table(
    "overrides",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("sitting", String(32), nullable=False),
    Column("device", String(32), nullable=True, comment="null: the whole hall"),
    Column("reason", Text, nullable=False),
    Column("first", String(64), nullable=False, comment="account that asks"),
    Column("second", String(64), nullable=True, comment="another one, that agrees"),
    Column("state", String(16), nullable=False, comment="asked | lifted | ended | expired"),
    Column("minutes", Integer, nullable=False),
    Column("asked_ms", BigInteger, nullable=False),
    Column("until_ms", BigInteger, nullable=True),
)

frozen_devices: Final = Table(
    "frozen_devices",
    metadata,
    Column("sitting", String(32), primary_key=True),
    Column("device", String(32), primary_key=True),
    Column("role", String(16), nullable=False),
    Column("present", Boolean, nullable=False, comment="it was there when the sitting was opened"),
    Column("holds", Text, nullable=False, comment="JSON, what it reported that it runs, by component"),
    Column("since_ms", BigInteger, nullable=False),
    comment="who is under the freeze of a sitting; a spare runs what one of them runs",
)

director: Final = Table(
    "director",
    metadata,
    Column("device", String(32), primary_key=True),
    Column("component", String(16), primary_key=True),
    Column("target", String(80), nullable=False),
    Column("length", BigInteger, nullable=False),
    Column("sha256", LargeBinary(32), nullable=False),
    Column("rollout", String(32), nullable=False),
    Column("generation", BigInteger, nullable=False),
    comment="what each device is to install, as the director signs it",
)

director_metadata: Final = Table(
    "director_metadata",
    metadata,
    Column("device", String(32), primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("expires_ms", BigInteger, nullable=False),
    Column("targets", Text, nullable=False),
    Column("snapshot", Text, nullable=False),
    Column("timestamp", Text, nullable=False),
    comment="as last signed",
)

ddi_actions: Final = Table(
    "ddi_actions",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("device", String(32), nullable=False),
    Column("rollout", String(32), nullable=False),
    Column("generation", BigInteger, nullable=False),
    Column("state", String(16), nullable=False, comment="open | cancelling | closed"),
    Column("feedback", Text, nullable=False, comment="JSON, the newest lines"),
    Column("outcome", String(16), nullable=True, comment="installed | failed | stopped; null: not said"),
    Column("fetched_ms", BigInteger, nullable=True, comment="when its client first asked for the image"),
    Column("changed_ms", BigInteger, nullable=False),
    Index("ix_ddi_actions_device", "device"),
    comment="what a hawkBit client works on",
)

ddi_clients: Final = Table(
    "ddi_clients",
    metadata,
    Column("device", String(32), primary_key=True),
    Column("token_sha256", LargeBinary(32), nullable=True, comment="null: its certificate is enough"),
    Column("attributes", Text, nullable=False, comment="JSON, what its configData says of it"),
    Column("holds", String(80), nullable=False, comment="hash and counter of its image; empty: not known"),
    Column("version", String(64), nullable=False, comment="of what it holds, as its officers call it"),
    Column("told_ms", BigInteger, nullable=True, comment="when it last sent configData; null: ask it"),
    Column("polled_ms", BigInteger, nullable=True, comment="to within ten minutes"),
    comment="what hawkBit clients say of themselves",
)

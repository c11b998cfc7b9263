"""Every table of a hall's fleet, as SQLAlchemy Core tables. The stores of each room use these alone.

Times are integer milliseconds since 1970 UTC; hashes and envelopes are bytes. SQLite and PostgreSQL hold the
same schema; migrations/ brings an older one up to date.
"""

from fleet.tables.devices import births, devices, health, places, self_tests, twins
from fleet.tables.log import drops, high_water, log_head, records, settings
from fleet.tables.office import accounts, audit_log, desk_queue, downlink, one_time_codes, sign_ins
from fleet.tables.people import (
    badges,
    consents,
    face_references,
    gates_told,
    members,
    reference_base,
    wrapped_keys,
)
from fleet.tables.questions import (
    annotations,
    paper_counts,
    paper_sheets,
    questions,
    recusals,
    roll,
    sittings,
    standings,
    vote_settings,
)
from fleet.tables.schema import BigId, metadata
from fleet.tables.secret import contests, cosigned_notes, documents, session_keys
from fleet.tables.updates import (
    attestations,
    ddi_actions,
    ddi_clients,
    director,
    director_metadata,
    frozen_devices,
    overrides,
    rollout_devices,
    rollouts,
    update_outcomes,
)

__all__ = [
    "BigId",
    "accounts",
    "annotations",
    "attestations",
    "audit_log",
    "badges",
    "births",
    "consents",
    "contests",
    "cosigned_notes",
    "ddi_actions",
    "ddi_clients",
    "desk_queue",
    "devices",
    "director",
    "director_metadata",
    "documents",
    "downlink",
    "drops",
    "face_references",
    "frozen_devices",
    "gates_told",
    "health",
    "high_water",
    "log_head",
    "members",
    "metadata",
    "one_time_codes",
    "overrides",
    "paper_counts",
    "paper_sheets",
    "places",
    "questions",
    "records",
    "recusals",
    "reference_base",
    "roll",
    "rollout_devices",
    "rollouts",
    "self_tests",
    "session_keys",
    "settings",
    "sign_ins",
    "sittings",
    "standings",
    "twins",
    "update_outcomes",
    "vote_settings",
    "wrapped_keys",
]

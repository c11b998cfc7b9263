"""The life of one secret ballot at one seat, as one table: (state, event) -> (state, effects). Pure.

    waiting ─ PAPERS ─ ready ─ OPENED ─ committing ─ ACCEPTED ─ choosing
    choosing ─ CONFIRMED ─ preparing ─ ACCEPTED ─ code
    code ─ CAST ─ casting ─ ACCEPTED ─ recorded ─ WITNESSED ─ in the closed record
    code ─ CHECK ─ checking ─ ACCEPTED ─ checked ─ AGAIN ─ choosing

Every state is durable before anything of it is said, and the memory behind it never is. An entry on its way
is answered before anything else happens; while nothing is on its way, a unit looks at its state and says
what is still to be said (question.py), so that a start, a refusal and a full disk all end in the same
place.

A question that is held, that nobody renews, or that is not this person's to answer now is no state: it is a
lid over those in which keys mean something (TAKES), and below it nothing is lost.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class State(StrEnum):
    WAITING = "waiting"
    """Documents, or a place in the roll, are missing."""
    READY = "ready"
    """All is there; the question is not open yet."""
    COMMITTING = "committing"
    """The store is to have a commitment of ours before anything is chosen."""
    CHOOSING = "choosing"
    PREPARING = "preparing"
    """The ballot is fixed; its receipt is awaited."""
    CODE = "code"
    """The code is shown: cast or check."""
    CHECKING = "checking"
    CHECKED = "checked"
    """Opened to be checked: it never counts."""
    CASTING = "casting"
    """Stored, sending."""
    RECORDED = "recorded"
    IN_RECORD = "in-record"
    """In the closed record."""
    CLOSED = "closed"
    """Closed without a vote from here."""
    LATE = "late"
    """It came behind the close and does not count."""
    REFUSED = "refused"
    """The store says why in a signed leaf."""
    REPLACED = "replaced"
    """Another unit speaks for this voter, or nobody does."""
    CANCELLED = "cancelled"
    USED_UP = "used-up"
    """As many ballots were prepared as one voter may."""


class Event(StrEnum):
    PAPERS = "papers"
    OPENED = "opened"
    ACCEPTED = "accepted"
    """The entry on its way is a leaf, and its commitment has a nonce."""
    FORGOTTEN = "forgotten"
    """The same, but this start of the unit does not know what it had committed to."""
    CONFIRMED = "confirmed"
    CAST = "cast"
    CHECK = "check"
    DISCARD = "discard"
    """The person would rather choose anew than cast or check."""
    AGAIN = "again"
    TOO_EARLY = "too-early"
    TOO_LATE = "too-late"
    TOO_MANY = "too-many"
    REFUSED = "refused"
    OLD_KEY = "old-key"
    CLOSED = "closed"
    """The chair's CLOSE is believed and nothing is on its way."""
    VOTE_STANDS = "vote-stands"
    """Closed, or too late, and an earlier vote from here counts."""
    KEEP = "keep"
    """The person leaves the earlier vote as it is."""
    WITNESSED = "witnessed"
    CANCELLED = "cancelled"
    REBOUND = "rebound"
    """This unit's key speaks for a voter, under another generation than before."""
    UNBOUND = "unbound"
    RESTARTED = "restarted"


class Effect(StrEnum):
    COMMIT = "commit"
    """Say what gives the store a commitment: the first entry, or that the seq before is given up."""
    PREPARE = "prepare"
    SAY_CAST = "say-cast"
    SAY_CHECKED = "say-checked"
    FORGET = "forget"
    """Wipe what only memory knows of this ballot."""
    END = "end"
    """Say that nothing is pending here."""
    BEGIN = "begin"
    """Another chain of entries: this unit holds another life of the voter's key."""
    NOT_CAST = "not-cast"
    """Tell the person that the ballot was not cast."""


Row = tuple[State, tuple[Effect, ...]]
_S, _E, _F = State, Event, Effect
_ON_ITS_WAY: Final = (_S.COMMITTING, _S.PREPARING, _S.CHECKING, _S.CASTING)
_WITHOUT_VOTE: Final = (
    _S.READY,
    _S.COMMITTING,
    _S.CHOOSING,
    _S.PREPARING,
    _S.CODE,
    _S.CHECKING,
    _S.CHECKED,
    _S.USED_UP,
)
_LIVE: Final = (*_WITHOUT_VOTE, _S.CASTING, _S.RECORDED, _S.REFUSED)

TABLE: Final[dict[tuple[State, Event], Row]] = {
    (_S.WAITING, _E.PAPERS): (_S.READY, ()),
    (_S.READY, _E.OPENED): (_S.COMMITTING, (_F.COMMIT,)),
    (_S.COMMITTING, _E.ACCEPTED): (_S.CHOOSING, ()),
    (_S.COMMITTING, _E.FORGOTTEN): (_S.COMMITTING, (_F.COMMIT,)),
    (_S.CHOOSING, _E.CONFIRMED): (_S.PREPARING, (_F.PREPARE,)),
    (_S.PREPARING, _E.ACCEPTED): (_S.CODE, ()),
    (_S.PREPARING, _E.FORGOTTEN): (_S.COMMITTING, (_F.NOT_CAST, _F.COMMIT)),
    (_S.CODE, _E.CAST): (_S.CASTING, (_F.SAY_CAST, _F.FORGET)),
    (_S.CODE, _E.CHECK): (_S.CHECKING, (_F.SAY_CHECKED,)),
    (_S.CODE, _E.DISCARD): (_S.COMMITTING, (_F.FORGET, _F.COMMIT)),
    (_S.CHECKING, _E.ACCEPTED): (_S.CHECKED, ()),
    (_S.CHECKED, _E.AGAIN): (_S.CHOOSING, (_F.FORGET,)),
    (_S.CASTING, _E.ACCEPTED): (_S.RECORDED, ()),
    (_S.RECORDED, _E.AGAIN): (_S.CHOOSING, ()),
    (_S.RECORDED, _E.FORGOTTEN): (_S.COMMITTING, (_F.COMMIT,)),
    (_S.CHOOSING, _E.KEEP): (_S.RECORDED, (_F.FORGET,)),
    (_S.CHOOSING, _E.TOO_MANY): (_S.USED_UP, (_F.FORGET,)),
    # refusals: the unit believes them only with their place in the log
    (_S.COMMITTING, _E.TOO_EARLY): (_S.COMMITTING, (_F.COMMIT,)),
    (_S.PREPARING, _E.TOO_MANY): (_S.USED_UP, (_F.FORGET,)),
    (_S.CASTING, _E.TOO_LATE): (_S.LATE, (_F.FORGET, _F.END)),
    **{(state, _E.TOO_LATE): (_S.CLOSED, (_F.FORGET, _F.END)) for state in _ON_ITS_WAY[:-1]},
    **{(state, _E.REFUSED): (_S.REFUSED, (_F.FORGET,)) for state in _ON_ITS_WAY},
    **{(state, _E.OLD_KEY): (_S.REPLACED, (_F.FORGET,)) for state in _ON_ITS_WAY},
    # the end
    **{(state, _E.CLOSED): (_S.CLOSED, (_F.FORGET, _F.END)) for state in _WITHOUT_VOTE},
    **{(state, _E.VOTE_STANDS): (_S.RECORDED, (_F.FORGET, _F.END)) for state in _WITHOUT_VOTE},
    (_S.RECORDED, _E.CLOSED): (_S.RECORDED, (_F.END,)),
    (_S.REFUSED, _E.CLOSED): (_S.REFUSED, (_F.END,)),
    (_S.IN_RECORD, _E.CLOSED): (_S.IN_RECORD, (_F.END,)),
    (_S.LATE, _E.CLOSED): (_S.LATE, (_F.END,)),
    (_S.CLOSED, _E.CLOSED): (_S.CLOSED, (_F.END,)),
    (_S.RECORDED, _E.WITNESSED): (_S.IN_RECORD, ()),
    # whatever the state
    **{(state, _E.CANCELLED): (_S.CANCELLED, (_F.FORGET,)) for state in State if state is not _S.CANCELLED},
    **{(state, _E.UNBOUND): (_S.REPLACED, (_F.FORGET,)) for state in _LIVE if state not in _ON_ITS_WAY},
    **{(state, _E.REBOUND): (_S.READY, (_F.FORGET, _F.BEGIN)) for state in (*_LIVE, _S.REPLACED)},
    # RESTARTED: where a start comes back to, by what was durable
    (_S.CHOOSING, _E.RESTARTED): (_S.COMMITTING, (_F.COMMIT,)),
    (_S.CODE, _E.RESTARTED): (_S.COMMITTING, (_F.NOT_CAST, _F.COMMIT)),
    (_S.CHECKING, _E.RESTARTED): (_S.COMMITTING, (_F.NOT_CAST, _F.COMMIT)),
    (_S.CHECKED, _E.RESTARTED): (_S.COMMITTING, (_F.COMMIT,)),
}
"""Any other pair changes nothing."""

TAKES: Final = frozenset({State.CHOOSING, State.CODE, State.CHECKED})
"""States in which keys mean something. RECORDED is one as well where a vote may be changed."""

OVER: Final = frozenset(
    {State.IN_RECORD, State.CLOSED, State.LATE, State.REPLACED, State.CANCELLED, State.REFUSED}
)
"""States from which nothing more comes, once the end is said."""

REFUSALS: Final[dict[str, Event]] = {
    "not-open": Event.TOO_EARLY,
    "after-close": Event.TOO_LATE,
    "too-many": Event.TOO_MANY,
    "old-key": Event.OLD_KEY,
}
"""Code of a refusal -> event; any other is REFUSED."""


@dataclass(frozen=True, slots=True)
class Step:
    state: State
    effects: tuple[Effect, ...]


def step(state: State, event: Event) -> Step | None:
    """None: the event means nothing here."""
    row = TABLE.get((state, event))
    return None if row is None else Step(*row)

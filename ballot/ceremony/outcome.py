"""What a step of the ceremony comes to."""

from dataclasses import dataclass, field

from ballot.ceremony.faults import Fault, name_of
from ballot.ceremony.state import Own, State
from ballot.ceremony.words import said
from ballot.documents.charter import Charter
from ballot.documents.document import Document
from ballot.documents.faults import Words
from ballot.group import Scalar


@dataclass(frozen=True, slots=True)
class Write:
    """Keep this state, then lay its papers on the table."""

    state: State
    words: Words


@dataclass(frozen=True, slots=True)
class Waiting:
    """names: for whom."""

    names: tuple[str, ...]
    words: Words


@dataclass(frozen=True, slots=True)
class Stopped:
    """This ceremony cannot go on; a new one takes a new beginning. names: whom the papers name. code: of
    words.py."""

    names: tuple[str, ...]
    code: str
    words: Words


@dataclass(frozen=True, slots=True)
class Done:
    """record: signed by all. share: x_i, to be sealed before anything of the ceremony is forgotten."""

    own: Own
    record: Document
    share: Scalar = field(repr=False)


Outcome = Write | Waiting | Stopped | Done


def stopped_by(fault: Fault, charter: Charter) -> Stopped:
    return Stopped(tuple(name_of(charter, i) for i in fault.culprits), fault.code, fault.words)


def waiting_for(charter: Charter, missing: list[int], code: str, **facts: object) -> Waiting:
    names = tuple(name_of(charter, i) for i in missing)
    return Waiting(names, said(code, names=", ".join(names), **facts))

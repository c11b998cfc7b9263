"""One row of the table of attacks, and how a defender's answer becomes the code in it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from ballot.board.verdicts import Accept, Drop, Pending, Refuse, Repeat, Verdict
from wire.errors import HallError

ACCEPTED = "ACCEPTED"
"""What no defender of this table may say."""


@dataclass(frozen=True, slots=True)
class Attack:
    """source: rules of HV-1 (`hv1 7`) or `issue`. by: the code that must stop it, importable. said: what it
    answers; several codes where one attack has several forms. residual: it succeeds, and users are told so.
    finding: it succeeds and must not: why, until that is mended. carry_out: does it, against the real code,
    and returns what the defender said."""

    id: str
    source: str
    attacker: str
    does: str
    by: str
    said: str
    carry_out: Callable[[], str] = field(repr=False)
    slow: bool = False
    residual: bool = False
    finding: str = ""


Act = Callable[[], str]


class Rows(list[Attack]):
    """The rows of one subject, each written above the function that carries it out."""

    def attack(
        self,
        source: str,
        attacker: str,
        does: str,
        *,
        by: str,
        said: str,
        slow: bool = False,
        residual: bool = False,
        finding: str = "",
    ) -> Callable[[Act], Act]:
        def written(act: Act) -> Act:
            name = act.__name__.replace("_", "-")
            self.append(Attack(name, source, attacker, does, by, said, act, slow, residual, finding))
            return act

        return written


class NotAnAttack(Exception):
    """What should have worked without the attack did not: the refusal after it would mean nothing."""


def honest(holds: object, what: str) -> None:
    """The same without the attack is accepted. Raises NotAnAttack."""
    if not holds:
        raise NotAnAttack(what)


def codes(answers: Iterable[str]) -> str:
    """Of several forms of one attack: each code once."""
    return ", ".join(sorted(set(answers)))


def verdict(found: Verdict | Pending) -> str:
    """What the board said of an entry."""
    match found:
        case Refuse():
            return found.code
        case Drop():
            return f"dropped: {found.code}"
        case Repeat():
            return "answered again"
        case Accept() | Pending():
            return ACCEPTED


def refusal(act: Callable[[], object]) -> str:
    """The code with which the act is refused. A bug is no refusal: anything but our own errors goes on up."""
    try:
        act()
    except HallError as err:
        why = getattr(err, "why", None)
        return why if isinstance(why, str) else err.code
    return ACCEPTED

"""What a small one-bit display shows, in words and signs; how large anything is, drawing/ decides. Pure.

A page knows nothing of ballots, but for one thing that no page may ever do: show a choice and the code of a
sealed ballot together (HV-1 rule 11). A photograph of the two would tie a person's choice to a leaf of the
log.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_CODE: Final = re.compile(r"[0-9A-HJKMNP-TV-Z]{12}")


class Sign(StrEnum):
    """A small picture in the corner. It is never alone: the words beside it say the same."""

    NONE = "none"
    LINK_LOST = "link-lost"
    STORED = "stored"
    SENDING = "sending"
    RECORDED = "recorded"
    CLOSED_RECORD = "closed-record"
    WARNING = "warning"
    SECRET = "secret"  # noqa: S105  # a sign
    QUESTION = "question"


SIGN_TEXT: Final[dict[Sign, str]] = {
    Sign.NONE: "",
    Sign.LINK_LOST: "✕",
    Sign.STORED: "□",
    Sign.SENDING: "▷",
    Sign.RECORDED: "✓",
    Sign.CLOSED_RECORD: "✓✓",
    Sign.WARNING: "!",
    Sign.SECRET: "●",
    Sign.QUESTION: "?",
}
"""The same on a terminal."""


@dataclass(frozen=True, slots=True)
class Page:
    """seat: top left. title: the question or a person. body: lines below it. large: one short text, as a
    choice or a candidate's number. code: twelve characters of Crockford's base 32, with or without a dash
    after every four. hint: (key, what it does), the most important first. qr: texts of QR codes, one a part;
    they hold a choice. claim: the eight characters of a unit that is nobody's yet; its qr is an address.

    Title and body wrap, and go on over further pages of the glass when they must. Raises ValueError for a
    choice beside a code, and for a code that is none: both are mistakes of ours.
    """

    seat: str = ""
    sign: Sign = Sign.NONE
    title: str = ""
    body: tuple[str, ...] = ()
    large: str = ""
    code: str = ""
    hint: tuple[tuple[str, str], ...] = ()
    qr: tuple[str, ...] = ()
    claim: str = ""

    def __post_init__(self) -> None:
        if (self.large or self.qr) and self.code:
            raise ValueError("a choice and a code never stand on one page (HV-1 rule 11)")
        if self.code and not _CODE.fullmatch("".join(self.code_groups)):
            raise ValueError("a code has twelve characters of 0-9 and A-Z without I, L, O and U")

    @property
    def code_groups(self) -> tuple[str, ...]:
        """The code as it is read aloud: 4-4-4."""
        plain = self.code.replace("-", "")
        return tuple(plain[start : start + 4] for start in range(0, len(plain), 4))


def lines(page: Page) -> list[str]:
    """The page as text, top down: for a terminal, a log of a simulation, a screen reader."""
    head = "  ".join(part for part in (page.seat, SIGN_TEXT[page.sign]) if part)
    shown = [head, page.title, *page.body, page.large, "-".join(page.code_groups), page.claim, *page.qr]
    shown.append(" · ".join(": ".join(filter(None, hint)) for hint in page.hint))
    return [line for line in shown if line]

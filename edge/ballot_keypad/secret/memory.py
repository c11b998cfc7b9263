"""What only memory knows of a ballot: it is wiped when the ballot is cast, opened or given up, and a start
knows nothing of it (HV-1 rule 10)."""

from dataclasses import dataclass, field

from ballot.hashing import wipe
from edge.ballot_keypad.choose.selection import Selection
from edge.ballot_keypad.keys.press import Button


@dataclass(slots=True, repr=False)
class Draw:
    """One seq: what the unit drew for it and committed to, and what the store's beacon added."""

    local: bytearray
    nonce: bytes | None = None

    @property
    def is_whole(self) -> bool:
        return self.nonce is not None


@dataclass(slots=True, repr=False)
class Memory:
    """draw: for the current seq; following: for the one after it. way: an entry on its way that is on no
    disk. frames: of the opened ballot's code for other people's programs."""

    draw: Draw | None = None
    following: Draw | None = None
    choices: bytearray = field(default_factory=bytearray)
    body: bytes = b""
    selection: Selection | None = None
    before: Selection | None = None
    """As it was before the last press, should that press be withdrawn."""
    last: Button | None = None
    """The press that was taken last."""
    way: bytes = b""
    frames: tuple[str, ...] = ()
    is_asking_check: bool = False

    def forget(self) -> None:
        """Everything of the ballot at hand; not what is drawn for the next."""
        wipe(self.choices)
        self.choices, self.body = bytearray(), b""
        self.selection = self.before = self.last = None
        self.frames, self.is_asking_check = (), False

    def advance(self) -> None:
        """The next seq is the current one."""
        self._drop(self.draw)
        self.draw, self.following = self.following, None

    def drop_draws(self) -> None:
        self._drop(self.draw)
        self._drop(self.following)
        self.draw = self.following = None

    @staticmethod
    def _drop(draw: Draw | None) -> None:
        if draw is not None:
            wipe(draw.local)

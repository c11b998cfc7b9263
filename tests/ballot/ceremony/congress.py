"""A congress whose keys come from seeds, and trustees who meet at one table."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ballot.adapters.libsodium import Libsodium
from ballot.ceremony.outcome import Done, Outcome, Write
from ballot.ceremony.state import State, decode_state, encode_state
from ballot.ceremony.step import Trustee, begin, step
from ballot.ceremony.table import Table, table_of
from ballot.documents.charter import Charter, Officer
from ballot.documents.document import Document, encode_document, with_signature
from wire.ids import CongressId
from wire.signers import Ed25519Signer

GROUP = Libsodium()
OTHERS = ("ban-an", "ban-bao", "ban-cuc", "tt-dao", "tt-em", "chu-toa", "ben-ngoai")


def signer(name: str) -> Ed25519Signer:
    seed = hashlib.sha256(b"key of " + name.encode()).digest()
    return Ed25519Signer(name, Ed25519PrivateKey.from_private_bytes(seed))


def officer(name: str, *, external: bool = False) -> Officer:
    return Officer(name, signer(name).public_key.raw, external)


def charter_of(n: int, k: int, congress: str = "dh-2026") -> Charter:
    return Charter(
        congress=CongressId(congress),
        k=k,
        trustees=tuple(officer(f"giu-{i}") for i in range(1, n + 1)),
        board=tuple(officer(name) for name in OTHERS[:3]),
        board_quorum=2,
        commission=tuple(officer(name) for name in OTHERS[3:5]),
        commission_quorum=2,
        chair=officer(OTHERS[5]),
        witnesses=(officer(OTHERS[6], external=True),),
        witness_quorum=1,
    )


def seeded(seed: str) -> Callable[[int], bytes]:
    count = 0

    def draw(length: int) -> bytes:
        nonlocal count
        count += 1
        return hashlib.shake_256(f"{seed} {count}".encode()).digest(length)

    return draw


@dataclass
class Meeting:
    """Trustees, each with their own memory, and one stack of papers that all of them see."""

    charter: Charter
    seed: str = "meeting"
    papers: dict[str, bytes] = field(default_factory=dict)
    states: dict[str, State] = field(default_factory=dict)
    trustees: dict[str, Trustee] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for i, each in enumerate(self.charter.trustees, start=1):
            self.trustees[each.name] = Trustee(GROUP, each.name, i, seeded(f"{self.seed} {each.name}"))
            self.states[each.name] = State()

    @property
    def names(self) -> list[str]:
        return list(self.trustees)

    def table(self, papers: dict[str, bytes] | None = None) -> Table:
        return table_of(sorted((self.papers if papers is None else papers).items()), self.charter)

    def lay(self, kind: str, body: bytes, name: str) -> str:
        """A paper of that trustee, on the table; where it lies."""
        document = with_signature(Document(kind, body), name, signer(name))
        place = f"{kind.replace('/', '-')} {name} {document.hash.hex()[:8]}"
        self.papers[place] = encode_document(document)
        return place

    def keep(self, name: str, outcome: Write) -> None:
        self.states[name] = decode_state(encode_state(outcome.state))
        own = self.states[name].own
        for kind, body in own.papers() if own is not None else []:
            self.lay(kind, body, name)

    def begin(self, name: str) -> None:
        outcome = begin(self.trustees[name], self.table(), self.states[name])
        assert isinstance(outcome, Write)
        self.keep(name, outcome)

    def run(self, name: str, papers: dict[str, bytes] | None = None) -> Outcome:
        """One trustee takes as many steps as there are."""
        while True:
            outcome = step(self.trustees[name], self.table(papers), self.states[name])
            if not isinstance(outcome, Write):
                return outcome
            self.keep(name, outcome)
            if papers is not None:
                papers.update({place: self.papers[place] for place in self.papers if f" {name} " in place})

    def round(self) -> list[Outcome]:
        """Everybody once, in order."""
        return [self.run(name) for name in self.names]

    def finish(self) -> list[Done]:
        for _ in range(5):
            outcomes = self.round()
        done = [outcome for outcome in outcomes if isinstance(outcome, Done)]
        assert len(done) == len(self.names), outcomes
        return done

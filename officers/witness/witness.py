"""A witness at work: verifies, keeps, and only then signs. Everything it is given may be a lie."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ballot.documents.bodies import Tally
from ballot.documents.charter import Charter, Office
from ballot.documents.document import parse_document, signed_bytes, signers
from officers.person import Person, tell
from officers.witness.errors import WitnessRefused
from officers.witness.state import Hall, State
from officers.witness.step import SAID, Answer, step
from wire.checkpoint import Checkpoint, cosignature, cosigners, origin, verify_checkpoint
from wire.errors import HallError, RecordRejected
from wire.ids import HallId, StoreId
from wire.keys import Alg, PublicKey, Signer


@dataclass(frozen=True, slots=True)
class Witness:
    """name, signer: as in the pinned charter. now_s: Unix seconds."""

    charter: Charter
    name: str
    signer: Signer
    state: State
    person: Person
    now_s: Callable[[], int]

    def __post_init__(self) -> None:
        known = [each for each in self.charter.witnesses if each.name == self.name]
        if not known or known[0].key != self.signer.public_key.raw:
            raise WitnessRefused("not-a-witness", name=self.name)

    def knows(self, hall: HallId, store_key: bytes) -> None:
        """Pin the key of a hall's store. Raises WitnessRefused when another one was seen before."""
        known = self.state.halls.get(hall)
        if known is not None and known.store_key != store_key:
            raise WitnessRefused("other-store-key", hall=hall)
        if known is None:
            self.state.keep_hall(hall, Hall(store_key))

    def cosign(self, hall: HallId, note: str, consistency: Sequence[bytes]) -> str | None:
        """The line for this note, once what it says is on the disk; None, said aloud, for a rollback or fork.

        Raises WitnessRefused for a note that is not of this hall's store.
        """
        known = self.state.halls.get(hall)
        if known is None:
            raise WitnessRefused("no-hall", hall=hall)
        offered = self._verified(hall, known, note)
        found = step(known.last, offered, consistency)
        facts = {"size": offered.size, "last": known.last.size}
        tell(self.person, _filled(found.answer, facts))
        if found.answer is not Answer.COSIGN:
            return None
        if found.state != known.last:
            # Kept before it is signed: a witness that is killed in between says the same again.
            self.state.keep_hall(hall, Hall(known.store_key, found.state))
        return cosignature(note, self.name, self.signer, self.now_s())

    def check_cosigners(self, note: str) -> None:
        """Raises WitnessRefused when a line under it is said to be a witness's and is not: nobody could use
        the note."""
        keys = {each.name: each.public_key for each in self.charter.witnesses}
        try:
            cosigners(note, self.charter.congress, keys)
        except RecordRejected as err:
            raise WitnessRefused("bad-note", what=err) from None

    def sign_tally(self, data: bytes, contest: bytes | None = None) -> bytes:
        """The signature under a tally that k trustees signed; one for each (key record, contest), ever.

        contest: the one that was asked for. Raises WitnessRefused.
        """
        try:
            document = parse_document(data)
            names = signers(document, self.charter)
            tally = Tally.parse(document.body)
        except HallError as err:
            raise WitnessRefused("bad-tally", what=err.what) from None
        if (document.kind, tally.congress) != (Tally.kind, self.charter.congress):
            raise WitnessRefused("bad-tally", what=f"{document.kind} of {tally.congress}")
        if contest not in (None, tally.contest):
            raise WitnessRefused("bad-tally", what="of another contest than was asked for")
        have = len({each.name for each in self.charter.trustees} & names)
        if have < self.charter.k:
            raise WitnessRefused("few-trustees", have=have, need=self.charter.quorum(Office.TRUSTEES))
        known = self.state.halls.get(tally.hall)
        if known is None or known.last.size < tally.size:
            last = 0 if known is None else known.last.size
            raise WitnessRefused("tally-ahead", size=tally.size, last=last)
        about = (tally.key_record_hash, tally.contest)
        if self.state.tallies.get(about, tally.hash) != tally.hash:
            raise WitnessRefused("second-tally")
        if about not in self.state.tallies:
            self.state.keep_tally(*about, tally.hash)
        return self.signer.sign(signed_bytes(document.kind, document.body))

    def _verified(self, hall: HallId, known: Hall, note: str) -> Checkpoint:
        named = note.partition("\n")[0]
        try:
            store_id = bytes.fromhex(named.rpartition("/")[2])
            expected = origin(self.charter.congress, hall, StoreId(store_id))
            return verify_checkpoint(note, expected, PublicKey(Alg.EDDSA, known.store_key))
        except (ValueError, RecordRejected) as err:
            raise WitnessRefused("bad-note", what=err) from None


def _filled(answer: Answer, facts: dict[str, int]) -> tuple[str, str]:
    vi, en = SAID[answer]
    return vi.format_map(facts), en.format_map(facts)

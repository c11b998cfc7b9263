"""A ballot that a unit opened instead of casting it, made anew on another machine (SPEC §5.2, rule 13): is it
what the person chose, and is its code the one that was shown before?"""

from dataclasses import dataclass

from ballot.errors import BadBallot
from ballot.group import Group
from ballot.hashing import hash_of
from ballot.prove import Prover
from ballot.seeds import Check, code_of, commitment, parse_check_text, seed_of
from officers.tally.reading import Reading
from officers.tally.words import TallyRefused


@dataclass(frozen=True, slots=True)
class Remade:
    """code: what the unit must have shown. chosen: labels of the manifest."""

    code: str
    chosen: tuple[str, ...]


def check_in(text: str) -> Check:
    """Raises TallyRefused for a text that no unit shows."""
    try:
        return parse_check_text(text.strip())
    except BadBallot as err:
        raise TallyRefused("no-check", what=err.what) from None


def remade(group: Group, reading: Reading, check: Check) -> Remade:
    """The ballot from what the unit now tells and what the log said before. Raises TallyRefused when the two
    do not go together: then the unit did not draw its ballot as it must."""
    contest = reading.board.contests.get(check.contest)
    voter = None if contest is None else contest.course.voters.get(check.voter)
    if contest is None or voter is None:
        raise TallyRefused("unknown-check")
    course, chain = contest.course, voter.chain(check.generation)
    key, committed = voter.keys.get(check.generation), chain.commitments.get(check.seq)
    context, manifest = course.context, course.manifest
    if key is None or committed is None or context is None or manifest is None:
        raise TallyRefused("unknown-check")
    own = commitment(check.voter, check.contest, check.seq, check.local)
    if (committed.value, contest.nonce_behind(committed.leaf)) != (own, check.nonce):
        raise TallyRefused("false-check")
    place = check.voter, check.generation, key.raw, check.seq
    seed = seed_of(check.local, check.nonce, context, check.voter, check.seq)
    try:
        body_hash = hash_of(Prover(group, context).body(*place, seed, tuple(check.choices)))
    except BadBallot:
        raise TallyRefused("false-check") from None
    if chain.pending is not None and chain.pending.seq == check.seq and chain.pending.body_hash != body_hash:
        raise TallyRefused("false-check")
    code = code_of(context.manifest_hash, check.voter, check.generation, check.seq, body_hash)
    pairs = zip(manifest.labels, check.choices, strict=True)
    return Remade(code, tuple(label for label, choice in pairs if choice))

"""Where the randomness of a ballot comes from, and what a ballot shows of its choice besides."""

from dataclasses import replace

from ballot.hashing import h32
from ballot.seeds import code_of, seed_of
from tests.attacks.row import ACCEPTED, Rows, codes, refusal
from tests.attacks.rows.ballots import ELSEWHERE, POLL
from tests.ballot.contests import KINDS, CountingGroup, Poll
from wire import cbor

ROWS = Rows()


@ROWS.attack(
    "hv1 8",
    "anyone, after the unit drew one seed twice",
    "compares two ballots of one seed: same r for two choices, seqs, voters or contests reveals both",
    by="ballot.prove.Prover.body",
    said="nothing shared",
)
def one_seed_two_ballots() -> str:
    polls = [POLL, *(replace(POLL, **changed) for changed in ELSEWHERE.values() if "session" not in changed)]
    made = [cbor.decode(poll.body(chosen), 1000) for poll in polls for chosen in ((1, 0, 0), (0, 1, 0))]
    alphas = [ciphertext[:32] for parts in made for ciphertext in parts[4]]
    return "nothing shared" if len(set(alphas)) == len(alphas) else ACCEPTED


@ROWS.attack(
    "hv1 8",
    "malicious unit",
    "gives the prover a seed of another length, to leave most of it known",
    by="ballot.prove.Prover.body",
    said="bad-ballot",
)
def seed_of_another_length() -> str:
    lengths = (0, 16, 31, 33, 64)
    return codes(refusal(lambda n=n: replace(POLL, seed=bytes(n)).body((1, 0, 0))) for n in lengths)  # type: ignore[misc]


@ROWS.attack(
    "hv1 9",
    "malicious unit, malicious fleet",
    "chooses the seed: with local after the nonce, or with the nonce after local",
    by="ballot.seeds.seed_of",
    said="every seed differs",
)
def ground_seed() -> str:
    """That the commitment binds local shows the row `check-of-another-seed`."""
    context = POLL.context
    locals_, nonces = ([h32("grind", what, at) for at in range(16)] for what in ("local", "nonce"))
    seeds = {bytes(seed_of(one, other, context, POLL.voter, 1)) for one in locals_ for other in nonces}
    return "every seed differs" if len(seeds) == 256 else ACCEPTED


@ROWS.attack(
    "hv1 11",
    "whoever sees the unit's traffic, or its power",
    "tells the choice by the length of the ballot, or by the order of group operations",
    by="ballot.prove.Prover.body",
    said="no difference",
)
def length_and_work_tell_the_choice() -> str:
    forms: dict[str, list[tuple[int, ...]]] = {
        "three": [(1, 0, 0), (0, 1, 0), (0, 0, 1)],
        "linear": [(1, 1, 0, 0, 0), (1, 0, 0, 0, 0), (0, 0, 0, 0, 1)],
        "bits": [(1, 1, 1, 0, 0), (0, 0, 1, 0, 0), (0, 0, 0, 0, 1)],
        "each": [(1, 0, 0, 1), (0, 0, 0, 0), (0, 1, 0, 0)],
    }
    for kind, choices in forms.items():
        seen = set()
        for chosen in choices:
            group = CountingGroup()
            seen.add((len(Poll(KINDS[kind]).body(chosen, group)), tuple(group.asked)))
        if len(seen) != 1:
            return ACCEPTED
    return "no difference"


@ROWS.attack(
    "hv1 12",
    "malicious unit",
    "seeks a twin ballot under the code that the voter noted, among 20,000",
    by="ballot.seeds.code_of",
    said="60 bits, no twin",
)
def twin_under_one_code() -> str:
    shown = code_of(POLL.manifest, POLL.voter, 0, 1, h32("twin", 0))
    twins = sum(code_of(POLL.manifest, POLL.voter, 0, 1, h32("twin", at)) == shown for at in range(1, 20_001))
    bits = 5 * len(shown.replace("-", ""))
    return f"{bits} bits, {'a' if twins else 'no'} twin"

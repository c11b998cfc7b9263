"""Run by a Python 3.9 that has electionguard 1.4.0, never by ours: what one of its selections costs.

Its public functions over its standard primes (4096 and 256 bits), its log silenced: `encrypt_selection`
(encryption and disjunctive proof) and `is_valid_encryption` (what a verifier does with both). CPU time of
this process, the least of ROUNDS. Prints one line of JSON.
"""

import json
import logging
import sys
import time

from electionguard.ballot import PlaintextBallotSelection  # type: ignore[import-not-found]  # of another Python
from electionguard.constants import STANDARD_CONSTANTS, get_constants  # type: ignore[import-not-found]
from electionguard.elgamal import elgamal_keypair_random  # type: ignore[import-not-found]
from electionguard.encrypt import encrypt_selection  # type: ignore[import-not-found]
from electionguard.group import rand_q  # type: ignore[import-not-found]
from electionguard.manifest import SelectionDescription  # type: ignore[import-not-found]


def main(rounds: int) -> int:
    """Exit status: 1 when it does not accept what it has just made."""
    logging.disable(logging.CRITICAL)
    if get_constants() is not STANDARD_CONSTANTS:
        print("electionguard is set to test primes", file=sys.stderr)
        return 1
    key, base_hash = elgamal_keypair_random().public_key, rand_q()
    description = SelectionDescription("yes-selection", 0, "yes")
    said = PlaintextBallotSelection("yes-selection", 1)
    proving_ns, verifying_ns = [], []
    for _ in range(rounds):
        before = time.process_time_ns()
        made = encrypt_selection(said, description, key, base_hash, rand_q())
        proving_ns.append(time.process_time_ns() - before)
        before = time.process_time_ns()
        holds = made is not None and made.is_valid_encryption(description.crypto_hash(), key, base_hash)
        verifying_ns.append(time.process_time_ns() - before)
        if not holds:
            print("electionguard refuses its own selection", file=sys.stderr)
            return 1
    print(json.dumps({"prove_ms": min(proving_ns) / 1e6, "verify_ms": min(verifying_ns) / 1e6}))
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))

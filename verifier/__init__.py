"""The independent verifier of secret ballots: one file, standard library only, nothing of ours imported."""

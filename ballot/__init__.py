"""HV-1, the secret ballots that anyone can verify (SPEC.md), and what a hall decides and how it is counted.

Pure: no SQL, no clock, no randomness of its own; libsodium only under adapters.
"""

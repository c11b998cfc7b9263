"""The key ceremony of an election, pure: polynomials, rounds, complaint, key record (SPEC §3.1)."""

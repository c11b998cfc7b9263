"""The freeze of a sitting: its lease, lifting it by two people, and what devices attest afterwards."""

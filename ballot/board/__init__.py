"""The election board: what the leaves of the hall log make of a secret question (ballot/SPEC §6). Pure."""

"""The hall log: leaves in order, a tree over them, signed checkpoints, proofs (DESIGN §4)."""

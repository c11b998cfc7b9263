"""Rollouts: what is brought to which devices, in which order, and when that is stopped (DESIGN §9)."""

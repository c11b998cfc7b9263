"""A witness: cosigns what a hall log has become, and never two histories (ballot/SPEC §6.6)."""

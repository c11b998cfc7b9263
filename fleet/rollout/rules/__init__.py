"""Planning and judging a rollout. Pure."""

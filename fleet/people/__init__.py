"""Members, and the sealed references of those who consented."""

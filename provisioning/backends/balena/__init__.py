"""A hall's devices under balena: whose account it is, what its answers mean, how long we wait for it."""

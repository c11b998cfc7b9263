"""The credentials commission: the roll of one contest, and bindings after it."""

"""How well a set of networks does a gate's work, measured with the gate's own code."""

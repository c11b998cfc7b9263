"""Sealed references on their way to the gates: base and delta, what they destroyed, the end of a congress."""

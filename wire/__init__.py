"""What two processes must agree on. Pure: no I/O, no clock, no randomness. Normative text: SPEC.md."""

"""What units say of secret questions: judged, made leaves of the log, answered with proofs (ADR-0015)."""

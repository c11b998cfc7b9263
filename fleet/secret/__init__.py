"""Secret questions at the fleet: it carries what officers sign and can make none of it (ADR-0016)."""

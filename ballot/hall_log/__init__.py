"""Reads the hall log from its bytes alone: leaves, verdicts, replay, and the file of an export. Pure."""

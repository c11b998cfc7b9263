"""A hall on one machine: every process real, every record signed, every number checked at the end."""

"""Measurements of the real thing: `make bench` prints a table, writes bench/results.json, and fails when a
budget of DESIGN §12 is missed."""

"""Ballots counted by hand: each box by two accounts apart, and only what both found counts."""

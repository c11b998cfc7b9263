"""Acceptance of a hall: every device tests itself, and what they found becomes one signed report."""

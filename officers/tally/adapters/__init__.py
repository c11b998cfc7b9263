"""Processes of a trustee's machine."""

"""Secrets of one officer, sealed under a passphrase (ballot/SPEC §3.2)."""

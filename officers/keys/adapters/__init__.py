"""The terminal, where passphrases are typed."""

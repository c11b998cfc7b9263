"""Bytes in, believed records out: subscriber, verify, accept, ledger, receipts, downlink (DESIGN §4)."""

"""hawkBit Direct Device Integration: for clients that fetch OS images."""

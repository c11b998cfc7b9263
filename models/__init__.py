"""The gate's networks: built from pinned packages, measured with the gate's own code, one card for each."""

"""The gate's networks: fetch, convert, evaluate; inputs and outputs pinned by hash, one card per model."""

"""Where the station keeps its one secret."""

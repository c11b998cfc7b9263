"""The counting board: manifest, disposition, cancellation, result."""

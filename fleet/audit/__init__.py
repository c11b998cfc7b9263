"""Hash-chained log of every change that a person or the fleet itself made."""

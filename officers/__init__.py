"""What a person who holds a key of the congress runs on their own machine: ceremony, documents, tally."""

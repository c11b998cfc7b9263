"""A trustee's part after the close: check everything, sign one tally, give one share; and the result."""

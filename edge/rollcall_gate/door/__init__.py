"""A decision -> a passage: the table, the beams, and the shell that moves the bolt."""

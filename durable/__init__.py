"""Files that survive a power cut, for every room of the house: the standard library alone."""

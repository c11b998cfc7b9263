"""A page as a one-bit picture, for displays of 128 x 64 and 256 x 64 pixels."""

"""The chair: the close."""

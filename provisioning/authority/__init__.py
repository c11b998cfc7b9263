"""The authority of a hall: its key, what it issued and took back. Nobody else holds a key that certifies."""

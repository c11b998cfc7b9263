"""The keys of a keypad: which stand where, which one was meant, and when."""

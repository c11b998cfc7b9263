"""Keypad at a seat: keys -> press -> ballot -> record; screen."""

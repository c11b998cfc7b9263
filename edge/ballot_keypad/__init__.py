"""Keypad at a seat: keys -> press -> choose -> open or secret ballot -> record or board entry; screen."""

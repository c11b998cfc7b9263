"""Looks, badges and keys -> a Decision; and what the gate holds of people until it must forget."""

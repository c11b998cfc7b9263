"""Buttons and screens, real and simulated."""

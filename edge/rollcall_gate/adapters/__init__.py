"""Cameras, inference runtimes, doors and displays, real and simulated, side by side."""

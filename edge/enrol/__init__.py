"""Enrolment station: photographs -> the gate's own pipeline -> sealed references. Keeps no photograph."""

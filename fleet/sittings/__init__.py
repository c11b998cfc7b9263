"""Sittings and their rolls."""

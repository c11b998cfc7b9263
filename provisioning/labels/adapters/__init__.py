"""Drawings of labels as pictures and as pages."""

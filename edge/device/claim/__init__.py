"""From a card with a seed to a device of a hall (wire/SPEC.md §10): key, desk, code, place, button,
folder."""

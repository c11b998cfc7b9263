"""A badge's PIN at the seat, where a sitting asks for it: what each keypad is told, and who needs none."""

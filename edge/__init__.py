"""Firmware of the hall's devices: what each of them has (`device`), the gate, the keypad, the enrolment
station."""

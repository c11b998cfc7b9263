"""What a technician has a device do from afar, and what it found of its own parts."""

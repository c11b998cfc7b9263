"""Who is in the hall: presence from the passages in the hall log."""

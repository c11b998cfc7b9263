"""Documents of officers: shown in words, signed, merged."""

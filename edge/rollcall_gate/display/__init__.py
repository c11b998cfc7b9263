"""What people see and hear: words, pictures, lamp and tones."""

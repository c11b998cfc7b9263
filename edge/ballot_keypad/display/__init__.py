"""What a keypad shows: pages, the glass that turns them, the languages, and the drawing of them."""

"""What an OLED chip holds in its memory after what it was told (datasheets SSD1306, SSD1322, SSD1362)."""

from collections.abc import Sequence

from edge.ballot_keypad.adapters.luma_oled import SIZE


def lit(chip: str, told: Sequence[tuple[str, bytes]]) -> bytes:
    """The chip's memory as a one-bit picture, after everything it was told."""
    width, height = SIZE[chip]
    grid = [[0] * width for _ in range(height)]
    if chip == "ssd1306":
        frame = next(words for kind, words in reversed(told) if kind == "data")
        for number, byte in enumerate(frame):
            for bit in range(8):
                grid[number // width * 8 + bit][number % width] = byte >> bit & 1
        return packed(grid)
    left = right = top = 0
    for at, (kind, words) in enumerate(told):
        if kind == "command" and words[:1] == b"\x15" and chip == "ssd1362":
            left, right, top = words[1] * 2, (words[2] + 1) * 2, words[4]
        elif kind == "command" and words == b"\x15":
            left, right = (told[at + 1][1][0] - 28) * 4, (told[at + 1][1][1] + 1 - 28) * 4
        elif kind == "command" and words == b"\x75":
            top = told[at + 1][1][0]
        is_pixels = kind == "data" and (chip == "ssd1362" or told[at - 1] == ("command", b"\x5c"))
        for number, byte in enumerate(words if is_pixels else b""):
            row, col = divmod(2 * number, right - left)
            halves = (byte >> 4, byte & 15) if chip == "ssd1322" else (byte & 15, byte >> 4)
            for offset, half in enumerate(halves):
                grid[top + row][left + col + offset] = int(half > 0)
    return packed(grid)


def packed(grid: list[list[int]]) -> bytes:
    return b"".join(int("".join(map(str, row)), 2).to_bytes(len(row) // 8, "big") for row in grid)

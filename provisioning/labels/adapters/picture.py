"""A label as a PNG for a label printer: 62 x 29 mm at 300 dots per inch, black on white."""

import io
from typing import Final

from PIL import Image, ImageDraw

from provisioning.labels.layout import HEIGHT_MM, WIDTH_MM, Drawing, loaded

DPI: Final = 300
_MM: Final = DPI / 25.4


def label_png(drawing: Drawing) -> bytes:
    picture = Image.new("L", (round(WIDTH_MM * _MM), round(HEIGHT_MM * _MM)), 255)
    draw = ImageDraw.Draw(picture)
    # Whole dots for each module: a module of 7.4 dots would be 7 here and 8 there, and grey in between.
    dots = int(drawing.module_mm * _MM)
    edge = round(drawing.code_mm * _MM + (drawing.module_mm * _MM - dots) * len(drawing.code) / 2)
    for row, modules in enumerate(drawing.code):
        for column, dark in enumerate(modules):
            if dark:
                left, top = edge + column * dots, edge + row * dots
                draw.rectangle((left, top, left + dots - 1, top + dots - 1), fill=0)
    for line in drawing.lines:
        font = loaded(line.font, max(1, int(line.size_mm * _MM)))
        draw.text((line.x_mm * _MM, line.y_mm * _MM), line.text, fill=0, font=font, anchor="ls")
    file = io.BytesIO()
    picture.convert("1", dither=Image.Dither.NONE).save(file, "PNG", dpi=(DPI, DPI))
    return file.getvalue()

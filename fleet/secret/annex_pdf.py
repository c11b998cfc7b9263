"""The annex of a secret question's protocol as a PDF: the same bytes for the same annex."""

from typing import Any, Final
from xml.sax.saxutils import escape

from reportlab.platypus import Paragraph, Spacer, Table

from fleet.secret.minutes import Listing, Minutes
from printed.sheet import (
    GRID,
    SMALL,
    STRONG,
    SUBTITLE,
    TITLE,
    WIDTH,
    Edges,
    Words,
    heading,
    laid_out,
    plain,
    style,
    text_of,
)

_CELL: Final = style("cell", 7.5, wordWrap="CJK")
_NONE: Final = "Không có. · None."


def annex_pdf(minutes: Minutes) -> bytes:
    """Raises FileNotFoundError when the font's package is not installed: the extra `fleet` brings it."""
    told = minutes.protocol
    place = f"{told.congress} · {told.hall} · {told.sitting}"
    edges = Edges(
        title=f"{place} · {told.question}",
        author=told.congress,
        left=place,
        right=told.question,
        below=f"log {told.log.size} · {told.log.root}",
    )
    return laid_out(lambda: _story(minutes), edges)


def _story(minutes: Minutes) -> list[Any]:
    story: list[Any] = [
        text_of("PHỤ LỤC BIÊN BẢN BỎ PHIẾU KÍN", TITLE),
        text_of("Annex to the protocol of a secret ballot", SUBTITLE),
        Spacer(1, 6),
        text_of(minutes.protocol.text, STRONG),
    ]
    for listing in minutes.annex:
        story += _listing(listing)
    return story


def _listing(listing: Listing) -> list[Any]:
    if not listing.rows:
        return [heading(*listing.title), text_of(_NONE, _CELL)]
    cells = [[_head(head) for head in listing.heads]]
    cells += [[text_of(cell, _CELL) for cell in row] for row in listing.rows]
    table = Table(cells, colWidths=[WIDTH / len(listing.heads)] * len(listing.heads), repeatRows=1)
    table.setStyle(list(GRID))
    return [heading(*listing.title), table]


def _head(words: Words) -> Paragraph:
    return Paragraph("<br/>".join(escape(plain(each)) for each in words), SMALL)

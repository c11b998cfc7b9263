"""The installer's sheet of a class: header, connectors, colours, on A4. Pure."""

from collections.abc import Iterator
from typing import Any, Final

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, KeepTogether, PageBreak, Spacer, Table, TableStyle

from hardware.pins import Connector, DeviceClass, Port
from hardware.sheets_drawing import (
    CELL_BOLD,
    HEAD,
    SMALL,
    SUBTITLE,
    TEXT,
    TITLE,
    WARN,
    WIDTH,
    ColourDot,
    HeaderPicture,
    pdf_of,
    said,
)
from printed.sheet import INK, LINE, PALE

_WIDTHS: Final = [w * mm for w in (11, 26, 16, 27, 15, 34, 51)]
_HEADS: Final = (
    "chân\npin",
    "tín hiệu\nsignal",
    "màu\ncolour",
    "từ\nfrom",
    "áp\nvolts",
    "mức\nlevel",
    "ghi chú\nnote",
)
FRAME: Final = TableStyle(
    [
        ("GRID", (0, 0), (-1, -1), 0.5, LINE),
        ("BACKGROUND", (0, 0), (-1, 0), PALE),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("TOPPADDING", (0, 0), (-1, -1), 2.2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2.6),
        ("LEFTPADDING", (0, 0), (-1, -1), 4),
        ("RIGHTPADDING", (0, 0), (-1, -1), 3),
    ]
)


def installer_pdf(kind: DeviceClass) -> bytes:
    """Raises FileNotFoundError when the font's package is missing: the extra `hardware` brings it."""
    foot = f"Hallward · {kind.name} · hardware/pins.toml"
    return pdf_of(f"{kind.title[1]}: wiring", foot, list(_story(kind)))


def heading(kind: DeviceClass, what: tuple[str, str]) -> Iterator[Flowable]:
    """Name, board, and in a box of its own that a plan is one."""
    yield said(f"{kind.title[0]}: {what[0]}", TITLE)
    yield Spacer(1, 3 * mm)
    yield said(f"{kind.title[1]}: {what[1]} · {kind.board.title}, {kind.board.chip}", SUBTITLE)
    if not kind.driven:
        box = Table([[said(f"DỰ KIẾN · PLAN. {kind.plan}", TEXT)]], colWidths=[WIDTH])
        box.setStyle([("BACKGROUND", (0, 0), (-1, -1), WARN), ("BOX", (0, 0), (-1, -1), 0.8, INK)])
        yield box
        yield Spacer(1, 2 * mm)


def _story(kind: DeviceClass) -> Iterator[Flowable]:
    yield from heading(kind, ("đấu dây", "wiring"))
    yield said(kind.note, TEXT)
    if kind.driven:
        words = f"hallward provision image --hardware hardware/out/configs/{kind.name}.toml"
        yield said(f"Thẻ nhớ · boot medium: {words}", TEXT)
    if kind.circuits:
        pages = ", ".join(f"hardware/out/circuits/{name}.png" for name in kind.circuits)
        yield said(f"Mạch điện · circuits: {pages}", TEXT)
    where = f"the {kind.carrier} sits on it" if kind.carrier else "wired straight to it"
    yield said(f"Đầu cắm 40 chân · 40-pin header, seen from above, pin 1 square; {where}", HEAD)
    used = {
        wire.header_pin: (wire.signal, wire.colour) for _, wire in kind.wires() if wire.header_pin is not None
    }
    yield HeaderPicture(used)
    if kind.ports:
        yield said("Cáp làm sẵn · ready-made cables", HEAD)
        rows: list[list[Any]] = [
            [said(head, CELL_BOLD) for head in ("ổ cắm · socket", "tới · to", "cáp · cable", "m")]
        ]
        rows += [
            [said(port.name), said(_led_to(port)), said(port.cable), said(f"{port.length_m:g}")]
            for port in kind.ports
        ]
        yield Table(rows, colWidths=[38 * mm, 52 * mm, 75 * mm, 15 * mm], style=FRAME)
    yield PageBreak()
    yield said("Đầu nối · connectors", HEAD)
    if same := _alike(kind.connectors):
        yield said(
            f"Phích giống nhau, đánh dấu trước khi rút · same plugs, mark them before one is pulled: {same}.",
            TEXT,
        )
    for connector in kind.connectors:
        yield KeepTogether(list(_connector(connector)))
    yield said(
        "Màu dây · colours: IEC 60757. BK đen, BN nâu, RD đỏ, OG cam, YE vàng, "
        "GN lục, BU lam, VT tím, GY xám, WH trắng, PK hồng.",
        SMALL,
    )


def _led_to(port: Port) -> str:
    if not port.instead:
        return port.title
    instead = f"thay cho {port.instead}, không cắm cả hai · in a hall on wires: instead of {port.instead}"
    return f"{port.title}. Hội trường có dây mạng: {instead}, never both"


def _alike(connectors: tuple[Connector, ...]) -> str:
    """Names of those that take each other's plug."""
    by_plug: dict[str, list[str]] = {}
    for connector in connectors:
        by_plug.setdefault(connector.plug, []).append(connector.name)
    return "; ".join(", ".join(names) for names in by_plug.values() if len(names) > 1)


def _connector(connector: Connector) -> Iterator[Flowable]:
    yield said(f"{connector.name} · {connector.title}", HEAD)
    yield said(
        f"{connector.plug} · {connector.cable} · {connector.length_m:g} m at most · {connector.part}", SMALL
    )
    yield Spacer(1, 1 * mm)
    rows: list[list[Any]] = [[said(head.replace("\n", " "), CELL_BOLD) for head in _HEADS]]
    for wire in connector.wires:
        origin = f"{wire.source}, pin {wire.header_pin}" if wire.gpio is not None else wire.source
        level = ", ".join(
            words
            for words in (
                f"{wire.does}, active {wire.active}" if wire.active else "",
                f"pull {wire.pull}" if wire.pull not in ("", "none") else "",
                f"{wire.outside}" if wire.outside else "",
                f"via {wire.via}" if wire.via else "",
            )
            if words
        )
        cells = [str(wire.pin), wire.signal]
        rows.append(
            [
                *map(said, cells),
                ColourDot(wire.colour),
                said(origin),
                said(f"{wire.volts:g} V"),
                said(level),
                said(wire.note),
            ]
        )
    yield Table(rows, colWidths=_WIDTHS, style=FRAME)
    for device in connector.devices:
        words = f"{device.bus}: {device.chip} at 0x{device.address:02X}"
        yield said(f"{words}. {device.note}".strip(), TEXT)
    yield Spacer(1, 2 * mm)

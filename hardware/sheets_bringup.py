"""The bring-up sheet of a class: step, picture, expected reading, and room for a tick. Pure."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Spacer, Table

from hardware.pins import DeviceClass
from hardware.sheets import FRAME, heading
from hardware.sheets_drawing import (
    CELL,
    CELL_BOLD,
    SMALL,
    TEXT,
    pdf_of,
    said,
)
from hardware.sheets_pictures import picture_of
from hardware.steps import Step

_WIDTHS: Final = [w * mm for w in (8, 54, 53, 54, 11)]
_HEADS: Final = ("", "làm · do", "hình · picture", "phải thấy · expect", "✓")


def bringup_pdf(kind: DeviceClass, steps: Sequence[Step]) -> bytes:
    """As installer_pdf."""
    foot = f"Hallward · {kind.name} · hardware/bringup.toml"
    return pdf_of(f"{kind.title[1]}: bring-up", foot, list(_story(kind, steps)))


def _story(kind: DeviceClass, steps: Sequence[Step]) -> Iterator[Flowable]:
    yield from heading(kind, ("chạy thử", "bring-up"))
    yield said(
        "Theo đúng thứ tự; bước nào sai thì dừng. · In this order; stop where a reading is another.", TEXT
    )
    yield said(
        "J2-1: đầu 1 của phích J2; pin 11: chân 11 của đầu cắm 40 chân. · J2-1 is clamp 1 of plug J2; pin 11 "
        "is that of the 40-pin header.",
        SMALL,
    )
    if kind.driven:
        yield said(
            "hallward = sudo -u hallward /opt/hallward/.venv/bin/hallward · DIR = /var/lib/hallward", SMALL
        )
    yield Spacer(1, 3 * mm)
    rows: list[list[Any]] = [[said("ok" if head == "✓" else head, CELL_BOLD) for head in _HEADS]]
    for number, step in enumerate(steps, 1):
        told = [said(step.expect[0], CELL_BOLD), said(step.expect[1], CELL)]
        if step.findings:
            told.append(said("check: " + " · ".join(step.findings), SMALL))
        if step.codes:
            told.append(said("or a fault: " + " · ".join(step.codes), SMALL))
        rows.append(
            [
                said(str(number), CELL_BOLD),
                [said(step.do[0], CELL_BOLD), said(step.do[1], CELL)],
                picture_of(step),
                told,
                "",
            ]
        )
    yield Table(rows, colWidths=_WIDTHS, style=FRAME, repeatRows=1)
    yield Spacer(1, 5 * mm)
    yield said(
        "Thiết bị · device ____________________   Ngày · date ______________   "
        "Ký tên · signed ____________________",
        TEXT,
    )

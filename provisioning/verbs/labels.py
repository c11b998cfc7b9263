"""`hallward provision labels`: labels to print, from a list of serial numbers or from the fleet."""

import argparse
from pathlib import Path
from urllib.parse import quote

from provisioning.errors import ConfigError
from provisioning.files import PUBLIC, read_whole, write_whole
from provisioning.labels.adapters.pages import rolls_pdf, sheets_pdf
from provisioning.labels.adapters.picture import label_png
from provisioning.labels.from_fleet import labels_of_fleet
from provisioning.labels.label import Label, labels_of_sheet, page_base
from provisioning.labels.layout import lay_out
from provisioning.verbs.asked import Verbs, add_fleet, signed_in, verb


def add(verbs: Verbs) -> None:
    labels = verb(verbs, "labels", _labels, "print labels for devices")
    labels.add_argument(
        "sheet",
        type=Path,
        nargs="?",
        metavar="SERIALS.csv",
        help="columns serial, role, label; or the hall's plan",
    )
    labels.add_argument("--from-fleet", action="store_true", help="those that the fleet knows instead")
    labels.add_argument("--page-base", required=True, metavar="URL", help="the QR code leads to URL/d/SERIAL")
    labels.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="FILE.pdf|DIR",
        help="sheets of A4, or a folder: pictures and pages of 62 x 29 mm",
    )
    add_fleet(labels)


def _labels(given: argparse.Namespace) -> int:
    if given.from_fleet == (given.sheet is not None):
        raise ConfigError(
            "say which: a list of serial numbers, or --from-fleet with --fleet URL, and not both"
        )
    base = page_base(given.page_base)
    labels = _known(given)
    drawings = [lay_out(label, base) for label in labels]
    out: Path = given.out
    if out.suffix.lower() == ".pdf":
        write_whole(out, sheets_pdf(drawings), PUBLIC)
    else:
        for label, drawing in zip(labels, drawings, strict=True):
            write_whole(out / f"{quote(label.serial)}.png", label_png(drawing), PUBLIC)
        write_whole(out / "labels-62x29.pdf", rolls_pdf(drawings), PUBLIC)
    print(f"{len(labels)} labels: {out}; print them at 100 %, not fitted to the page")
    return 0


def _known(given: argparse.Namespace) -> tuple[Label, ...]:
    if not given.from_fleet:
        return labels_of_sheet(read_whole(given.sheet, "the list"), str(given.sheet))
    if not given.fleet:
        raise ConfigError("--from-fleet needs --fleet URL: which fleet?")
    return labels_of_fleet(signed_in(given))

"""A card per network, JSON for programs and Markdown for people: what it is, where from, how good, how far.

Generated from the build in the cache, models/reports, sources.toml and cards/texts.toml. Rates are integers
in parts per million, because what is signed and compared across the fleet has no floats.
"""

import json
import platform
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from edge.rollcall_gate.adapters.recorded_camera import PHOTOGRAPH_SUFFIXES
from edge.rollcall_gate.eyes import detect, pad
from edge.rollcall_gate.eyes.quality import PORTRAIT
from edge.rollcall_gate.who.decide import DEFAULT
from models.cache import sha256_of, write_whole
from models.calibrate import FRAMES_PER_PHOTOGRAPH, SEED
from models.card_measured import Measured, measured
from models.card_page import page
from models.errors import ModelsMissing
from models.graph.work import work_of
from models.guard import Delegation, delegation
from models.networks import NETWORKS, Network
from models.runtimes import RUNTIMES, is_installed, open_network
from models.sources import SourcePackage, load_sources

FOLDER: Final = Path(__file__).with_name("cards")
TEXTS: Final = FOLDER / "texts.toml"
FORMAT: Final = "hallward-card/1"
PPM: Final = 1_000_000
THRESHOLDS: Final[dict[str, dict[str, float]]] = {
    "detector": {"score_min": detect.SCORE_MIN},
    "landmarks": {"presence_min": PORTRAIT.presence_min},
    "embedder": {
        "match_min": DEFAULT.match_min,
        "margin_min": DEFAULT.margin_min,
        "same_person_min": DEFAULT.same_person_min,
    },
    "pad": {"bona_fide_min": pad.BONA_FIDE_MIN},
}

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Card:
    """What `verify` needs of a card. accelerated: runtime and machine -> how much of int8 is taken over."""

    name: str
    accelerated: Mapping[str, Delegation]


def read_card(name: str) -> Card:
    """The committed card. Raises ModelsMissing when it is not there or damaged."""
    path = FOLDER / f"{name}.json"
    try:
        found = json.loads(path.read_text("utf-8"))
        counts = {
            where: Delegation(int(row["operators"]), int(row["delegated"]), int(row["pieces"]))
            for where, row in found["accelerated"].items()
        }
        return Card(found["name"], counts)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as err:
        raise ModelsMissing(f"{path}: no card; run `hallward models card`") from err


def card_was_measured_on(name: str, machine: str) -> bool:
    """Whether the card counts accelerated operators on this kind of machine. Raises ModelsMissing."""
    return any(where.endswith(f" on {machine}") for where in read_card(name).accelerated)


def write_cards(cache: Path) -> list[Path]:
    """Write what has changed; returns those files. Raises ModelsMissing before the build, ModelError."""
    stale = _stale(cache)
    for path, content in stale.items():
        write_whole(path, content.encode())
    return list(stale)


def stale_cards(cache: Path) -> list[Path]:
    """Cards that say something else than the build, the thresholds and the reports. Raises as write_cards."""
    return list(_stale(cache))


def _stale(cache: Path) -> dict[Path, str]:
    return {path: content for path, content in _contents(cache).items() if not _holds(path, content)}


def _holds(path: Path, content: str) -> bool:
    return path.is_file() and path.read_bytes() == content.encode()


def _contents(cache: Path) -> dict[Path, str]:
    if not all(is_installed(runtime) for runtime in RUNTIMES):
        raise ModelsMissing(
            "a card tells of both runtimes, and tflite-runtime is not installed here: write the cards with "
            "Python 3.11 (`make setup PYTHON=python3.11`)"
        )
    texts = tomllib.loads(TEXTS.read_text("utf-8"))
    contents: dict[Path, str] = {}
    for network in NETWORKS:
        card = facts(network, cache, texts[network.name])
        contents[FOLDER / f"{network.name}.json"] = json.dumps(card, indent=1, ensure_ascii=False) + "\n"
        contents[FOLDER / f"{network.name}.md"] = page(card)
    return contents


def facts(network: Network, cache: Path, text: Json) -> Json:
    """One network's card. Raises ModelsMissing when it was not built."""
    files = {numbers: cache / numbers / f"{network.name}.tflite" for numbers in ("int8", "float")}
    for path in files.values():
        if not path.is_file():
            raise ModelsMissing(f"{path} is not there; run `hallward models all` first")
    work = work_of(files["float"].read_bytes())
    return {
        "format": FORMAT,
        "name": network.name,
        "title": text["title"],
        "used_for": text["used_for"],
        "input": text["input"],
        "output": text["output"],
        "made": text["made"].strip(),
        "files": {
            numbers: {"sha256": sha256_of(path), "bytes": path.stat().st_size}
            for numbers, path in files.items()
        },
        "source": _source(network),
        "multiply_adds": work.multiply_adds,
        "parameters": work.parameters,
        "calibration": _calibration(network),
        "accelerated": _accelerated(network, files["int8"]),
        "thresholds_ppm": {
            name: {"ppm": round(value * PPM), "chosen": text["thresholds"][name].strip()}
            for name, value in THRESHOLDS[network.name].items()
        },
        "measured": [_row(one) for one in measured(network.name)],
        "limits": text["limits"],
    }


def _source(network: Network) -> Json:
    package, inner, sha256 = next(
        (package, file.inner, file.sha256)
        for package in load_sources()
        for file in package.files
        if str(file.to) == network.source
    )
    return {
        "registry": package.registry,
        "package": f"{package.name} {package.version}",
        "archive_sha256": package.sha256,
        "file": inner,
        "file_sha256": sha256,
        "licence": package.licence,
        "provenance": _one_line(package),
    }


def _calibration(network: Network) -> Json:
    """From the pins, not from what lies in the cache today."""
    pinned = [f for p in load_sources() if p.group == "photographs" for f in p.files]
    photographs = sum(file.to.suffix in PHOTOGRAPH_SUFFIXES for file in pinned)
    return {
        "photographs": photographs,
        "frames": photographs * FRAMES_PER_PHOTOGRAPH,
        "seed": SEED,
        "extremes": network.extremes,
        "walls": network.judges_walls,
        "ranges_sha256": network.ranges_sha256,
    }


def _accelerated(network: Network, file: Path) -> Json:
    found: Json = {}
    for runtime in RUNTIMES:
        loaded = open_network(runtime, file, network.form)
        if loaded is not None:
            counted = delegation(loaded)
            found[f"{loaded.runtime} on {platform.machine()}"] = {
                "operators": counted.operators,
                "delegated": counted.delegated,
                "pieces": counted.pieces,
            }
    return found


def _row(one: Measured) -> Json:
    return {
        "what": one.what,
        "on": one.on,
        "numbers": one.numbers,
        "ppm": round(one.value * PPM),
        "interval_ppm": None if one.interval is None else [round(end * PPM) for end in one.interval],
    }


def _one_line(package: SourcePackage) -> str:
    return " ".join(package.provenance.split())

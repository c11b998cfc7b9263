"""Is everything as it must be? One line per check; what is wrong comes with what to do."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.rollcall_gate.adapters.flatbuffer_network import FlatbufferNetwork
from edge.rollcall_gate.errors import ModelError
from models import golden, guard
from models.build import conversion, is_made, quantisation
from models.card import Card, read_card
from models.errors import ModelsUntrusted
from models.evaluation import report
from models.evaluation.groups import worsened
from models.networks import Network
from models.places import package_folder
from models.runtimes import RUNTIMES, open_network
from models.trial import read_report

PACKAGE_BYTES_MAX: Final = 13_000_000


@dataclass(frozen=True, slots=True)
class Line:
    """One check. `what` names it, `found` says the result or, when it is not ok, what to do."""

    what: str
    ok: bool
    found: str


def files(cache: Path, networks: Iterable[Network]) -> Iterator[Line]:
    """The files of the cache against their pins, cards and golden outputs. Never raises for what it finds."""
    for network in networks:
        try:
            yield from _network(network, cache)
        except ModelError as err:
            yield Line(f"{network.name}: loads", False, err.what)
    size = sum(file.stat().st_size for file in package_folder(cache).glob("*.tflite"))
    yield Line(
        "the package for a device", 0 < size <= PACKAGE_BYTES_MAX, f"{size / 1e6:.2f} MB of at most 13 MB"
    )


def groups(candidate: Path, baseline: Path) -> list[Line]:
    """A candidate is worse for no group than the baseline's interval allows. Raises ModelsMissing."""
    new, old = (report.from_json(read_report(path), path) for path in (candidate, baseline))
    if not new.groups or not old.groups:
        lacks = candidate if not new.groups else baseline
        return [Line("groups", False, f"{lacks} has none; measure both with `evaluate --groups groups.tsv`")]
    sentences = worsened(new.groups, old.groups)
    if not sentences:
        return [
            Line("groups", True, f"none of {len(old.groups)} is worse than the baseline's interval allows")
        ]
    return [Line("groups", False, sentence) for sentence in sentences]


def _network(network: Network, cache: Path) -> Iterator[Line]:
    for step in (conversion(network), quantisation(network)):
        made = is_made(step, cache)
        yield Line(f"{step.output}: pinned bytes", made, "yes" if made else "no: run `hallward models all`")
        if not made:
            return
    card = read_card(network.name)
    for runtime in RUNTIMES:
        opened = {
            numbers: open_network(runtime, cache / numbers / f"{network.name}.tflite", network.form)
            for numbers in ("float", "int8")
        }
        for numbers, loaded in opened.items():
            if loaded is not None:
                yield _computes(network, numbers, loaded)
        int8, full = opened["int8"], opened["float"]
        if int8 is not None:
            yield _quantised(network, int8)
            yield _delegated(card, int8)
        if runtime == "litert" and int8 is not None and full is not None:
            yield _fast(network, int8, full)


def _computes(network: Network, numbers: str, loaded: FlatbufferNetwork) -> Line:
    what = f"{network.name}, {numbers}, {loaded.runtime}: golden outputs"
    try:
        found = golden.check(loaded, network.name, numbers, network.form.side_px)
    except ModelsUntrusted as err:
        return Line(what, False, err.what)
    return Line(what, True, f"distance {found:.4f}")


def _quantised(network: Network, int8: FlatbufferNetwork) -> Line:
    """A quantiser that does not know an operator leaves it in float, and says nothing."""
    names = guard.float_tensors(int8)
    found = f"{len(names)} tensors are not, {names[0]!r} among them" if names else "all tensors"
    return Line(f"{network.name}, {int8.runtime}: integers throughout", not names, found)


def _delegated(card: Card, int8: FlatbufferNetwork) -> Line:
    what = f"{card.name}, {int8.runtime}: accelerated operators"
    expected = card.delegated.get(int8.runtime)
    found = guard.delegation(int8)
    if expected is None:
        return Line(
            what, False, f"{found.delegated} of {found.operators}; the card says nothing of this runtime"
        )
    return Line(
        what, found.delegated >= expected, f"{found.delegated} of {found.operators}, the card says {expected}"
    )


def _fast(network: Network, int8: FlatbufferNetwork, full: FlatbufferNetwork) -> Line:
    found = guard.speed(int8, full, network.form.side_px)
    text = f"int8 {found.int8_ms:.2f} ms, float {found.float_ms:.2f} ms, {found.ratio:.2f} times as fast"
    return Line(f"{network.name}, {int8.runtime}: int8 is not slower", not found.int8_is_slower, text)

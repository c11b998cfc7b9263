"""Is everything as it must be? One line per check; what is wrong comes with what to do."""

import platform
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from edge.rollcall_gate.adapters.flatbuffer_network import FlatbufferNetwork
from edge.rollcall_gate.errors import ModelError
from edge.rollcall_gate.eyes.vision import SUMS, read_sums
from models import golden, guard
from models.build import Step, changed_beside, conversion, is_made, quantisation
from models.cache import sha256_of
from models.card import Card, card_was_measured_on, read_card, stale_cards
from models.card_measured import recognition
from models.errors import ModelsMissing, ModelsUntrusted
from models.evaluation import report
from models.evaluation.bootstrap import Estimate
from models.evaluation.groups import worsened
from models.networks import FLOAT, INT8, NETWORKS, Network
from models.places import package_folder
from models.runtimes import RUNTIMES, is_installed, open_network
from models.trial import read_report

PACKAGE_BYTES_MAX: Final = 13_000_000
_DAMAGED: Final = (KeyError, TypeError, AttributeError, ValueError)  # a committed report edited by hand
INT8_LOSS_MAX: Final = 0.003  # of accuracy, and of right pairs accepted: DESIGN §12


@dataclass(frozen=True, slots=True)
class Line:
    """One check. `what` names it, `found` says the result or, when it is not ok, what to do."""

    what: str
    ok: bool
    found: str


def files(cache: Path, networks: Iterable[Network]) -> Iterator[Line]:
    """The files of the cache against their pins, cards and golden outputs. Never raises for what it finds.

    A package alone (no float folder: a device, or a copy for one) is checked for all but its speed.
    """
    whole = (cache / FLOAT).is_dir()
    for network in networks:
        try:
            yield from _network(network, cache, whole=whole)
        except (ModelError, ModelsMissing) as err:
            yield Line(network.name, False, err.what)
    yield _sums(cache)
    if not whole:
        found = "not compared: the float files are not here, so nothing says how fast int8 is"
        yield Line("speed", True, found)
    held = [file for file in package_folder(cache).glob("*.tflite") if file.is_file()]
    size = sum(file.stat().st_size for file in held)
    yield Line(
        "the package for a device", 0 < size <= PACKAGE_BYTES_MAX, f"{size / 1e6:.2f} MB of at most 13 MB"
    )


def cards(cache: Path) -> Iterator[Line]:
    """Whether models/cards says what the build, the thresholds and the reports say today."""
    what = "cards: what they say is so"
    try:
        here = all(card_was_measured_on(network.name, platform.machine()) for network in NETWORKS)
        if not (here and (cache / FLOAT).is_dir() and all(is_installed(runtime) for runtime in RUNTIMES)):
            found = (
                "not compared: that needs both runtimes (Python 3.11), the float files and an x86-64 machine"
            )
            yield Line(what, True, found)
            return
        stale = stale_cards(cache)
    except (ModelsMissing, ModelError) as err:
        yield Line(what, False, err.what)
        return
    except _DAMAGED as err:
        yield Line(
            what, False, f"a report in models/reports is damaged ({err!r}); get the committed one back"
        )
        return
    names = ", ".join(path.name for path in stale)
    yield Line(
        what,
        not stale,
        f"{names}: no; run `hallward models card`, and read the difference" if stale else "yes",
    )


def reports() -> Iterator[Line]:
    """The committed reports: int8 must recognise as well as the float networks it was made from."""
    what = "reports: int8 as good as float"
    try:
        int8, full = _headline("int8"), _headline("float")
    except ModelsMissing as err:
        yield Line(what, False, err.what)
        return
    except _DAMAGED as err:
        yield Line(
            what, False, f"a report in models/reports is damaged ({err!r}); get the committed one back"
        )
        return
    for name, value in full.items():
        loss = value - int8[name]
        yield Line(f"{what}, {name}", loss <= INT8_LOSS_MAX, f"{int8[name]:.2%} against {value:.2%}")


def candidate(new_file: Path, old_file: Path) -> list[Line]:
    """A candidate's report against the baseline's, over the same photographs. Raises ModelsMissing.

    It is refused when it is worse than the baseline's interval allows: for any group, or on the whole.
    """
    new_data, old_data = read_report(new_file), read_report(old_file)
    new, old = report.from_json(new_data, new_file), report.from_json(old_data, old_file)
    if not new.groups or not old.groups:
        lacks = new_file if not new.groups else old_file
        return [Line("groups", False, f"{lacks} has none; measure both with `evaluate --groups groups.tsv`")]
    trial = new_data.get("trial_sha256")
    if trial is None or trial != old_data.get("trial_sha256"):
        return [Line("groups", False, "measured on other photographs or tables: they cannot be compared")]
    if new.threshold != old.threshold:
        found = (
            f"measured at {new.threshold:g}, the baseline at {old.threshold:g}: measure both at one threshold"
        )
        return [Line("groups", False, found)]
    lines = [
        _not_below("accuracy", new.accuracy, old.accuracy),
        _not_below("right pairs accepted", new.tar, old.tar),
    ]
    sentences = worsened(new.groups, old.groups)
    lines += [Line("groups", False, sentence) for sentence in sentences]
    if not sentences:
        found = f"none of {len(old.groups)} is worse than the baseline's interval allows"
        lines.append(Line("groups", True, found))
    return lines


def _not_below(name: str, new: Estimate | None, old: Estimate | None) -> Line:
    if old is None:
        return Line(name, True, "the baseline's sample does not permit it")
    if new is None:
        return Line(name, False, "the candidate's report lacks it")
    found = f"{new.value:.2%}, the baseline's interval begins at {old.low:.2%}"
    return Line(name, new.value >= old.low, found)


def _headline(numbers: Any) -> dict[str, float]:
    found, _ = recognition(numbers)
    listed, everyone = found["verification"]["listed"], found["verification"]["all_vs_all"]
    tars = {one["far"]: one["tar"] for one in everyone["tar"]}
    return {
        "accuracy": listed["accuracy"]["value"],
        "right pairs at one wrong in 1,000": tars[report.HEADLINE_FAR]["value"],
    }


def _network(network: Network, cache: Path, *, whole: bool) -> Iterator[Line]:
    steps = (conversion(network), quantisation(network)) if whole else (quantisation(network),)
    for step in steps:
        yield _pinned(step, cache)
        if not is_made(step, cache):
            return
    card = read_card(network.name)
    for runtime in RUNTIMES:
        int8 = open_network(runtime, cache / INT8 / f"{network.name}.tflite", network.form)
        if int8 is None:
            continue
        yield _computes(network, INT8, int8)
        yield _quantised(network, int8)
        yield _delegated(card, int8)
        full = (
            open_network(runtime, cache / FLOAT / f"{network.name}.tflite", network.form) if whole else None
        )
        if full is not None:
            yield _computes(network, FLOAT, full)
            yield from _like_its_source(network, full)
            if runtime == "litert":
                yield _fast(network, int8, full)


def _pinned(step: Step, cache: Path) -> Line:
    what = f"{step.output}: pinned bytes"
    if sentence := changed_beside(step):
        return Line(what, False, sentence)
    made = is_made(step, cache)
    return Line(what, made, "yes" if made else "no: run `hallward models all`")


def _sums(cache: Path) -> Line:
    """A gate loads nothing that this list does not name."""
    what = "int8/SHA256SUMS: names what lies beside it"
    try:
        named = read_sums(package_folder(cache) / SUMS)
    except ModelError as err:
        return Line(what, False, err.what)
    held = {file.name: sha256_of(file) for file in package_folder(cache).glob("*.tflite") if file.is_file()}
    good = bool(held) and named == held
    return Line(what, good, f"{len(held)} networks" if good else "no: run `hallward models all`")


def _computes(network: Network, numbers: str, loaded: FlatbufferNetwork) -> Line:
    what = f"{network.name}, {numbers}, {loaded.runtime}: golden outputs"
    try:
        found = golden.check(loaded, network.name, numbers, network.form.side_px)
    except ModelsUntrusted as err:
        return Line(what, False, err.what)
    return Line(what, True, f"distance {found:.4f}")


def _like_its_source(network: Network, full: FlatbufferNetwork) -> Iterator[Line]:
    """Those that were converted compute what ONNX Runtime makes of their source."""
    try:
        source = golden.golden_of_source(network.name)
    except ModelsUntrusted as err:
        yield Line(f"{network.name}: as its ONNX source", False, err.what)
        return
    if source is not None:
        found = golden.distance(full.run(golden.reference_picture(network.form.side_px)), source.outputs)
        what = f"{network.name}, float, {full.runtime}: as its ONNX source"
        yield Line(what, found <= source.tolerance, f"distance {found:.4f}")


def _quantised(network: Network, int8: FlatbufferNetwork) -> Line:
    """A quantiser that does not know an operator leaves it in float, and says nothing."""
    names = guard.float_tensors(int8)
    found = f"{len(names)} tensors are not, {names[0]!r} among them" if names else "all tensors"
    return Line(f"{network.name}, {int8.runtime}: integers throughout", not names, found)


def _delegated(card: Card, int8: FlatbufferNetwork) -> Line:
    where = f"{int8.runtime} on {platform.machine()}"
    what = f"{card.name}, {int8.runtime}: accelerated operators"
    expected = card.accelerated.get(where)
    found = guard.delegation(int8)
    counted = f"{found.delegated} of {found.operators}"
    if expected is None:
        return Line(what, True, f"{counted}; the card was not measured with {where}")
    as_many = found.delegated >= expected.delegated and found.left_out <= expected.left_out
    said = f"the card says {expected.delegated} of {expected.operators}"
    return Line(what, as_many, f"{counted}, {said}")


def _fast(network: Network, int8: FlatbufferNetwork, full: FlatbufferNetwork) -> Line:
    found = guard.speed(int8, full, network.form.side_px)
    text = f"int8 {found.int8_ms:.2f} ms, float {found.float_ms:.2f} ms, {found.ratio:.2f} times as fast"
    return Line(f"{network.name}, {int8.runtime}: int8 is not slower", not found.int8_is_slower, text)

"""Person or picture of one? Presentation attack detection, in the terms of ISO/IEC 30107-3.

`live/` holds bona fide presentations, every other folder one species of attack. A presentation is taken for a
person at or above the threshold. One in which no face is found is refused, and counted as a non-response too.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from edge.rollcall_gate.adapters.recorded_camera import load_frame, photographs_in
from edge.rollcall_gate.eyes.pipeline import Pipeline
from edge.rollcall_gate.frames import Floats
from models.errors import ModelsMissing
from models.evaluation.bootstrap import Estimate, estimate, resamplings
from models.evaluation.persons import Codes
from models.evaluation.rates import Doubles, Weighed, equal_error, in_blocks

LIVE: Final = "live"
CLIENT_FIRST: Final = re.compile(r"(?P<client>[0-9]{4})(_[0-9]+)+\.[A-Za-z]+")
_FIXED: Final = 0.05


@dataclass(frozen=True, slots=True)
class Presentation:
    """`folder` is live, or the species; `score` 0..1 as the gate's network gives it, None without a face."""

    folder: str
    name: str
    score: float | None


@dataclass(frozen=True, slots=True)
class Species:
    """One attack. `apcer`: share taken for a person at the threshold; `no_response`: without a face.

    `bpcer20`: BPCER where at most one attack in twenty passes (APCER 5 %); `apcer_at_bpcer5`: APCER where at
    most one bona fide presentation in twenty is refused. None of fewer than twenty presentations.
    """

    name: str
    presentations: int
    no_response: int
    apcer: Estimate | None
    eer: Estimate | None
    bpcer20: Estimate | None
    apcer_at_bpcer5: Estimate | None


@dataclass(frozen=True, slots=True)
class Attacks:
    """`worst` is the species with the highest APCER, ties by EER; `apcer`, `eer`, `bpcer20` are of that one.

    resampled: what the intervals resample, "clients" or "photographs".
    """

    threshold: float
    live: int
    live_no_response: int
    clients: int
    resampled: str
    bpcer: Estimate | None
    species: tuple[Species, ...]
    worst: Species


def presentations_in(folder: Path) -> dict[str, list[Path]]:
    """The photographs of `live/` and of each other folder, live first. Raises ModelsMissing, or CameraError
    for a folder without a photograph; one sentence naming the folder."""
    try:
        found = sorted(p.name for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))
    except OSError as err:
        raise ModelsMissing(f"{folder}: cannot be read ({err.strerror})") from err
    if LIVE not in found:
        raise ModelsMissing(f"{folder / LIVE}: no such folder; bona fide presentations are expected there")
    species = [name for name in found if name != LIVE]
    if not species:
        raise ModelsMissing(f"{folder}: no folder beside {LIVE}; one for each species of attack is expected")
    shown = {name: photographs_in(folder / name) for name in (LIVE, *species)}
    for name in (*shown, *(path.name for paths in shown.values() for path in paths)):
        if not name.isprintable():
            raise ModelsMissing(f"{folder}: {name!r} is a name that cannot be printed; give it another")
    return shown


def present(pipeline: Pipeline, photographs: Iterable[Path]) -> list[Presentation]:
    """The gate's score of each photograph, in order; the folder is that of the file.

    Raises CameraError naming a file that is no photograph, ModelsMissing when the pipeline has no network for
    this.
    """
    seen = []
    for photograph in photographs:
        frame = load_frame(photograph, 0)
        view = pipeline.view(frame)
        score = pipeline.bona_fide(frame, view) if view else None
        if view and score is None:
            raise ModelsMissing(
                "there is no network for attacks among the models; fetch and convert them first"
            )
        seen.append(Presentation(photograph.parent.name, photograph.name, score))
    return seen


def evaluate_attacks(presentations: Sequence[Presentation], threshold: float) -> Attacks:
    """Rates of each species against the bona fide. Raises ModelsMissing when either kind is absent.

    Intervals resample clients where every file name starts with one (0001_0001_00_00_01_0.jpg), since frames
    of one client err together; otherwise each photograph counts as its own.
    """
    names = sorted({one.folder for one in presentations} - {LIVE})
    if not names or all(one.folder != LIVE for one in presentations):
        raise ModelsMissing(f"bona fide presentations ({LIVE}) and at least one species of attack are needed")
    by_client = all(CLIENT_FIRST.fullmatch(one.name) for one in presentations)
    clients = [one.name[:4] if by_client else f"{one.folder}/{one.name}" for one in presentations]
    code = {client: i for i, client in enumerate(sorted(set(clients)))}
    codes = np.array([code[client] for client in clients], np.int64)
    scores = np.array([-np.inf if one.score is None else one.score for one in presentations], np.float64)
    folders = np.array([one.folder for one in presentations])
    weights = resamplings(len(code))
    live = folders == LIVE
    species = tuple(
        _species(
            name,
            (scores[live], codes[live]),
            (scores[folders == name], codes[folders == name]),
            threshold,
            weights,
        )
        for name in names
    )
    bpcer = 1 - Weighed.of(scores[live], weights[:, codes[live]]).at_least(threshold)
    return Attacks(
        threshold=threshold,
        live=int(live.sum()),
        live_no_response=int(np.isneginf(scores[live]).sum()),
        clients=len(code),
        resampled="clients" if by_client else "photographs",
        bpcer=estimate(bpcer, int(np.unique(codes[live]).size)),
        species=species,
        worst=max(species, key=lambda one: (_value(one.apcer), _value(one.eer))),
    )


def _species(
    name: str, live: tuple[Doubles, Codes], attack: tuple[Doubles, Codes], threshold: float, weights: Floats
) -> Species:
    """One species; live and attack as (scores, clients), weights (R, clients)."""

    def measure(drawn: Floats) -> Doubles:
        bona_fide = Weighed.of(live[0], drawn[:, live[1]])
        attacks = Weighed.of(attack[0], drawn[:, attack[1]])
        # Refusing is passing upside down: a bar on the negated scores lets at most 5 % of the live ones over.
        lowest = -Weighed.of(-live[0], drawn[:, live[1]]).bars(_FIXED)
        return np.stack(
            [
                attacks.at_least(threshold),
                equal_error(bona_fide, attacks),
                1 - bona_fide.above(attacks.bars(_FIXED)),
                attacks.above(np.nextafter(lowest, -np.inf)),
            ],
            axis=1,
        )

    apcer, eer, bpcer20, apcer_at = in_blocks(weights, live[0].size + attack[0].size, measure).T
    attackers, livers = int(np.unique(attack[1]).size), int(np.unique(live[1]).size)
    fine = 1 / _FIXED  # fewer presentations than that cannot show one in twenty
    return Species(
        name=name,
        presentations=int(attack[0].size),
        no_response=int(np.isneginf(attack[0]).sum()),
        apcer=estimate(apcer, attackers),
        eer=estimate(eer, min(attackers, livers)),
        bpcer20=estimate(bpcer20, livers) if attack[0].size >= fine else None,
        apcer_at_bpcer5=estimate(apcer_at, attackers) if live[0].size >= fine else None,
    )


def _value(found: Estimate | None) -> float:
    return found.value if found else -1.0

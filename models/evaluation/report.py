"""What a trial found: one value, made of photographs already looked at, and kept as JSON.

The JSON has the field names of the dataclasses as keys. A rate with its interval is
{"value": v, "interval": [low, high]}; what the sample does not permit is null. Numbers keep six significant
digits. It names species of attack and groups, and never a photograph or a person.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Final, Literal

from models.errors import ModelsMissing
from models.evaluation.acquire import Acquired
from models.evaluation.agreement import Agreement
from models.evaluation.attacks import Attacks
from models.evaluation.bootstrap import Estimate
from models.evaluation.groups import GroupRates, rates_by_group
from models.evaluation.identification import Identification, identify
from models.evaluation.persons import persons_of
from models.evaluation.tables import Pair
from models.evaluation.verification import Verification, verify_pairs

FORMAT: Final = "hallward-evaluation/1"
HEADLINE_FAR: Final = 1e-3

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Counts:
    """`persons_by`: what tells who is on a photograph. `quality_refusals`: embedded, but not good enough for
    the gate; the same by gravest fault in `quality_refusals_by_fault`."""

    photographs: int
    persons: int
    persons_by: Literal["file_names", "pair_labels"]
    pairs: int
    failures_to_acquire: int
    quality_refusals: int
    quality_refusals_by_fault: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Recognition:
    """`verification` is over all that could be embedded. In `with_quality_limits` a photograph that the gate
    would refuse is a failure to acquire as well: what a single look at a gate gives."""

    threshold: float
    counts: Counts
    verification: Verification
    with_quality_limits: Verification
    identification: tuple[Identification, ...] | None
    groups: tuple[GroupRates, ...] | None


@dataclass(frozen=True, slots=True)
class Report:
    """`models` says what was measured: SHA-256 (hex) of each network, and the runtime."""

    models: Mapping[str, str]
    recognition: Recognition | None = None
    attacks: Attacks | None = None
    agreement: Agreement | None = None


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a later candidate is held against. `tar` is at HEADLINE_FAR over all pairs of the photographs."""

    models: Mapping[str, str]
    threshold: float
    accuracy: Estimate | None
    tar: Estimate | None
    groups: tuple[GroupRates, ...]


def evaluate_pairs(
    acquired: Acquired,
    pairs: Sequence[Pair],
    *,
    threshold: float,
    identification: bool = False,
    groups: Mapping[str, str] | None = None,
) -> Recognition:
    """Everything that embeddings and labels tell. `acquired` holds every photograph of the pairs.

    Raises ModelsMissing when the labels contradict one another; and for identification and groups, which
    compare all photographs, when the file names do not tell who is who.
    """
    persons = persons_of(acquired.names, pairs)
    if not persons.by_name and (identification or groups is not None):
        raise ModelsMissing(
            "the file names (Some_Name_0001.jpg, or a folder for each person) must tell who is who to"
            " identify or to compare groups, and the labels of the pairs contradict them"
        )
    return Recognition(
        threshold=threshold,
        counts=Counts(
            photographs=len(acquired.names),
            persons=persons.count,
            persons_by="file_names" if persons.by_name else "pair_labels",
            pairs=len(pairs),
            failures_to_acquire=acquired.failures,
            quality_refusals=int(acquired.refused.sum()),
            quality_refusals_by_fault={f.name.lower(): n for f, n in acquired.refusals().items()},
        ),
        verification=verify_pairs(acquired, persons, pairs, threshold),
        with_quality_limits=verify_pairs(acquired.within_limits(), persons, pairs, threshold),
        identification=identify(acquired, persons, threshold) if identification else None,
        groups=None if groups is None else rates_by_group(acquired, persons, groups, threshold),
    )


def as_json(report: Report) -> Json:
    """Plain dicts, lists, numbers and strings, ready for json.dumps; the same report gives the same bytes."""
    return {"format": FORMAT, **_plain(report)}


def from_json(data: object, source: Path) -> Baseline:
    """Headline and groups of a stored report. Raises ModelsMissing naming `source` for anything else."""
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise ModelsMissing(f"{source}: not a report of the format {FORMAT}")
    try:
        found = data["recognition"]
        listed, everyone = found["verification"]["listed"], found["verification"]["all_vs_all"]
        tars = {one["far"]: one["tar"] for one in (everyone["tar"] if everyone else [])}
        return Baseline(
            models={str(name): str(value) for name, value in data["models"].items()},
            threshold=_share(found["threshold"]),
            accuracy=_estimate(listed["accuracy"]),
            tar=_estimate(tars.get(HEADLINE_FAR)),
            groups=_groups(found["groups"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as err:
        raise ModelsMissing(f"{source}: a damaged report, or one without pairs ({err})") from err


def _plain(value: object) -> Any:
    if isinstance(value, Estimate):
        return {"value": _plain(value.value), "interval": [_plain(value.low), _plain(value.high)]}
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, Enum):
        return value.name.lower()
    if isinstance(value, float):
        return float(f"{value:.6g}")
    return [_plain(inner) for inner in value] if isinstance(value, tuple | list) else value


def _estimate(found: Json | None) -> Estimate | None:
    """Raises ValueError unless 0 <= low, value, high <= 1 and the ends are in order."""
    if found is None:
        return None
    low, high = found["interval"]
    value, low, high = (_share(number) for number in (found["value"], low, high))
    if low > high:
        raise ValueError("an interval that ends before it begins")
    return Estimate(value, low, high)


def _share(number: object) -> float:
    if isinstance(number, bool) or not isinstance(number, int | float) or not 0 <= number <= 1:
        raise ValueError(f"{number!r} is no share between 0 and 1")
    return float(number)


def _count(number: object) -> int:
    if isinstance(number, bool) or not isinstance(number, int) or number < 0:
        raise ValueError(f"{number!r} is no count")
    return number


def _group(found: Json) -> GroupRates:
    fnmr, fmr = _estimate(found["fnmr"]), _estimate(found["fmr"])
    genuine, impostor = _count(found["genuine"]), _count(found["impostor"])
    if (fnmr is None and genuine) or (fmr is None and impostor):
        raise ValueError("pairs without a rate")
    return GroupRates(
        group=str(found["group"]),
        photographs=_count(found["photographs"]),
        persons=_count(found["persons"]),
        genuine=genuine,
        impostor=impostor,
        fnmr=fnmr,
        fmr=fmr,
    )


def _groups(found: list[Json] | None) -> tuple[GroupRates, ...]:
    groups = tuple(_group(one) for one in found or ())
    if len({one.group for one in groups}) != len(groups):
        raise ValueError("a group that is named twice")
    return groups

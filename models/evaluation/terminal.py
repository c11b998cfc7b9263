"""A report as a person reads it: one aligned table, and plainly said what the sample does not permit."""

from collections.abc import Iterable, Sequence
from typing import Final

from models.evaluation.agreement import Agreement, Spread
from models.evaluation.attacks import Attacks
from models.evaluation.bootstrap import Estimate
from models.evaluation.groups import GroupRates
from models.evaluation.identification import FnirAtFpir, Identification
from models.evaluation.report import Counts, Recognition, Report
from models.evaluation.verification import AllVsAll, Listed, TarAtFar

_GAP: Final = "   "
_NONE: Final = "n/a"

Row = tuple[str, ...]


def as_text(report: Report) -> str:
    """Lines without trailing blanks, no colour; intervals are 95 %."""
    lines = _aligned([(name, value) for name, value in report.models.items()])
    if report.recognition:
        lines += _recognition(report.recognition)
    if report.attacks:
        lines += ["", *_attacks(report.attacks)]
    if report.agreement:
        lines += ["", *_agreement(report.agreement)]
    return "\n".join(line.rstrip() for line in [*lines, "", "Brackets are 95 % intervals."]).lstrip("\n")


def _recognition(found: Recognition) -> list[str]:
    lines = [*_counts(found.counts), "", *_verification(found)]
    if found.identification is not None:
        lines += ["", *_identification(found.identification, found.threshold)]
    if found.groups is not None:
        lines += ["", *_groups(found.groups, found.threshold)]
    return lines


def _counts(found: Counts) -> list[str]:
    by = "file name" if found.persons_by == "file_names" else "the labels of the pairs"
    faults = ", ".join(f"{n} {name.replace('_', ' ')}" for name, n in found.quality_refusals_by_fault.items())
    share = _percent(found.failures_to_acquire / max(1, found.photographs))
    refused = _percent(found.quality_refusals / max(1, found.photographs))
    return _aligned(
        [
            ("photographs", f"{found.photographs:,} of {found.persons:,} persons (told apart by {by})"),
            ("failures to acquire", f"{found.failures_to_acquire:,} ({share})"),
            (
                "refused for quality",
                f"{found.quality_refusals:,} ({refused})" + (f": {faults}" if faults else ""),
            ),
        ]
    )


def _verification(found: Recognition) -> list[str]:
    whole, limited = found.verification, found.with_quality_limits
    rows: list[Row] = [("VERIFICATION", "all that could be embedded", "with the gate's quality limits")]
    listed = whole.listed
    rows.append((f"{found.counts.pairs:,} labelled pairs, {listed.folds} folds",))
    rows += _beside(_listed(listed, found.threshold), _listed(limited.listed, found.threshold))
    everyone = whole.all_vs_all
    if everyone is None or limited.all_vs_all is None:
        rows.append(("all against all: n/a (the file names do not tell who is who)",))
    else:
        rows.append((f"all against all: {everyone.genuine:,} genuine, {everyone.impostor:,} impostor pairs",))
        rows += _beside(_all(everyone, found.threshold), _all(limited.all_vs_all, found.threshold))
    return _aligned(rows)


def _listed(found: Listed, threshold: float) -> list[Row]:
    spread = f" ± {100 * found.accuracy_sd:.2f}" if found.accuracy_sd is not None else ""
    accuracy = _rate(found.accuracy, spread) if found.accuracy else f"{_NONE} (needs 2 folds)"
    return [
        ("  accuracy ± sd", accuracy),
        ("  EER", _rate(found.eer)),
        *_errors(found, threshold),
        *_tars(found.tar),
    ]


def _all(found: AllVsAll, threshold: float) -> list[Row]:
    return [*_errors(found, threshold), *_tars(found.tar)]


def _errors(found: Listed | AllVsAll, threshold: float) -> list[Row]:
    return [(f"  FMR at {threshold:g}", _rate(found.fmr)), (f"  FNMR at {threshold:g}", _rate(found.fnmr))]


def _tars(found: Iterable[TarAtFar]) -> list[Row]:
    return [(f"  TAR at FAR {one.far:.0e}".replace("e-0", "e-"), _tar(one)) for one in found]


def _tar(one: TarAtFar) -> str:
    if one.tar is None or one.threshold is None:
        return f"{_NONE} (needs {one.needs:,} impostor pairs)"
    return f"{_rate(one.tar)} at {one.threshold:.3f}"


def _identification(cells: Sequence[Identification], threshold: float) -> list[str]:
    header = ("IDENTIFICATION", *(f"{one.enrolled} enrolled, {one.probes} probed" for one in cells))
    rows: list[Row] = [header]
    rows.append(("  members", *(f"{one.gallery:,}" for one in cells)))
    rows.append(("  searches of members", *(f"{one.mated:,}" for one in cells)))
    rows.append(("  searches of strangers", *(f"{one.non_mated:,}" for one in cells)))
    rows.append(("  rank-1", *(_rate(one.rank1) for one in cells)))
    rows.append((f"  FPIR at {threshold:g}", *(_rate(one.fpir) for one in cells)))
    rows.append((f"  FNIR at {threshold:g}", *(_rate(one.fnir) for one in cells)))
    for at in zip(*(one.at for one in cells), strict=True):
        rows.append(
            (
                f"  FNIR at FPIR {100 * at[0].fpir:g} %",
                *(_fnir(one, cell) for one, cell in zip(at, cells, strict=True)),
            )
        )
        rows.append(
            ("    threshold", *(_NONE if one.threshold is None else f"{one.threshold:.3f}" for one in at))
        )
    return _aligned(rows)


def _fnir(one: FnirAtFpir, cell: Identification) -> str:
    if one.threshold is not None:
        return _rate(one.fnir)
    return f"{_NONE} (needs {one.needs} strangers)" if cell.gallery else f"{_NONE} (needs members)"


def _groups(found: Sequence[GroupRates], threshold: float) -> list[str]:
    rows: list[Row] = [
        ("GROUPS", "photographs", "persons", f"FNMR at {threshold:g}", f"FMR at {threshold:g}")
    ]
    rows += [
        (f"  {one.group}", f"{one.photographs:,}", f"{one.persons:,}", _rate(one.fnmr), _rate(one.fmr))
        for one in found
    ]
    return _aligned(rows)


def _attacks(found: Attacks) -> list[str]:
    silent = f"{found.live_no_response:,} without a face ({_percent(found.live_no_response / found.live)})"
    what = f"{found.clients:,} {found.resampled}"
    rows: list[Row] = [("ATTACKS", f"at {found.threshold:g}; intervals resample {what}")]
    rows.append(("  bona fide", f"{found.live:,} presentations, {silent}"))
    rows.append(("  BPCER", _rate(found.bpcer)))
    rows.append(("  worst species", f"{found.worst.name}, APCER {_rate(found.worst.apcer)}"))
    table: list[Row] = [
        ("  species", "shown", "no face", "APCER", "EER", "BPCER at APCER 5 %", "APCER at BPCER 5 %")
    ]
    table += [
        (
            f"  {one.name}",
            f"{one.presentations:,}",
            f"{one.no_response:,}",
            *(_rate(rate) for rate in (one.apcer, one.eer, one.bpcer20, one.apcer_at_bpcer5)),
        )
        for one in found.species
    ]
    return [*_aligned(rows), *_aligned(table)]


def _agreement(found: Agreement) -> list[str]:
    rows: list[Row] = [("INT8 AGAINST FLOAT", "median", "99th percentile")]
    kinds = (
        ("detector, eyes and nose / eye distance", found.keypoints),
        ("landmarks / eye distance", found.points),
        ("embeddings, 1 - cosine", found.cosine_loss),
        ("bona fide score", found.bona_fide),
    )
    rows += [(f"  {name}", *_spread(one)) for name, one in kinds]
    rows.append((f"  {found.frames:,} frames, in {found.missed:,} of which int8 found no face",))
    return _aligned(rows)


def _spread(found: Spread | None) -> tuple[str, str]:
    return (f"{found.median:.4f}", f"{found.p99:.4f}") if found else (_NONE, _NONE)


def _rate(found: Estimate | None, spread: str = "") -> str:
    if found is None:
        return _NONE
    return f"{_percent(found.value, spread)} [{_number(found.low)}, {_number(found.high)}]"


def _percent(share: float, spread: str = "") -> str:
    return f"{_number(share)}{spread} %"


def _number(share: float) -> str:
    """Percent with two decimals, or with two digits when there would be none left."""
    percent = 100 * share
    return f"{percent:.2f}" if percent >= 0.1 or percent == 0 else f"{percent:.2g}"


def _beside(rows: Sequence[Row], others: Sequence[Row]) -> list[Row]:
    return [(*row, other[-1]) for row, other in zip(rows, others, strict=True)]


def _aligned(rows: Sequence[Row]) -> list[str]:
    """Columns as wide as their widest cell; a row of a single cell is a heading and widens nothing."""
    columns = max((len(row) for row in rows), default=0)
    widths = [max((len(row[i]) for row in rows if i < len(row) > 1), default=0) for i in range(columns)]
    return [_GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)) for row in rows]

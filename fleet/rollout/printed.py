"""Rollouts as a terminal shows them: plain tables. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

_BAR: Final = 40


def table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> Iterator[str]:
    """Columns as wide as their widest cell; numbers stand to the right."""
    cells = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(line[at]) for line in [list(heads), *cells]) for at in range(len(heads))]
    right = [bool(cells) and all(row[at].isdigit() for row in cells) for at in range(len(heads))]
    for line in [list(heads), *cells]:
        yield "  ".join(
            cell.rjust(width) if to_right else cell.ljust(width)
            for cell, width, to_right in zip(line, widths, right, strict=True)
        ).rstrip()


def listed(found: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if not found:
        yield "No rollout yet."
        return
    yield from table(
        ("name", "target", "state", "done", "of", "failed"),
        [
            (row["rollout"], row["target"], row["state"], row["done"], row["devices"], row["failed"])
            for row in found
        ],
    )


def planned(found: Mapping[str, Any]) -> Iterator[str]:
    """What would change, device by device."""
    yield f"{found['rollout']}: {found['target']} → {found['version']}"
    if found["enrol_again"]:
        yield (
            f"The network that makes references changes: references of {found['enrol_again']} people must be "
            "enrolled again."
        )
    if found["no_way_back"]:
        yield (
            f"{found['no_way_back']} of these devices cannot be brought back once they have it: what they "
            "have is below its minimum."
        )
    yield ""
    yield from table(
        ("device", "row", "from", "to", "wave", "starts after (s)", "by"),
        [
            (
                row["device"], row["row"] or "-", row["before"], row["after"], found["waves"][row["wave"]],
                row["slot_ms"] // 1000, row["backend"],
            )
            for row in found["devices"]
        ],
    )  # fmt: skip
    if found["not_eligible"]:
        yield ""
        yield from table(
            ("not eligible", "why"), [(row["device"], row["sentence"]) for row in found["not_eligible"]]
        )
    yield ""
    yield f"{len(found['devices'])} devices would change, {len(found['not_eligible'])} are not eligible."


def shown(found: Mapping[str, Any]) -> Iterator[str]:
    """How far a rollout is, and why it stands where it stands."""
    yield f"{found['rollout']}: {found['target']} → {found['version']}, {found['state']}"
    if found["words"]:
        yield found["words"]
    share = found["done"] / max(1, found["devices"])
    yield f"[{'#' * round(share * _BAR):.<{_BAR}}] {found['done']} of {found['devices']} done"
    yield ""
    yield from table(
        ("wave", "devices", "done", "failed"),
        [(wave["name"], wave["devices"], wave["done"], wave["failed"]) for wave in found["waves"]],
    )
    yield ""
    heads = ("state", "cause", *(wave["name"] for wave in found["waves"]), "all")
    yield from table(
        heads,
        [
            (_stands_at(row, found["state"]), row["cause"] or "-", *row["waves"], row["devices"])
            for row in found["matrix"]
        ],
    )  # fmt: skip
    if found["common"]:
        yield ""
        yield found["common"]
    for group in found["not_eligible"]:
        yield f"not eligible, {group['count']}: {group['sentence']}"


def _stands_at(row: Mapping[str, Any], state: str) -> str:
    """Whose turn never came before a rollout was stopped waits for nothing."""
    is_stopped = state in ("aborting", "aborted")
    return "never ordered" if is_stopped and row["state"] == "waiting" else str(row["state"])


def why(found: Mapping[str, Any]) -> Iterator[str]:
    """One device: what it does or waits for in its own words, and what stands in the way of each release."""
    yield f"{found['device']} says: {found['status'] or 'nothing yet'}"
    yield from (reason["sentence"] for reason in found["waits"])
    for row in found["targets"]:
        if row["reasons"]:
            yield f"{row['path']}: " + " ".join(reason["sentence"] for reason in row["reasons"])
        else:
            yield f"{row['path']}: eligible"
    if not found["targets"]:
        yield "There is no release that this device could have."

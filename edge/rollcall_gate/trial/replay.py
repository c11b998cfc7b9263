"""`gate replay RECORDING`: the whole firmware on recorded frames; every decision, and each stage's time.

A recording is a folder: recording.toml with its pictures (recording.py); people/NAME/*.jpg, who is enrolled;
and house.toml, which says whose badges are believed:

    congress = "congress-1"
    registrar = "64 hexadecimal digits"   public key that badges are signed with
    lane_key = "64 hexadecimal digits"    of a rehearsal, never of a hall
    [[guest]] member = "32 hexadecimal digits", serial = 1, name = "…", seat = "…"
A person's member is the SHA-256 of the folder's name, cut to 16 bytes, or the name itself when it is a
pseudonym.
"""

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, TextIO

from edge.device.config import Section
from edge.device.errors import ConfigError
from edge.rollcall_gate.adapters.recorded_camera import load_frame, photographs_in
from edge.rollcall_gate.display.screen import code_of
from edge.rollcall_gate.eyes.pipeline import Pipeline
from edge.rollcall_gate.frames import Embedding
from edge.rollcall_gate.trial.rehearsal import Guest, House, Seen
from edge.rollcall_gate.trial.stages import Stages
from edge.rollcall_gate.who.decide import Admitted, NoMatch
from wire.ids import MEMBER_REF_BYTES, CongressId, MemberRef
from wire.keys import Alg, public_key
from wire.lane import NAME_BYTES_MAX, SEAT_BYTES_MAX, Greeting

PEOPLE: Final = "people"
HOUSE_FILE: Final = "house.toml"
HOUSE_BYTES_MAX: Final = 1024 * 1024
_NOBODY: Final = bytes.fromhex("5866666666666666666666666666666666666666666666666666666666666666")
"""Ed25519's base point: a key that nobody has signed a badge with."""
_HEX_RANGE: Final = "64 hexadecimal digits"


def read_house(folder: Path, pipeline: Pipeline) -> House:
    """Who is known at the gate of this recording. Raises ConfigError, CameraError."""
    path = folder / HOUSE_FILE
    references = _references(folder / PEOPLE, pipeline)
    if not path.exists():
        return House(CongressId("rehearsal"), public_key(Alg.EDDSA, _NOBODY), references)
    try:
        if path.stat().st_size > HOUSE_BYTES_MAX:
            raise ConfigError(f"{path}: larger than {HOUSE_BYTES_MAX // 1024} KiB")
        top = Section(str(path), "", tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as err:
        raise ConfigError(f"{path} cannot be read: {err}") from err
    top.only("congress", "registrar", "lane_key", "guest")
    return House(
        congress=CongressId(top.name_of("congress")),
        registrar=top.key("registrar"),
        references=references,
        guests=tuple(_guests(top)),
        lane_key=_hex(top, "lane_key", 32, _HEX_RANGE) if "lane_key" in top.values else bytes(32),
    )


def member_of(name: str) -> MemberRef:
    """The pseudonym of a folder of photographs."""
    try:
        given = bytes.fromhex(name)
    except ValueError:
        given = b""
    if len(given) == MEMBER_REF_BYTES:
        return MemberRef(given)
    return MemberRef(hashlib.sha256(name.encode()).digest()[:MEMBER_REF_BYTES])


def line_of(seen: Seen) -> dict[str, object]:
    """One decision as JSON: what two machines must agree on, and the score, in which they may differ."""
    decision = seen.decision
    admitted = decision if isinstance(decision, Admitted) else None
    score = decision.score if isinstance(decision, Admitted | NoMatch) else None
    return {
        "at_ms": seen.at_ms,
        "decision": type(decision).__name__,
        "member": admitted.member.hex() if admitted else None,
        "method": admitted.method if admitted else None,
        "score": None if score is None else round(score, 4),
        "looked_ms": seen.looked_ms,
    }


def tell(seen: Iterator[Seen], out: TextIO, *, as_json: bool) -> int:
    """Print each decision as it falls; how many there were."""
    count = 0
    for each in seen:
        count += 1
        line = line_of(each)
        if as_json:
            out.write(json.dumps(line) + "\n")
            continue
        who = line["member"] or code_of(each.decision) or ""
        score = "" if line["score"] is None else f"score {line['score']:.2f}"
        out.write(
            f"{each.at_ms / 1000:8.2f} s  {line['decision']!s:16} {line['method'] or '':6} {who!s:34}"
            f"after {each.looked_ms:5d} ms  {score}\n"
        )
    return count


def stage_table(stages: Stages) -> str:
    """What each stage took: calls, milliseconds a call, share of all."""
    whole = sum(stages.spent_s.values()) or 1.0
    rows = [f"{'stage':18} {'calls':>6} {'ms a call':>10} {'share':>6}"]
    for name, spent_s in sorted(stages.spent_s.items(), key=lambda item: -item[1]):
        calls = stages.calls[name]
        rows.append(f"{name:18} {calls:6d} {spent_s * 1000 / max(calls, 1):10.2f} {spent_s / whole:6.1%}")
    return "\n".join(rows)


def _references(folder: Path, pipeline: Pipeline) -> Mapping[MemberRef, tuple[Embedding, ...]]:
    if not folder.is_dir():
        return {}
    found: dict[MemberRef, tuple[Embedding, ...]] = {}
    for person in sorted(entry for entry in folder.iterdir() if entry.is_dir()):
        samples = [pipeline.sample(load_frame(photograph, 0)) for photograph in photographs_in(person)]
        embeddings = tuple(sample.probe for sample in samples if sample.probe is not None)
        if not embeddings:
            raise ConfigError(f"{person}: none of its photographs shows a face well enough")
        found[member_of(person.name)] = embeddings
    return found


def _guests(top: Section) -> Iterator[Guest]:
    guests = top.values.get("guest", [])
    if not isinstance(guests, list) or not all(isinstance(guest, dict) for guest in guests):
        raise top.wrong("guest", "tables [[guest]]")
    for number, values in enumerate(guests, 1):
        guest = Section(top.source, f"guest {number}", values)
        guest.only("member", "serial", "name", "seat")
        member = MemberRef(_hex(guest, "member", MEMBER_REF_BYTES, "32 hexadecimal digits"))
        name, seat = guest.text("name", "the name on the badge"), guest.values.get("seat", "")
        if len(name.encode()) > NAME_BYTES_MAX:
            raise guest.wrong("name", f"at most {NAME_BYTES_MAX} bytes")
        if not isinstance(seat, str) or len(seat.encode()) > SEAT_BYTES_MAX:
            raise guest.wrong("seat", f"text of at most {SEAT_BYTES_MAX} bytes")
        yield Guest(member, guest.integer("serial", 1, 2**32 - 1), Greeting(name, seat))


def _hex(section: Section, key: str, length: int, allowed: str) -> bytes:
    try:
        found = bytes.fromhex(section.text(key, allowed))
    except ValueError as err:
        raise section.wrong(key, allowed) from err
    if len(found) != length:
        raise section.wrong(key, allowed)
    return found

"""Rule 10: a raw image of the state folder, after a kill in every state, holds neither seed nor choice."""

from collections.abc import Callable
from pathlib import Path

import pytest

from edge.ballot_keypad.secret import effects
from edge.device.adapters.sqlite_outbox import SqliteOutboxStore
from tests.edge.ballot_keypad.secret import test_power_lost as ways
from tests.edge.ballot_keypad.secret.hall import Hall

STATES = (
    ways.to_choosing, ways.to_chosen, ways.to_preparing, ways.to_code, ways.to_checking, ways.to_checked,
    ways.to_casting, ways.to_recorded,
)  # fmt: skip
CHOICES = bytes([0x43, 1, 0, 0])
"""The encoding of what is chosen: a byte string of yes, not no, not abstain."""


@pytest.mark.parametrize("way", STATES)
def test_the_raw_image_holds_neither_local_nor_seed_nor_choice(
    way: Callable[[Hall], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets: set[bytes] = set()
    _record_secrets(secrets, monkeypatch)
    hall = Hall()
    file = tmp_path / "outbox.db"
    hall.seat.open_store = lambda: SqliteOutboxStore(file)
    way(hall)
    hall.seat.kill()
    image = b"".join(part.read_bytes() for part in sorted(tmp_path.iterdir()))
    hall.seat.runtime.outbox.close()  # after the image: what a closing would tidy is in it
    assert file.exists()
    assert hall.seat.question.key in image, "the image is not of this unit"
    assert secrets
    assert [secret.hex() for secret in secrets if secret in image] == []
    assert CHOICES not in image
    assert b"yes" not in image.replace(b"\x63yesbnogabstain", b"")


def _record_secrets(secrets: set[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything that the unit draws or makes of it, session keys aside."""
    draw, seed_of = effects.commitment, effects.seed_of

    def commitment(voter: bytes, contest: bytes, seq: int, local: bytearray) -> bytes:
        secrets.add(bytes(local))
        return draw(voter, contest, seq, local)

    def seed(local: bytearray, *parts: object) -> bytearray:
        found = seed_of(local, *parts)  # type: ignore[arg-type]
        secrets.add(bytes(found))
        return found

    monkeypatch.setattr(effects, "commitment", commitment)
    monkeypatch.setattr(effects, "seed_of", seed)


def test_the_seed_is_wiped_as_soon_as_the_ballot_is_made(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    seeds: list[bytearray] = []
    seed_of = effects.seed_of

    def noted(*parts: object) -> bytearray:
        seeds.append(seed_of(*parts))  # type: ignore[arg-type]
        assert any(seeds[-1])
        return seeds[-1]

    monkeypatch.setattr(effects, "seed_of", noted)
    hall.seat.press("ok", "yes", "ok")
    assert [any(seed) for seed in seeds] == [False]


def test_memory_is_wiped_when_the_ballot_is_cast(hall: Hall) -> None:
    seat = hall.seat
    seat.press("ok", "yes", "ok").wait()
    memory = seat.question.memory
    choices, local = memory.choices, memory.draw.local  # type: ignore[union-attr]
    assert any(choices)
    seat.press("ok").wait()
    assert not any(choices)
    assert not any(local)
    assert memory.body == b""

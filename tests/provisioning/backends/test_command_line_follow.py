"""`hallward provision balena adopt | follow`: what a technician types, over the wire on both sides."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fleet.db import database_url, open_engine
from provisioning.__main__ import main
from tests.fleet.hall_under_test import PASSWORD, hasty, made, ok
from tests.fleet.rollout.floor import QUICK, Floor, target
from tests.fleet.rollout.served import served
from tests.provisioning.backends.balena_fake import TOKEN, BalenaFake

pytestmark = pytest.mark.slow

Typed = Callable[..., int]


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    with made(hasty(open_engine(database_url(tmp_path, {})))) as hall:
        hall.targets.append(target("firmware/keypad-4", version="1.1.0"))
        hall.client("technician")  # makes the account
        yield Floor(hall)


@pytest.fixture
def typed(floor: Floor, fake: BalenaFake, monkeypatch: pytest.MonkeyPatch) -> Iterator[Typed]:
    monkeypatch.setenv("BALENA_API_KEY", TOKEN)
    monkeypatch.setenv("HALLWARD_PASSWORD", PASSWORD)
    with served(floor.hall) as url:
        at = ["--host", fake.host, "--fleet", "hall/keypads", "--hall", url, "--account", "technician"]
        yield lambda verb, *words: main(["balena", verb, *at, *words])


def test_devices_are_adopted_once_and_followed(
    floor: Floor, fake: BalenaFake, typed: Typed, capsys: pytest.CaptureFixture[str]
) -> None:
    names = floor.stand(2)
    for name in (*names, "keypad-9"):
        fake.add_device(name)
    assert typed("adopt", "--dry-run") == 0
    assert "keypad-0: would be carried by balena" in capsys.readouterr().out
    assert typed("adopt") == 0
    assert "3 devices in hall/keypads, 2 changed, 1 unknown to the hall" in capsys.readouterr().out
    assert typed("adopt") == 0
    assert "0 changed" in capsys.readouterr().out

    plan = {"waves": [{"name": "all", "percent": 100}], **QUICK}
    body = {"name": "fw-4", "target": "firmware/keypad-4", "plan": plan, "dry_run": False}
    ok(floor.staff.post("/api/rollouts", json=body), 201)
    assert typed("follow", "--rollout", "fw-4", "--once") == 0
    assert capsys.readouterr().out == "fw-4 is draft: 2 waiting; start it, then this goes on\n"
    ok(floor.staff.post("/api/rollouts/fw-4/start", json={}))
    floor.executor.tick()
    assert typed("follow", "--rollout", "fw-4", "--once") == 0
    assert "install: 2 devices pinned to 222222222222\n" in capsys.readouterr().out
    for name in names:
        fake.device(name)["is_running__release"] = 22
    assert typed("follow", "--rollout", "fw-4", "--once") == 0
    floor.executor.tick()
    floor.executor.tick()
    assert typed("follow", "--rollout", "fw-4") == 0
    assert capsys.readouterr().out.endswith("fw-4 is done: 2 soaked\n")


@pytest.mark.parametrize(
    ("words", "code", "status"),
    [
        (["--rollout", "fw-9"], "fleet-refused", 1),
        (["--rollout", "fw-9", "--every", "1"], "config-error", 78),
        (["--rollout", "fw-9", "--hall", "hall.local"], "config-error", 78),
        (["--rollout", "fw-9", "--host", "two words"], "config-error", 78),
    ],
)
def test_every_failure_has_a_sentence_and_a_code(
    typed: Typed, capsys: pytest.CaptureFixture[str], words: list[str], code: str, status: int
) -> None:
    assert typed("follow", *words) == status
    said = capsys.readouterr().err
    assert said.endswith(f" [{code}]\n")
    assert TOKEN not in said
    assert PASSWORD not in said

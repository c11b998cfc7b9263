"""The power fails at any durable step of a claim: the next start goes on with the same key and the same
claim, and the folder is a device's or nobody's, never half of one.
"""

from pathlib import Path

import pytest

from edge.device.adapters.device_folder import read_folder
from edge.device.claim.table import State
from tests.edge.device.claim.desk_under_test import ClaimDesk, seeded
from tests.edge.device.claim.rig import Machine, Person
from tests.edge.device.hall_desk import Hall
from tests.edge.power_cut import PowerCut, fuse
from tests.servers.waiting import wait_until
from wire.enrol import GRANT_PATH, HELLO_PATH, INSTALLED_PATH, POLL_PATH, PRESS_PATH

pytestmark = pytest.mark.slow


TOKEN = 'token = "once-only"\n'


def run(folder: Path, desk: ClaimDesk, cut: int | None, steps: list[str]) -> bool:
    """One start, with a technician at hand. False: the power was cut."""
    burn = fuse(cut)

    def step(name: str) -> None:
        steps.append(name)
        burn(name)

    machine = Machine(folder, person=Person(would_press=True), step=step)
    claiming = machine.claiming()

    def scan(path: str) -> None:
        if path == HELLO_PATH and desk.only.status.state == "waiting":
            desk.place("A-1")

    desk.on_path = scan
    try:
        return claiming.run()
    except PowerCut:
        return False


def test_power_cut_at_every_step_leaves_nobody_or_a_device(tmp_path: Path, hall: Hall) -> None:
    desk = ClaimDesk(hall)
    with desk.serve() as served:
        whole = seeded(tmp_path / "whole", hall, served.port, more=TOKEN)
        steps: list[str] = []
        assert run(whole, desk, None, steps)
        assert steps[-1] == "sync device.toml"
        assert [step for step in steps if step.startswith("rename")][-1] == "rename device.toml"
        for cut in range(1, len(steps) + 1):
            desk.forget()
            folder = seeded(tmp_path / f"cut-{cut}", hall, served.port, more=TOKEN)
            assert not run(folder, desk, cut, [])
            known = {claim: found.hello.request for claim, found in desk.claims.items()}
            is_claimed = (folder / "device.toml").exists()
            assert is_claimed == (steps[cut - 1] == "sync device.toml")
            if not is_claimed:
                assert run(folder, desk, None, []), f"cut at {steps[cut - 1]}"
            read_folder(folder, "keypad")
            assert "once-only" not in (folder / "seed.toml").read_text(), "a device needs no token any more"
            if is_claimed:
                continue
            if known:  # it had spoken before: it is the same claim, by the same request
                assert {claim: found.hello.request for claim, found in desk.claims.items()} == known
            assert desk.only.installed


@pytest.mark.parametrize("path", [HELLO_PATH, POLL_PATH, PRESS_PATH, GRANT_PATH, INSTALLED_PATH])
def test_killed_after_any_word_was_heard_and_before_its_answer_it_goes_on(
    tmp_path: Path, hall: Hall, path: str
) -> None:
    desk = ClaimDesk(hall)
    with desk.serve() as served:
        folder = seeded(tmp_path / "d", hall, served.port)
        machine = Machine(folder, person=Person(would_press=True))
        with machine:
            reached: list[str] = []

            def heard(said: str) -> None:
                if said == HELLO_PATH and desk.only.status.state == "waiting" and path != POLL_PATH:
                    desk.place("A-1")
                if said == path:
                    reached.append(said)
                    machine._claiming.stop()  # the answer finds nobody
                    wait_until(lambda: not machine._thread.is_alive(), "the end of the process")

            desk.on_path = heard
            wait_until(lambda: reached, f"{path} to be heard")
        desk.on_path = lambda _: None
        before = set(desk.claims)
        if (folder / "device.toml").exists():
            assert path == INSTALLED_PATH
            return
        with Machine(folder, person=Person(would_press=True)) as again:
            if path == POLL_PATH:
                again.person.reads(State.WAITING)
                desk.place("A-1")
            wait_until(lambda: again.is_device, "the end of the claim")
        assert set(desk.claims) == before
        assert desk.only.installed
        assert desk.only.presses <= 2

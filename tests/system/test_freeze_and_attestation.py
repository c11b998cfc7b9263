"""A sitting on real processes: a unit that is killed, one whose settings somebody edits, one that two people
free; afterwards each says in its own signed word what it ran."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from fleet.__main__ import main
from fleet.freeze.commands import CHANGED
from hallward.demo.api import Api
from tests.system.hall import HOST, SITTING, SystemHall


def staff(hall: SystemHall) -> Api:
    """Somebody else, signed in."""
    account = {"account": "staff", "password": hall.password}
    hall.api.post("/api/accounts", {**account, "roles": ["staff"]})
    other = Api(HOST, hall.config.api_port)
    other.post("/api/sign-in", account)
    return other


def measured(hall: SystemHall, name: str) -> bool:
    return f"{SITTING} is frozen" in hall.processes.said(name)


def freeze(hall: SystemHall, folder: Path, *words: str) -> int:
    """`hallward fleet freeze …`, as the officer."""
    password = folder / "password"
    password.write_text(hall.password)
    url = f"http://{HOST}:{hall.config.api_port}"
    return main(["freeze", *words, "--url", url, "--account", "officer", "--password-file", str(password)])


def test_what_was_frozen_is_attested_hash_for_hash(
    private_hall: Callable[..., SystemHall], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hall = private_hall(keypads=3)
    same, edited, freed = hall.keypads
    for name in hall.keypads:
        hall.until(partial(measured, hall, name), f"{name} has measured what it runs")
    hall.vote("yes")

    hall.processes.kill(same)
    hall.start_keypad(same)
    settings = hall.device(edited) / "device.toml"
    hall.processes.kill(edited)
    settings.write_text(settings.read_text() + "# by hand\n")
    hall.start_keypad(edited)

    wish = {"sitting": SITTING, "device": freed, "reason": "It hangs", "minutes": 5}
    asked = staff(hall).post("/api/freeze/overrides", wish)
    hall.api.post(f"/api/freeze/overrides/{asked['id']}/agree", {})
    hall.vote("no")

    hall.api.post(f"/api/sittings/{SITTING}/close", {})
    path = f"/api/sittings/{SITTING}/attestation"
    hall.until(lambda: hall.api.get(path)["silent"] == 0, "all have spoken")
    rows = {row["device"]: row for row in hall.api.get(path)["devices"]}
    assert {name: row["state"] for name, row in rows.items()} == {
        same: "unchanged",
        edited: "changed",
        freed: "lifted",
    }
    assert rows[edited]["changed"] == ["settings"]
    assert {name: row["boots"] for name, row in rows.items()} == {same: 1, edited: 1, freed: 0}
    assert all(
        {"firmware", "environment", "settings"} <= {p["part"] for p in row["parts"]} for row in rows.values()
    )
    hall.audited()
    audit = capsys.readouterr().out
    assert f"Sitting {SITTING}: staff and officer lifted the freeze of {freed} (It hangs), leaf " in audit
    assert f"Sitting {SITTING}: 2 of 3 devices that spoke attest that nothing changed." in audit

    assert freeze(hall, tmp_path, "attestation", SITTING) == CHANGED
    said = capsys.readouterr().out
    assert said.startswith(
        f"Sitting {SITTING}: 2 of 3 devices attest that nothing changed. Changed: {edited}"
    )
    assert f"{freed}: lifted (leaf " in said
    paper = tmp_path / "attestation.pdf"
    assert freeze(hall, tmp_path, "attestation", SITTING, "--out", str(paper)) == CHANGED
    assert f"written to {paper}" in capsys.readouterr().out
    assert paper.read_bytes().startswith(b"%PDF")
    assert freeze(hall, tmp_path, "show") == 0
    assert capsys.readouterr().out == "Nothing is frozen: no sitting is open.\n"

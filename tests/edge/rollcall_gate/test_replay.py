"""`gate replay RECORDING`: the whole firmware on recorded frames, the same each time."""

import json
import shutil
from pathlib import Path

import pytest

from edge.rollcall_gate.__main__ import main
from edge.rollcall_gate.adapters.recorded_camera import photographs_in
from edge.rollcall_gate.trial.replay import member_of
from tests.edge.rollcall_gate.rig import CONGRESS, LANE_KEY, REGISTRAR, WALL_MS
from tests.edge.rollcall_gate.synthetic import member
from wire.envelope import Purpose, seal
from wire.lane import pin_of
from wire.up import Badge, badge_text, encode_up

pytestmark = pytest.mark.slow

BY_BADGE, BY_PIN = member(9), member(8)


@pytest.fixture
def recording(tmp_path: Path, photographs: Path) -> Path:
    """Somebody enrolled, a stranger, a badge held up, a PIN typed."""
    folder = tmp_path / "day"
    *enrolled, shown = photographs_in(photographs / "obama")
    (folder / "people" / "obama").mkdir(parents=True)
    for number, photograph in enumerate(enrolled):
        shutil.copy(photograph, folder / "people" / "obama" / f"{number}{photograph.suffix}")
    stranger = photographs_in(photographs / "sunak")[0]
    for name, source in (("known", shown), ("stranger", stranger)):
        shutil.copy(source, folder / f"{name}{source.suffix}")
    badge = badge_text(
        seal(encode_up(Badge(CONGRESS, BY_BADGE, 9, WALL_MS + 10**9)), Purpose.BADGE, REGISTRAR)
    )
    pin = pin_of(LANE_KEY, congress=CONGRESS, member=BY_PIN, serial=8)
    shows = [
        (0, f'picture = "known{shown.suffix}"\nfor_ms = 1500'),
        (4_000, f'picture = "stranger{stranger.suffix}"\nfor_ms = 1500'),
        (9_000, f'badge = "{badge}"\nfor_ms = 1500'),
        (14_000, f'nobody = true\nfor_ms = 1000\nkeys = "8E{pin}E"'),
        (18_000, "nobody = true\nfor_ms = 500"),
    ]
    entries = "\n".join(f"[[show]]\nat_ms = {at_ms}\n{what}" for at_ms, what in shows)
    (folder / "recording.toml").write_text(f"every_ms = 100\nnoise = 2\n{entries}\n", "utf-8")
    guests = [(BY_BADGE, 9, "Chi"), (BY_PIN, 8, "Dũng")]
    (folder / "house.toml").write_text(
        f'congress = "{CONGRESS}"\nregistrar = "{REGISTRAR.public_key.raw.hex()}"\n'
        f'lane_key = "{LANE_KEY.hex()}"\n'
        + "".join(
            f'[[guest]]\nmember = "{m.hex()}"\nserial = {s}\nname = "{n}"\nseat = "A1"\n'
            for m, s, n in guests
        ),
        "utf-8",
    )
    return folder


def replayed(recording: Path, models: Path, capsys: pytest.CaptureFixture[str], *flags: str) -> str:
    assert main(["replay", str(recording), "--models", str(models), *flags]) == 0
    return capsys.readouterr().out


@pytest.fixture
def models(gate_models) -> Path:
    return gate_models.embedder.parent


def test_each_way_in_is_decided_as_at_a_gate_and_the_same_each_time(
    recording: Path, models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = replayed(recording, models, capsys, "--json")
    seen = [json.loads(line) for line in said.splitlines()]
    assert [(line["decision"], line["method"], line["member"]) for line in seen] == [
        ("Admitted", "face", member_of("obama").hex()),
        ("NoMatch", None, None),
        ("Admitted", "badge", BY_BADGE.hex()),
        ("Admitted", "pin", BY_PIN.hex()),
    ]
    assert all(line["looked_ms"] <= 3_000 for line in seen)
    assert replayed(recording, models, capsys, "--json") == said


def test_for_people_it_says_each_stages_time_and_no_name(
    recording: Path, models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = replayed(recording, models, capsys)
    assert "4 decisions, 3 records" in said
    for stage in ("detector", "landmarks", "embedder", "pad", "capture", "codes", "everything else"):
        assert f"\n{stage} " in said
    assert "no-match" in said
    assert not any(word in said for word in ("Chi", "Dũng"))


def test_a_badge_signed_by_somebody_else_is_not_believed(
    recording: Path, models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    house = recording / "house.toml"
    house.write_text(house.read_text("utf-8").replace(REGISTRAR.public_key.raw.hex(), "58" + "66" * 31))
    said = replayed(recording, models, capsys, "--json")
    assert [json.loads(line)["decision"] for line in said.splitlines()][2] == "BadBadge"


@pytest.mark.parametrize(
    ("file", "change", "words"),
    [
        ("house.toml", ("serial = 9", "serial = 0"), "guest 1.serial"),
        ("house.toml", ('seat = "A1"', 'chair = "A1"'), "guest 1.chair"),
        ("house.toml", ("lane_key = ", "lane = "), "lane"),
        ("house.toml", ("congress = ", "congress : "), "house.toml"),
        ("recording.toml", ("noise = 2", "noise = 51"), "noise"),
    ],
)
def test_a_mistake_is_one_sentence_that_names_it(
    recording: Path,
    models: Path,
    capsys: pytest.CaptureFixture[str],
    file: str,
    change: tuple[str, str],
    words: str,
) -> None:
    path = recording / file
    path.write_text(path.read_text("utf-8").replace(*change), "utf-8")
    assert main(["replay", str(recording), "--models", str(models)]) == 78
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert words in said


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("Chi", "C" * 121), "guest 1.name"),
        (('"A1"', f'"{"A" * 41}"'), "guest 1.seat"),
        (('"A1"', "3"), "seat"),
    ],
)
def test_a_name_or_seat_that_no_display_could_hold_is_one_sentence_too(
    recording: Path, models: Path, capsys: pytest.CaptureFixture[str], change: tuple[str, str], words: str
) -> None:
    path = recording / "house.toml"
    path.write_text(path.read_text("utf-8").replace(*change), "utf-8")
    assert main(["replay", str(recording), "--models", str(models)]) == 78
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert words in said


def test_an_empty_lane_decides_nothing_and_says_so_by_its_status(tmp_path: Path, models: Path) -> None:
    (tmp_path / "recording.toml").write_text("[[show]]\nat_ms = 0\nnobody = true\nfor_ms = 500\n", "utf-8")
    assert main(["replay", str(tmp_path), "--models", str(models)]) == 1

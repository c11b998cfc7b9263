"""What is said of secret ballots is of ballots that hold and of counts that are right, or nothing is said."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ballot.adapters.libsodium import Libsodium
from ballot.errors import BadShape
from ballot.prove import Prover
from ballot.shape import Shape
from bench import ballots, ballots_election, ballots_trustee, close_to_result
from bench.__main__ import main
from bench.ballots import KINDS, Cost, Kind
from bench.ballots_election import Question, Voted, long_list, motion, voted
from bench.close_to_result import Trustee
from bench.errors import BenchError
from bench.rows import Row
from tests.ballot.board.election import Election
from wire.board import BODY_BYTES_MAX

pytestmark = pytest.mark.slow

SHORT = KINDS[0]


def named(rows: list[Row]) -> dict[str, Row]:
    found = {row.name: row for row in rows}
    assert len(found) == len(rows)
    return found


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """A trustee's program here: what another process and a passphrase cost is no matter of these tests."""

    def run(what: str, name: str, folder: Path) -> Trustee:
        return Trustee(**ballots_trustee.act(name, folder, what))

    monkeypatch.setattr(close_to_result, "_run", run)
    monkeypatch.setattr(ballots_trustee, "_passphrase_s", lambda *_: 0.0)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_the_ballot_that_is_measured_is_one_that_somebody_may_cast(kind: Kind) -> None:
    try:
        shape = kind.shape()
    except BadShape:
        pytest.skip(f"a ballot of {BODY_BYTES_MAX} bytes cannot hold it")
    choices = ballots.choices_of(shape, kind.chosen)
    assert shape.allows(choices)
    assert sum(choices) == kind.chosen


def test_a_ballot_is_told_in_milliseconds_and_in_multiplications_of_the_same_run() -> None:
    rows = ballots._rows(SHORT, Cost(prove=0.8, verify=2.0, body_bytes=583), 0.04, 7)
    found = named(rows)
    own = "ballot, yes / no / abstain"
    assert found[f"{own}: its body"].value == 583
    proved, verified = (
        found[f"{own}: {what}, CPU of one process, least of 7"] for what in ("made and proved", "verified")
    )
    assert (proved.value, proved.budget, proved.ok) == (0.8, 0.85, True)
    assert (verified.value, verified.budget, verified.ok) == (2.0, 1.6, False)
    ratios = [row.value for name, row in found.items() if "libsodium's multiplication" in name]
    assert ratios == [20, 50]


def test_a_question_that_is_too_long_is_left_out_aloud(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def too_long() -> Shape:
        raise BadShape("too-long", "dài quá", "too long by far")

    monkeypatch.setattr(ballots, "KINDS", (SHORT, Kind("endless", too_long, 1)))
    rows = ballots.measure(2)
    assert "endless: left out" in capsys.readouterr().out
    assert any(SHORT.name in row.name for row in rows)
    assert not [row for row in rows if "endless" in row.name]


def test_a_ballot_that_does_not_hold_is_not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Prover, "body", lambda *_: bytes(583))
    with pytest.raises(BenchError, match="refused"):
        ballots.cost(Libsodium(), SHORT.shape(), 1, 1)


@pytest.mark.parametrize("question", [motion, long_list])
def test_every_option_of_a_measured_question_is_chosen_by_somebody(
    question: Callable[[], Question],
) -> None:
    shape = question().shape
    many = [tuple(ballots_election._choices(shape, number)) for number in range(60)]
    assert all(map(shape.allows, many))
    assert all(any(each[place] for each in many) for place in range(len(shape.options)))


@pytest.mark.usefixtures("in_this_process")
@pytest.mark.parametrize(("question", "voters"), [(motion(), 9), (long_list(), 3)], ids=["three", "list"])
def test_from_the_close_to_counts_that_are_those_cast(question: Question, voters: int) -> None:
    found = named(close_to_result.measure(voted(question, voters), budgets=True))
    own = f"{voters} ballots, {question.name}"
    whole = found[f"{own}: close to result on the hall server, CPU of one process, all of it"]
    parts = [row.value for name, row in found.items() if name.startswith(f"{own}: of it ")]
    assert len(parts) == 8
    assert sum(parts) == pytest.approx(whole.value, rel=0.01)
    assert whole.budget == close_to_result.SERVER_BUDGET_S
    approval = found[f"{own}: a trustee re-verifies all and approves, wall, least of 2"]
    assert approval.value > 0
    assert approval.budget == close_to_result.TRUSTEE_BUDGET_S
    assert found[f"{own}: an approval's CPU against its proofs' alone in this run"].value > 0


@pytest.mark.usefixtures("in_this_process")
def test_other_counts_than_those_cast_are_no_measurement() -> None:
    ready = voted(motion(), 4)
    other = Voted(ready.election, ready.question, (4, 0, 0))
    with pytest.raises(BenchError, match="were cast"):
        close_to_result.measure(other, budgets=True)


def test_a_ballot_that_is_not_taken_stops_the_measurement(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse_all(self: Election, envelope: bytes) -> object:
        return self.board.judge_cheap(envelope[:-1])

    monkeypatch.setattr(Election, "offer", refuse_all)
    monkeypatch.setattr("tests.ballot.board.election.Unit.body", lambda *_: bytes(9))
    with pytest.raises(BenchError, match="not taken"):
        voted(motion(), 2)


def test_a_trustee_who_refuses_says_so_in_the_measurement(tmp_path: Path) -> None:
    ready = voted(motion(), 3)
    close_to_result._close(ready, close_to_result.Spent())
    folder = close_to_result._folder(ready, tmp_path / "an", 1)
    (folder / "note").write_text("no note", encoding="utf-8")
    with pytest.raises(BenchError, match="approve failed"):
        close_to_result._run("approve", "an", folder)


@pytest.mark.slow
@pytest.mark.system
def test_all_of_it_runs_small_from_the_command_line(tmp_path: Path) -> None:
    out = tmp_path / "results.json"
    assert main(["ballots", "result", "--quick", "--out", str(out)]) == 0
    rows = {row["name"]: row["value"] for row in json.loads(out.read_text(encoding="utf-8"))}
    assert rows["ballot, at most 45 of 60: its body"] > rows["ballot, yes / no / abstain: its body"]
    own = "12 ballots, three options"
    assert rows[f"{own}: beside an approval, passphrase (key file opened and saved)"] > 0
    assert rows[f"{own}: a trustee re-verifies all again and gives a share, wall"] > 0

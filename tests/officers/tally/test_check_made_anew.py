"""Rule 13: what a unit opens is made anew on a machine that is not the unit."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from ballot.hashing import hash_of
from ballot.seeds import Check, check_text, code_of
from officers.tally import commands
from officers.tally.words import TallyRefused
from tests.ballot.board.election import CHARTER, NO, YES, Election
from tests.officers.people import Script, means


@pytest.fixture
def election() -> Election:
    return Election(3).open()


def prepared(election: Election, choices: Sequence[int] = YES) -> tuple[Check, str]:
    """What an honest unit shows when it is asked to open its ballot, and the code that it showed before."""
    unit = election.units[0]
    unit.ready()
    body = unit.body(choices)
    unit.prepare(body)
    contest = election.board.contests[election.contest]
    nonce = contest.nonce_behind(contest.course.voters[unit.voter].chains[0].commitments[1].leaf)
    assert nonce is not None
    check = Check(election.contest, unit.voter, 0, 1, unit.locals[1], nonce, bytes(choices))
    return check, code_of(election.manifest.hash, unit.voter, 0, 1, hash_of(body))


def said(root: Path, election: Election, text: str) -> str:
    (root / "hall.log").write_bytes(election.export())
    (root / "charter").write_bytes(CHARTER.encode())
    person = Script()
    words = [str(root / "hall.log"), text, "--charter", str(root / "charter"), "--jobs", "1"]
    assert commands.check(words, means(person)) == 0
    return person.text


@pytest.mark.parametrize(("choices", "label"), [(YES, "Tán thành"), (NO, "Không")])
def test_an_honest_unit_is_shown_with_its_code_and_choice(
    tmp_path: Path, election: Election, choices: Sequence[int], label: str
) -> None:
    check, code = prepared(election, choices)
    before = said(tmp_path, election, check_text(check))
    assert code in before
    assert f"chose: {label}." in before
    election.units[0].check(choices)
    assert said(tmp_path, election, check_text(check)) == before


@pytest.mark.parametrize("lie", [{"choices": bytes(NO)}, {"local": bytes(32)}, {"nonce": bytes(32)}])
def test_a_unit_that_opens_another_ballot_than_it_prepared_is_an_alarm(
    tmp_path: Path, election: Election, lie: dict[str, bytes]
) -> None:
    check, _ = prepared(election)
    with pytest.raises(TallyRefused) as caught:
        said(tmp_path, election, check_text(replace(check, **lie)))  # type: ignore[arg-type]
    assert caught.value.why == "false-check"


@pytest.mark.parametrize(
    "strange", [{"voter": bytes(16)}, {"contest": bytes(16)}, {"seq": 3}, {"generation": 1}]
)
def test_a_ballot_that_the_log_does_not_hold_is_told(
    tmp_path: Path, election: Election, strange: dict[str, object]
) -> None:
    check, _ = prepared(election)
    with pytest.raises(TallyRefused) as caught:
        said(tmp_path, election, check_text(replace(check, **strange)))  # type: ignore[arg-type]
    assert caught.value.why == "unknown-check"


@pytest.mark.parametrize("text", ["", "HV1:", "HW1:AAAA", "HV1:" + "A" * 5000, "HV1:é"])
def test_a_text_that_is_no_check_is_a_sentence(tmp_path: Path, election: Election, text: str) -> None:
    with pytest.raises(TallyRefused) as caught:
        said(tmp_path, election, text)
    assert caught.value.why == "no-check"

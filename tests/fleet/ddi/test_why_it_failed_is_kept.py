"""A hawkBit client says why it failed among dozens of other lines, at whatever moment it comes to it."""

import json

import pytest

from fleet.ddi.rules import LINES_MAX, OPEN, Action, after, cause_of, parse_feedback

SIGNED_BY_OTHERS = "ERROR corelib/swupdate_cms_verify.c : Authentication of all signatures failed"
TRACE = [f"[channel_set_options] : step {at}" for at in range(3 * LINES_MAX)]


def said(action: Action, execution: str, finished: str, *details: str) -> Action:
    status = {"execution": execution, "result": {"finished": finished}, "details": details}
    return after(action, parse_feedback(json.dumps({"status": status}).encode()), held=False)


@pytest.mark.parametrize("before", [0, 10, len(TRACE)])
def test_it_is_kept_wherever_it_stands(before: int) -> None:
    action = Action(2, "gate-1", "r1", 1, OPEN, fetched=True)
    action = said(action, "proceeding", "none", *TRACE[:before], SIGNED_BY_OTHERS, *TRACE[before:])
    action = said(action, "proceeding", "none", *TRACE)
    action = said(action, "closed", "failure", "No suitable .swu image found")
    assert cause_of(action.lines) == "unsigned"
    assert len(action.lines) == LINES_MAX
    assert action.lines[-1] == "No suitable .swu image found"


def test_of_too_many_faults_the_newest_are_kept_in_their_order() -> None:
    action = Action(2, "gate-1", "r1", 1, OPEN, fetched=True)
    faults = [f"ERROR {at}" for at in range(2 * LINES_MAX)]
    action = said(action, "closed", "failure", *faults, "the end")
    assert action.lines == (*faults[1 - LINES_MAX :], "the end")

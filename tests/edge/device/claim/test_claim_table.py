"""The table of a claim: whatever happens, it is somewhere that says why, and it finds its way out."""

import pytest

from edge.device.claim.pages import NOTHING, Situation, page_of
from edge.device.claim.table import TABLE, WAITS, Effect, Event, State, step

IN_FLIGHT = {State.HELLO, State.FETCHING, State.INSTALLING}
"""They last as long as what they do."""


def reachable(start: State) -> set[State]:
    found, todo = {start}, [start]
    while todo:
        state = todo.pop()
        for event in Event:
            after = step(state, event).state
            if after not in found:
                found.add(after)
                todo.append(after)
    return found


def test_every_state_can_be_met_and_every_one_can_still_end_well() -> None:
    assert reachable(State.LOOKING) == set(State)
    assert all(State.DONE in reachable(state) for state in State)


def test_nothing_but_a_whole_folder_ends_it() -> None:
    into = {pair for pair, (after, _) in TABLE.items() if after is State.DONE}
    assert into == {(State.INSTALLING, Event.INSTALLED)}
    assert all(step(State.DONE, event) == step(State.DONE, Event.TIMEOUT) for event in Event)


def test_no_state_waits_for_ever() -> None:
    for state in set(State) - {State.DONE}:
        moves = step(state, Event.TIMEOUT)
        assert (state in IN_FLIGHT) != (state in WAITS)
        assert state in IN_FLIGHT or moves.effects, f"{state} does nothing when its time is over"
    assert all(wait.base_ms <= wait.cap_ms <= 60_000 for wait in WAITS.values())


def test_a_press_counts_at_the_place_and_nowhere_else() -> None:
    presses = {state for state in State if Effect.PRESS in step(state, Event.BUTTON).effects}
    assert presses == {State.PLACED}


def test_whoever_presses_the_button_of_a_stopped_machine_need_not_wait() -> None:
    for state in (State.REFUSED, State.NO_NETWORK, State.SILENT, State.UNFIT):
        assert step(state, Event.BUTTON).effects == (Effect.FIND,)


def test_it_calls_for_its_person_once_for_each_placing() -> None:
    assert step(State.WAITING, Event.SAID_PLACED).effects == (Effect.ATTENTION,)
    assert step(State.PLACED, Event.SAID_PLACED).effects == ()


def test_a_claim_that_the_desk_forgot_begins_anew_by_itself() -> None:
    for state in (State.WAITING, State.PLACED, State.PRESSED, State.FETCHING):
        assert step(state, Event.GONE).effects == (Effect.HELLO,)


def test_an_event_without_a_row_changes_nothing() -> None:
    assert step(State.LOOKING, Event.INSTALLED).state is State.LOOKING
    assert step(State.INSTALLING, Event.BUTTON).effects == ()


@pytest.mark.parametrize("state", list(State))
def test_every_state_says_in_both_languages_what_it_waits_for(state: State) -> None:
    page = page_of(
        state, Situation("SN-1", place="A-12", code="ABCD2345", address="https://d/c"), ("OK", "OK")
    )
    assert all(page.title)
    assert page.todo == NOTHING or all(page.todo)
    assert "{" not in "".join((*page.title, *page.todo))
    assert bool(page.code) == bool(page.qr) == (state is State.WAITING)
    assert page.is_wanted == (state is State.PLACED)
    assert page.lines("vi")
    assert page.lines("vi") != page.lines("en")


def test_why_it_is_refused_stands_where_everybody_reads_it() -> None:
    said = ("Vị trí đã có máy khác.", "That place is taken.")
    page = page_of(State.REFUSED, Situation("SN-1", says=said, detail="place-taken"), ("OK", "OK"))
    assert page.title == said
    assert page.lines("vi+en")[:2] == list(said)
    assert "place-taken" in page.lines("vi+en")

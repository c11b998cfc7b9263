"""The passage table by itself: whatever happens in whatever order, what it promises about bolt and record."""

from dataclasses import dataclass
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.rollcall_gate.door.passage import (
    ENDS_ADMISSION,
    LOCKABLE,
    TABLE,
    TIMEOUT_MS,
    Effect,
    Event,
    State,
    diagram,
    drawn_into,
    step,
)

PAGE = Path(__file__).parents[3] / "docs" / "runbooks" / "gate-passage.md"
ALARMS = {effect for effect in Effect if effect.startswith("alarm-")}
SCRIPTS = st.lists(st.sampled_from(list(Event)), max_size=60)
WAITING = {State.RELEASED, State.PASSING, State.CAME_OUT, State.HELD_OPEN, State.ADMITTED_OPEN}
"""States in which somebody is admitted and not through yet; in JAMMED somebody may be."""


@dataclass
class Doorway:
    """A shell over the table, where contacts change or say nothing; what must not be, fails here."""

    state: State = State.SECURED
    is_open: bool = False
    jammed: bool = False
    burning: bool = False
    locked: bool = True
    admitted: bool = False
    admissions: int = 0
    recorded: int = 0

    def happen(self, event: Event) -> None:
        if self._is_possible(event):
            self._note(event)
            self._say(event)
            if event in (Event.JAM_OVER, Event.FIRE_OVER):
                self._say_how_it_stands()

    def lose_power(self) -> None:
        """The coil has no current; who was admitted is forgotten; after it the gate looks at its contact."""
        self.locked = self.admitted = False
        self.state = State.FORCED if self.is_open else State.SECURED
        self.locked = not self.is_open
        self._say_how_it_stands()

    def _is_possible(self, event: Event) -> bool:
        return {
            Event.OPENED: not self.is_open,
            Event.CLOSED: self.is_open,
            Event.JAM: not self.jammed,
            Event.JAM_OVER: self.jammed,
            Event.FIRE: not self.burning,
            Event.FIRE_OVER: self.burning,
            Event.ADMIT: not (self.state is State.JAMMED and self.admitted),
            Event.TIMEOUT: self.state in TIMEOUT_MS,
        }.get(event, True)

    def _note(self, event: Event) -> None:
        self.is_open = event is Event.OPENED or (self.is_open and event is not Event.CLOSED)
        self.jammed = event is Event.JAM or (self.jammed and event is not Event.JAM_OVER)
        self.burning = event is Event.FIRE or (self.burning and event is not Event.FIRE_OVER)

    def _say_how_it_stands(self) -> None:
        if self.burning:
            self._say(Event.FIRE)
        elif self.jammed:
            self._say(Event.JAM)
        elif not self.is_open and self.state is State.FORCED:
            self._say(Event.CLOSED)

    def _say(self, event: Event) -> None:
        before = self.state
        stepped = step(before, event)
        if event is Event.ADMIT and stepped.known:
            self.admitted = True
            self.admissions += 1
        for effect in stepped.effects:
            self._do(effect, before)
        self.state = stepped.state
        assert self.locked == (self.state in LOCKABLE)
        if self.state in WAITING:
            assert self.admitted
        elif self.state is not State.JAMMED:
            assert not self.admitted

    def _do(self, effect: Effect, before: State) -> None:
        if effect is Effect.SECURE:
            assert not self.is_open
            assert not self.burning
            assert not self.jammed
            self.locked = True
        elif effect is Effect.RELEASE:
            self.locked = False
        elif effect is Effect.DROP_ADMISSION:
            self.admitted = False
        elif effect is Effect.RECORD_PASSAGE:
            assert self.admitted or before is State.JAMMED  # there the shell knows whether somebody was
            self.recorded += self.admitted
            self.admitted = False


def after(*events: Event, state: State = State.SECURED) -> tuple[State, list[Effect]]:
    effects: list[Effect] = []
    for event in events:
        stepped = step(state, event)
        assert stepped.known, (state, event)
        state, effects = stepped.state, [*effects, *stepped.effects]
    return state, effects


@given(SCRIPTS)
def test_whatever_happens_the_bolt_never_moves_onto_a_person_and_nobody_is_recorded_twice(
    events: list[Event],
) -> None:
    doorway = Doorway()
    for event in events:
        doorway.happen(event)
        assert doorway.recorded <= doorway.admissions


@given(SCRIPTS)
def test_even_contacts_that_lie_do_not_secure_a_door_that_was_last_seen_open(events: list[Event]) -> None:
    state, is_open = State.SECURED, False
    for event in events:
        is_open = event is Event.OPENED or (is_open and event is not Event.CLOSED)
        stepped = step(state, event)
        assert not (Effect.SECURE in stepped.effects and is_open)
        state = stepped.state


@given(SCRIPTS, SCRIPTS)
def test_a_power_cut_at_any_moment_locks_nobody_in_and_counts_nobody_twice(
    before: list[Event], later: list[Event]
) -> None:
    doorway = Doorway()
    for event in before:
        doorway.happen(event)
    recorded, admissions = doorway.recorded, doorway.admissions
    doorway.lose_power()
    assert doorway.locked == (doorway.state is State.SECURED)
    assert not (doorway.locked and (doorway.is_open or doorway.burning or doorway.jammed))
    for event in later:
        doorway.happen(event)
    assert doorway.recorded - recorded <= doorway.admissions - admissions


def reachable(start: State) -> set[State]:
    found, todo = {start}, [start]
    while todo:
        state = todo.pop()
        fresh = {step(state, event).state for event in Event} - found
        found |= fresh
        todo += fresh
    return found


@pytest.mark.parametrize("state", State)
def test_every_state_is_reached_and_left_again(state: State) -> None:
    assert state in reachable(State.SECURED)
    assert State.SECURED in reachable(state)


def admitted_in() -> set[State]:
    """The states in which somebody can be admitted and not through yet, whatever happened before."""
    found, todo = {(State.SECURED, False)}, [(State.SECURED, False)]
    while todo:
        state, admitted = todo.pop()
        for event in Event:
            stepped = step(state, event)
            goes_on = (admitted or event is Event.ADMIT) and ENDS_ADMISSION.isdisjoint(stepped.effects)
            now = (stepped.state, goes_on if stepped.known else admitted)
            if now not in found:
                found.add(now)
                todo.append(now)
    return {state for state, admitted in found if admitted}


def test_no_admission_is_kept_for_ever() -> None:
    assert admitted_in() == WAITING | {State.JAMMED}
    for begin in admitted_in():
        state, effects, waited_ms = begin, [], 0
        while ENDS_ADMISSION.isdisjoint(effects):
            waited_ms += TIMEOUT_MS[state]
            state, effects = after(Event.TIMEOUT, state=state)
        assert waited_ms <= 60_000
        assert Effect.DROP_ADMISSION in effects


@pytest.mark.parametrize("state", State)
def test_whoever_is_admitted_is_recorded_wherever_the_sensor_sees_them_through(state: State) -> None:
    assert (Effect.RECORD_PASSAGE in step(state, Event.PASSED).effects) == (state in admitted_in())


def test_every_pair_is_answered_and_unknown_ones_change_nothing() -> None:
    for state, event in product(State, Event):
        stepped = step(state, event)
        assert stepped.known == ((state, event) in TABLE)
        if not stepped.known:
            assert (stepped.state, stepped.effects) == (state, ())


def test_every_state_that_ends_by_itself_has_a_timeout_and_no_other_does() -> None:
    assert {state for state, event in TABLE if event is Event.TIMEOUT} == set(TIMEOUT_MS)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("event", [Event.JAM, Event.FIRE, Event.WRONG_WAY])
def test_jam_fire_and_wrong_way_are_known_in_every_state(state: State, event: Event) -> None:
    assert step(state, event).known


def test_only_the_lockable_state_is_entered_by_securing() -> None:
    for (state, _), (target, effects) in TABLE.items():
        assert (Effect.SECURE in effects) == (target in LOCKABLE and state not in LOCKABLE)
        assert (Effect.RELEASE in effects) or state not in LOCKABLE or target in LOCKABLE


def test_who_is_admitted_and_walks_through_is_recorded_when_the_sensor_says_so() -> None:
    state, effects = after(Event.ADMIT, Event.OPENED, Event.PASSED)
    assert (state, effects) == (State.PASSED, [Effect.RELEASE, Effect.RECORD_PASSAGE])
    assert after(Event.CLOSED, state=state) == (State.SECURED, [Effect.SECURE])


def test_a_door_that_opened_and_fell_shut_with_nobody_through_records_nobody() -> None:
    for waited in ([], [Event.TIMEOUT]):
        state, effects = after(Event.ADMIT, Event.OPENED, *waited, Event.CLOSED)
        assert state is State.SECURED
        assert Effect.RECORD_PASSAGE not in effects
        assert effects[-2:] == [Effect.SECURE, Effect.DROP_ADMISSION]


def test_who_is_admitted_and_does_not_push_loses_the_admission_and_the_door_is_secured() -> None:
    state, effects = after(Event.ADMIT, Event.TIMEOUT)
    assert (state, effects) == (
        State.SECURED,
        [Effect.RELEASE, Effect.SECURE, Effect.DROP_ADMISSION],
    )


def test_a_second_person_on_one_admission_is_tailgating() -> None:
    for waited in ([], [Event.TIMEOUT]):
        _, effects = after(Event.ADMIT, Event.OPENED, Event.PASSED, *waited, Event.PASSED)
        assert effects.count(Effect.RECORD_PASSAGE) == 1
        assert effects[-1] is Effect.ALARM_TAILGATING


def test_two_faces_admitted_one_after_the_other_are_not_tailgating() -> None:
    one = (Event.ADMIT, Event.OPENED, Event.PASSED, Event.CLOSED)
    _, effects = after(*one, *one)
    assert effects.count(Effect.RECORD_PASSAGE) == 2
    assert not ALARMS & set(effects)


@pytest.mark.parametrize("state", sorted(set(State) - {State.EVACUATION, State.PASSING}))
def test_who_comes_against_the_lane_is_told_of_and_ends_nobodys_passage(state: State) -> None:
    assert after(Event.WRONG_WAY, state=state) == (state, [Effect.ALARM_WRONG_WAY])


def test_who_came_out_through_the_opened_door_leaves_the_admitted_one_their_turn() -> None:
    state, effects = after(Event.ADMIT, Event.OPENED, Event.WRONG_WAY)
    assert (state, effects[-1]) == (State.CAME_OUT, Effect.ALARM_WRONG_WAY)
    assert not step(state, Event.ADMIT).known
    assert after(Event.PASSED, state=state) == (State.PASSED, [Effect.RECORD_PASSAGE])
    assert after(Event.TIMEOUT, state=state) == (State.HELD_OPEN, [Effect.ALARM_HELD_OPEN])
    state, effects = after(Event.CLOSED, state=state)
    assert (state, effects) == (State.RELEASED, [])
    assert after(Event.OPENED, Event.PASSED, state=state) == (State.PASSED, [Effect.RECORD_PASSAGE])
    assert after(Event.TIMEOUT, state=state) == (State.SECURED, [Effect.SECURE, Effect.DROP_ADMISSION])


def test_who_climbs_over_a_secured_door_is_told_of() -> None:
    assert after(Event.PASSED) == (State.SECURED, [Effect.ALARM_FORCED])


def test_a_barrier_without_a_moving_contact_records_and_secures_behind_the_person() -> None:
    state, effects = after(Event.ADMIT, Event.PASSED)
    assert (state, effects[1:]) == (State.SECURED, [Effect.SECURE, Effect.RECORD_PASSAGE])


def test_a_forced_door_counts_who_is_admitted_and_tells_of_who_is_not() -> None:
    state, effects = after(Event.OPENED, Event.PASSED)
    assert (state, effects[-2:]) == (State.FORCED, [Effect.ALARM_FORCED, Effect.ALARM_TAILGATING])
    state, effects = after(Event.ADMIT, Event.PASSED, state=state)
    assert (state, effects[-1]) == (State.LEFT_OPEN, Effect.RECORD_PASSAGE)
    assert after(Event.PASSED, state=state)[1] == [Effect.ALARM_TAILGATING]


@pytest.mark.parametrize("began", [State.FORCED, State.LEFT_OPEN])
def test_who_is_admitted_at_an_open_door_and_goes_away_is_nobody_a_moment_later(began: State) -> None:
    state, effects = after(Event.ADMIT, Event.TIMEOUT, state=began)
    assert (state, effects) == (State.FORCED, [Effect.RELEASE, Effect.DROP_ADMISSION])
    assert after(Event.PASSED, state=state) == (State.FORCED, [Effect.ALARM_TAILGATING])
    assert step(state, Event.ADMIT).known, "the next one may be admitted"
    assert after(Event.ADMIT, Event.CLOSED, state=began)[1] == [
        Effect.RELEASE, Effect.SECURE, Effect.DROP_ADMISSION,
    ]  # fmt: skip


def test_who_held_the_door_open_and_went_away_blocks_and_names_nobody_later() -> None:
    state, effects = after(Event.ADMIT, Event.OPENED, Event.TIMEOUT, Event.TIMEOUT)
    assert (state, effects[-2:]) == (State.FORCED, [Effect.ALARM_HELD_OPEN, Effect.DROP_ADMISSION])
    assert after(Event.PASSED, state=state) == (State.FORCED, [Effect.ALARM_TAILGATING])
    assert after(Event.CLOSED, state=state) == (State.SECURED, [Effect.SECURE])


def test_a_door_that_is_wedged_open_goes_on_counting_who_is_admitted() -> None:
    state, _ = after(Event.OPENED)
    for _ in range(3):
        state, effects = after(Event.ADMIT, Event.PASSED, state=state)
        assert (state, effects.count(Effect.RECORD_PASSAGE)) == (State.LEFT_OPEN, 1)


@pytest.mark.parametrize(
    "way", [[], [Event.ADMIT], [Event.ADMIT, Event.OPENED], [Event.ADMIT, Event.OPENED, Event.TIMEOUT]]
)
def test_a_jam_keeps_the_admission_until_the_usher_has_handed_the_person_past(way: list[Event]) -> None:
    _, effects = after(*way, Event.JAM)
    assert effects[-2:] == [Effect.RELEASE, Effect.ALARM_JAM]
    assert Effect.DROP_ADMISSION not in effects
    state, effects = after(*way, Event.JAM, Event.ADMIT, Event.PASSED)
    assert (state, effects[-1]) == (State.JAMMED, Effect.RECORD_PASSAGE)
    assert Effect.DROP_ADMISSION not in effects


def test_who_was_not_handed_past_before_the_jam_ended_is_not_recorded_at_the_next_one() -> None:
    doorway = Doorway()
    for event in (Event.ADMIT, Event.JAM, Event.JAM_OVER, Event.JAM, Event.PASSED):
        doorway.happen(event)
    assert doorway.recorded == 0


@pytest.mark.parametrize("state", sorted(set(State) - {State.EVACUATION}))
def test_fire_releases_in_every_state_and_voids_the_admission(state: State) -> None:
    assert after(Event.FIRE, state=state) == (
        State.EVACUATION,
        [Effect.RELEASE, Effect.ALARM_FIRE, Effect.DROP_ADMISSION],
    )


def test_in_an_evacuation_only_its_end_leads_on_and_nothing_is_secured_or_recorded() -> None:
    for event in set(Event) - {Event.FIRE_OVER}:
        stepped = step(State.EVACUATION, event)
        assert stepped.state is State.EVACUATION
        assert not {Effect.SECURE, Effect.RECORD_PASSAGE} & set(stepped.effects)
    assert not step(State.EVACUATION, Event.ADMIT).known
    assert after(Event.FIRE_OVER, Event.CLOSED, state=State.EVACUATION) == (State.SECURED, [Effect.SECURE])


def test_a_gate_without_a_sensor_says_passed_before_closed_and_the_same_table_serves() -> None:
    for waited in ([], [Event.TIMEOUT]):
        state, effects = after(Event.ADMIT, Event.OPENED, *waited, Event.PASSED, Event.CLOSED)
        assert state is State.SECURED
        assert effects.count(Effect.RECORD_PASSAGE) == 1
        assert Effect.ALARM_TAILGATING not in effects


def test_the_runbook_shows_the_table_as_it_is() -> None:
    """Written anew by: python -m edge.rollcall_gate.door.passage"""
    assert f"```mermaid\n{diagram()}```\n" in PAGE.read_text("utf-8")


def test_the_diagram_names_every_state_and_every_alarm() -> None:
    drawn = diagram()
    assert not [state for state in State if f"--> {state.name}:" not in drawn]
    assert not [effect for effect in Effect if str(effect) not in drawn]


def test_drawing_into_a_page_touches_nothing_but_the_drawing() -> None:
    page = drawn_into("before\n```mermaid\nold\n```\nafter\n```\nmore\n```\n")
    assert page == f"before\n```mermaid\n{diagram()}```\nafter\n```\nmore\n```\n"
    with pytest.raises(ValueError, match="no block"):
        drawn_into("no drawing here")

"""What a person of the demo presses at a secret question, whatever the unit goes through."""

from collections.abc import Sequence

from hallward.demo.voter import Act, Voter, Wish

CODE = "JMVN-B2P4-Q1N0"


def seen(voter: Voter, *states: str, code: str = CODE) -> list[Sequence[str]]:
    """The keys at each of these screens."""
    return [
        voter.presses({"kind": "secret", "state": state, "code": code if state == "code" else ""})
        for state in states
    ]


def test_a_vote_is_chosen_confirmed_and_cast() -> None:
    voter = Voter([Wish("no")])
    pressed = seen(voter, "waiting", "choosing", "preparing", "code", "casting", "recorded")
    assert pressed == [(), ("no", "ok"), (), ("ok",), (), ()]
    assert (voter.cast, voter.codes) == ("no", [CODE])


def test_nothing_is_pressed_at_an_open_question() -> None:
    assert Voter([Wish("no")]).presses({"kind": "open", "state": "open"}) == ()


def test_who_checks_votes_once_more_with_another_ballot() -> None:
    voter = Voter([Wish("yes", Act.CHECK), Wish("abstain")])
    pressed = seen(voter, "choosing", "code", "checking", "checked", "choosing", "code", "casting")
    assert pressed == [("yes", "ok"), ("check", "ok"), (), ("ok",), ("abstain", "ok"), ("ok",), ()]
    assert voter.cast == "abstain"


def test_who_leaves_is_gone_until_the_unit_asks_anew() -> None:
    voter = Voter([Wish("yes", Act.LEAVE), Wish("no")])
    assert seen(voter, "choosing", "code", "code") == [("yes", "ok"), (), ()]
    assert voter.is_leaving
    assert seen(voter, "committing", "choosing", "code") == [(), ("no", "ok"), ("ok",)]
    assert not voter.is_leaving


def test_a_unit_that_lost_the_ballot_is_given_the_same_choice_again() -> None:
    voter = Voter([Wish("no")])
    pressed = seen(voter, "choosing", "code", "committing", "choosing", "code", "casting")
    assert pressed == [("no", "ok"), ("ok",), (), ("no", "ok"), ("ok",), ()]


def test_who_wishes_nothing_presses_nothing() -> None:
    voter = Voter()
    assert seen(voter, "choosing", "closed") == [(), ()]
    assert voter.cast is None

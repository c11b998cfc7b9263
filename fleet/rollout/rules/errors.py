"""What the rules of rollouts do not do, each with a sentence for the person who asked."""

from typing import Final

from fleet.rollout.rules.refusals import refusal
from wire.errors import HallError


class RuleRefused(HallError):
    """said: the sentence of the key (refusals.py) in both languages."""

    def __init__(self, key: str, **facts: object) -> None:
        self.said: Final = refusal(key, **facts)
        super().__init__(self.said.en)


class PlanRefused(RuleRefused):
    """A plan that cannot be carried out as it is written."""

    code = "bad-plan"


class NobodyEligible(RuleRefused):
    """A rollout that no device could take."""

    code = "nobody-eligible"


class NotInThisState(RuleRefused):
    """Right in form, but the rollout does not stand so that it could be done."""

    code = "wrong-state"

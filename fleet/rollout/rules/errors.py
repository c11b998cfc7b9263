"""What the rules of rollouts do not do, each with a sentence for the person who asked."""

from wire.errors import HallError


class PlanRefused(HallError):
    """A plan that cannot be carried out as it is written."""

    code = "bad-plan"


class NobodyEligible(HallError):
    """A rollout that no device could take."""

    code = "nobody-eligible"


class NotInThisState(HallError):
    """Right in form, but the rollout does not stand so that it could be done."""

    code = "wrong-state"

"""The machine of a form."""

from typing import TypeAlias

from edge.ballot_keypad.choose.each import Each
from edge.ballot_keypad.choose.form import Form, Kind
from edge.ballot_keypad.choose.motion import Motion
from edge.ballot_keypad.choose.pick import Pick

Selection: TypeAlias = Motion | Pick | Each
"""`pressed(button)` is the next one; `choices` are there once the person has confirmed them."""


def begin(form: Form) -> Selection:
    """Nothing is chosen yet."""
    match form.kind:
        case Kind.MOTION:
            return Motion(form)
        case Kind.LIST:
            return Pick(form)
        case Kind.EACH:
            return Each.of(form)

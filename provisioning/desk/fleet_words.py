"""What the fleet says no with, in both languages."""

from provisioning.desk.words import Words, said
from provisioning.errors import FleetRefused


def fleet_says(err: FleetRefused) -> Words:
    """Its own sentences as they stand; where it gave none in Vietnamese, the English one, named as the
    fleet's."""
    vietnamese, english = said("fleet-refused", sentence=err.what)
    return err.vi or vietnamese, english

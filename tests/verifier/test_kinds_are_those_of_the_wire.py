"""A kind of record that the desk or the store may say is none that the verifier calls a fault."""

from ballot.hall_log.verdict import OFFICE_TYPES
from verifier import verify
from wire.records import DEVICE_TYPES, RECORD_TYPES


def test_every_kind_is_of_a_device_or_known_to_be_of_an_office() -> None:
    assert {office: set(kinds) for office, kinds in verify.RECORDS.items()} == OFFICE_TYPES
    of_offices = set().union(*verify.RECORDS.values())
    of_devices = set().union(*DEVICE_TYPES.values())
    assert of_offices | of_devices == set(RECORD_TYPES)

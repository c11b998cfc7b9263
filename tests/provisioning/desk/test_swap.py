"""A dead device, a spare: the fleet's one act, and a certificate that is taken back however the desk ends."""

import pytest
from cryptography import x509

from provisioning.desk.swapping import SETTLES_S
from provisioning.errors import FleetRefused
from tests.edge.power_cut import PowerCut
from tests.provisioning.desk.conftest import ADDRESS, DeskUnderTest
from tests.provisioning.desk.fleet_under_test import PASSWORD, FleetUnderTest, place
from wire.ids import DeviceId


@pytest.fixture
def pair(desk: DeskUnderTest, fleet: FleetUnderTest) -> tuple[str, str]:
    """Names of a keypad at its seat and of a spare."""
    fleet.plan(place("seat-1"))
    names = []
    for serial, where in (("serial-1", "seat-1"), ("serial-2", "")):
        device = desk.device(serial)
        desk.granted(device, where)
        names.append(str(device.grant().device))
    return names[0], names[1]


def _swap(desk: DeskUnderTest, dead: str, spare: str) -> dict[str, object]:
    signed_in, _ = desk.opened.technicians.sign_in("lan", PASSWORD, ADDRESS)
    return desk.opened.swapping.swap(dead, spare, "dead", "lan", signed_in.calls)


def test_the_old_certificate_is_taken_back_and_the_list_stands_where_the_broker_reads_it(
    desk: DeskUnderTest, fleet: FleetUnderTest, pair: tuple[str, str]
) -> None:
    answer = _swap(desk, *pair)
    assert (answer["place"], answer["spare"]) == ("seat-1", pair[1])
    assert desk.authority.is_revoked(DeviceId(pair[0]))
    assert not desk.authority.is_revoked(DeviceId(pair[1]))
    listed = x509.load_pem_x509_crl(desk.crl.read_bytes())
    old = x509.load_pem_x509_certificate(fleet.devices[pair[0]]["certificate"].encode())
    assert listed.get_revoked_certificate_by_serial_number(old.serial_number) is not None


@pytest.mark.parametrize("fault", ["cut", "silence"])
def test_a_swap_whose_end_the_desk_did_not_see_is_finished_afterwards(
    desk: DeskUnderTest, fleet: FleetUnderTest, pair: tuple[str, str], fault: str
) -> None:
    def blow() -> None:
        if fault == "cut":
            raise PowerCut
        raise FleetRefused("the answer was lost")

    fleet.after = blow
    with pytest.raises((PowerCut, FleetRefused)):
        _swap(desk, *pair)
    fleet.after = None
    assert not desk.authority.is_revoked(DeviceId(pair[0]))
    if fault == "cut":
        desk.open()
    desk.opened.tick()
    assert desk.authority.is_revoked(DeviceId(pair[0]))
    assert desk.crl.exists()


def test_a_swap_that_the_fleet_carries_out_after_the_desk_gave_up_takes_the_certificate_back(
    desk: DeskUnderTest, fleet: FleetUnderTest, pair: tuple[str, str]
) -> None:
    dead, spare = pair
    fleet.refusal = (0, "")  # no answer within the desk's time; the fleet goes on with it
    with pytest.raises(FleetRefused):
        _swap(desk, dead, spare)
    fleet.refusal = None
    desk.opened.tick()
    assert not desk.authority.is_revoked(DeviceId(dead))
    fleet.devices[dead]["state"] = "revoked"
    desk.opened.tick()
    assert desk.authority.is_revoked(DeviceId(dead))


def test_a_swap_that_never_came_to_be_is_forgotten_after_a_while(
    desk: DeskUnderTest, fleet: FleetUnderTest, pair: tuple[str, str]
) -> None:
    fleet.refusal = (0, "")
    with pytest.raises(FleetRefused):
        _swap(desk, *pair)
    fleet.refusal = None
    desk.world.days_pass(SETTLES_S / 86400)
    desk.opened.tick()
    fleet.said.clear()
    desk.opened.tick()
    assert fleet.said == [], "nothing is asked any more"
    assert not desk.authority.is_revoked(DeviceId(pair[0]))


def test_a_swap_that_the_fleet_refuses_takes_nothing_back(desk, fleet, pair: tuple[str, str]) -> None:
    with pytest.raises(FleetRefused):
        _swap(desk, pair[0], "keypad-unknown")
    desk.open()
    desk.opened.tick()
    assert not desk.authority.is_revoked(DeviceId(pair[0]))
    assert fleet.devices[pair[0]]["state"] == "active"

"""Registering, renewing and revoking devices: officers' acts."""

from fleet.api.errors import BadInput, Conflict, NotFound
from fleet.desk.desk import Letter
from fleet.desk.office import Act, Office
from fleet.devices import store
from fleet.devices.certificates import DeviceCertificate, read
from fleet.devices.rules import REVOKED_BADGES, Desired, serials_cell
from fleet.lane.lists import tell_lanes
from fleet.lane.sealing import can_seal_to
from fleet.people import store as people
from wire.down import Twin
from wire.ids import DeviceId
from wire.records import DeviceRegistered, DeviceRevoked


def register(
    office: Office,
    account: str,
    authority: bytes | None,
    role: str,
    place: str,
    pem: str,
    sealing_key: bytes | None,
) -> DeviceId:
    """Register a device by its certificate, or renew the certificate of one that keeps its key.

    Raises: BadInput; Conflict for a known name with another key, role or a revoked state.
    """
    certificate = read(pem, authority, office.clock.wall_ms())
    if (role == "gate" and sealing_key is None) or (role == "board" and sealing_key is not None):
        raise BadInput(
            "sealing_key: a gate needs one, to open references; a keypad may have one, for the PIN of its "
            "seat; a board has none."
        )
    if sealing_key is not None and not can_seal_to(sealing_key, office.desk.congress, certificate.device):
        raise BadInput(
            f"sealing_key: nothing can be sealed to that of {certificate.device}; read it from the device "
            "itself."
        )
    with office.look() as connection:
        known = store.find(connection, certificate.device)
    if known is not None:
        _renew(office, account, certificate, known, role, place, sealing_key)
        return certificate.device
    with office.act(account, "device.registered", certificate.device) as act:
        if store.find(act.connection, certificate.device) is not None:
            raise Conflict(
                f"{certificate.device} was registered by somebody else just now.", code="device-exists"
            )
        act.note(role=role, place=place)
        act.record(DeviceRegistered(certificate.device, role, int(certificate.key.alg), certificate.key.raw))
        store.add(
            act.connection,
            certificate.device,
            role,
            certificate.key,
            sealing_key,
            certificate.pem,
            place,
            act.now_ms,
        )
        refused = people.revoked_serials(act.connection, act.now_ms) if role == "gate" else []
        desire(act, {certificate.device: {REVOKED_BADGES: serials_cell(refused)} if refused else {}})
        tell_lanes(office, act)
    return certificate.device


def _renew(
    office: Office,
    account: str,
    certificate: DeviceCertificate,
    known: store.Device,
    role: str,
    place: str,
    sealing_key: bytes | None,
) -> None:
    same = (known.key.alg, known.key.raw) == (certificate.key.alg, certificate.key.raw)
    if known.state != "active" or not same or known.role != role:
        raise Conflict(
            f"{known.device} is known as a {known.state} {known.role} with its own key; "
            "a device with another key or another role needs another name.",
            code="device-exists",
        )
    with office.act(account, "device.renewed", certificate.device) as act:
        act.note(place=place)
        store.renew(act.connection, certificate.device, sealing_key, certificate.pem, place)
        tell_lanes(office, act)


def revoke(office: Office, account: str, device: str, reason: str) -> None:
    """From the next leaf on nothing of this device is believed, and nothing is kept for it: no reference, no
    member. May be repeated. Raises NotFound."""
    with office.look() as connection:
        known = store.find(connection, device)
    if known is None:
        raise NotFound(f"There is no device {device}.")
    if known.state == "revoked":
        return
    with office.act(account, "device.revoked", device) as act:
        act.note(reason=reason)
        act.record(DeviceRevoked(known.device, reason))
        store.revoke(act.connection, known.device, act.now_ms)
        people.drop_wrapped_key(act.connection, known.device)
        desire(act, {known.device: {}})
        act.forget(known.device, but=Twin.kind)


def desire(act: Act, desired: dict[DeviceId, Desired]) -> None:
    """Set the twins of these devices and tell them, once the records of this act are leaves."""
    store.set_twins(act.connection, desired.items(), act.now_ms)
    act.tell(*(Letter(device, Twin(wanted)) for device, wanted in desired.items()))

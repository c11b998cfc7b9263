"""Registering, renewing and revoking devices: officers' acts."""

from collections.abc import Mapping
from dataclasses import dataclass

from fleet.api.errors import BadInput, Conflict, NotFound
from fleet.db import Connection
from fleet.desk.desk import Letter
from fleet.desk.office import Act, Office
from fleet.devices import store
from fleet.devices.certificates import DeviceCertificate, read
from fleet.devices.refusals import refused
from fleet.devices.role_words import role_word, state_word
from fleet.devices.rules import REVOKED_BADGES, UPDATE, Desired, serials_cell
from fleet.lane.lists import tell_lanes
from fleet.lane.sealing import can_seal_to
from fleet.people import store as people
from fleet.places.acts import check_free, stand
from wire.down import Twin
from wire.ids import DeviceId
from wire.records import DeviceRegistered, DeviceRevoked


@dataclass(frozen=True, slots=True)
class Entry:
    """What somebody says of a device, beside its certificate. None: not said; of a device that is known it
    stays as it is. place: in words; place_id: on the plan of the hall, whose label then says it in words.
    serial: as printed on the device."""

    role: str
    sealing_key: bytes | None = None
    serial: str | None = None
    place: str | None = None
    place_id: str | None = None


def register(office: Office, account: str, authority: bytes | None, pem: str, entry: Entry) -> DeviceId:
    """Register a device by its certificate, or renew the certificate of one that keeps its key.

    Raises: BadInput; NotFound for a place that is not on the plan; Conflict for a known name with another
    key, role or a revoked state, for a place where another device stands, for a serial number of another one.
    """
    certificate = read(pem, authority, office.clock.wall_ms())
    device, key = certificate.device, entry.sealing_key
    if key is not None and not can_seal_to(key, office.desk.congress, device):
        raise refused(BadInput, "bad-input/no-sealing", device=device)
    with office.look() as connection:
        known = store.find(connection, device)
    if known is not None:
        _renew(office, account, certificate, entry)
        return device
    _check_sealing_key(entry.role, key)
    if entry.place is None and entry.place_id is None:
        raise refused(BadInput, "bad-input/no-place")
    with office.act(account, "device.registered", device) as act:
        if store.find(act.connection, device) is not None:
            raise refused(Conflict, "device-exists/just-now", device=device)
        _check_serial(act.connection, certificate, entry.serial)
        words = entry.place or ""
        if entry.place_id is not None:
            words = check_free(act.connection, entry.place_id, device, entry.role).label
        act.note(role=entry.role, place=words, serial=entry.serial)
        act.record(DeviceRegistered(device, entry.role, int(certificate.key.alg), certificate.key.raw))
        store.add(
            act.connection, device, entry.role, certificate.key, key, certificate.pem, words, act.now_ms,
            entry.serial,
        )  # fmt: skip
        if entry.place_id is not None:
            stand(act, entry.place_id, device, entry.role)
        barred = people.revoked_serials(act.connection, act.now_ms) if entry.role == "gate" else []
        desire(act, {device: {REVOKED_BADGES: serials_cell(barred)} if barred else {}})
        tell_lanes(office, act)
    return device


def _check_sealing_key(role: str, sealing_key: bytes | None) -> None:
    if (role == "gate" and sealing_key is None) or (role == "board" and sealing_key is not None):
        raise refused(BadInput, "bad-input/sealing-key")


def _check_serial(connection: Connection, certificate: DeviceCertificate, serial: str | None) -> None:
    """A device that makes a second key, or a second device under the same label: a person must look."""
    for other, key in store.with_serial(connection, serial) if serial is not None else ():
        if (key.alg, key.raw) != (certificate.key.alg, certificate.key.raw):
            raise refused(Conflict, "serial-exists", other=other, serial=serial)


def _renew(office: Office, account: str, certificate: DeviceCertificate, entry: Entry) -> None:
    device = certificate.device
    with office.act(account, "device.renewed", device) as act:
        known = store.find(act.connection, device)
        if known is None:
            raise refused(NotFound, "not-found", device=device)
        _check_same(known, certificate, entry.role)
        sealing_key = known.sealing_key if entry.sealing_key is None else entry.sealing_key
        _check_sealing_key(entry.role, sealing_key)
        _check_serial(act.connection, certificate, entry.serial)
        # Whoever stands on the plan is where the plan says.
        place = known.place if entry.place is None or known.place_id is not None else entry.place
        serial = entry.serial or known.serial
        act.note(place=place, serial=serial)
        store.renew(act.connection, device, sealing_key, certificate.pem, place, serial)
        if entry.place_id is not None and entry.place_id != known.place_id:
            stand(act, entry.place_id, device, entry.role)
        tell_lanes(office, act)


def _check_same(known: store.Device, certificate: DeviceCertificate, role: str) -> None:
    same = (known.key.alg, known.key.raw) == (certificate.key.alg, certificate.key.raw)
    if known.state != "active" or not same or known.role != role:
        raise refused(
            Conflict, "device-exists/differs", device=known.device, role=role_word(known.role),
            state=state_word(known.state),
        )  # fmt: skip


def revoke(office: Office, account: str, device: str, reason: str) -> None:
    """From the next leaf on nothing of this device is believed, and nothing is kept for it: no reference, no
    member. May be repeated. Raises NotFound."""
    with office.look() as connection:
        known = store.find(connection, device)
    if known is None:
        raise refused(NotFound, "not-found", device=device)
    if known.state == "revoked":
        return
    with office.act(account, "device.revoked", device) as act:
        act.note(reason=reason)
        revoke_within(act, known, reason)


def revoke_within(act: Act, known: store.Device, reason: str) -> None:
    """The same, as a part of this act. Where the device stood on the plan it goes on standing, as revoked:
    nobody is to forget that something is missing there."""
    if known.state != "revoked":
        act.record(DeviceRevoked(known.device, reason))
        store.revoke(act.connection, known.device, act.now_ms)
    people.drop_wrapped_key(act.connection, known.device)
    desire(act, {known.device: {}})
    act.forget(known.device, but=Twin.kind)


def desire(act: Act, desired: Mapping[DeviceId, Desired]) -> None:
    """Set the twins of these devices and tell them, once the records of this act are leaves. An order to
    update stays in force beside whatever else changes, unless nothing at all is desired any more."""
    before = store.twins_of(act.connection, desired)
    kept = {
        device: {UPDATE: before[device][UPDATE]} | wanted
        if wanted and UPDATE in before.get(device, {})
        else wanted
        for device, wanted in desired.items()
    }
    store.set_twins(act.connection, kept.items(), act.now_ms)
    act.tell(*(Letter(device, Twin(wanted)) for device, wanted in kept.items()))

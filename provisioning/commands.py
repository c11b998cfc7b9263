"""The verbs of `hallward provision`, as plain functions: each can be interrupted and run again."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

from cryptography import x509

from provisioning.authority.folder import AuthorityFolder, Means, create_authority_folder
from provisioning.authority.root import hall_request, list_number
from provisioning.badge import issue_badge
from provisioning.device_folder import DeviceCard, Order, make_device_folder
from provisioning.errors import AuthorityError
from provisioning.hall import HallCard
from provisioning.ports import Fleet
from wire.ids import CongressId, DeviceId, MemberRef
from wire.keys import Signer

INTERMEDIATE_DAYS_LEFT: Final = timedelta(days=180)
# The fleet accepts a reason of at most 200 characters; a revocation always has one.
DEFAULT_REASON = "revoked by provisioning"


def provision_hall(
    folder: Path, card: HallCard, means: Means, *, fleet_tls: Path | None = None, names: Sequence[str] = ()
) -> AuthorityFolder:
    """A hall's authority. fleet_tls: the `tls` folder of the hall's server, to be filled as well, with a
    broker's certificate for localhost, the card's host and `names`. Raises ConfigError, AuthorityError."""
    authority = create_authority_folder(folder, card, means)
    if fleet_tls is not None:
        authority.write_fleet_tls(fleet_tls, names)
    return authority


def root_request(authority: AuthorityFolder) -> bytes:
    """What the root is asked to sign for this hall's present key, PEM."""
    return hall_request(authority.card.hall, authority.own.key)


def is_under_root_for_long(authority: AuthorityFolder) -> bool:
    """Whether the root need not be asked again yet."""
    if not authority.is_under_root:
        return False
    return authority.intermediate.not_valid_after_utc - authority.means.now() > INTERMEDIATE_DAYS_LEFT


def end_of_root(authority: AuthorityFolder) -> tuple[str, str] | None:
    """What to do before the root's word for this hall ends, Vietnamese and English; None where there is time.
    Raises AuthorityError for a damaged folder."""
    if not authority.is_under_root or is_under_root_for_long(authority):
        return None
    end = f"{authority.intermediate.not_valid_after_utc:%Y-%m-%d}"
    return (
        (
            f"chữ ký của gốc cho hội trường này hết hạn ngày {end}, sau đó không máy nào được nhận hay gia "
            "hạn: hãy chạy `hallward provision hall … --root`, rồi khởi động lại bàn cấp phát"
        ),
        (
            f"the root's word for this hall ends on {end}, and no device is claimed or renewed after that: "
            "run `hallward provision hall … --root`, then restart the desk"
        ),
    )


def knows_less(authority: AuthorityFolder, listed: x509.CertificateRevocationList) -> bool:
    """Whether the root has taken something back since this hall was given its list."""
    mine = x509.load_der_x509_crl(authority.chain.revocations)
    return list_number(listed) > list_number(mine)


def provision_device(
    authority: AuthorityFolder, target: Path, order: Order, *, place: str = "", fleet: Fleet | None = None
) -> DeviceCard:
    """A device's folder at `target`, and its line in the fleet's registry. Without a fleet the card is for
    the caller to hand over. Raises ConfigError, AuthorityError, FleetRefused (the folder is then kept)."""
    card = make_device_folder(target, order, authority)
    if fleet is not None:
        fleet.register(card, place or f"{order.role} {order.device}")
    return card


def revoke(
    authority: AuthorityFolder,
    device: DeviceId,
    *,
    reason: str = DEFAULT_REASON,
    fleet_tls: Path | None = None,
    fleet: Fleet | None = None,
) -> bytes:
    """Take a device's certificates back: list first, so that a fleet that cannot be reached finds it later.

    Returns the list (PEM), which also stands in the authority's folder and in `fleet_tls`.
    Raises AuthorityError for a device nobody knows, FleetRefused when the fleet did not take it.
    """
    content = authority.revoke(device)
    if fleet_tls is not None:
        authority.write_revocations(fleet_tls / "ca.crl")
    if fleet is not None:
        fleet.revoke(device, reason)
    return content


def badges(
    signer: Signer,
    congress: CongressId,
    members: Sequence[MemberRef],
    *,
    first_serial: int,
    not_after_ms: int,
) -> list[str]:
    """The texts of badges for these members, in order. Raises AuthorityError when nobody is named."""
    if not members:
        raise AuthorityError("no member was named: nobody gets a badge")
    return [
        issue_badge(signer, congress, member, serial=serial, not_after_ms=not_after_ms)
        for serial, member in enumerate(members, first_serial)
    ]

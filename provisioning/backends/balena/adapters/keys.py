"""Keys that a registration needs. Asked for by ourselves: the SDK hands an error's text back as the key."""

from datetime import datetime, timedelta
from typing import Any, Final

from provisioning.backends.balena.adapters.sdk import translated
from provisioning.backends.balena.adapters.transport import Transport
from provisioning.backends.balena.answers import Fleet, api_key, number, rows
from provisioning.backends.errors import BackendError

BATCH_LIFE: Final = timedelta(hours=1)


def batch_key(transport: Transport, fleet: Fleet, name: str, now: datetime) -> str:
    """A provisioning key of this fleet that ends by itself, should we die before we end it."""
    ends = (now + BATCH_LIFE).strftime("%Y-%m-%dT%H:%M:%SZ")
    body = {
        "actorType": "application",
        "actorTypeId": fleet.id,
        "roles": ["provisioning-api-key"],
        "name": name,
        "description": "one batch of hallward provision; may be revoked at any time",
        "expiryDate": ends,
    }
    return api_key(transport.call("POST", "api-key/v1/", body))


def end_batch_key(models: Any, fleet: Fleet, name: str) -> None:
    """Raises the error of the call, with a sentence that says which key is left."""
    try:
        with translated():
            found = models.api_key.get_provisioning_api_keys_by_application(
                fleet.id, {"$filter": {"name": name}, "$select": ["id"]}
            )
            for row in rows(found, "keys"):
                models.api_key.revoke(number(row, "id"))
    except BackendError as err:
        err.what = f"the key {name!r} of {fleet.slug} is left and ends within the hour, revoke it: {err.what}"
        raise


def device_key(transport: Transport, device: int) -> str:
    """One more key for a device whose first never reached us."""
    body = {"name": "hallward provision", "description": None, "expiryDate": None}
    return api_key(transport.call("POST", f"api-key/device/{device}/device-key", body))

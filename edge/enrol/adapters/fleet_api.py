"""The hall's server over HTTP. The sign-in cookie lives in this client's memory, the password nowhere."""

import base64
import ssl
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar, cast, get_args
from urllib.parse import urlsplit

import httpx

from edge.device.errors import ConfigError
from edge.enrol.consent import Channel, Consent
from edge.enrol.ports import FleetDown, FleetRefused, Found, GateKey, GateProof, GateState, Ledger
from edge.enrol.upload import SealedReference, WrappedKey
from wire.ids import DeviceId, MemberRef

TIMEOUT_S: Final = 15.0
_LOCAL: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_T = TypeVar("_T")


def open_client(url: str, authority: Path | None = None) -> httpx.Client:
    """A client for the fleet at `url`. authority: the certificate (PEM) that its own is signed with.

    Raises ConfigError for an address that is none, or that a password must not travel to in the clear.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as err:
        raise ConfigError(f"--fleet {url}: not an address") from err
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path not in {"", "/"}:
        raise ConfigError(f"--fleet {url}: an address like http://127.0.0.1:8080 expected")
    if parts.scheme == "http" and parts.hostname not in _LOCAL:
        raise ConfigError(
            f"--fleet {url}: the password would travel in the clear; use https, or the fleet on this machine"
        )
    try:
        context = ssl.create_default_context(cafile=authority) if parts.scheme == "https" else True
    except (OSError, ssl.SSLError) as err:
        raise ConfigError(f"--fleet-ca {authority}: not a certificate that can be read") from err
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    base = f"{parts.scheme}://{host}" + (f":{port}" if port else "")
    # trust_env: a proxy of this machine's environment has no business between the desk and the hall.
    return httpx.Client(base_url=base, timeout=TIMEOUT_S, verify=context, trust_env=False)


class FleetApi:
    """Implements Fleet. client: with the fleet's address as its base; belongs to this object from now on."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        self._account: str | None = None
        self._origin = str(client.base_url).rstrip("/")

    def close(self) -> None:
        self._client.close()

    @property
    def account(self) -> str | None:
        return self._account

    def sign_in(self, account: str, password: str) -> None:
        self._forget()
        said = self._call("POST", "/api/sign-in", {"account": account, "password": password})
        self._account = _read(said, lambda value: str(value["account"]))

    def sign_out(self) -> None:
        try:
            if self._account is not None:
                self._call("POST", "/api/sign-out", {})
        finally:
            self._forget()

    def congress(self) -> str:
        return _read(self._call("GET", "/api/board"), lambda said: str(said["congress"]))

    def members(self) -> list[Found]:
        return _read(
            self._call("GET", "/api/members"),
            lambda rows: [
                Found(_member(r["member"]), str(r["name"]), bool(r["consent"]), int(r["references"]))
                for r in rows
            ],
        )

    def ledger(self, member: MemberRef) -> Ledger | None:
        try:
            said = self._call("GET", f"/api/members/{member.hex()}/consent")
        except FleetRefused as err:
            if err.status == 404:
                return None
            raise
        return _read(
            said,
            lambda value: Ledger(
                bool(value["in_force"]), sum(row["withdrawn_ms"] is not None for row in value["consents"])
            ),
        )

    def give_consent(self, member: MemberRef, consent: Consent) -> None:
        self._call("POST", f"/api/members/{member.hex()}/consent", consent.body())

    def end_consent(self, member: MemberRef, channel: Channel) -> None:
        self._call("DELETE", f"/api/members/{member.hex()}/consent", {"channel": channel.value})

    def proofs(self, member: MemberRef) -> list[GateProof]:
        try:
            said = self._call("GET", f"/api/members/{member.hex()}/withdrawal")
        except FleetRefused as err:
            if err.status == 404:  # there was no consent to withdraw
                return []
            raise
        return _read(
            said,
            lambda value: [
                GateProof(DeviceId(g["gate"]), _state(g["state"]), g.get("leaf")) for g in value["gates"]
            ],
        )

    def gates(self) -> list[GateKey]:
        return _read(
            self._call("GET", "/api/references"),
            lambda said: [
                GateKey(DeviceId(g["device"]), bytes.fromhex(g["sealing_key"]), bool(g["has_key"]))
                for g in said["gates"]
                if g["sealing_key"]
            ],
        )

    def wrap(self, keys: Sequence[WrappedKey]) -> None:
        self._call("PUT", "/api/references/keys", {"keys": [key.body() for key in keys]})

    def upload(self, references: Sequence[SealedReference]) -> None:
        embedder = references[0].embedder
        rows = [
            {"member": r.member.hex(), "index": r.index, "sealed": base64.b64encode(r.sealed).decode()}
            for r in references
        ]
        model = {"model_sha256": embedder.model_sha256.hex(), "runtime": embedder.runtime}
        self._call("POST", "/api/references", {**model, "references": rows})

    def publish(self) -> int:
        return _read(self._call("POST", "/api/references/publish", {}), lambda said: int(said["gates"]))

    def _forget(self) -> None:
        self._client.cookies.clear()
        self._account = None

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        try:
            answer = self._client.request(method, path, json=body, headers={"origin": self._origin})
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as err:
            raise FleetDown(
                f"the hall's server does not answer at {self._origin} ({type(err).__name__}); nothing is lost"
            ) from err
        try:
            said = answer.json()
        except ValueError:
            said = None
        if answer.status_code >= 500 or (answer.is_success and said is None):
            raise FleetDown(
                f"the hall's server has trouble of its own ({answer.status_code}); nothing is lost"
            )
        if answer.is_success:
            return said
        if answer.status_code == 401:
            self._forget()
        told = said if isinstance(said, dict) else {}
        sentence = str(told.get("sentence") or f"the hall's server refused ({answer.status_code})")
        code, vi = str(told.get("code", "refused")), str(told.get("sentence_vi") or "")
        raise FleetRefused(sentence[:500], answer.status_code, code[:40], vi[:500])


def _read(said: Any, parse: Callable[[Any], _T]) -> _T:
    """Raises FleetDown for an answer that is none of the fleet's."""
    try:
        return parse(said)
    except (KeyError, TypeError, ValueError) as err:
        raise FleetDown("what answers there is no fleet of this release; look at --fleet") from err


def _state(text: str) -> GateState:
    """A state of a later release is none that anything is settled by."""
    return cast("GateState", text) if text in get_args(GateState) else "waiting"


def _member(text: str) -> MemberRef:
    return MemberRef(bytes.fromhex(text))

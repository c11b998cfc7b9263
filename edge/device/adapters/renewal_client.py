"""A new certificate over the same key, from the hall's desk (SPEC §10.3), into the device's folder."""

import os

from cryptography import x509

from edge.device.adapters.certificates import own_certificates
from edge.device.adapters.desk_tls import DeskConnection, load_root, newest_revocations
from edge.device.adapters.device_folder import DeviceFolder
from edge.device.adapters.keystore import open_tls_signer
from edge.device.adapters.papers_folder import install_papers
from edge.device.adapters.whole_file import Step
from edge.device.config import DeskAddress
from edge.device.errors import ConfigError, DeskNotTrusted, DeskRefused
from edge.device.grant import Asked, Papers, checked_grant
from edge.device.request import signing_request
from wire.enrol import NONCE_BYTES, RENEW_PATH, Grant, Renewal, encode_enrol, parse_answer
from wire.envelope import Purpose, seal
from wire.errors import RecordRejected


class DeskRenewer:
    """Implements edge.device.renewal.Renewer over mutual TLS.

    Of a grant only the papers are taken. Its settings are of the day when the device was claimed, and a
    frozen sitting allows no others. step: see write_whole.
    """

    def __init__(self, folder: DeviceFolder, address: DeskAddress, step: Step = lambda _: None) -> None:
        self._folder = folder
        self._address = address
        self._step = step

    def ends_ms(self) -> int | None:
        return first_end_ms(self._folder)

    def renew(self) -> None:
        folder, identity = self._folder, self._folder.identity
        root = load_root(folder.path)
        tls = open_tls_signer(folder.path, identity.device, identity.config.key_store)
        said = Renewal(
            os.urandom(NONCE_BYTES),
            signing_request(identity.signer, identity.device),
            None if tls is None else signing_request(tls, identity.device),
        )
        connection = DeskConnection(self._address.host, self._address.port, folder.path, folder.client_files)
        try:
            answer = connection.post(RENEW_PATH, seal(encode_enrol(said), Purpose.ENROL, identity.signer))
            asked = Asked(
                root,
                connection.intermediate,
                newest_revocations(folder.path, root),
                identity.signer.public_key,
                None if tls is None else tls.public_key,
                identity.device,
            )
            papers = checked_grant(parse_answer(answer, Grant), asked)
        except RecordRejected as err:
            raise DeskNotTrusted(
                f"the desk's answer is none of ours ({err.what}): nothing was changed"
            ) from err
        finally:
            connection.close()
        self._check_end(papers)
        install_papers(folder.path, papers, self._step)

    def _check_end(self, papers: Papers) -> None:
        """A desk whose clock stands wrong would take days away. Raises DeskRefused."""
        present_ms = self.ends_ms()
        for pem in (papers.certificate, papers.tls_certificate):
            if pem is None or present_ms is None:
                continue
            end = x509.load_pem_x509_certificate(pem).not_valid_after_utc
            if end.timestamp() * 1000 < present_ms:
                raise DeskRefused(
                    "desk-clock",
                    f"the desk grants a certificate that ends on {end.date()}, before the one that is here: "
                    "set the clock of the desk's machine",
                )


class NobodyRenews:
    """Implements Renewer for a folder without [renewal]: its certificate is watched all the same."""

    def __init__(self, folder: DeviceFolder) -> None:
        self._folder = folder

    def ends_ms(self) -> int | None:
        return first_end_ms(self._folder)

    def renew(self) -> None:
        raise ConfigError("device.toml has no [renewal]: provision this device again before then")


def first_end_ms(folder: DeviceFolder) -> int | None:
    """Of the certificates of this device that can be read, Unix time."""
    ends = [found.not_after_ms for _, found in own_certificates(folder.path, folder.identity)]
    return min((end for end in ends if end), default=None)

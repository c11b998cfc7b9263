"""Why a model could not be had, by culprit; each says what to type."""

from wire.errors import HallError


class ModelsUnreachable(HallError):
    """Network: the package index does not answer, or does not have the release."""

    code = "models-unreachable"


class ModelsUntrusted(HallError):
    """Publisher or attacker: the bytes are not the pinned ones. Nothing of them was kept or loaded."""

    code = "models-untrusted"


class ModelsMissing(HallError):
    """Operator: a step was left out, the disk cannot be written, or an input is not there."""

    code = "models-missing"


class ClientMissing(HallError):
    """Operator: the registry's own client is not installed. Other packages are fetched all the same."""

    code = "client-missing"


class SourceMissing(ModelsMissing):
    """Operator: the step before has not made, or could not make, what this one starts from."""

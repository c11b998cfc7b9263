"""What can go wrong at a gate, by culprit. Expected outcomes are kinds of Decision, not exceptions."""

from wire.errors import HallError


class CameraError(HallError):
    """Hardware: no picture. The gate goes on with badges."""

    code = "camera"


class DoorError(HallError):
    """Hardware: the lock does not answer. The usher opens by hand."""

    code = "door"


class ModelError(HallError):
    """The model file is missing, not a model, or not the one this gate was told to load."""

    code = "model"


class WrongShape(ModelError):
    """A network, but for another place: it takes other pictures or gives other numbers."""

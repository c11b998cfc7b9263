"""What the API process holds of secret questions: the log it follows, what it has offered to witnesses."""

from fleet.desk.office import Office
from fleet.secret.following import SecretLog
from fleet.secret.witnessing import Witnessing


class SecretDesk:
    """One per process, made by the composition root as `app.state.secret`."""

    def __init__(self, office: Office) -> None:
        self.log = SecretLog(office)
        self.witnessing = Witnessing(office, self.log)

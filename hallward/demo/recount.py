"""The end of the demo: the log is exported and audited as an auditor would, against keys from the minutes."""

from hallward.demo.api import Api
from hallward.demo.children import ProcessDied, run_to_end
from hallward.demo.hall import Hall
from hallward.demo.narrator import Check, Narrator


def recount(hall: Hall, office: Api, narrator: Narrator) -> list[Check]:
    exported = hall.folder / "hall.log"
    charter = [] if hall.charter is None else ["--charter", str(hall.charter)]
    run_to_end(["export", "--data", str(hall.folder / "fleet"), str(exported)])
    try:
        said = run_to_end(
            ["audit", str(exported), "--desk", hall.offices.desk, "--store", hall.offices.store, *charter]
        )
        verdict = "no fault"
        narrator.say(f"audit: {said.strip().splitlines()[-1]}")
    except ProcessDied as err:
        verdict = err.what
    chain = office.get("/api/audit/verify")
    return [
        Check("audit of log, chains, tree and counts", "no fault", verdict),
        Check(
            "chain of the fleet's own audit log",
            "whole",
            "whole" if chain["broken"] is None else chain["sentence"],
        ),
    ]

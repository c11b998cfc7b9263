"""`python -m tests.attacks`: carry out every attack, print what stopped it, and write docs/attacks.md."""

import argparse
import logging
import sys
import time

from tests.attacks.page import PAGE, written
from tests.attacks.row import Attack
from tests.attacks.table import ATTACKS, SUBJECTS


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.attacks", description=__doc__)
    parser.add_argument("attack", nargs="*", help="its id; without any: all")
    parser.add_argument("--fast", action="store_true", help="leave out the slow ones")
    parser.add_argument(
        "--write", action="store_true", help=f"write {PAGE.name} once all are as they should be"
    )
    asked = parser.parse_args()
    unknown = set(asked.attack) - {attack.id for attack in ATTACKS}
    if unknown:
        parser.error(f"there is no attack {', '.join(sorted(unknown))}")
    logging.disable(logging.CRITICAL)  # the defenders' own words; the table has the attackers'
    wrong, began_s, count = 0, time.monotonic(), 0
    for subject, rows in SUBJECTS.items():
        chosen = [
            row for row in rows if row.id in asked.attack or not (asked.attack or (asked.fast and row.slow))
        ]
        if chosen:
            print(f"\n{subject}")
        for attack in chosen:
            count += 1
            wrong += not _carried_out(attack)
    print(f"\n{count} attacks, {wrong} not stopped as they must be; {time.monotonic() - began_s:.1f} s")
    if asked.write and not wrong:
        PAGE.write_text(written(), encoding="utf-8")
        print(f"wrote {PAGE.name}")
    return 1 if wrong else 0


def _carried_out(attack: Attack) -> bool:
    """Print its row; whether the defender said what it must, or is known not to."""
    began_s = time.monotonic()
    try:
        said = attack.carry_out()
    except Exception as err:  # noqa: BLE001  # one broken row must not hide the others
        said = f"{type(err).__name__}: {err}"
    took_s = time.monotonic() - began_s
    is_as_expected = said == attack.said
    verdict = "residual" if attack.residual else "stopped"
    if not is_as_expected:
        verdict = "SUCCEEDS, a known finding" if attack.finding else "NOT STOPPED"
    print(f"  {verdict:9}  {attack.id}  [{attack.source}]  {attack.attacker}: {attack.does}")
    print(f"            {attack.by} -> {said}  ({took_s:.2f} s)")
    if not is_as_expected:
        print(f"            must be: {attack.said}")
    return is_as_expected or bool(attack.finding)


if __name__ == "__main__":
    sys.exit(main())

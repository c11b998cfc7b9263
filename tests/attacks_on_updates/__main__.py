"""`python -m tests.attacks_on_updates`: carry out every attack, print its verdict, and write the page."""

import argparse
import logging
import sys
import time

from tests.attacks_on_updates.page import PAGE, written
from tests.attacks_on_updates.row import Attack, carried_out
from tests.attacks_on_updates.table import ATTACKS, SUBJECTS


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.attacks_on_updates", description=__doc__)
    parser.add_argument("attack", nargs="*", help="its id; without any: all")
    parser.add_argument(
        "--write", action="store_true", help=f"write {PAGE.name} once all are as they must be"
    )
    asked = parser.parse_args()
    unknown = set(asked.attack) - {attack.id for attack in ATTACKS}
    if unknown:
        parser.error(f"there is no attack {', '.join(sorted(unknown))}")
    logging.disable(logging.CRITICAL)
    wrong, began_s, count = 0, time.monotonic(), 0
    for subject, rows in SUBJECTS.items():
        chosen = [row for row in rows if not asked.attack or row.id in asked.attack]
        if chosen:
            print(f"\n{subject}")
        for attack in chosen:
            count += 1
            wrong += not _as_it_must_be(attack)
    print(f"\n{count} attacks, {wrong} not stopped as they must be; {time.monotonic() - began_s:.1f} s")
    if asked.write and not wrong:
        PAGE.write_text(written(), encoding="utf-8")
        print(f"wrote {PAGE.name}")
    return 1 if wrong else 0


def _as_it_must_be(attack: Attack) -> bool:
    began_s = time.monotonic()
    try:
        verdict = carried_out(attack).verdict
    except Exception as err:  # noqa: BLE001  # one broken row must not hide the others
        verdict = f"{type(err).__name__}: {err}"
    is_right = verdict == attack.said
    print(f"  {'stopped' if is_right else 'NOT STOPPED'}  {attack.id}  {attack.attacker}: {attack.does}")
    print(f"           {attack.by} -> {verdict}  ({time.monotonic() - began_s:.2f} s)")
    if not is_right:
        print(f"           must be: {attack.said}")
    return is_right


if __name__ == "__main__":
    sys.exit(main())

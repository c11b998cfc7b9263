"""Under `python -O`, where asserts are gone, every known forgery is refused all the same."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
JUDGE = """
import json, sys
from ballot.adapters.libsodium import Libsodium
from ballot.context import Context
from ballot.shape import parse_shape
from ballot.verify import Refused, check_body
from wire.ids import ContestId

if __debug__:
    sys.exit("asserts are on")
group, said = Libsodium(), []
for case in json.load(sys.stdin):
    raw = lambda key: bytes.fromhex(case[key])
    context = Context(
        raw("manifest_hash"), ContestId(raw("contest")), parse_shape(case["shape"]), raw("election_key")
    )
    place = (raw("voter"), case["generation"], raw("session_key"), case["seq"])
    found = check_body(group, context, *place, raw("body"))
    said.append(found.code if isinstance(found, Refused) else "accepted")
json.dump(said, sys.stdout)
"""


def test_forgeries_are_refused_and_ballots_accepted_without_a_single_assert() -> None:
    good, refused = (
        json.loads((ROOT / "ballot" / "vectors" / name).read_text())
        for name in ("ballots.json", "refused.json")
    )
    done = subprocess.run(
        [sys.executable, "-O", "-c", JUDGE],
        cwd=ROOT,
        input=json.dumps([*good, *refused]),
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [*("accepted" for _ in good), *(case["code"] for case in refused)]

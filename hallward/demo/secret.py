"""A secret election in the demo: the hall's keypads, officers at machines of their own, a witness, and a
verifier that shares no code with any of them."""

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from ballot.documents.document import parse_document
from ballot.rules.facts import parse as parse_facts
from ballot.seeds import fingerprint
from hallward.demo.api import Api, ApiError
from hallward.demo.children import run_to_end
from hallward.demo.congress import CHAIR, COMMISSION, TRUSTEES, WITNESS, Congress, K
from hallward.demo.hall import HALL, Hall
from hallward.demo.hands import NoAnswer
from hallward.demo.narrator import Check, Narrator
from hallward.demo.officers import PATIENCE_S, Officers
from hallward.demo.secret_question import SecretQuestion, log_size, prepare
from hallward.demo.sitting import SITTING
from hallward.demo.verifying import verify
from hallward.demo.voter import Act, Voter, Wish
from hallward.demo.watching import look
from hallward.demo.witness import WitnessPost
from wire import cbor

QUESTION: Final = "secret-1"
TITLE: Final = "Bầu Chủ tịch bằng phiếu kín? / Elect the president by secret ballot?"
CHOICES: Final = ("yes", "no", "abstain")
STEP_S: Final = 60.0
_PATTERN: Final = ("yes", "no", "yes", "yes", "abstain", "yes", "no")
_CHECKING: Final = 1
"""The keypad whose person has a ballot opened first."""
_FACTS_MAX: Final = 256
MANIFEST: Final = f"""
hall = "{HALL}"
sitting = "{SITTING}"
question = "{QUESTION}"
title = "{TITLE}"
choose = "yes-no-abstain"
rule = "simple-majority"
min_anonymity = 2
"""


def vote_secretly(hall: Hall, office: Api, officers: Officers, narrator: Narrator) -> list[Check]:
    """From the preparation to a certified result, checked by a stranger. Raises HallError when a step cannot
    be done."""
    asked = {"question": QUESTION, "text": TITLE, "preset": "simple-majority"}
    question = prepare(office, SITTING, asked)
    narrator.say("a secret question is prepared: every keypad makes a key for this one vote")
    narrator.until(
        "trustees make the election key", lambda: int(officers.are_done), 1, PATIENCE_S, hall.children.check
    )
    congress = officers.with_election_key()
    data = hall.folder / "fleet"
    post = WitnessPost(
        congress, HALL, data, hall.api_port, hall.offices.store, hall.folder / "logs" / "witness.log"
    )
    try:
        return _Election(hall, office, narrator, congress, question, post).held()
    finally:
        post.close()


class _Election:
    """One secret question under way."""

    def __init__(
        self,
        hall: Hall,
        office: Api,
        narrator: Narrator,
        congress: Congress,
        question: SecretQuestion,
        post: WitnessPost,
    ) -> None:
        self._hall, self._office, self._narrator = hall, office, narrator
        self._congress, self._question, self._post = congress, question, post
        self._papers = congress.papers(question.contest)
        self._voters = {
            keypad: Voter([Wish(_PATTERN[number % len(_PATTERN)])])
            for number, keypad in enumerate(hall.keypads)
        }
        checking = self._voters[hall.keypads[_CHECKING]]
        checking.wishes = [Wish("abstain", Act.CHECK), *checking.wishes]

    def held(self) -> list[Check]:
        self._make_papers()
        self._vote()
        self._close()
        shown = self._in_the_record()
        return [*self._checks(self._count()), shown, *self._as_a_stranger()]

    # -- before ------------------------------------------------------------------------------------------

    def _make_papers(self) -> None:
        congress, say = self._congress, self._narrator.say
        say(
            f"{len(TRUSTEES)} trustees have made the election key, {K} of them can open a sum; "
            f"key record {_fingerprint(congress.key_record)}"
        )
        self._until("keypads say their keys", lambda: int(self._question.seen()["with_key"]))
        congress.make_roll(self._papers, self._question.session_keys())
        say(f"{' and '.join(COMMISSION)} of the credentials commission have signed the roll")
        congress.make_manifest(self._papers, MANIFEST)
        print_ = _fingerprint(self._papers / "manifest.doc")
        say(f"the counting board has signed the ballot paper: {print_}, as every keypad shows it")
        names = ("roll.doc", "roll-rows.doc", "manifest.doc")
        self._question.hand_in(congress.key_record, *(self._papers / name for name in names))
        self._all("keypads believe the papers", {"ready"})

    # -- the vote ----------------------------------------------------------------------------------------

    def _vote(self) -> None:
        seats = len(self._hall.keypads)
        self._until("every seat can vote", lambda: seats - int(self._question.seen()["not_ready_n"]), seats)
        self._question.step("open", accept_missing=False)
        self._post.start()
        self._all("keypads ask for a choice", {"choosing"})
        self._narrator.say(f"the secret ballot is open; {WITNESS}, a witness, cosigns the log as it grows")
        shown = self._voters[self._hall.keypads[_CHECKING]]
        self._until("people vote", self._pressed)
        if shown.codes:
            self._narrator.say(f"a code on a screen, to be found in the record: {shown.codes[0]}")
        self._narrator.say("that ballot was opened to be checked, and never counts; all votes are recorded")

    def _pressed(self) -> int:
        """Everybody presses for what they see; how many screens say `recorded`."""
        recorded = 0
        for keypad, voter in self._voters.items():
            seen = look(self._hall, keypad)
            recorded += seen.get("state") == "recorded"
            try:
                for key in voter.presses(seen):
                    self._hall.hands(keypad).do("press", button=key)
            except NoAnswer:
                continue  # it starts again
        return recorded

    # -- close and count ---------------------------------------------------------------------------------

    def _close(self) -> None:
        self._until("a witness has signed lately", lambda: int(self._draft_is_fresh()), 1)
        note = self._question.close_draft()["note"].encode()
        self._question.hand_in(self._congress.make_close(self._papers, HALL, note))
        self._narrator.say(f"{CHAIR}, in the chair, has signed the close; what comes now does not count")
        self._until("the tally may begin", self._tally_may_begin, 1)

    def _count(self) -> dict[str, Any]:
        congress, question, narrator, office = self._congress, self._question, self._narrator, self._office
        note, export = self._note("before"), self._export("before.export")
        question.hand_in(congress.approve(self._papers, export, note))
        self._until("the tally is signed", lambda: int(question.seen()["state"] == "tallied"), 1)
        narrator.say(
            f"{' and '.join(TRUSTEES[:K])} have checked every ballot and signed one sum; so has {WITNESS}"
        )
        note, export = self._note("tallied"), self._export("tallied.export")
        shares = congress.share(
            self._papers,
            export,
            note,
            lambda name: narrator.say(f"{name} gives a share of the key, for this sum"),
        )
        question.hand_in(*shares)
        self._until("the shares open it", lambda: int(question.seen()["has_result"]), 1)
        result: dict[str, Any] = question.result()
        congress.result(self._papers, export, shares)
        facts = parse_facts(cbor.decode(bytes.fromhex(result["facts_bytes"]), _FACTS_MAX))
        certified, before = (
            congress.certify(self._papers, question.tally_paper(), asdict(facts)),
            log_size(office),
        )
        question.hand_in(certified)
        self._until("the result stands in the log", lambda: int(log_size(office) > before), 1)
        for option in result["options"]:
            narrator.say(f"  {option['label']}: {option['count']}")
        for step in result["sums"]:
            narrator.say(f"  {step['en']}")
        narrator.say(f"result: {result['outcome_words']['en']}; the counting board has certified it")
        return result

    def _checks(self, result: dict[str, Any]) -> list[Check]:
        pressed = Counter(voter.cast for voter in self._voters.values())
        return [
            Check("secret ballots counted", len(self._voters), result["counted"]),
            Check("secret counts", [pressed[choice] for choice in CHOICES], result["counts"]),
        ]

    def _in_the_record(self) -> Check:
        """Before it is certified: after that a keypad is done with the question."""
        self._all("keypads find their vote in the closed record", {"in-record"})
        shown = self._showing({"in-record"})
        self._narrator.say(f"{shown} keypads have found their vote in the closed record, and say so")
        return Check("keypads that show: in the closed record", len(self._voters), shown)

    def _as_a_stranger(self) -> list[Check]:
        export = self._export("certified.export")
        verdict = verify(export, self._congress.charter)
        self._narrator.say(f"verify.py, which shares no code with the hall: {verdict.last_line}")
        opened = sum("checked" in voter.seen for voter in self._voters.values())
        return [
            Check("ballots opened to be checked", 1, opened),
            Check("the independent verifier", 0, verdict.exit_code),
        ]

    def _note(self, name: str) -> bytes:
        return self._post.note(
            lambda since: self._office.get(f"/api/log/checkpoint?since={since}"),
            self._papers / f"{name}.offer",
        )

    def _export(self, name: str) -> Path:
        path: Path = self._papers / name
        run_to_end(["export", "--data", str(self._hall.folder / "fleet"), str(path)])
        return path

    # -- waiting -----------------------------------------------------------------------------------------

    def _draft_is_fresh(self) -> bool:
        try:
            return bool(self._question.close_draft()["fresh"])
        except ApiError as err:
            if err.status != 409:
                raise
            return False  # no witness has signed anything yet

    def _tally_may_begin(self) -> int:
        seen = self._question.seen()
        return int(seen["state"] == "closed" and not seen["tally_waits"])

    def _all(self, what: str, states: set[str]) -> None:
        self._until(what, lambda: self._showing(states))

    def _showing(self, states: set[str]) -> int:
        looks = (look(self._hall, keypad) for keypad in self._hall.keypads)
        return sum(seen.get("kind") == "secret" and seen.get("state") in states for seen in looks)

    def _until(self, what: str, count: Callable[[], int], total: int | None = None) -> None:
        total = len(self._hall.keypads) if total is None else total
        self._narrator.until(what, count, total, STEP_S, self._hall.children.check)


def _fingerprint(document: Path) -> str:
    return fingerprint(parse_document(document.read_bytes()).hash)

"""Verify the secret ballots (HV-1) of an exported hall log. One file, standard library only, Python ≥ 3.9.

    python verify.py EXPORT --charter FILE --root HEX --size N [--key-record HEX] [--contest HEX]
                            [--jobs N] [--json]

FILE, root, size and the fingerprint of the key record are those of the signed minutes. Without charter, root
and size a whole invented election would pass: the answer is then INTERNALLY CONSISTENT ONLY.
Exit: 0 complete; 1 faults, all listed with their leaf; 2 unusable arguments; 3 no fault, but not complete.

Written from ballot/SPEC.md, ballot/rules/RULES.md and wire/SPEC.md alone; it shares no code with the rest.
`§` is a section of ballot/SPEC.md, `wire §` of wire/SPEC.md, `rules §` of RULES.md. In this order:

    WORDS    the twelve checks by name, and what the answer says
    FORMS    what everything looks like: one table, one reader; check 6, encodings, is mostly here
    COURSE   the order of the checks
    CHECK    1 manifest, charter, documents    2 roll and binds           3 election key
             4 log, checkpoints, witnesses     5 signatures and chains    7 order of each voter's entries
             8 proofs of each ballot           9 who counts              10 aggregate and tally
            11 decryption                     12 outcome by the rule
    ANSWER   printing, and the command line
    TOOLS    CBOR, hashes, the tree, the curve, signatures, ristretto255, processes

What devices sign (open ballots, passages, alarms) stays with `hallward audit`: it is a leaf, an envelope.
All that a secret ballot rests on is looked at: what desk and store record, documents of officers, entries of
voters. Nothing here is secret, so that nothing runs in constant time.
"""

# A table stays a table, and the whole can be printed on few pages:
# fmt: off
from __future__ import annotations

import argparse
import base64
import functools
import hashlib
import hmac
import json
import re
import sys
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple, NoReturn

COMPLETE, FAULTY, UNUSABLE, INCOMPLETE = 0, 1, 2, 3
SUITE = "hallvote-eg-ristretto255-sha512-v1"

class Bad(Exception):
    """What was read is not what the pages allow. The text is a sentence of the report."""

def bad(sentence: str) -> NoReturn:
    raise Bad(sentence)

def need(holds: object, sentence: str) -> None:
    if not holds:
        raise Bad(sentence)

def both(left: Sequence[Any], right: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
    """Pairs of two lists that must be of one length: with `zip` alone a forged ballot could pass."""
    need(len(left) == len(right), f"{len(left)} items where {len(right)} belong")
    return zip(left, right)  # noqa: B905  # 3.9 lacks `strict`, and the line above is it

# == WORDS =================================================================================================
CHECKS = {
    1: ("phiếu mẫu, điều lệ, văn bản", "manifest, charter, documents"),
    2: ("danh sách cử tri", "roll and binds"),
    3: ("khóa bầu cử", "election key"),
    4: ("sổ, điểm kiểm, nhân chứng", "log, checkpoints, witnesses"),
    5: ("chữ ký và chuỗi", "signatures and chains"),
    6: ("mã hóa dữ liệu", "encodings"),
    7: ("trình tự của từng cử tri", "order of each voter's entries"),
    8: ("chứng minh của từng phiếu", "proofs of each ballot"),
    9: ("phiếu nào được tính", "who counts"),
    10: ("tổng mã hóa và biên bản kiểm", "aggregate and tally"),
    11: ("giải mã", "decryption"),
    12: ("kết quả theo quy tắc", "outcome by the rule"),
}
WORDS = {
    "complete": "COMPLETE: all twelve checks hold / ĐẦY ĐỦ: mười hai phép kiểm đều đạt",
    "faults": "FAULTS: {n} / CÓ LỖI: {n}",
    "unpinned": "INTERNALLY CONSISTENT ONLY: charter, root and size of the signed minutes are needed / "
                "CHỈ NHẤT QUÁN NỘI BỘ: cần điều lệ, gốc và cỡ sổ trong biên bản đã ký",
    "unreadable": "không đọc được / cannot be read: {file}: {why}",
    "arguments": "--jobs và --size phải từ 1 / --jobs and --size are 1 or more",
    "devices": "{n} mục của thiết bị: chữ ký do `hallward audit` kiểm / {n} leaves of devices: bytes and "
               "form were looked at here, `hallward audit` does the rest",
    "residual": "What no check can show: a screen can be photographed; a malicious unit knows the vote (60 "
                "checks at random find 5 % of cheating with 95 %); ElGamal may fall to a quantum computer; "
                "in small or unanimous electorates the result itself tells.",
}

class Fault(NamedTuple):
    check: int
    leaf: int | None
    contest: str
    sentence: str

@dataclass
class Report:
    """said: of each check, what it looked at. people: lines of the protocol for people."""
    faults: list[Fault] = field(default_factory=list)
    said: dict[int, list[str]] = field(default_factory=lambda: {check: [] for check in CHECKS})
    people: list[str] = field(default_factory=list)
    results: list[dict[str, Any]] = field(default_factory=list)
    contest: str = ""

    def unless(self, holds: object, check: int, leaf: int | None, sentence: str) -> None:
        if not holds:
            self.faults.append(Fault(check, leaf, self.contest, sentence))

    def attempt(self, check: int, leaf: int | None, work: Callable[..., Any], *on: Any) -> Any:
        """The answer of `work`, or None and a fault: whatever the bytes were, the report goes on."""
        try:
            return work(*on)
        except Bad as err:
            sentence = str(err)
        except Exception as err:  # noqa: BLE001  # bytes nobody thought of end in a line all the same
            sentence = f"this could not be examined ({type(err).__name__}: {err})"[:200]
        self.unless(False, check, leaf, sentence)
        return None

# == FORMS =================================================================================================
# Fields are `name:type`. Types: `any`, `bool`, `name` (wire §1), `b32` 32 bytes, `b1-64` 1 to 64, `t200` text
# of at most 200 bytes, `2-9` an integer from 2 to 9, `yes|no` one of these words, or a name from TYPES or
# LISTS; with `?` behind it: or null. A type in TYPES of several words is an array of exactly these.
TYPES = {
    "u32": f"0-{2**32 - 1}", "seq": f"1-{2**32 - 1}", "u53": f"0-{2**53 - 1}", "million": "0-1000000",
    "officer": "name b32", "shape": "options relations", "of": "present_at_open|present_at_close|cast",
    "state": "prepared|open|held|certified", "tie": "none|reballot|seniority|presidium|lot",
    "base": "summoned|summoned_minus_excluded|seats|present_at_open|present_at_close|cast|valid|for_against",
}
LISTS = {  # of what, how many at least, and at most
    "officers": ("officer", 1, 32), "witnesses": ("name b32 bool", 1, 32), "signatures": ("name b64", 0, 32),
    "points": ("b32", 1, 9), "points-of-each": ("points", 1, 9), "proofs": ("b64", 1, 9),
    "proofs-of-each": ("proofs", 1, 9), "roll": ("b16 u32 b32?", 1, 20000), "notes": ("t8192", 0, 100000),
    "options": ("name", 1, 130), "terms": ("0-129 seq", 1, 130), "relations": ("terms u32 u32 0-1", 1, 130),
    "labels": ("t200", 1, 130), "numbers": ("u32", 1, 130), "shares": ("b32 b32 b32", 1, 130),
    "ciphertexts": ("b64", 1, 2000), "proof-bytes": ("b32-1024", 1, 2000), "reasons": ("b16? t200", 1, 20000),
}
HEADER = "congress:name hall:name store:b16 desk_key:b32 store_key:b32 charter:b1-16384?"
CLOSING = "note:t8192 claims:any cosigned:notes"
CHARTER = ("congress:name k:2-9 trustees:officers board:officers board_quorum:2-32 commission:officers "
           "commission_quorum:2-32 chair:officer witnesses:witnesses witness_quorum:1-32")
# §2.2. Of each kind of document: the check that its faults belong to, who signs, the fields of its body.
DOCUMENTS = {
    "key-record/1": (3, "every trustee", (
        "congress:name charter:b32 rand:b32 n:2-9 k:2-9 transcript:b32 commitments:points-of-each "
        "proofs:proofs-of-each key:b32")),
    "roll/1": (2, "commission", "congress:name contest:b16 size:1-20000 root:b32"),
    "roll-rows/1": (2, "nobody", "contest:b16 rows:roll"),
    "bind/1": (2, "commission", "congress:name contest:b16 v:b16 g:seq key:b32? reason:t200"),
    "manifest/1": (1, "board", (
        "congress:name hall:name sitting:name question:name contest:b16 title:t1000 shape:shape "
        "labels:labels key_record:b32 charter:b32 roll_root:b32 roll_size:1-20000 rule:any "
        "min_anonymity:2-4294967295 revote:none|until-close")),
    "close/1": (4, "chair", "congress:name hall:name contest:b16 size:u53 root:b32 at_ms:u53"),
    "cancel/1": (9, "board", "congress:name hall:name contest:b16 reason:t200"),
    "disposition/1": (9, "board", "congress:name contest:b16 rows:reasons"),
    "tally/1": (10, "trustees witnesses", (
        "congress:name hall:name contest:b16 key_record:b32 manifest:b32 size:u53 root:b32 counted:u32 "
        "aggregate:b32")),
    "share/1": (11, "that trustee", (
        "ceremony:b32 key_record:b32 contest:b16 aggregate:b32 root:b32 i:1-9 parts:shares")),
    "result/1": (12, "board", (
        "congress:name hall:name contest:b16 manifest:b32 tally:b32 counts:numbers facts:b1-256 "
        "order:numbers? outcome:t8192 root:b32 size:u53")),
}
RECORD = ("type:t32 congress:name hall:name device:name epoch:b8 seq:seq prev:b32 boot:seq monotonic_ms:u53 "
          "wall_ms:u53 uncertainty_ms:u53 body:any")
# wire §5.2. What desk and store say; fields of what is about secret ballots, the others are not read.
RECORDS = {
    "desk": {
        "contest/1": "sitting:name question:name contest:b16 state:state manifest:b32?",
        "document/1": "kind:t32 contest:b16? document:b32 page:0-99 pages:1-100 chunk:b1-12000",
        **dict.fromkeys(["alarm/1", "device/1", "revocation/1", "roll/1", "seating/1", "sitting/1"]),
        **dict.fromkeys(["question/1", "terms/1", "recusal/1", "annotation/1", "paper-count/1", "result/1"]),
        **dict.fromkeys(["override/1"]),
    },
    "store": {
        "beacon/1": "contest:b16 nonce:b32",
        "ballot-refusal/1": "contest:b16 v:b16 entry:b32 body_hash:b32? code:name",
        "store/1": "store:b16 before:b16?",
        **dict.fromkeys(["alarm/1", "refusal/1"]),
    },
}
ENTRY = "type:t32 congress:name contest:b16 v:b16 g:u32 n:seq prev:b32 body:any"
ENTRIES = {  # §6.1
    "ready/1": "commitment:b32 seq:seq",
    "prepared/1": "seq:seq body_hash:b32 commitment:b32",
    "cast/1": "seq:seq ballot:b1-30720",
    "checked/1": "seq:seq local:b32 choices:b1-130",
    "abandoned/1": "seq:seq commitment:b32",
    "end/1": "last:b32?",
}
BALLOT = "version:1-1 v:b16 g:u32 seq:seq ciphertexts:ciphertexts challenge:b32 proofs:proof-bytes"  # §5.1
RULE = (  # rules §1
    "id:name elect:motion|each|top base:base num:million den:1-1000000 strict:bool quorum_of:of? "
    "quorum_base:base? quorum_num:million? quorum_den:1-1000000? seats:0-1000 blank:bool tie:tie rounds:1-9 "
    "second:none|remaining|top_m m:0-1000 surplus:0-1000? recused_in_base:bool reveal_s:0-3600")
FACTS = ("summoned:u32 excluded:u32 recused:u32 seats:u32 present_at_open:u32 present_at_close:u32 "
         "recused_at_open:u32 recused_at_close:u32 issued:u32? returned:u32?")
REFUSALS = {  # §6.2
    *("old-key", "not-open", "after-close", "before-close", "broken-chain", "bad-seq", "not-prepared"),
    *("other-body", "already-cast", "bad-body", "bad-proof", "copied", "check-fails", "too-many"),
}
NAME, BOARD_KID = re.compile(r"[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?"), re.compile(r"[0-9a-f]{32}")

def read(form: str, value: Any) -> Any:
    """The value, if it is of this type."""
    if form in TYPES:
        return read(TYPES[form], value)
    if " " in form:
        return row(form.split(), value)
    if form.endswith("?"):
        return None if value is None else read(form[:-1], value)
    if form in LISTS:
        item, least, most = LISTS[form]
        if type(value) is list and least <= len(value) <= most:
            return [read(item, each) for each in value]
    elif is_one(form, value):
        return value
    bad(f"{value!r:.40} where {form} belongs")

def row(forms: list[str], value: Any) -> list[Any]:
    need(type(value) is list, f"{value!r:.40} where an array belongs")
    return [read(form, item) for form, item in both(forms, value)]

def is_one(form: str, value: Any) -> bool:
    """Whether it is of this simple type. A boolean is never an integer."""
    if form in {"any", "bool"}:
        return form == "any" or type(value) is bool
    if form == "name" or "|" in form:
        word = value if type(value) is str else ""
        return NAME.fullmatch(word) is not None if form == "name" else word in form.split("|")
    letter = form[0] if form[0] in "bt" else ""
    least, _, most = form[len(letter):].partition("-")
    if not letter:
        return type(value) is int and int(least) <= value <= int(most)
    if letter == "b":
        return type(value) is bytes and int(least) <= len(value) <= int(most or least)
    return type(value) is str and len(value.encode()) <= int(least)

def fields(form: str, value: Any, **more: Any) -> Any:
    """An array as a thing with these fields, and some more."""
    names, forms = ([item.split(":")[at] for item in form.split()] for at in (0, 1))
    return SimpleNamespace(**{**more, **dict(both(names, row(forms, value)))})

def tagged(tag: str, form: str, value: Any, **more: Any) -> Any:
    """An array whose first item says what it is."""
    need(type(value) is list and value[:1] == [tag], f"{value!r:.40} is no {tag}")
    return fields(form, value[1:], **more)

# == COURSE ================================================================================================
class Pinned(NamedTuple):
    """What the signed minutes say."""
    charter: bytes | None
    root: bytes | None
    size: int | None
    key_record: bytes | None
    contest: bytes | None

class Contest(SimpleNamespace):
    """One secret question: id, log, charter, report, its records, documents and entries, and what the checks
    make of them: manifest, shape, key_record, voters, casts, checked, counted, aggregate, totals."""

    def all_of(self, kind: str) -> list[Any]:
        return [document for document in self.documents if document.kind == kind]

    def first(self, kind: str) -> Any:
        return next(iter(self.all_of(kind)), None)

    def say(self, check: int, sentence: str) -> None:
        self.report.said[check].append(sentence)

def verify(data: bytes, pinned: Pinned, workers: Workers) -> Report:
    """All checks on the bytes of an export. Total: whatever the bytes are, the answer is a report."""
    report = Report()
    log = read_log(data, report)
    if log is None:
        return report
    report.attempt(4, None, check_4_minutes, log, pinned, report)
    own = log.charter if pinned.charter is None else pinned.charter
    report.unless(log.charter in {None, own}, 1, None, "the file names another charter than the minutes do")
    charter = report.attempt(1, None, read_charter, own)
    records, entries = check_5_leaves(log, report, workers)
    if charter is None:
        return report
    report.said[1].append(f"charter {charter.digest.hex()}")
    documents = read_documents(records, charter, report)
    check_4_checkpoints(log, records, charter, report, workers)
    open_to = {"beacon/1", "ballot-refusal/1"}
    tells = [r for r in records if r.type in open_to or getattr(r, "state", "") == "open"]
    found = [item.contest for item in sorted([*tells, *entries], key=lambda item: item.leaf)]
    known = dict.fromkeys(found if pinned.contest is None else [pinned.contest])
    report.unless(known, 1, None, "this log holds no secret contest")
    for contest in known:
        report.contest = contest.hex()
        c = Contest(id=contest, log=log, charter=charter, report=report)
        c.manifest, c.key_record, c.voters, c.totals = None, None, {}, None
        c.records = [record for record in records if getattr(record, "contest", None) == contest]
        c.entries = [entry for entry in entries if entry.contest == contest]
        c.documents = [document for document in documents if document.contest in {contest, None}]
        report.attempt(1, None, verify_contest, c, pinned, workers)
    report.contest = ""
    return report

def verify_contest(c: Any, pinned: Pinned, workers: Workers) -> None:
    report, end = c.report, len(c.log.leaves)
    report.people.append(f"CONTEST {c.id.hex()}")
    c.steps = [record for record in c.records if record.type == "contest/1"]
    c.opened = next((step for step in c.steps if step.state == "open"), None)
    c.open_leaf = c.opened.leaf if c.opened else end
    c.close, c.cancel = c.first("close/1"), c.first("cancel/1")
    c.closed_leaf = min([end, *(document.leaf for document in (c.close, c.cancel) if document)])
    report.attempt(1, c.open_leaf, check_1_manifest, c)
    report.attempt(2, None, check_2_roll, c)
    report.attempt(3, None, check_3_key, c, pinned.key_record)
    if c.cancel is None or c.close:
        report.attempt(4, c.close.leaf if c.close else None, check_4_close, c)
    possible = c.manifest and c.key_record and c.voters
    report.unless(possible, 7, None, "without manifest, roll and key no ballots can be examined")
    if not possible:
        return
    c.context = [c.manifest.digest, c.id, c.manifest.shape, c.key_record.key]  # ctx, §4
    check_7_order(c)
    report.attempt(8, None, check_8_proofs, c, workers)
    report.attempt(9, None, check_9_who_counts, c)
    if c.cancel:
        report.people.append(f"CANCELLED at leaf {c.cancel.leaf}: {c.cancel.reason}")
        for document in c.documents:
            opens = document.kind in {"tally/1", "share/1", "result/1"}
            report.unless(not opens, 10, document.leaf, f"a {document.kind} in a contest that was cancelled")
    else:
        report.attempt(10, None, check_10_tally, c)
        report.attempt(11, None, check_11_decryption, c)
        report.attempt(12, None, check_12_outcome, c)
    tell(c)

# == CHECK 1 manifest, charter, documents (§2, §4) =========================================================
def read_charter(data: bytes | None) -> Any:
    """Who may sign what. Its bytes are pinned; nothing in the log changes it (§2.1)."""
    if data is None or len(data) > 16_384:
        bad("there is no charter of at most 16384 bytes: neither in the file nor on the command line")
    x = tagged("charter/1", CHARTER, decode(data), digest=hash_of(data))
    x.n, witnesses = len(x.trustees), [witness[:2] for witness in x.witnesses]
    people = [*x.trustees, *x.board, *x.commission, x.chair, *witnesses]
    x.keys, x.external = dict(people), {who for who, _, external in x.witnesses if external}
    x.offices = {  # who is in it, and how many of them must sign
        "every trustee": (dict(x.trustees), x.n), "trustees": (dict(x.trustees), x.k),
        "board": (dict(x.board), x.board_quorum), "commission": (dict(x.commission), x.commission_quorum),
        "chair": (dict([x.chair]), 1), "witnesses": (dict(witnesses), x.witness_quorum),
    }
    distinct = len(x.keys) == len(set(x.keys.values())) == len(people)
    need(distinct, "two names or two keys of the charter are equal")
    need(None not in map(key_table, x.keys.values()), "a key of the charter is none of prime order")
    need(x.k <= x.n < 2 * x.k and x.external, "the charter needs n ≥ k, 2k > n and an external witness")
    within = all(quorum <= len(office) for office, quorum in x.offices.values())
    need(within, "a quorum of the charter is larger than its office")
    return x

def enough(charter: Any, office: str, names: Iterable[str]) -> bool:
    """Whether those who signed are as many of this office as must (§2.1)."""
    people, quorum = charter.offices[office]
    signed = set(names) & set(people)
    return len(signed) >= quorum and (office != "witnesses" or bool(signed & charter.external))

def read_documents(records: list[Any], charter: Any, report: Report) -> list[Any]:
    """The officers' documents, from their pages in order; other pages have no effect (wire §5.4)."""
    found: list[Any] = []
    parts: dict[Any, list[bytes]] = {}
    for page in (record for record in records if record.type == "document/1"):
        have = parts.setdefault((page.kind, page.contest, page.document, page.pages), [])
        if page.page == len(have) < page.pages:
            have.append(page.chunk)
            if len(have) == page.pages:
                check = DOCUMENTS.get(page.kind, (1,))[0]
                found.append(report.attempt(check, page.leaf, open_document, page, b"".join(have), charter))
    for _, _, digest, pages in (key for key, have in parts.items() if len(have) < key[3]):
        report.people.append(f"NOTE: document {digest.hex()} has not all its {pages} pages: it has no effect")
    return [document for document in found if document]

def open_document(page: Any, data: bytes, charter: Any) -> Any:
    """The document, if everything on it verifies and those signed who must. leaf: of its last page."""
    kind = page.kind
    need(kind in DOCUMENTS and hash_of(data) == page.document, f"{kind!r:.40} is none, or of another hash")
    _, who, form = DOCUMENTS[kind]
    said, raw, signatures = read("t32 b1-1200000 signatures", decode(data))
    need(said == kind and (kind != "manifest/1" or len(raw) <= 65_536), f"a {kind} of another kind or size")
    d = tagged(kind, form, decode(raw), leaf=page.leaf, kind=kind, digest=hash_of(raw), contest=None)
    names, message = [name for name, _ in signatures], encode([SUITE, "sign", kind, raw])
    need(names == sorted(set(names)), f"the signatures of a {kind} are not in order, or doubled")
    for name, signature in signatures:
        holds = name in charter.keys and ed25519(charter.keys[name], message, signature)
        need(holds, f"{kind}: the signature of {name} does not verify under the charter")
    if who == "that trustee":
        all_signed = d.i <= charter.n and charter.trustees[d.i - 1][0] in names
    elif who == "nobody":
        all_signed = not names
    else:
        offices = [who] if who in charter.offices else who.split()
        all_signed = all(enough(charter, office, names) for office in offices)
    need(all_signed, f"{kind}: signed by {', '.join(names) or 'nobody'}, and not by all who must: {who}")
    need(d.contest == page.contest, f"a {kind} stands in the log for another contest")
    return d

def check_1_manifest(c: Any) -> None:
    need(c.opened, "the contest was never opened")
    found = [d for d in c.all_of("manifest/1") if d.digest == c.opened.manifest and d.leaf < c.open_leaf]
    need(found, "no manifest that the board signed has the hash with which the contest was opened")
    m, where = found[0], (c.log.congress, c.log.hall)
    need((m.congress, m.hall, m.charter) == (*where, c.charter.digest) and c.charter.congress == where[0],
         "manifest or charter are of another congress, hall or charter")
    c.shape = shape_of(m.shape)
    need(len(m.labels) == len(c.shape.options), "the manifest has not one label for each option")
    c.manifest = m
    for step in c.steps:
        expected = (m.sitting, m.question, None if step.state == "prepared" else m.digest)
        c.report.unless((step.sitting, step.question, step.manifest) == expected, 1, step.leaf,
                        "the contest was said to be of another question or manifest")
    for d in c.documents:
        told = (getattr(d, "congress", where[0]), getattr(d, "hall", where[1]))
        c.report.unless(told == where, 1, d.leaf, f"a {d.kind} of another congress or hall")
        late = d.kind in {"roll/1", "roll-rows/1", "manifest/1"} and d.leaf > c.open_leaf
        c.report.unless(not late, 1, d.leaf, f"a {d.kind} after the contest was opened")
    c.say(1, f"{m.title}: manifest {spoken(m.digest)}, {len(c.documents)} documents")

def bit_weights(most: int) -> list[int]:
    return [] if most == 0 else [(most + 1) // 2, *bit_weights(most - (most + 1) // 2)]

def shape_of(raw: list[Any]) -> Any:
    """What a ballot may choose, and so what it holds (§4). statements: of each proof, ciphertexts with their
    weights, and from lo to hi what it says that their sum is. bits: weights of each relation's bits."""
    options, relations = raw
    used = {at for terms, *_ in relations for at, _ in terms}
    need(len(set(options)) == len(options) and used == {*range(len(options))}, "an option twice, or unused")
    bits: list[list[int]] = []
    sums, size = [], len(options)
    for terms, lo, hi, mode in relations:
        weights = {options[at]: weight for at, weight in terms}
        need([at for at, _ in terms] == sorted({at for at, _ in terms}), "terms that do not ascend")
        need(lo <= hi <= sum(weights.values()) and mode <= hi - lo <= (15, 400)[mode],
             "the limits of a relation are out of range")
        fits = "blank" not in weights or (lo >= 1 and weights == {**dict.fromkeys(weights, 1), "blank": hi})
        need(fits, "a blank needs lo ≥ 1 and the weight hi, and all others 1")
        bits.append(bit_weights(hi - lo) if mode else [])
        sums.append(([*terms, *([size + at, -w] for at, w in enumerate(bits[-1]))], lo, lo if mode else hi))
        size += len(bits[-1])
    statements = [*(([[at, 1]], 0, 1) for at in range(size)), *sums]
    return SimpleNamespace(options=options, relations=relations, bits=bits, size=size, statements=statements)

# == CHECK 2 roll and binds (§2.2, §6.4) ===================================================================
def check_2_roll(c: Any) -> None:
    need(c.manifest, "without a manifest there is no roll")
    root, size = c.manifest.roll_root, c.manifest.roll_size
    early = [d for d in c.documents if d.leaf < c.open_leaf]
    rolls = [d for d in early if d.kind == "roll/1" and (d.size, d.root) == (size, root)]
    need(rolls, "no roll that the commission signed before the opening is the one of the manifest")
    listed = [d for d in early if d.kind == "roll-rows/1" and len(d.rows) == size]
    listed = [d for d in listed if Tree([encode(row) for row in d.rows]).root(size) == root]
    need(listed, "the rows of the roll do not have its root")
    rows = listed[0].rows
    ascend = [v for v, _, _ in rows] == sorted({v for v, _, _ in rows}) and not any(g for _, g, _ in rows)
    need(ascend, "the rows of the roll do not ascend, or begin above g = 0")
    keys = [key for _, _, key in rows if key is not None]
    need(len(set(keys)) == len(keys), "one key stands for two voters of the roll")
    need(None not in map(key_table, keys), "a key of the roll is none of prime order")
    c.voters, c.binds = {v: new_voter(key) for v, _, key in rows}, []
    g_of, since = dict.fromkeys(c.voters, 0), max(rolls[0].leaf, listed[0].leaf)
    for bind in c.all_of("bind/1"):
        fits = since < bind.leaf and bind.g == g_of.get(bind.v, -2) + 1
        fits = fits and (bind.key is None or key_table(bind.key) is not None)
        c.report.unless(fits, 2, bind.leaf, "a bind too early, of nobody on the roll, out of turn, or no key")
        if fits:
            c.binds.append(bind)
            g_of[bind.v], out = bind.g, "" if bind.key else "(out) "
            c.report.people.append(f"BIND leaf {bind.leaf}: {bind.v.hex()} g={bind.g} {out}{bind.reason}")
    c.say(2, f"{size} voters, {len(keys)} with a unit; {len(c.binds)} binds")

# == CHECK 3 election key (§3.1) ===========================================================================
def ceremony_of(charter: Any, rand: bytes) -> bytes:
    return h32("ceremony", charter.congress, charter.n, charter.k, [key for _, key in charter.trustees], rand)

def check_3_key(c: Any, pinned: bytes | None) -> None:
    need(c.manifest, "without a manifest there is no election key")
    wanted = c.manifest.key_record
    found = [d for d in c.all_of("key-record/1") if d.digest == wanted and d.leaf < c.open_leaf]
    need(found, "no key record that all trustees signed before the opening is the one of the manifest")
    record, n, k = found[0], c.charter.n, c.charter.k
    need(pinned in {None, record.digest}, "the key record is not the one of the minutes")
    said = (record.congress, record.charter, record.n, record.k)
    need(said == (c.log.congress, c.charter.digest, n, k), "the key record is of another congress or charter")
    ceremony, parts = ceremony_of(c.charter, record.rand), [record.commitments, record.proofs]
    whole = all([len(own) for own in part] == [k] * n for part in parts)
    need(whole, "the key record has not k commitments and proofs of each of n trustees")
    for i, (points, proofs) in enumerate(both(*parts), 1):
        for j, (point, proof) in enumerate(both(points, proofs)):
            challenge, z = scalar_of(proof[:32]), scalar_of(proof[32:])
            t = mix((z, BASE_TABLE), (-challenge % L, table(usable(point))))
            need(challenge == hs("pok", ceremony, i, j, point, point_bytes(t)),
                 f"trustee {i} has not proved that coefficient {j} is known")
    total = point_bytes(total_of([point_of(points[0]) for points in record.commitments]))
    need(total == record.key and any(total), "the election key is not the sum of the trustees' parts")
    c.key_record = record
    c.say(3, f"{k} of {n} trustees; key record {spoken(record.digest)} {record.digest.hex()}")

# == CHECK 4 log, checkpoints, witnesses (wire §8, §6.6) ===================================================
def read_log(data: bytes, report: Report) -> Any:
    """Header, leaves and closing of the file, as far as it can be read; None without a header."""
    log, at = None, 0
    try:
        header, at = read_item(data)
        log = tagged("hallward-log/2", HEADER, header, leaves=[], verdicts=[], closing=None, seen={})
        while at < len(data):
            item, at = read_item(data, at)
            need(log.closing is None, "something stands behind the closing item")
            if type(item) is list and item[:1] == ["closing"]:
                log.closing = tagged("closing", CLOSING, item)
                continue
            (index, envelope, verdict), here = read("u53 b1-65536 name", item), len(log.leaves)
            report.unless(index == here, 4, here, f"the leaf in this place calls itself {index}")
            log.leaves.append(envelope)
            log.verdicts.append(verdict)
    except Bad as err:
        leaf = len(log.leaves) if log else None
        report.unless(False, 6, leaf, f"the file cannot be read on from byte {at}: {err}")
    if log:
        log.tree = Tree(log.leaves)
        report.unless(log.closing, 4, None, "the file has no closing item: it was cut off")
        report.said[6].append(f"{len(log.leaves)} leaves, {len(data)} bytes")
    return log

def check_4_minutes(log: Any, pinned: Pinned, report: Report) -> None:
    size, have = pinned.size, len(log.leaves)
    if size is not None and pinned.root is not None:
        need(size <= have, f"the minutes speak of {size} leaves, the file has {have}: it was cut off")
        need(log.tree.root(size) == pinned.root,
             f"the first {size} leaves do not have the root of the minutes: this is another log")
        report.said[4].append(f"root and size of the minutes: {size} leaves")

NOTE = re.compile("(([^\n]+)\n(0|[1-9][0-9]{0,15})\n([^\n]+)\n)\n((?:\u2014 [^ \n]+ [^ \n]+\n)+)")

def unbase64(text: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        raw = b""
    need(base64.b64encode(raw).decode() == text, "a checkpoint whose base64 is not in its one form")
    return raw

def read_note(text: str, keys: dict[str, tuple[str, bytes]]) -> tuple[int, bytes, dict[str, int]]:
    """Size, root, and who cosigned when, of a checkpoint whose known lines all verify (wire §8.1, 8.2).
    keys: names in notes -> who that is ("" the store) and the key. Other lines mean nothing."""
    parts = NOTE.fullmatch(text)
    if not parts or keys.get(parts[2], ("?",))[0]:
        bad("a checkpoint of another log, or not in its form")
    root, seen, times = unbase64(parts[4]), [], {}
    for line in parts[5][:-1].split("\n"):
        _, name, encoded = line.split(" ")
        raw, (who, key) = unbase64(encoded), keys.get(name, ("", b""))
        if not key or raw[:4] != hash_of(name.encode() + b"\n" + (b"\4" if who else b"\1") + key)[:4]:
            continue
        time, size = (int.from_bytes(raw[4:12], "big"), 76) if who else (1, 68)
        signed = f"cosignature/v1\ntime {time}\n{parts[1]}" if who else parts[1]
        holds = len(raw) == size and 1 <= time < 2**53 and ed25519(key, signed.encode(), raw[-64:])
        need(holds, f"checkpoint {parts[3]}: the signature of {who or 'the store'} does not verify")
        times[who] = time
        seen.append(name)
    need(len(root) == 32 and seen[:1] == [parts[2]] and seen[1:] == sorted({*seen[1:]} - {parts[2]}),
         "a checkpoint that its store did not sign first, or with witnesses out of order or doubled")
    return int(parts[3]), root, {who: time for who, time in times.items() if who}

def check_4_checkpoints(log: Any, records: list[Any], charter: Any, report: Report, workers: Workers) -> None:
    """log.seen becomes: of each size, which witness signed it when first."""
    lives, have = [record for record in records if record.type == "store/1"], len(log.leaves)
    stores: list[Any] = [life.store for life in lives]
    due = [(before, 1) for before in [None, *stores][:len(lives)]]
    grown = [(life.before, life.seq) for life in lives] == due
    report.unless(grown and stores[-1:] == [log.store] and len(set(stores)) == len(stores), 4, None,
                  "the lives of the store do not grow from one another, or do not lead to that of the header")
    desks = {record.epoch for record in records if record.device == "desk"}
    report.unless(len(desks) <= max(1, len(lives)), 5, None, "the desk began again, the store did not")
    here = f"hallward/{log.congress}/{log.hall}/"
    keys = {here + store.hex(): ("", log.store_key) for store in {log.store, *stores}}
    for who, key in charter.offices["witnesses"][0].items():
        keys[f"hallward/{charter.congress}/witness/{who}"] = (who, key)
    texts = [log.closing.note, *log.closing.cosigned] if log.closing else []
    notes = workers.map("checkpoints", read_note, [(text, keys) for text in texts])
    sizes = [note[0] for note in notes[1:] if not isinstance(note, Bad)]
    report.unless(sizes == sorted(sizes), 4, None, "the cosigned checkpoints do not ascend")
    for note in notes:
        if isinstance(note, Bad):
            report.unless(False, 4, None, str(note))
            continue
        size, root, times = note
        same = log.tree.root(size) == root and (size == have or note is not notes[0])
        report.unless(same, 4, None, f"a checkpoint of {size} leaves is for another log than these {have}")
        for who, time in times.items() if same else ():
            log.seen.setdefault(size, {}).setdefault(who, time)
            log.seen[size][who] = min(log.seen[size][who], time)
    log.witnessed = {size for size, times in log.seen.items() if enough(charter, "witnesses", times)}
    report.said[4].append(f"{have} leaves; {len(notes)} checkpoints, {len(log.witnessed)} cosigned by enough")

def names_a_checkpoint(c: Any, d: Any) -> None:
    """The size and root that an officer signed are those of a cosigned checkpoint before the document."""
    same = d.size <= d.leaf and c.log.tree.root(d.size) == d.root
    need(same, f"the {d.kind} names another tree of size {d.size} than this one")
    need(d.size in c.log.witnessed, f"the {d.kind} names size {d.size}, at which too few witnesses signed")

def check_4_close(c: Any) -> None:
    close = c.close or bad("there is no close that the chair signed")
    names_a_checkpoint(c, close)
    need(c.open_leaf < close.size, "the close names a tree from before the opening")
    need(not c.cancel or close.leaf < c.cancel.leaf, "the contest was cancelled before it was closed")
    need(len({d.digest for d in c.all_of("close/1")}) == 1, "the chair signed two closes that differ")
    need(any(size > close.leaf for size in c.log.witnessed), "no cosigned checkpoint covers the close")
    seen = [times.items() for size, times in c.log.seen.items() if size > close.leaf]
    outside = [time for times in seen for who, time in times if who in c.charter.external]
    first = min(outside, default=2**53)  # a witness of the fleet's own could date it back
    cut = c.first("tally/1").size if c.first("tally/1") else len(c.log.leaves)
    accepted = any(v is None for d in c.all_of("disposition/1") if d.leaf < cut for v, _ in d.rows)
    told = f"witnessed {first - close.at_ms // 1000} s after it was signed"
    in_time = first * 1000 <= close.at_ms + 10_000 or accepted
    need(in_time, f"the close was {told}, and the board did not accept that")
    c.say(4, f"close at leaf {close.leaf}, {told}{' (accepted by the board)' if accepted else ''}")

# == CHECK 5 signatures and chains of all leaves (wire §3, §5) =============================================
def check_5_leaves(log: Any, report: Report, workers: Workers) -> tuple[list[Any], list[Any]]:
    """Records of desk and store, and board entries. A record whose signature fails has no effect on anything;
    entries are verified at check 8, by the key that is in force where they stand."""
    chains: dict[Any, tuple[int, bytes]] = {}
    records, entries, devices = [], [], 0
    for leaf, data in enumerate(log.leaves):
        envelope = report.attempt(6, leaf, read_envelope, leaf, data)
        if envelope and BOARD_KID.fullmatch(envelope.kid):
            entries.append(report.attempt(6, leaf, read_entry, log, envelope))
        elif envelope and envelope.kid in RECORDS:
            records.append(report.attempt(5, leaf, read_record, log, report, chains, envelope))
        devices += envelope is not None and not (BOARD_KID.fullmatch(envelope.kid) or envelope.kid in RECORDS)
    records = [record for record in records if record]
    good = workers.map("signatures of desk and store", ed25519, [record.signed for record in records])
    for record, holds in both(records, good):
        report.unless(holds, 5, record.leaf, f"the signature is not that of the {record.device}")
    report.said[5].append(f"{len(records)} records of desk and store")
    report.people.append(WORDS["devices"].format(n=devices))
    return [record for record, holds in both(records, good) if holds], [entry for entry in entries if entry]

def read_envelope(leaf: int, data: bytes) -> Any:
    """wire §3.1"""
    need(len(data) <= 32_768, "an envelope of more than 32768 bytes")
    protected, outside, payload, signature = read("b1-64 any b1-32768 b64", decode(data))
    head = decode(protected)
    need(type(outside) is dict and not outside and type(head) is dict and list(head) == [1, 4],
         "an envelope whose headers are not {1: alg, 4: kid} and {}")
    alg, kid = read("any b1-32", list(head.values()))
    need(type(alg) is int and alg in {-7, -8}, "an envelope of an unknown algorithm")
    kid = read("name", text_of(kid))
    board = BOARD_KID.fullmatch(kid)
    need(board or len(data) <= 16_384, "an envelope of more than 16384 bytes")
    need(alg == -8 or not (board or kid in RECORDS), f"{kid} signs with Ed25519, and not otherwise")
    purpose = b"hallward/1/board" if board else b"hallward/1/record"
    message = encode(["Signature1", protected, purpose, payload])
    return SimpleNamespace(leaf=leaf, kid=kid, payload=payload, message=message, signature=signature)

def read_record(log: Any, report: Report, chains: dict[Any, Any], envelope: Any) -> Any:
    """A record of desk or store at its place in the chain; what is left to verify is its signature."""
    leaf, office = envelope.leaf, envelope.kid
    record = report.attempt(6, leaf, lambda: fields(RECORD, decode(envelope.payload), leaf=leaf))
    if record is None:
        return None
    last, digest = chains.get((record.device, record.epoch), (0, bytes(32)))
    chains[record.device, record.epoch] = (record.seq, hash_of(log.leaves[leaf]))
    need(record.device == office, f"a record of the {office} that speaks for {record.device}")
    follows = record.seq == last + 1
    report.unless(follows, 5, leaf, f"record {record.seq} of the {office} stands behind its record {last}")
    report.unless(record.prev == digest or not follows, 5, leaf, f"the chain of the {office} is broken")
    need((record.congress, record.hall, log.verdicts[leaf]) == (log.congress, log.hall, "ok"),
         f"a record of the {office} of another congress or hall, or refused")
    need(record.type in RECORDS[office], f"a {record.type} is nothing that the {office} says")
    form, key = RECORDS[office][record.type], log.desk_key if office == "desk" else log.store_key
    record.signed = (key, envelope.message, envelope.signature)
    if form is not None:
        body = report.attempt(6, leaf, fields, form, record.body)
        vars(record).update(vars(body) if body else {"type": ""})
    return record

def read_entry(log: Any, envelope: Any) -> Any:
    """A board entry (§6.1): n is its place in the chain of (contest, v, g)."""
    more = {"leaf": envelope.leaf, "digest": hash_of(log.leaves[envelope.leaf]), "envelope": envelope}
    entry = fields(ENTRY, decode(envelope.payload), **more)
    need(log.verdicts[entry.leaf] == "ok", "a board entry is a leaf although it was refused")
    own = entry.v.hex() == envelope.kid and entry.congress == log.congress and entry.type in ENTRIES
    need(own, "an unknown board entry, or one that speaks for another voter or congress")
    vars(entry).update(vars(fields(ENTRIES[entry.type], entry.body)))
    return entry

# == CHECK 7 order of each voter's entries (§5.2, §6.2 to 6.4) =============================================
class Who(NamedTuple):
    """What a ballot is bound to: in which contest, and whose it is."""
    context: list[Any]
    v: bytes
    g: int
    key: bytes
    seq: int

def new_voter(key: bytes | None) -> Any:
    """g: the generation in force. highest: seq of all entries so far. told: how many entries of each type."""
    return SimpleNamespace(keys={0: key}, g=0, enabled=False, chains={}, highest=0, told=Counter(), casts=[],
                           failed=0)

def new_chain() -> Any:
    """What one unit said for one voter under one key; of each seq what was committed to, and where."""
    return SimpleNamespace(n=0, prev=bytes(32), current=0, pending=None, prepared={}, commitments={},
                           spent=set(), last_cast=None, end_leaf=None)

def check_7_order(c: Any) -> None:
    """Everything about the contest in leaf order: each entry must be one that §6.2 accepts."""
    c.casts, c.checked, c.signed, c.answered, c.alphas = [], [], [], set(), {}
    c.beacons = [(record.leaf, record.nonce) for record in c.records if record.type == "beacon/1"]
    refusals = [record for record in c.records if record.type == "ballot-refusal/1"]
    takes = {take_bind: c.binds, take_entry: c.entries, take_refusal: refusals, take_opening: [c.opened]}
    events = [(item.leaf, take, item) for take, items in takes.items() for item in items]
    for leaf, take, item in sorted(events, key=lambda event: event[0]):
        c.report.attempt(7, leaf, take, c, item)

def take_opening(c: Any, _opened: Any) -> None:
    for voter in c.voters.values():
        voter.enabled = voter.keys[voter.g] is not None

def take_bind(c: Any, bind: Any) -> None:
    voter = c.voters[bind.v]
    voter.g, voter.keys[bind.g] = bind.g, bind.key
    voter.enabled |= c.open_leaf < bind.leaf < c.closed_leaf and bind.key is not None

def take_refusal(c: Any, refusal: Any) -> None:
    """A refusal is plausible: of a voter of the roll, with a code of §6.2, not answered before."""
    code, voter = refusal.code, c.voters.get(refusal.v) or bad("a refusal for nobody on the roll")
    voter.told.update(["refused", f"refused: {code}"])
    need(code in REFUSALS and voter.told["refused"] <= 64, f"a refusal of unknown code {code}, or a 65th")
    need(refusal.entry not in c.answered, f"an entry of {refusal.v.hex()} is answered a second time")
    c.answered.add(refusal.entry)
    spent = any(chain.spent for chain in voter.chains.values())
    excuse = {"already-cast": spent, "too-many": voter.told["prepared/1"] >= 8, "copied": c.alphas}
    need(excuse.get(code, True), f"an entry was refused as {code}, for which there was no reason")

def take_entry(c: Any, entry: Any) -> None:
    def check(number: int, holds: object, sentence: str) -> None:
        c.report.unless(holds, number, entry.leaf, f"{entry.type} of {entry.v.hex()}: {sentence}")

    voter = c.voters.get(entry.v)
    key = voter.keys.get(entry.g) if voter else None
    if voter is None or key is None:
        check(5, False, "nobody on the roll, or no key of this generation was in force")
        return
    check(5, entry.g == voter.g, f"the key of g = {entry.g} was no longer in force")
    c.signed.append((entry, (key, entry.envelope.message, entry.envelope.signature)))
    check(7, entry.leaf > c.open_leaf, "before the opening")
    behind = entry.leaf > c.closed_leaf
    check(9, behind == (entry.type == "end/1") and not (behind and c.cancel and c.cancel.leaf < entry.leaf),
          "after the close only ends may stand, and ends only there")
    chain, seq = voter.chains.setdefault(entry.g, new_chain()), getattr(entry, "seq", 0)
    check(7, (entry.n, entry.prev) == (chain.n + 1, chain.prev),
          f"entry {entry.n} does not follow entry {chain.n}: one is missing, doubled or exchanged")
    check(7, entry.digest not in c.answered, "it was answered before")
    c.answered.add(entry.digest)
    chain.n, chain.prev = entry.n, entry.digest
    voter.told[entry.type] += 1
    due = f"seq {seq} where {chain.current} is next"
    if entry.type == "ready/1":
        check(7, entry.n == 1 and (seq == 1 if entry.g == 0 else seq > voter.highest), "no seq to begin with")
    elif entry.type == "prepared/1":
        check(7, seq == chain.current and chain.pending is None, f"{due}, or one is prepared already")
        check(7, voter.told["prepared/1"] <= 8, "a ninth prepared ballot")
        check(7, nonce_of(c, chain, seq, entry.leaf), "no nonce was drawn between its commitment and itself")
        chain.pending, chain.prepared[seq] = seq, (entry.body_hash, entry.leaf)
    elif entry.type in {"cast/1", "checked/1"}:
        check(7, seq == chain.pending and seq not in chain.spent,
              f"ballot {seq} was not prepared, or was cast, checked or abandoned before")
        chain.pending = None
        chain.spent.add(seq)
        take = take_cast if entry.type == "cast/1" else take_checked
        take(c, entry, Who(c.context, entry.v, entry.g, key, seq), voter, chain, check)
    elif entry.type == "abandoned/1":
        check(7, chain.commitments and seq in {chain.current, chain.pending}, due)
        chain.pending = None
    else:
        check(7, entry.last == chain.last_cast, "it does not name the last ballot that this unit cast")
        chain.end_leaf = entry.leaf if chain.end_leaf is None else chain.end_leaf
    if hasattr(entry, "commitment"):
        chain.current = seq if entry.type == "ready/1" else seq + 1
        chain.commitments[chain.current] = (entry.commitment, entry.leaf)
    voter.highest = max(voter.highest, seq)

def nonce_of(c: Any, chain: Any, seq: int, before: int) -> bytes | None:
    """That of the first beacon behind the commitment of seq, if it stands before this leaf (§6.3)."""
    at = bisect_right(c.beacons, (chain.commitments.get(seq, (b"", before))[1], b"\xff" * 33))
    return c.beacons[at][1] if at < len(c.beacons) and c.beacons[at][0] < before else None

def take_cast(c: Any, entry: Any, who: Who, voter: Any, chain: Any, check: Callable[..., None]) -> None:
    digest = hash_of(entry.ballot)
    check(7, digest == chain.prepared.get(who.seq, (b"", 0))[0], "other bytes than those prepared")
    once = c.manifest.revote != "none" or not any(other.last_cast for other in voter.chains.values())
    check(7, once, "a second ballot although no revote is allowed")
    chain.last_cast = digest
    ballot = c.report.attempt(6, entry.leaf, read_ballot, who, entry.ballot, c.shape)
    if ballot:
        for ciphertext in ballot.ciphertexts:
            first = c.alphas.setdefault(ciphertext[:32], entry.v)
            check(7, first == entry.v, f"a ciphertext copied from {first.hex()}")
        cast = SimpleNamespace(leaf=entry.leaf, who=who, body=entry.ballot, ciphertexts=ballot.ciphertexts)
        voter.casts.append(cast)
        c.casts.append(cast)

def take_checked(c: Any, entry: Any, who: Who, voter: Any, chain: Any, check: Callable[..., None]) -> None:
    body_hash, prepared_leaf = chain.prepared.get(who.seq, (b"", entry.leaf))
    nonce = nonce_of(c, chain, who.seq, prepared_leaf)
    commitment, _ = chain.commitments.get(who.seq, (b"", 0))
    own = nonce and commitment == h32("seedc", entry.v, c.id, who.seq, entry.local)
    check(7, own, "what was opened is not what was committed to")
    if own:
        seed = h64("seed", entry.local, nonce, c.context, entry.v, who.seq)[:32]
        c.checked.append((entry.leaf, (who, seed, entry.choices), body_hash))
    else:
        voter.failed += 1

# == CHECK 8 proofs of each ballot (§5) ====================================================================
def read_ballot(who: Who, body: bytes, shape: Any) -> Any:
    """The parts of a body, each of exactly the length that the manifest gives it (§5.1)."""
    ballot = fields(BALLOT, decode(body))
    need(len(ballot.ciphertexts) == shape.size, "a ballot with another number of ciphertexts")
    sizes = [32 * (2 * (hi - lo + 1) - 1) for _, lo, hi in shape.statements]
    need([len(proof) for proof in ballot.proofs] == sizes, "a proof of another length than it must have")
    own = (ballot.v, ballot.g, ballot.seq) == (who.v, who.g, who.seq)
    need(own, "a ballot of another voter, generation or seq than the entry that holds it")
    return ballot

def ballot_holds(who: Who, body: bytes) -> bool:
    """Whether the proofs of a ballot hold; Bad: it is none in its one form."""
    shape, key = shape_of(who.context[2]), election_table(who.context[3])
    ballot = read_ballot(who, body, shape)
    commitments = commitments_of(ballot, shape, key)
    return challenge_of(who, ballot.ciphertexts, commitments) == scalar_of(ballot.challenge)

def commitments_of(ballot: Any, shape: Any, key: Table) -> list[bytes]:
    """Of each proof A1 ‖ A2 of every branch: A1 = z·B − c·α, A2 = z·K − c·(β − w·B), w = lo … hi (§5.1)."""
    points, found = [(usable(ct[:32]), point_of(ct[32:])) for ct in ballot.ciphertexts], []
    for (terms, lo, hi), proof in both(shape.statements, ballot.proofs):
        scalars = [scalar_of(proof[at:at + 32]) for at in range(0, len(proof), 32)]
        given, answers = scalars[:hi - lo], scalars[hi - lo:]
        challenges = [*given, (scalar_of(ballot.challenge) - sum(given)) % L]
        alpha, beta = (table(weighted([(w, points[at][side]) for at, w in terms])) for side in (0, 1))
        branches = []
        for w, (c, z) in enumerate(both(challenges, answers), lo):
            branches.append(mix((z, BASE_TABLE), (-c % L, alpha)))
            branches.append(mix((z, key), (-c % L, beta), (c * w % L, BASE_TABLE)))
        found.append(b"".join(map(point_bytes, branches)))
    return found

def weighted(terms: list[tuple[int, Point]]) -> Point:
    signed = [(abs(weight), point if weight > 0 else minus(point)) for weight, point in terms]
    if all(weight == 1 for weight, _ in signed):
        return total_of([point for _, point in signed])
    return mix(*((weight, table(point)) for weight, point in signed))

def challenge_of(who: Who, ciphertexts: list[bytes], commitments: list[bytes]) -> int:
    return hs("ballot", who.context, who.v, who.g, who.key, who.seq, ciphertexts, commitments)

@functools.lru_cache(maxsize=8)
def election_table(raw: bytes) -> Table:
    return table(usable(raw))

def make_body(who: Who, seed: bytes, choices: bytes) -> bytes:
    """The body that an honest unit makes from this seed and these choices (§5.2)."""
    shape, key = shape_of(who.context[2]), election_table(who.context[3])
    fits = len(choices) == len(shape.options) and {0, 1}.issuperset(choices)
    need(fits, "the choices are not one 0 or 1 for each option")
    plain = list(choices)
    for (terms, lo, _, _), weights in both(shape.relations, shape.bits):
        left = sum(weight * choices[at] for at, weight in terms) - lo
        for weight in weights:
            plain.append(int(left >= weight))
            left -= weight * plain[-1]
    secret = h64("nonce", seed, who.context, who.v, who.g, who.seq, choices)

    def draw(position: int, branch: int, role: int) -> int:
        digest = hmac.new(secret, encode([position, branch, role]), hashlib.sha512).digest()
        return int.from_bytes(digest, "little") % L

    r = [draw(at, 0, 0) for at in range(shape.size)]
    ciphertexts = [point_bytes(mix((r_, BASE_TABLE))) + point_bytes(mix((r_, key), (bit, BASE_TABLE)))
                   for r_, bit in both(r, plain)]
    drawn, commitments = [], []
    for position, (terms, lo, hi) in enumerate(shape.statements):
        true = sum(weight * plain[at] for at, weight in terms) - lo
        need(0 <= true <= hi - lo, "the choices are not among those that the ballot allows")
        us = [draw(position, branch, 1) for branch in range(hi - lo + 1)]
        cs = [0 if branch == true else draw(position, branch, 2) for branch in range(hi - lo + 1)]
        points = []
        for branch, (u, c) in enumerate(both(us, cs)):
            points += [mix((u, BASE_TABLE)), mix((u, key), (c * (branch - true) % L, BASE_TABLE))]
        commitments.append(b"".join(map(point_bytes, points)))
        drawn.append((true, us, cs, sum(weight * r[at] for at, weight in terms)))
    challenge, proofs = challenge_of(who, ciphertexts, commitments), []
    for true, us, cs, randomness in drawn:
        cs[true] = (challenge - sum(cs)) % L
        scalars = [*cs[:-1], *((u + c * randomness) % L for u, c in both(us, cs))]
        proofs.append(b"".join(scalar.to_bytes(32, "little") for scalar in scalars))
    return encode([1, who.v, who.g, who.seq, ciphertexts, challenge.to_bytes(32, "little"), proofs])

def check_8_proofs(c: Any, workers: Workers) -> None:
    """Signatures of the entries (check 5), checked ballots made anew (check 7), proofs of all cast ones."""
    good = workers.map("signatures of board entries", ed25519, [signed for _, signed in c.signed])
    broken = {entry.leaf for (entry, _), holds in both(c.signed, good) if not holds}
    for leaf in sorted(broken):
        c.report.unless(False, 5, leaf, "a board entry that is not signed by the key in force for its voter")
    c.say(5, f"{len(good)} board entries of {sum(bool(voter.chains) for voter in c.voters.values())} voters")
    found = workers.map("proofs of ballots", ballot_holds, [(cast.who, cast.body) for cast in c.casts])
    for cast, holds in both(c.casts, found):
        if holds is not True:
            broken.add(cast.leaf)
            why = holds or "the proofs do not hold: no ballot of this voter that chooses what it may"
            c.report.unless(False, 6 if holds else 8, cast.leaf, f"cast/1 of {cast.who.v.hex()}: {why}")
    again = workers.map("checked ballots", make_body, [job for _, job, _ in c.checked])
    for (leaf, (who, *_), digest), made in both(c.checked, again):
        same = not isinstance(made, Bad) and hash_of(made) == digest
        c.voters[who.v].failed += not same
        c.report.unless(same, 7, leaf, f"checked/1 of {who.v.hex()}: made anew it is another ballot")
    for voter in c.voters.values():
        voter.casts = [cast for cast in voter.casts if cast.leaf not in broken]
    c.say(7, f"{len(c.entries)} entries, {len(again)} checked ballots made anew")
    c.say(8, f"{len(c.casts)} ballots of {c.shape.size} ciphertexts")

# == CHECK 9 who counts (§6.4, §7) =========================================================================
def check_9_who_counts(c: Any) -> None:
    timely = [[cast for cast in voter.casts if cast.leaf < c.closed_leaf] for voter in c.voters.values()]
    c.counted = [max(casts, key=lambda cast: (cast.who.g, cast.who.seq)) for casts in timely if casts]
    tally, dispositions = c.first("tally/1"), c.all_of("disposition/1")
    cut = tally.size if tally else len(c.log.leaves)
    disposed = {v for d in dispositions if d.leaf < cut for v, _ in d.rows}
    last_g = {bind.v: bind.g for bind in c.binds if bind.leaf < cut}  # g rises: the last one stays
    enabled = {v: voter.chains.get(last_g.get(v, 0), new_chain())
               for v, voter in c.voters.items() if voter.enabled}
    for v, chain in enabled.items():
        ended = chain.end_leaf is not None and chain.end_leaf < cut
        c.report.unless(v in disposed or ended or not c.close, 9, None,
                        f"{v.hex()} was enabled and has neither an end nor a disposition of the board")
    for d, v, reason in [(each, *line) for each in dispositions for line in each.rows]:
        who = v.hex() if v else "close"
        c.report.people.append(f"DISPOSITION leaf {d.leaf}: {who}: {reason}")
        known = v is None or v in c.voters
        c.report.unless(known, 9, d.leaf, f"a disposition for {who}, who is not on the roll")
    superseded = sum(map(len, timely)) - len(c.counted)
    c.say(9, f"{len(c.counted)} ballots count, {superseded} superseded; {len(enabled)} voters enabled, "
             f"{len(disposed - {None})} disposed of")

# == CHECK 10 aggregate and tally (§7) =====================================================================
def check_10_tally(c: Any) -> None:
    c.aggregate, tally, counted = [], c.first("tally/1"), len(c.counted)
    for at in range(len(c.shape.options)):
        own = [cast.ciphertexts[at] for cast in c.counted]
        c.aggregate.append([total_of([point_of(ct[half:half + 32]) for ct in own]) for half in (0, 32)])
    encoded = [point_bytes(alpha) + point_bytes(beta) for alpha, beta in c.aggregate]
    c.aggregate_hash = h32("aggregate", c.id, encoded)
    need(tally and c.close, "there is no tally that k trustees and enough witnesses signed")
    for other in c.all_of("tally/1"):
        same = other.digest == tally.digest
        c.report.unless(same, 10, other.leaf, "a second tally was signed for this contest")
    must_be(c, tally, key_record=c.key_record.digest, manifest=c.manifest.digest, counted=counted,
            aggregate=c.aggregate_hash)
    c.report.attempt(10, tally.leaf, names_a_checkpoint, c, tally)
    c.report.unless(tally.size > c.close.leaf, 10, tally.leaf, "the tally's tree does not cover the close")
    least = c.manifest.min_anonymity
    c.report.unless(counted >= least, 10, tally.leaf, f"{counted} ballots were opened, fewer than {least}")
    for share in c.all_of("share/1"):
        witnessed = any(tally.leaf < size <= share.leaf for size in c.log.witnessed)
        c.report.unless(witnessed, 10, share.leaf, "a share before a cosigned checkpoint covers the tally")
    c.say(10, f"aggregate {c.aggregate_hash.hex()} of {counted} ballots, tree {tally.size}")

def must_be(c: Any, document: Any, **expected: Any) -> None:
    """What a document says is what was found."""
    for what, found in expected.items():
        said = getattr(document, what)
        shown = [x.hex() if isinstance(x, bytes) else x for x in (found, said)]
        c.report.unless(said == found, DOCUMENTS[document.kind][0], document.leaf,
                        f"{document.kind}: {what.replace('_', ' ')} is {shown[0]}, it says {shown[1]}")

# == CHECK 11 decryption (§7) ==============================================================================
def check_11_decryption(c: Any) -> None:
    tally, record, k = c.first("tally/1"), c.key_record, c.charter.k
    need(tally, "without a tally nothing may be decrypted")
    bound = {"ceremony": ceremony_of(c.charter, record.rand), "key_record": record.digest, "contest": c.id,
             "aggregate": c.aggregate_hash, "root": tally.root}
    parts: dict[int, list[Point]] = {}
    for share in c.all_of("share/1"):
        must_be(c, share, **bound)
        opened = c.report.attempt(11, share.leaf, open_share, c, share, list(bound.values()))
        if opened:
            parts.setdefault(share.i, opened)
    need(len(parts) >= k, f"{len(parts)} trustees have shown good shares, {k} are needed")
    chosen, step, totals = sorted(parts)[:k], IDENTITY, []
    votes_of = {point_bytes(IDENTITY): 0}
    for votes in range(1, len(c.counted) + 1):
        step = add(step, prepared(BASE))
        votes_of[point_bytes(step)] = votes
    for at, (_, beta) in enumerate(c.aggregate):
        shared = mix(*((lagrange(i, chosen), table(parts[i][at])) for i in chosen))
        message = point_bytes(add(beta, prepared(minus(shared))))
        need(message in votes_of, f"option {c.shape.options[at]} does not decrypt to a number of votes")
        totals.append(votes_of[message])
    c.totals = totals
    c.say(11, f"shares of trustees {', '.join(map(str, sorted(parts)))}; combined from {chosen}")

def lagrange(i: int, chosen: list[int]) -> int:
    """The weight of trustee i at 0."""
    above = below = 1
    for j in chosen:
        if j != i:
            above, below = above * j % L, below * (j - i) % L
    return above * pow(below, L - 2, L) % L

def open_share(c: Any, share: Any, bound: list[Any]) -> list[Point]:
    """The points M of a share whose proofs hold: log of M to the base A is that of X_i to the base B."""
    i, found = share.i, []
    powers = [(m, point_of(raw)) for own in c.key_record.commitments for m, raw in enumerate(own)]
    x_i = total_of([mix((pow(i, m, L), table(point))) for m, point in powers])
    for j, ((alpha, _), (m_raw, c_raw, z_raw)) in enumerate(both(c.aggregate, share.parts)):
        m, challenge, z = point_of(m_raw), scalar_of(c_raw), scalar_of(z_raw)
        t1 = point_bytes(mix((z, BASE_TABLE), (-challenge % L, table(x_i))))
        t2 = point_bytes(mix((z, table(alpha)), (-challenge % L, table(m))))
        own = hs("dleq", *bound, j, i, point_bytes(x_i), point_bytes(alpha), m_raw, t1, t2)
        need(challenge == own, f"trustee {i}: the share of option {c.shape.options[j]} is not proved")
        found.append(m)
    return found

# == CHECK 12 outcome by the rule (rules §1 to 4, 7) =======================================================
def check_12_outcome(c: Any) -> None:
    totals = c.totals or bad("without totals there is no outcome")
    counted, options, people = len(c.counted), c.shape.options, c.report.people
    for terms, lo, hi, _ in c.shape.relations:
        found = sum(weight * totals[at] for at, weight in terms)
        need(lo * counted <= found <= hi * counted, "the totals do not fit the limits of the ballot")
    people += [f"{votes:6}  {label} ({option})" for (option, label), votes in
               both(list(both(options, c.manifest.labels)), totals)]
    rule = rule_of(c.manifest.rule, options)
    need(c.shape.relations in relations_of(rule, len(options)), "the ballot is none that the rule counts")
    count = count_of(rule, options, totals, counted)
    told = {"contest": c.id.hex(), "options": options, "totals": totals, "counted": counted, "outcome": None}
    c.report.results.append(told)
    result = c.first("result/1") or bad("there is no result that the counting board signed")
    facts = tagged("facts/1", FACTS, decode(result.facts))
    check_facts(rule, facts, count)
    told["outcome"], sums = outcome(rule, facts, count, result.order)
    given = ", ".join(f"{name} {value}" for name, value in vars(facts).items() if value is not None)
    people.append(f"FACTS as the board certified them, to be compared with the minutes: {given}")
    if result.order is not None:
        people.append(f"TIE decided outside of this count ({rule.tie}), in the order {result.order}")
    people += [*sums, f"OUTCOME: {told['outcome']}"]
    c.say(12, told["outcome"])
    for d in c.all_of("result/1"):
        must_be(c, d, manifest=c.manifest.digest, tally=c.first("tally/1").digest, counts=totals,
                facts=result.facts, order=result.order, outcome=told["outcome"])
        same = d.size <= d.leaf and c.log.tree.root(d.size) == d.root
        c.report.unless(same, 12, d.leaf, "result/1 names another tree than this one")

def rule_of(value: Any, options: list[str]) -> Any:
    """The rule of a question with these options, if it can decide (rules §1, §6)."""
    rule = tagged("rule/1", RULE, value)
    motion, each, quorum = rule.elect == "motion", rule.elect == "each", rule.quorum_of is not None
    people = len(options) // 2 if each else sum(option != "blank" for option in options)
    parts = (rule.quorum_of, rule.quorum_base, rule.quorum_num, rule.quorum_den)
    wrong = (
        len({part is None for part in parts}) != 1,
        quorum and not 1 <= (rule.quorum_num or 0) <= (rule.quorum_den or 0),
        quorum and rule.quorum_base in {"cast", "valid", "for_against", rule.quorum_of},
        motion and (rule.seats != 0 or rule.base == "seats" or rule.num == 0 or rule.tie == "seniority"),
        not motion and not 1 <= rule.seats <= people,
        each and people > rule.seats,
        rule.elect == "top" and rule.base == "for_against",
        rule.num > rule.den or (rule.strict and rule.num == rule.den),
        (rule.second == "none") != (rule.rounds == 1) or (motion and rule.rounds != 1),
        (rule.second == "top_m") != (rule.m > 0) or (rule.second == "top_m" and rule.m < rule.seats),
    )
    need(not any(wrong), "the rule of the manifest is one that decides nothing (rules §6)")
    return rule

def relations_of(rule: Any, options: int) -> list[Any]:
    """The relations that a ballot under this rule may have (§4)."""
    if rule.elect == "motion":
        return [[[[[0, 1], [1, 1], [2, 1]], 1, 1, 0]]]
    if rule.elect == "each":
        return [[[[[at, 1], [at + 1, 1]], 0, 1, 0] for at in range(0, options, 2)]]
    people, seats = options - rule.blank, rule.seats
    terms = [*([at, 1] for at in range(people)), *([[people, seats]] if rule.blank else [])]
    lows = [1] if people > 1 or rule.blank else [0, 1]
    return [[[terms, lo, seats, int(seats - lo > 15)]] for lo in lows]

def count_of(rule: Any, options: list[str], totals: list[int], counted: int) -> Any:
    """From the totals of a secret tally to the counts of rules §3; of a motion yes and no."""
    if rule.elect == "motion":
        need(options == ["yes", "no", "abstain"], "the ballot of a motion is not yes, no, abstain")
        return SimpleNamespace(votes=totals[:1], against=totals[1:2], valid=sum(totals), cast=sum(totals))
    if rule.elect == "each":
        need(len(options) % 2 == 0, "the ballot has not two boxes for each person")
        return SimpleNamespace(votes=totals[::2], against=totals[1::2], valid=counted, cast=counted)
    need(rule.blank == (options[-1] == "blank"), "the rule and the ballot differ about blank ballots")
    votes, blank = (totals[:-1], totals[-1]) if rule.blank else (totals, 0)
    return SimpleNamespace(votes=votes, against=[0] * len(votes), valid=counted - blank, cast=counted)

def check_facts(rule: Any, facts: Any, count: Any) -> None:
    """What rules §3 refuses to draw an outcome from."""
    over = rule.elect != "motion" and any(v + a > count.valid for v, a in both(count.votes, count.against))
    total, few = sum(count.votes), sum(count.votes) < count.valid and len(count.votes) > 1
    need(not over and (rule.elect != "top" or (total <= count.valid * rule.seats and not few)),
         "the votes do not fit the number of valid ballots")
    there = facts.summoned - facts.excluded
    need(0 <= count.cast <= there - facts.recused, "the facts allow fewer ballots than were cast")
    for present, recused in ((facts.present_at_open, facts.recused_at_open),
                             (facts.present_at_close, facts.recused_at_close)):
        fits = present <= there and recused <= min(present, facts.recused)
        need(fits, "the facts about those present do not fit those summoned")
    for which in {rule.base, rule.quorum_of, rule.quorum_base} - {None, "cast", "valid", "for_against"}:
        known = base_of(which, facts, count, 0, True) > 0 or count.cast == 0
        need(known, f"{which} is 0 although ballots were cast")

def base_of(which: str, facts: Any, count: Any, person: int, recused_in_base: bool) -> Any:
    """rules §2"""
    if which == "for_against":
        return count.votes[person] + count.against[person]
    if which in {"cast", "valid"}:
        return getattr(count, which)
    heads = facts.summoned - facts.excluded if which == "summoned_minus_excluded" else getattr(facts, which)
    recused = getattr(facts, which.replace("present", "recused") if "present" in which else "recused")
    return heads - (0 if recused_in_base else recused)

def outcome(rule: Any, facts: Any, count: Any, order: list[int] | None = None) -> tuple[str, list[str]]:
    """The outcome text of rules §7, and the sums that lead to it. People have numbers from 1."""
    sums: list[str] = []

    def base(which: str, person: int = 0) -> Any:
        return base_of(which, facts, count, person, rule.recused_in_base)

    def asked(who: str, value: int, which: str, num: int, den: int, strict: bool, person: int = 0) -> bool:
        """Whether a majority is there (rules §4), and the sum to redo by hand (rules §7)."""
        left, right = value * den, base(which, person) * num
        sign = ">" if left > right else "=" if left == right else "<"
        holds, text = left > right or (left == right and not strict), "0 < 1"
        if base(which, person) < 1 or value == num == 0:
            holds = False
        else:
            text = f"{value} × {den} = {left} {sign} {base(which, person)} × {num} = {right}"
        asks = f"{'more than' if strict else 'at least'} {num}/{den} of {which}"
        sums.append(f"{who}: {text} ({asks}: {'yes' if holds else 'no'})")
        return holds

    decides = rule.elect == "top" and rule.tie in {"seniority", "presidium", "lot"}
    need(order is None or (decides and len(set(order)) == len(order)),
         "an order of people under a rule that decides no tie by one, or somebody twice in it")
    majority = (rule.base, rule.num, rule.den, rule.strict)
    if rule.quorum_of:
        parts = (base(rule.quorum_of), rule.quorum_base, rule.quorum_num, rule.quorum_den, False)
        if not asked(f"quorum ({rule.quorum_of})", *parts):
            return told_as("no-quorum", left=rule.seats), sums
    if rule.elect == "motion":
        yes, no = count.votes[0], count.against[0]
        if asked("yes", yes, *majority):
            return told_as("carried"), sums
        level = yes == no >= 1 and yes * rule.den == base(rule.base) * rule.num and rule.tie != "none"
        return told_as("tie", by=rule.tie) if level else told_as("not-carried"), sums
    people = sorted(range(1, len(count.votes) + 1), key=lambda p: -count.votes[p - 1])
    reach = [p for p in people if asked(f"person {p}", count.votes[p - 1], *majority, p - 1)]
    return elected_of(rule, {p: count.votes[p - 1] for p in people}, reach, order), sums

def elected_of(rule: Any, votes: dict[int, int], q: list[int], order: list[int] | None) -> str:
    """rules §4, 3 to 5. votes: of each person, most first; q: who has a majority."""
    elected, tied = q[:rule.seats], []
    if len(q) > rule.seats and votes[q[rule.seats - 1]] == votes[q[rule.seats]]:
        border = votes[q[rule.seats]]
        elected, tied = [p for p in q if votes[p] > border], [p for p in q if votes[p] == border]
        left = rule.seats - len(elected)
        if rule.tie == "reballot" or (rule.tie != "none" and order is None):
            return told_as("tie", elected, tied, tied if rule.tie == "reballot" else [], left, rule.tie)
        if rule.tie != "none" and order is not None:
            need(set(tied) <= set(order), "the order that decides a tie does not hold all who are tied")
            elected, tied = [*elected, *[p for p in order if p in tied][:left]], []
    left, rest = rule.seats - len(elected), [p for p in votes if p not in elected]
    if left == 0 or rule.second == "none":
        return told_as("elected" if elected else "not-elected", elected, tied, [], left)
    if rule.second == "top_m":
        border = votes[rest[min(rule.m, len(rest)) - 1]]
        rest = [p for p in rest if votes[p] >= border]
    return told_as("second-round", elected, tied, sorted(rest), left)

def told_as(verdict: str, elected: Sequence[int] = (), tied: Sequence[int] = (),
            following: Sequence[int] = (), left: int = 0, by: str = "") -> str:
    """rules §7"""
    lists = (("elected", elected), ("tied", tied), ("next", following))
    found = [f"{what}={','.join(map(str, people))}" for what, people in lists if people]
    return " ".join([verdict, *found, *([f"left={left}"] if left else []), *([f"by={by}"] if by else [])])

# == ANSWER ================================================================================================
def tell(c: Any) -> None:
    """What stands in the protocol beside the checks: what units and voters did."""
    seen = Counter[str]()
    for voter in c.voters.values():
        checked, abandoned = voter.told["checked/1"], voter.told["abandoned/1"]
        seen.update({"checked ballots": checked, "failed checks": voter.failed, "abandoned": abandoned})
        seen.update({"voters who checked": checked > 0, "voters with an abandoned ballot": abandoned > 0})
        seen.update({what: many for what, many in voter.told.items() if what.startswith("refused: ")})
    c.report.people.append("; ".join(f"{what}: {many}" for what, many in sorted(seen.items())))

def verdict_of(report: Report, pinned: Pinned) -> tuple[int, str]:
    if report.faults:
        return FAULTY, WORDS["faults"].format(n=len(report.faults))
    whole = None not in {pinned.charter, pinned.root, pinned.size}
    return (COMPLETE, WORDS["complete"]) if whole else (INCOMPLETE, WORDS["unpinned"])

def printed(report: Report, pinned: Pinned) -> Iterator[str]:
    wrong = Counter(fault.check for fault in report.faults)
    for check, (vi, en) in CHECKS.items():
        mark = f"{wrong[check]} FAULTS" if wrong[check] else "ok" if report.said[check] else "not reached"
        yield f"{check:2} {vi} / {en}: {mark}. {'; '.join(report.said[check])}"
    by_place = sorted(report.faults, key=lambda f: (f.contest, f.check, -1 if f.leaf is None else f.leaf))
    for check, leaf, contest, sentence in by_place:
        where = ("log" if leaf is None else f"leaf {leaf}") + (f", contest {contest}" if contest else "")
        yield f"FAULT / LỖI check {check}, {where}: {sentence}"
    yield from [*report.people, WORDS["residual"], verdict_of(report, pinned)[1]]

def as_json(report: Report, pinned: Pinned) -> str:
    (code, verdict), faults = verdict_of(report, pinned), [fault._asdict() for fault in report.faults]
    told = {"exit": code, "verdict": verdict, "faults": faults, "checks": report.said}
    told.update({"results": report.results, "notes": report.people})
    return json.dumps(told, ensure_ascii=False, indent=1)

def hex_of(size: int) -> Callable[[str], bytes]:
    def hexadecimal(value: str) -> bytes:
        raw = bytes.fromhex(value)
        return raw if len(raw) == size else bytes.fromhex("not of this size")

    return hexadecimal

def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="verify.py", description="Verify the secret ballots of a hall log.")
    parser.add_argument("export", type=Path)
    parser.add_argument("--charter", type=Path, help="the file whose fingerprint stands in the minutes")
    for name, form in (("--root", hex_of(32)), ("--size", int), ("--key-record", hex_of(32))):
        parser.add_argument(name, type=form, help="from the minutes")
    parser.add_argument("--contest", type=hex_of(16), help="only this one")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(words)
    try:
        data = asked.export.read_bytes()
        charter = asked.charter.read_bytes() if asked.charter else None
    except OSError as err:
        sys.stderr.write(WORDS["unreadable"].format(file=err.filename, why=err.strerror) + "\n")
        return UNUSABLE
    if asked.jobs < 1 or (asked.size is not None and asked.size < 1):
        sys.stderr.write(WORDS["arguments"] + "\n")
        return UNUSABLE
    pinned = Pinned(charter, asked.root, asked.size, asked.key_record, asked.contest)
    workers = Workers(asked.jobs)
    try:
        report = verify(data, pinned, workers)
    finally:
        if workers.pool:
            workers.pool.shutdown()
    lines = [as_json(report, pinned)] if asked.json else printed(report, pinned)
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return verdict_of(report, pinned)[0]

# == TOOLS CBOR (wire §2): one value has one encoding ======================================================
def read_item(data: bytes, at: int = 0, depth: int = 0) -> tuple[Any, int]:
    """The item that begins at `at`, and where it ends."""
    need(depth <= 8 and at < len(data), "an item ends early, or lies within more than 8 others")
    major, number, at = data[at] >> 5, data[at] & 31, at + 1
    need(number < 28 if major < 6 else major == 7 and number in {20, 21, 22},
         "a tag, a float, an indefinite length or an unknown simple value")
    if number >= 24:
        size = 1 << (number - 24)
        number, at = int.from_bytes(data[at:at + size], "big"), at + size
        need(at <= len(data), "an item ends early")
        need(number >= (24 if size == 1 else 1 << 4 * size), "a number written longer than needed")
    if major < 2:
        return (number, -1 - number)[major], at
    if major == 7:
        return {20: False, 21: True, 22: None}[number], at
    need(number <= len(data) - at, "an item ends early")
    if major < 4:
        raw = data[at:at + number]
        return (raw if major == 2 else text_of(raw)), at + number
    items, found, before = [], {}, b""
    for _ in range(number):
        item, end = read_item(data, at, depth + 1)
        items.append(item)
        if major == 5:
            need(type(item) in {int, str} and data[at:end] > before, "keys of a map that do not ascend")
            before = data[at:end]
            found[item], end = read_item(data, end, depth + 1)
        at = end
    return (items if major == 4 else found), at

def text_of(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        bad("text that is not UTF-8")

def decode(data: bytes) -> Any:
    value, end = read_item(data)
    need(end == len(data), "bytes behind the item")
    return value

def encode(value: Any) -> bytes:
    """E(x) of the pages. Only lists, bytes, text, integers, booleans and null are ever hashed."""
    if value is None or value is False or value is True:
        return {False: b"\xf4", True: b"\xf5", None: b"\xf6"}[value]
    if isinstance(value, int):
        return write_head(0, value) if value >= 0 else write_head(1, -1 - value)
    if isinstance(value, (bytes, str)):
        raw = value if isinstance(value, bytes) else value.encode()
        return write_head(2 if raw is value else 3, len(raw)) + raw
    return write_head(4, len(value)) + b"".join(encode(item) for item in value)

def write_head(major: int, number: int) -> bytes:
    if number < 24:
        return bytes([major << 5 | number])
    power = next(power for power in range(4) if number < 1 << 8 * (1 << power))
    return bytes([major << 5 | 24 + power]) + number.to_bytes(1 << power, "big")

# == TOOLS hashes (§1), and the tree (RFC 9162 §2.1) =======================================================
def h32(tag: str, *parts: Any) -> bytes:
    return hashlib.sha256(encode([SUITE, tag, *parts])).digest()

def h64(tag: str, *parts: Any) -> bytes:
    return hashlib.sha512(encode([SUITE, tag, *parts])).digest()

def hs(tag: str, *parts: Any) -> int:
    return int.from_bytes(h64(tag, *parts), "little") % L

def hash_of(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()

def spoken(digest: bytes) -> str:
    """60 bits in Crockford's base32, as read aloud (§5.3)."""
    bits = int.from_bytes(digest[:8], "big") >> 4
    letters = ["0123456789ABCDEFGHJKMNPQRSTVWXYZ"[bits >> 55 - 5 * at & 31] for at in range(12)]
    return "-".join("".join(letters[at:at + 4]) for at in (0, 4, 8))

class Tree:
    """levels[k][i] is the hash of the 2^k leaves from i·2^k on, where all of them are there."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self.levels = [[hash_of(b"\0" + leaf) for leaf in leaves]]
        while len(self.levels[-1]) > 1:
            low = self.levels[-1]
            self.levels.append([hash_of(b"\1" + low[at] + low[at + 1]) for at in range(0, len(low) - 1, 2)])

    def root(self, size: int) -> bytes:
        """Of the first leaves; b"" where there are fewer."""
        if not 1 <= size <= len(self.levels[0]):
            return hash_of(b"") if size == 0 else b""
        found, begin = [], 0
        for level in range(len(self.levels) - 1, -1, -1):
            if size >> level & 1:
                found.append(self.levels[level][begin >> level])
                begin += 1 << level
        while len(found) > 1:
            right = found.pop()
            found.append(hash_of(b"\1" + found.pop() + right))
        return found[0]

# == TOOLS the curve: edwards25519, extended coordinates (RFC 8032 §5.1) ===================================
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_1 = pow(2, (P - 1) // 4, P)
Point = tuple[int, int, int, int]
Table = list[Point]
IDENTITY: Point = (0, 1, 1, 0)

def prepared(point: Point) -> Point:
    """The form of the second operand of `add`."""
    x, y, z, t = point
    return (y - x) % P, (y + x) % P, 2 * z % P, 2 * D * t % P

def add(point: Point, other: Point) -> Point:
    x, y, z, t = point
    less, more, double_z, dt = other
    a, b, c, d = (y - x) * less % P, (y + x) * more % P, t * dt % P, z * double_z % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P

def double(point: Point) -> Point:
    x, y, z, _ = point
    a, b = x * x % P, y * y % P
    h, g = a + b, a - b
    e, f = h - (x + y) * (x + y) % P, 2 * z * z % P + g
    return e * f % P, g * h % P, f * g % P, e * h % P

def minus(point: Point) -> Point:
    return -point[0] % P, point[1], point[2], -point[3] % P

def total_of(points: Sequence[Point]) -> Point:
    return functools.reduce(lambda total, point: add(total, prepared(point)), points, IDENTITY)

def table(point: Point) -> Table:
    """0 to 15 times the point, for `mix`."""
    found = [IDENTITY]
    for _ in range(15):
        found.append(add(found[-1], prepared(point)))
    return [prepared(item) for item in found]

def mix(*terms: tuple[int, Table]) -> Point:
    """The sum of scalar · point: four bits of all scalars at a time (Straus)."""
    total = IDENTITY
    for shift in range(252, -1, -4):
        if total is not IDENTITY:
            total = double(double(double(double(total))))
        for scalar, multiples in terms:
            if scalar >> shift & 15:
                total = add(total, multiples[scalar >> shift & 15])
    return total

def is_zero(point: Point) -> bool:
    return point[0] % P == 0 and (point[1] - point[2]) % P == 0

def root_of_ratio(u: int, v: int) -> tuple[bool, int]:
    """Whether u / v is a square, and the even root of it, or of it times the root of −1 (RFC 9496 §4.2)."""
    r = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    check = v * r * r % P
    if check in {-u % P, -u * ROOT_OF_MINUS_1 % P}:
        r = r * ROOT_OF_MINUS_1 % P
    return check in {u % P, -u % P}, r if r % 2 == 0 else P - r

# == TOOLS signatures (wire §3.2) ==========================================================================
def edwards(raw: bytes) -> Point:
    """RFC 8032 §5.1.3, canonical forms alone."""
    y = int.from_bytes(raw, "little")
    sign, y = y >> 255, y & 2**255 - 1
    square, x = root_of_ratio(y * y - 1, D * y * y + 1)
    need(len(raw) == 32 and y < P and square and (x or not sign), "no point of the curve in its one form")
    x = x if x % 2 == sign else P - x
    return x, y, 1, x * y % P

def edwards_bytes(point: Point) -> bytes:
    inverse = pow(point[2], P - 2, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")

ED_BASE_TABLE = table(edwards((4 * pow(5, P - 2, P) % P).to_bytes(32, "little")))

@functools.lru_cache(maxsize=100000)
def key_table(raw: bytes) -> Table | None:
    """Of a key that may be registered: canonical, and of the prime order. None for another."""
    try:
        multiples = table(edwards(raw))
    except Bad:
        return None
    return multiples if is_zero(mix((L, multiples))) and raw != b"\1" + bytes(31) else None

def ed25519(key: bytes, message: bytes, signature: bytes) -> bool:
    """R = S·B − k·A without the cofactor. What is compared are bytes, so that R has its one form."""
    multiples, s = key_table(key), int.from_bytes(signature[32:], "little")
    if multiples is None or len(signature) != 64 or s >= L:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    r = mix((s, ED_BASE_TABLE), (L - k, multiples))
    return edwards_bytes(r) == signature[:32] and not is_zero(double(double(double(r))))

# == TOOLS ristretto255 (RFC 9496 §4.3) ====================================================================
INVERSE_ROOT_A_MINUS_D = root_of_ratio(1, (-1 - D) % P)[1]

def point_of(raw: bytes) -> Point:
    s = int.from_bytes(raw, "little")
    need(len(raw) == 32 and s < P and s % 2 == 0, "no point of ristretto255 in its one form")
    u1, u2 = (1 - s * s) % P, (1 + s * s) % P
    v = (-D * u1 * u1 - u2 * u2) % P
    square, inverse = root_of_ratio(1, v * u2 * u2 % P)
    x = 2 * s * inverse * u2 % P
    x = x if x % 2 == 0 else P - x
    y = u1 * inverse * inverse * u2 * v % P
    need(square and x * y % P % 2 == 0 and y != 0, "no point of ristretto255")
    return x, y, 1, x * y % P

def usable(raw: bytes) -> Point:
    """A point where the identity is refused (§1)."""
    return bad("the identity where it is refused") if raw == bytes(32) else point_of(raw)

def point_bytes(point: Point) -> bytes:
    x, y, z, t = point
    u1, u2 = (z + y) * (z - y) % P, x * y % P
    inverse = root_of_ratio(1, u1 * u2 * u2 % P)[1]
    d1, d = inverse * u1 % P, inverse * u2 % P
    z_inverse = d1 * d * t % P
    if t * z_inverse % P % 2:
        x, y, d = y * ROOT_OF_MINUS_1 % P, x * ROOT_OF_MINUS_1 % P, d1 * INVERSE_ROOT_A_MINUS_D % P
    if x * z_inverse % P % 2:
        y = -y
    s = d * (z - y) % P
    return (s if s % 2 == 0 else P - s).to_bytes(32, "little")

def scalar_of(raw: bytes) -> int:
    value = int.from_bytes(raw, "little")
    return value if len(raw) == 32 and value < L else bad("a scalar that is not below the order of the group")

BASE = point_of(bytes.fromhex("e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76"))
BASE_TABLE = table(BASE)

# == TOOLS work for several processes ======================================================================
def tried(work: Callable[..., Any], on: tuple[Any, ...]) -> Any:
    """The answer, or the Bad that came of it."""
    try:
        return work(*on)
    except Bad as err:
        return err

class Workers:
    """Does the same work on many things, in `jobs` processes, and says on stderr how far it is."""

    def __init__(self, jobs: int) -> None:
        self.pool = ProcessPoolExecutor(jobs) if jobs > 1 else None

    def map(self, what: str, work: Callable[..., Any], items: Sequence[tuple[Any, ...]]) -> list[Any]:
        found, one = [], functools.partial(tried, work)
        for answer in self.pool.map(one, items, chunksize=8) if self.pool else map(one, items):
            found.append(answer)
            if len(found) == len(items) or len(found) % 500 == 0:
                sys.stderr.write(f"{what}: {len(found)} / {len(items)}\n")
        return found

if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # lacks our letters
    sys.exit(main())

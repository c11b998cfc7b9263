"""What each effect of the life makes: an entry on its way, something forgotten, another chain.

Nothing here is durable yet, and memory is as it was: what is to be done in memory once it is durable goes on
the list `after`.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeAlias

from ballot.hashing import hash_of, wipe
from ballot.seeds import Check, check_text, commitment, seed_of
from edge.ballot_keypad.secret.entries import first_seq, sealed
from edge.ballot_keypad.secret.frames import frames_of
from edge.ballot_keypad.secret.kept import Kept
from edge.ballot_keypad.secret.life import Effect
from edge.ballot_keypad.secret.memory import Draw
from wire.board import FIRST_PREV, LOCAL_BYTES, Abandoned, Cast, Checked, End, Prepared, Ready
from wire.fields import Body
from wire.ids import VoterRef

if TYPE_CHECKING:
    from edge.ballot_keypad.secret.question import Question

After: TypeAlias = list[Callable[[], None]]


def made(effect: Effect, question: "Question", kept: Kept, after: After) -> Kept:
    """What is to be kept after an effect."""
    return _MAKE[effect](question, kept, after)


def _sealed(question: "Question", kept: Kept, body: Body) -> bytes:
    return sealed(kept, question.unit.reader.congress, question.contest, question.key, body)


def _on_way(question: "Question", kept: Kept, body: Body) -> Kept:
    return replace(kept, way=_sealed(question, kept, body), way_kind=body.kind)


def _draw(question: "Question", kept: Kept, seq: int) -> tuple[Draw, bytes]:
    """What the unit adds to the seed of that seq, and the commitment to it."""
    draw = Draw(bytearray(question.unit.means.random(LOCAL_BYTES)))
    return draw, commitment(kept.voter, question.contest, seq, draw.local)


def _commit(question: "Question", kept: Kept, after: After) -> Kept:
    is_first = kept.n == 0
    draw, promise = _draw(question, kept, kept.seq if is_first else kept.seq + 1)

    def remember() -> None:
        question.memory.forget()
        question.memory.drop_draws()
        if is_first:
            question.memory.draw = draw
        else:
            question.memory.following = draw

    after.append(remember)
    body: Body = Ready(promise, kept.seq) if is_first else Abandoned(kept.seq, promise)
    return _on_way(question, kept, body)


def _prepare(question: "Question", kept: Kept, after: After) -> Kept:
    draw, context = question.memory.draw, question.context
    if draw is None or draw.nonce is None or context is None:
        return kept  # nothing on its way: `settle` gives the seq up
    seed = seed_of(draw.local, draw.nonce, context, kept.voter, kept.seq)
    prover = question.unit.provers[context.manifest_hash]
    body = prover.body(
        kept.voter, kept.generation, question.public_key, kept.seq, seed, question.memory.choices
    )
    wipe(seed)
    following, promise = _draw(question, kept, kept.seq + 1)

    def remember() -> None:
        question.memory.body, question.memory.following = body, following
        question.memory.selection = question.memory.before = None

    after.append(remember)
    digest = hash_of(body)
    kept = replace(kept, body_hash=digest, prepared=kept.prepared + 1)
    return _on_way(question, kept, Prepared(kept.seq, digest, promise))


def _say_cast(question: "Question", kept: Kept, _after: After) -> Kept:
    return _on_way(question, kept, Cast(kept.seq, question.memory.body))


def _say_checked(question: "Question", kept: Kept, after: After) -> Kept:
    memory = question.memory
    if memory.draw is None or memory.draw.nonce is None:
        return kept
    choices, local = bytes(memory.choices), bytes(memory.draw.local)
    envelope = _sealed(question, kept, Checked(kept.seq, local, choices))
    shown = Check(
        question.contest, VoterRef(kept.voter), kept.generation, kept.seq, local, memory.draw.nonce, choices
    )

    def remember() -> None:
        memory.way, memory.frames = envelope, frames_of(check_text(shown))

    after.append(remember)
    return replace(kept, way_kind=Checked.kind, unsure=hash_of(envelope))


def _forget(question: "Question", kept: Kept, after: After) -> Kept:
    after.append(question.memory.forget)
    return kept


def _end(question: "Question", kept: Kept, _after: After) -> Kept:
    if not kept.is_closed or kept.has_ended or not kept.voter:
        return kept
    is_ours = kept.cast_hash and kept.cast_generation == kept.generation
    return _on_way(question, kept, End(kept.cast_hash if is_ours else None))


def _begin(question: "Question", kept: Kept, after: After) -> Kept:
    after.append(question.memory.drop_draws)
    seq = first_seq(kept.generation)
    return replace(kept, n=0, prev=FIRST_PREV, seq=seq, proof=b"", unsure=b"", code="")


def _not_cast(_question: "Question", kept: Kept, _after: After) -> Kept:
    return replace(kept, was_lost=True)


_MAKE: Final[dict[Effect, Callable[["Question", Kept, After], Kept]]] = {
    Effect.COMMIT: _commit,
    Effect.PREPARE: _prepare,
    Effect.SAY_CAST: _say_cast,
    Effect.SAY_CHECKED: _say_checked,
    Effect.FORGET: _forget,
    Effect.END: _end,
    Effect.BEGIN: _begin,
    Effect.NOT_CAST: _not_cast,
}
"""Total."""

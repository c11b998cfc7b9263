"""Every reason why bytes from a device do not count, with its sentence (SPEC §5.3).

Dropped: nobody's signature stands behind the bytes, or they cannot be placed; they are counted in table
drops and answered by nothing. Refused: the device did sign them; they become a leaf with this verdict, a
refusal leaf of the store follows, and the device's sequence advances, so that a wrong record never jams
the right ones behind it.
"""

from typing import Final

REFUSED: Final = {
    "revoked": "The device was revoked by an earlier leaf.",
    "wrong-congress": "The record was made for another congress.",
    "wrong-hall": "The record was made for another hall.",
    "bad-schema": "The record's type is unknown or its body is not what the type allows.",
    "wrong-role": "A device of this role may not say records of this type.",
    "broken-chain": "prev_hash is not the hash of the record before: its store was copied or set back.",
}

DROPPED: Final = {
    "unknown-device": "No leaf of the log registers a device of this name.",
    "unknown-signer": "The envelope names another signer than the topic does.",
    "bad-signature": "The signature does not verify under the key that the log holds for this device.",
    "bad-encoding": "The bytes are not the one deterministic encoding.",
    "bad-schema": "What the envelope holds cannot be placed as a message of its kind.",
    "not-judged": "This program itself failed over them: report it, with the device's name.",
    "too-large": "The message is longer than its kind may be.",
    "revoked": "A birth or health report of a device that was revoked.",
    "wrong-hall": "A birth or health report made for another hall.",
    "no-contest": "An entry of a contest that nothing in the log names; or no charter is installed here.",
    "bad-ballot": "Nobody who may vote in that contest signed this entry, or it was refused too often.",
    "bad-session-key": "The unit does not hold the key that it names, or there is no such contest.",
    "replayed": "A birth or health report that is not newer than the last one of this device.",
}

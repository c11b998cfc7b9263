"""What the station hands to the fleet, which opens neither: sealed references and wrapped keys, as JSON."""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from edge.rollcall_gate.frames import EmbedderId, Embedding
from edge.rollcall_gate.who.sealing import INDEX_MAX, seal_reference, wrap_content_key
from wire.ids import CongressId, DeviceId, MemberRef


@dataclass(frozen=True, slots=True)
class SealedReference:
    """One reference of one member, sealed: index 0..15, made by `embedder`."""

    member: MemberRef
    index: int
    embedder: EmbedderId
    sealed: bytes

    def body(self) -> dict[str, Any]:
        """As the fleet takes it: names and hashes in hexadecimal, sealed bytes in base64."""
        return {
            "member": self.member.hex(),
            "index": self.index,
            "model_sha256": self.embedder.model_sha256.hex(),
            "runtime": self.embedder.runtime,
            "sealed": base64.b64encode(self.sealed).decode(),
        }


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """The congress content key for one gate; no other can unwrap it."""

    device: DeviceId
    wrapped: bytes

    def body(self) -> dict[str, Any]:
        """As the fleet takes it: names and hashes in hexadecimal, sealed bytes in base64."""
        return {"device": str(self.device), "wrapped": base64.b64encode(self.wrapped).decode()}


def seal_references(
    embeddings: Sequence[Embedding],
    *,
    congress: CongressId,
    member: MemberRef,
    content_key: bytes,
    random_bytes: Callable[[int], bytes],
) -> tuple[SealedReference, ...]:
    """Seal one member's embeddings under the congress content key; at most 16. Raises ValueError for more."""
    if len(embeddings) > INDEX_MAX + 1:
        raise ValueError(f"a member has at most {INDEX_MAX + 1} references")
    return tuple(
        SealedReference(
            member,
            index,
            embedding.embedder,
            seal_reference(
                embedding,
                congress=congress,
                member=member,
                index=index,
                content_key=content_key,
                random_bytes=random_bytes,
            ),
        )
        for index, embedding in enumerate(embeddings)
    )


def wrap_for_gates(
    content_key: bytes, sealing_keys: Mapping[DeviceId, bytes], *, congress: CongressId
) -> tuple[WrappedKey, ...]:
    """Wrap the content key to every gate. sealing_keys: X25519 public keys, raw, 32 bytes each, by device."""
    return tuple(
        WrappedKey(gate, wrap_content_key(content_key, key, congress=congress, gate=gate))
        for gate, key in sorted(sealing_keys.items())
    )

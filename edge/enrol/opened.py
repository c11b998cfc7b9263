"""The station's own sealed copies, opened in memory for one comparison and forgotten with it."""

from collections.abc import Iterable

from edge.device.errors import ConfigError
from edge.enrol.ports import Kept
from edge.rollcall_gate.frames import EmbedderId
from edge.rollcall_gate.who.gallery import Reference
from edge.rollcall_gate.who.sealing import SealBroken, open_reference
from wire.ids import CongressId


def references_of(
    kept: Iterable[Kept], *, congress: CongressId, content_key: bytes, embedder: EmbedderId
) -> list[Reference]:
    """Of those that can be compared: made by this embedder. Raises ConfigError for a wrong key."""
    try:
        return [
            Reference(
                ref.member,
                open_reference(
                    ref.sealed,
                    congress=congress,
                    member=ref.member,
                    index=ref.index,
                    embedder=ref.embedder,
                    content_key=content_key,
                ),
            )
            for one in kept
            for ref in one.references
            if ref.embedder == embedder
        ]
    except SealBroken as err:
        raise ConfigError(
            "content.key is not the key that sealed the copies in this folder: put the right one back; or, "
            "if it is lost, run `hallward enrol destroy` on the folder and enrol everybody again"
        ) from err

"""What officers do to a repository. Every change is a draft until enough of them signed it (signing.py).

The clock is an argument; nothing here asks a person or opens a key.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, BinaryIO, Final

from tuf.api.metadata import Metadata, TargetFile

from release.errors import ReleaseError
from release.files import measure
from release.folder import ROLES, ReleaseFolder, Repository
from release.keys import PublicKey
from release.metadata import (
    Plan,
    about_of,
    component_targets,
    director_root,
    image_root,
    is_signed_by,
    plan_of,
    successor,
    target_file,
    top_targets,
    with_plan,
)
from wire.updates import COMPONENTS, About

_IMAGE: Final = Repository.IMAGE
_DIRECTOR: Final = Repository.DIRECTOR


def init(folder: ReleaseFolder, plan: Plan, now: datetime) -> None:
    """Drafts of both roots, of targets and of an empty list for each component. Raises ReleaseError."""
    if folder.is_begun:
        raise ReleaseError(
            f"{folder.path} holds a release already; `rotate-root` changes it; if this "
            "is what an interrupted `init` left behind, delete the folder first"
        )
    plan.checked()
    folder.write_draft(_IMAGE, "root", image_root(plan, 1, now))
    folder.write_draft(_DIRECTOR, "root", director_root(plan, 1, now))
    folder.write_draft(_IMAGE, "targets", top_targets(plan, 1, now))
    for component in COMPONENTS:
        folder.write_draft(_IMAGE, component, component_targets({}, 1, now))


def plan_in(folder: ReleaseFolder) -> Plan:
    """Of the newest roots and targets, drafts included. Raises ReleaseError."""
    signed = [
        folder.signed(_IMAGE, "root", number).signed for number in folder.signed_versions(_IMAGE, "root")
    ]
    return plan_of(
        [*signed, folder.newest(_IMAGE, "root").signed],
        folder.newest(_DIRECTOR, "root").signed,
        folder.newest(_IMAGE, "targets").signed,
    )


def rotate_root(folder: ReleaseFolder, plan: Plan, now: datetime) -> list[str]:
    """Other keys from the next version on. Roles whose keys change are drawn up anew, since what the old keys
    signed is not believed under the new root. Names of the drafts. Raises ReleaseError."""
    plan.checked()
    before = folder.newest(_IMAGE, "targets").signed
    drafts: list[tuple[Repository, str, Metadata[Any]]] = [
        (_IMAGE, "root", image_root(plan, folder.next_version(_IMAGE, "root"), now)),
        (_DIRECTOR, "root", director_root(plan, folder.next_version(_DIRECTOR, "root"), now)),
        (_IMAGE, "targets", top_targets(plan, folder.next_version(_IMAGE, "targets"), now)),
    ]
    for component in COMPONENTS:
        if not is_signed_by(before, component, plan):
            draft = successor(folder.newest(_IMAGE, component), folder.next_version(_IMAGE, component), now)
            drafts.append((_IMAGE, component, draft))
    for repository, role, draft in reversed(drafts):  # after a cut, the same words do the rest
        folder.write_draft(repository, role, draft)
    return [f"{repository} {role} {draft.signed.version}" for repository, role, draft in drafts]


def further_director(folder: ReleaseFolder, release: ReleaseFolder, key: PublicKey, now: datetime) -> None:
    """Draft of a root for the director of another hall's fleet, which follows the same release: a folder of
    its own, the next version of it if it has one. release: whose officers sign. Raises ReleaseError."""
    if folder.is_begun and not folder.is_director_alone:
        raise ReleaseError(
            f"{folder.path} holds a release, with the director of its own hall, which `rotate-root` changes; "
            "give a folder of its own for the further hall"
        )
    if release.newest_signed(_IMAGE, "root") is None or release.draft(_IMAGE, "root") is not None:
        raise ReleaseError(
            f"{release.path} has a root that is not signed yet: sign it first, its officers are who sign here"
        )
    plan = with_plan(plan_in(release), director=key)
    version = folder.next_version(_DIRECTOR, "root")
    folder.write_draft(_DIRECTOR, "root", director_root(plan, version, now))


def renew(folder: ReleaseFolder, roles: Iterable[str], now: datetime) -> None:
    """The same content with a new end. roles: `root` is that of both repositories. Raises ReleaseError."""
    wanted = set(roles)
    unknown = sorted(wanted - {role for _, role in ROLES})
    if unknown:
        raise ReleaseError(
            f"there is no role {unknown[0]!r:.40}; renew root, targets, {', '.join(COMPONENTS)}"
        )
    for repository, role in folder.roles:
        if role in wanted:
            version = folder.next_version(repository, role)
            folder.write_draft(repository, role, successor(folder.newest(repository, role), version, now))


def listed(folder: ReleaseFolder, component: str) -> dict[str, TargetFile]:
    """What is listed, drafts included."""
    return dict(folder.newest(_IMAGE, component).signed.targets)


def highest_counter(folder: ReleaseFolder, component: str, hardware: Iterable[str]) -> int:
    """Ever listed for any of this hardware, whether removed since or not; 0: none."""
    versions = [
        folder.signed(_IMAGE, component, number) for number in folder.signed_versions(_IMAGE, component)
    ]
    highest, wanted = 0, set(hardware)
    for metadata in [*versions, folder.newest(_IMAGE, component)]:
        for path, target in metadata.signed.targets.items():
            about = about_of(path, target)
            if wanted & set(about.hardware):
                highest = max(highest, about.counter)
    return highest


def add(folder: ReleaseFolder, path: str, source: BinaryIO, about: About, now: datetime) -> TargetFile:
    """Raises ReleaseError: a name that is none, a counter that does not rise, the same file or name twice."""
    if about.component not in COMPONENTS:
        raise ReleaseError(
            f"nothing is called {about.component!r:.40}; a release is one of {', '.join(COMPONENTS)}"
        )
    there = listed(folder, about.component)
    if path in there:
        raise ReleaseError(
            f"{path} is listed already; a release is never replaced: give this one another name"
        )
    highest = highest_counter(folder, about.component, about.hardware)
    if about.counter <= highest:
        raise ReleaseError(
            f"the counter of {path} is {about.counter}, and {highest} is given out for this hardware: "
            f"devices take only what rises; make it with the counter {highest + 1} or more"
        )
    return put(folder, path, source, about, now)


def put(folder: ReleaseFolder, path: str, source: BinaryIO, about: About, now: datetime) -> TargetFile:
    """As add, without asking whether it is wise: what a careless or robbed officer could do. Raises
    ReleaseError."""
    measured = measure(source)
    if not measured.length:
        raise ReleaseError(f"the file for {path} is empty: no device would take it; look where it comes from")
    target = target_file(path, measured, about)
    there = listed(folder, about.component)
    for other, listed_one in there.items():
        if other != path and listed_one.hashes["sha256"] == measured.sha256.hex():
            raise ReleaseError(f"this very file is listed already, as {other}")
    folder.store_target(path, source)
    _relist(folder, about.component, {**there, path: target}, now)
    return target


def remove(folder: ReleaseFolder, path: str, now: datetime) -> None:
    """Nobody can install it any more; its counter stays given out. Raises ReleaseError."""
    component = path.partition("/")[0]
    there = listed(folder, component) if component in COMPONENTS else {}
    if path not in there:
        raise ReleaseError(f"{path!r:.80} is not listed; `hallward release status` says what is")
    _relist(folder, component, {name: target for name, target in there.items() if name != path}, now)


def _relist(folder: ReleaseFolder, component: str, targets: Mapping[str, TargetFile], now: datetime) -> None:
    version = folder.next_version(_IMAGE, component)
    folder.write_draft(_IMAGE, component, component_targets(targets, version, now))

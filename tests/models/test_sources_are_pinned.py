import re
from dataclasses import replace

from models.fetch import ARCHIVES
from models.sources import TABLE, load_sources


def test_every_archive_and_every_file_has_a_whole_sha256() -> None:
    packages = load_sources()
    hashes = [p.sha256 for p in packages] + [f.sha256 for p in packages for f in p.files]
    assert len(hashes) >= 20
    assert all(re.fullmatch(r"[0-9a-f]{64}", h) for h in hashes)


def test_the_table_names_releases_and_no_address() -> None:
    assert "://" not in TABLE.read_text("utf-8")
    assert all(re.fullmatch(r"\d+(\.\d+)+", p.version) for p in load_sources())


def test_no_file_leaves_the_cache_and_none_is_written_twice() -> None:
    places = [f.to for p in load_sources() for f in p.files]
    assert len(set(places)) == len(places)
    assert all(not place.is_absolute() and ".." not in place.parts for place in places)


def test_every_archive_has_a_name_of_its_own_and_every_inner_file_one_place() -> None:
    names = [p.archive for p in load_sources()]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9.-]*", name) for name in names)
    assert all(len({f.inner for f in p.files}) == len(p.files) for p in load_sources())
    assert ARCHIVES not in {f.to.parts[0] for p in load_sources() for f in p.files}


def test_a_scoped_package_is_one_file_in_the_cache() -> None:
    scoped = replace(load_sources()[0], name="@scope/name", version="1.2", kind="tarball")
    assert scoped.archive == "scope-name-1.2.tgz"


def test_each_registry_has_its_own_kinds() -> None:
    assert {(p.registry, p.kind) for p in load_sources()} <= {
        ("pypi", "wheel"),
        ("pypi", "sdist"),
        ("npm", "tarball"),
    }


def test_every_package_says_its_licence_and_in_one_sentence_where_it_comes_from() -> None:
    for package in load_sources():
        assert package.licence
        assert package.provenance.endswith(".")
        assert "\n" not in package.provenance
        assert re.search(r"\bnot\b", package.provenance), "what is not known is part of it"


def test_some_people_have_several_photographs_and_some_are_strangers() -> None:
    people: dict[str, int] = {}
    for package in load_sources():
        for file in package.files:
            if file.to.parts[0] == "photographs" and len(file.to.parts) == 3:
                people[file.to.parts[1]] = people.get(file.to.parts[1], 0) + 1
    assert sum(count > 1 for count in people.values()) >= 3
    assert sum(count == 1 for count in people.values()) >= 3

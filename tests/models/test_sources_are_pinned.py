import re

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


def test_some_people_have_several_photographs_and_some_are_strangers() -> None:
    people: dict[str, int] = {}
    for package in load_sources():
        for file in package.files:
            if file.to.parts[0] == "photographs" and len(file.to.parts) == 3:
                people[file.to.parts[1]] = people.get(file.to.parts[1], 0) + 1
    assert sum(count > 1 for count in people.values()) >= 3
    assert sum(count == 1 for count in people.values()) >= 3

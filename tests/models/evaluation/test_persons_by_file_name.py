import pytest

from models.errors import ModelsMissing
from models.evaluation.persons import person_of, persons_of
from models.evaluation.tables import Pair


@pytest.mark.parametrize(
    ("name", "person"),
    [
        ("Some_Name_0001.jpg", "Some_Name"),
        ("Some_Name_12.png", "Some_Name"),
        ("person/photo.jpg", "person"),
        ("person/photo_0001.jpg", "person"),
        ("alone.jpg", "alone"),
        ("_1.jpg", "_1"),
    ],
)
def test_a_person_is_the_folder_or_the_name_before_the_number(name: str, person: str) -> None:
    assert person_of(name) == person


def test_names_that_agree_with_the_labels_tell_who_is_who() -> None:
    persons = persons_of(["a_1.jpg", "a_2.jpg", "b_1.jpg"], [Pair("1", True, "a_1.jpg", "a_2.jpg")])
    assert (persons.codes.tolist(), persons.count, persons.by_name) == ([0, 0, 1], 2, True)


def test_names_that_contradict_the_labels_give_way_to_them() -> None:
    names = ["u.jpg", "v.jpg", "w.jpg", "x.jpg"]
    pairs = [
        Pair("1", True, "u.jpg", "v.jpg"),
        Pair("1", True, "v.jpg", "w.jpg"),
        Pair("1", False, "u.jpg", "x.jpg"),
    ]
    persons = persons_of(names, pairs)
    assert not persons.by_name
    assert persons.codes[0] == persons.codes[1] == persons.codes[2] != persons.codes[3]


def test_labels_that_contradict_one_another_are_refused_by_name() -> None:
    pairs = [Pair("1", True, "u.jpg", "v.jpg"), Pair("1", False, "v.jpg", "u.jpg")]
    with pytest.raises(ModelsMissing, match=r"v\.jpg and u\.jpg are two persons"):
        persons_of(["u.jpg", "v.jpg"], pairs)

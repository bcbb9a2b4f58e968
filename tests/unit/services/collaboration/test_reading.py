"""What the columns hold, whoever wrote them, and what is made of names and tags."""

from typing import Any

import pytest

from worker.kit.stored import Unreadable
from worker.services.collaboration import mentions, notes, shared_scorecard, tags
from worker.services.collaboration.people import Colleague, Person
from worker.services.notifications.mentions import MentionFacts, wording


def test_a_note_without_an_id_has_one_that_stays() -> None:
    older = {"user_id": 1, "user_name": "Awa", "note": "Oui", "created_at": "2026-07-01T09:00:00+00:00"}
    first, twin, other = notes.read([older, dict(reversed(older.items())), {**older, "note": "Non"}])
    assert notes.read([other, older])[1].id == first.id
    assert len({first.id, twin.id, other.id}) == 3
    assert all(notes.is_id(each.id) for each in (first, twin, other))


def test_an_id_that_two_notes_claim_is_the_firsts() -> None:
    name = "01a2b3c4-0000-7000-8000-000000000000"
    first, second = notes.read([{"id": name, "note": "a"}, {"id": name, "note": "b"}])
    assert (first.id, notes.is_id(second.id), second.id != name) == (name, True, True)
    [odd] = notes.read({"id": "0", "note": "an index is no id"})
    assert odd.id != "0"


@pytest.mark.parametrize(
    "written", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-13-01", "", 5, None, True, {}]
)
def test_a_time_that_is_none_is_none(written: Any) -> None:
    [note] = notes.read([{"note": "a", "created_at": written}])
    assert note.created_at is None


def test_what_cannot_be_loaded_is_one_note_and_no_tag() -> None:
    stored = Unreadable("is nested deeper than 200 levels")
    assert len(notes.read(stored)) == 1
    assert (tags.read(stored), shared_scorecard.read(stored)) == ([], {})


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("  A   Contacter\n", "a contacter"),
        ("ÉTÉ", "été"),
        ("E\u0301te\u0301", "été"),
        ("//C++/C#/", "c++/c#"),
        ("a//b", "a/b"),
        ("\u202eabc\x07", "abc"),
        (" / ", ""),
        ("İ", "i̇"),
    ],
)
def test_a_tag_has_one_form(text: str, kept: str) -> None:
    assert tags.clean(text) == kept
    assert tags.clean(kept) == kept


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ({"overall": 4.6}, {"overall": 4.6}),
        ({"overall": 4.6, "experience": 3}, {"experience": 3, "overall": 3.0}),
        ({"overall": 4, "experience": 3}, {"experience": 3, "overall": 4}),
        ({"overall": True, "experience": 4.0}, {"experience": 4, "overall": 4.0}),
        ({"overall": 9, "experience": 9, "motivation": 2.5}, {}),
        ({"average": 5.0, "leadership": [1]}, {"leadership": [1]}),
    ],
)
def test_a_scorecard_is_shown_as_it_can_be_understood(stored: Any, shown: Any) -> None:
    assert shared_scorecard.read(stored) == shown


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("@[Rose Mba](user:9), vois", [("@[Rose Mba](user:9)", 9, ())]),
        ("(@rose.mba)", [("@rose.mba", None, ("rose.mba",))]),
        ("@rose.mba. Et", [("@rose.mba", None, ("rose.mba",))]),
        ("@rose.mba.Et", [("@rose.mba.Et", None, ("rose.mba.Et", "rose.mba"))]),
        ("@jean-paul.n'dong", [("@jean-paul.n'dong", None, ("jean-paul.n'dong",))]),
        ('@"Rose Mba" @“Rose Mba” @« Rose Mba »', [(None, None, None)] * 3),
        ("awa@rose.mba @rose @@rose.mba x.@rose.mba", []),
        ("@[Rose\nMba](user:9) @[x](user:) @[x](user:12345678901)", []),
        ("@a.b " * 50, [("@a.b", None, ("a.b",))]),
    ],
)
def test_a_mention_is_found_as_it_is_written(text: str, meant: list[Any]) -> None:
    found = mentions.written(text)
    assert len(found) == len(meant)
    assert [(each.text, each.number, each.names) for each in found] == meant or meant[0][0] is None


def test_at_most_twenty_are_looked_for_and_none_takes_long() -> None:
    assert len(mentions.written(" ".join(f"@a.b{number}" for number in range(100)))) == mentions.MOST_MENTIONS
    for hostile in ("@" * 2000, "@a." * 600, "@[" * 1000, '@"' * 1000, "@a'" * 600):
        mentions.written(hostile)


def test_a_name_means_whoever_alone_has_it() -> None:
    staff = [
        Colleague(1, "Awa Mba", "Awa Mba"),
        Colleague(2, "Luc Ona", "Luc Ona"),
        Colleague(3, "LUC ONA", "Luc Ona"),
        Colleague(4, "", "Zoé N’Dong"),
        Colleague(5, "!!", " "),
    ]
    names = mentions.by_name(staff)
    found = mentions.resolved(mentions.written('@awa.mba @luc.ona @zoe.ndong @"Zoé N\'Dong" @[x](user:1)'), {}, names)
    assert [each.user_id for each in found.understood] == [1, 4]
    assert found.unknown == ("@luc.ona", "@[x](user:1)")


def test_what_the_page_inserts_is_understood_whatever_the_name() -> None:
    for name in ("Rose [RH]\n(Mba)", "", "]]"):
        text = mentions.by_number(Person(9, name))
        assert [each.number for each in mentions.written(text)] == [9], text


def test_a_mention_is_told_also_where_names_are_missing() -> None:
    french, english = (wording(locale, MentionFacts("", "", "R&amp;D", 1)) for locale in ("fr", "en"))
    assert french == (
        "Un collègue vous a mentionné dans une note",
        "Candidature pour « R&D ». Ouvrez-la pour lire la note et y répondre.",
    )
    assert english.title == "A colleague mentioned you in a note"
    assert "“R&D”" in english.message

"""Colleagues who are mentioned in a note, and are told.

`@[Rose Mba](user:9)` means by number, as a page writes it after its reader has picked a name; whatever stands between
the brackets. `@rose.mba` and `@"Rose Mba"` mean by name, without regard to case, accents and signs, when one colleague
alone has it. Only active employers of the company are ever meant: of all others nobody learns whether they exist.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from worker.kit.database import query
from worker.kit.ids import LARGEST_ROW_ID
from worker.services.collaboration import people
from worker.services.collaboration.people import Colleague, Person
from worker.services.notifications import mentions as notifications
from worker.services.notifications.mentions import MentionFacts

MOST_MENTIONS = 20
# An address such as awa@example.org mentions nobody.
MENTION = re.compile(
    r"""(?<![\w.@])@(?:
        \[[^\[\]\n]{1,200}\]\(user:(?P<number>[0-9]{1,10})\)
        | "(?P<straight>[^"\n]{1,200})" | “(?P<curly>[^“”\n]{1,200})” | «(?P<angled>[^«»\n]{1,200})»
        | (?P<handle>\w+(?:['’-]\w+)*(?:\.\w+(?:['’-]\w+)*)+)
    )""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Written:
    """A mention as it stands in a note: a number, or the names that it may mean, the likeliest first."""

    text: str
    number: int | None
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mentions:
    """understood: each colleague once. unknown: the other mentions as they were written."""

    understood: tuple[Person, ...] = ()
    unknown: tuple[str, ...] = ()


NONE = Mentions()


def by_number(person: Person) -> str:
    """What mentions somebody, whatever signs his name holds."""
    name = re.sub(r"[\[\]\s]+", " ", person.user_name).strip() or "?"
    return f"@[{name}](user:{person.user_id})"


def written(text: str) -> list[Written]:
    """The first 20 mentions of a note, each once."""
    found = {each.text: each for each in map(_of_match, MENTION.finditer(text))}
    return list(found.values())[:MOST_MENTIONS]


def _of_match(match: re.Match[str]) -> Written:
    if match["number"]:
        return Written(match[0], int(match["number"]))
    if handle := match["handle"]:
        return Written(match[0], None, tuple(_shortened(handle)))
    return Written(match[0], None, (match["straight"] or match["curly"] or match["angled"],))


def _shortened(handle: str) -> Iterator[str]:
    """A full stop may end the sentence: `@rose.mba.Merci`."""
    parts = handle.split(".")
    for length in range(len(parts), 1, -1):
        yield ".".join(parts[:length])


def key(name: str) -> str:
    """What two spellings of a name have in common."""
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return "".join(sign for sign in decomposed if sign.isalnum())


def by_name(colleagues: Iterable[Colleague]) -> dict[str, Person]:
    """Those names that one colleague alone has."""
    found: defaultdict[str, dict[int, Person]] = defaultdict(dict)
    for each in colleagues:
        for name in {key(each.user_name), key(each.full_name)} - {""}:
            found[name][each.user_id] = each.person
    return {name: next(iter(persons.values())) for name, persons in found.items() if len(persons) == 1}


def understand(connection: Connection, company_id: int, text: str) -> Mentions:
    """Whom a note means, among the active employers of the company."""
    found = written(text)
    if not found:
        return NONE
    ids = [each.number for each in found if each.number is not None and each.number <= LARGEST_ROW_ID]
    numbers = {each.user_id: each for each in people.colleagues_of_ids(connection, company_id, ids)} if ids else {}
    is_named = any(each.names for each in found)
    names = by_name(people.colleagues(connection, company_id)) if is_named else {}
    return resolved(found, numbers, names)


def resolved(found: Iterable[Written], numbers: Mapping[int, Person], names: Mapping[str, Person]) -> Mentions:
    understood: dict[int, Person] = {}
    unknown = []
    for each in found:
        known = (names[key(name)] for name in each.names if key(name) in names)
        person = numbers.get(each.number) if each.number is not None else next(known, None)
        if person is None:
            unknown.append(each.text)
        else:
            understood[person.user_id] = person
    return Mentions(tuple(understood.values()), tuple(unknown))


def tell(connection: Connection, application_id: int, author: Person, mentions: Mentions) -> None:
    """Let those who were mentioned know; whoever mentions himself knows."""
    told = [each.user_id for each in mentions.understood if each.user_id != author.user_id]
    if told:
        notifications.tell(connection, told, _facts(connection, application_id, author))


def _facts(connection: Connection, application_id: int, author: Person) -> MentionFacts:
    [row] = query(
        connection,
        f"""
        select {people.NAME} as candidate, j.title as offer from job_applications a
          join jobs j on j.id = a.job_id
          left join candidates c on c.id = a.candidate_id left join users u on u.id = c.user_id
         where a.id = %s
        """,
        (application_id,),
    )
    return MentionFacts(author.user_name, row["candidate"], row["offer"], application_id)

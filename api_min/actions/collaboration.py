"""What the people of a company note, rate and tag on the applications to its offers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from api_min.actions.company_applications import look, user_of, write, write_prepared
from api_min.actions.once import Repeatable
from api_min.auth import Caller
from api_min.errors import ApiError, existing
from worker.kit.database import Row
from worker.services.collaboration import (
    changes,
    mentions,
    notes,
    people,
    ratings,
    rows,
    shared_scorecard,
    tags,
)
from worker.services.collaboration.mentions import Mentions
from worker.services.collaboration.notes import Note, NotTheAuthor, TooManyNotes
from worker.services.collaboration.people import Person
from worker.services.collaboration.rows import Application
from worker.services.collaboration.tags import TagRefused

NO_NOTE = "Note not found"
NOT_YOUR_NOTE = "You can only delete your own notes"


@dataclass(frozen=True, slots=True)
class AddedNote:
    """total: how many notes the application has now."""

    note: Note
    total: int
    mentions: Mentions


@dataclass(frozen=True, slots=True)
class Collaboration:
    """All that was said about an application. scorecard: None where nobody has filled one in."""

    notes: Sequence[Note]
    rating: int | None
    tags: Sequence[str]
    scorecard: Mapping[str, Any] | None


def list_notes(caller: Caller, application_id: int, *, limit: int, offset: int) -> tuple[Sequence[Note], int]:
    """The oldest first, with how many there are in all. Raises ApiError 403 and 404."""
    found = look(caller, application_id, lambda connection, _: notes.find(connection, application_id))
    return found[offset : offset + limit], len(found)


def add_note(caller: Caller, application_id: int, text: str, request: Repeatable[AddedNote]) -> AddedNote:
    """Raises ApiError 400, 403, 404, 409 for an application with as many notes as it may have, and 429."""

    def work(connection: Connection, application: Application) -> AddedNote:
        author = people.author(connection, user_of(caller))
        try:
            note, total = notes.append(connection, application.id, author, text)
        except TooManyNotes:
            raise ApiError(
                409, f"This application has {notes.MOST_NOTES} notes, the most there may be; delete one first."
            ) from None
        found = mentions.understand(connection, application.company_id, text)
        mentions.tell(connection, application.id, author, found)
        return AddedNote(note, total, found)

    return write(caller, application_id, request, work)


def delete_note(caller: Caller, application_id: int, place: int | str, request: Repeatable[None]) -> None:
    """place: an index of the list as it is when the request comes, or an id.

    Raises ApiError 400, 403 for a note of somebody else, 404 and 429.
    """

    def prepare(connection: Connection, application: Application) -> Callable[[], None]:
        note_id = existing(notes.meant(connection, application.id, place), NO_NOTE)
        return lambda: _delete(connection, application.id, user_of(caller), note_id)

    write_prepared(caller, application_id, request, prepare)


def _delete(connection: Connection, application_id: int, user_id: int, note_id: str) -> None:
    try:
        if not notes.delete(connection, application_id, user_id, note_id):
            raise ApiError(404, NO_NOTE)
    except NotTheAuthor:
        raise ApiError(403, NOT_YOUR_NOTE) from None


def rate(caller: Caller, application_id: int, rating: int, request: Repeatable[int]) -> int:
    """Raises ApiError 400, 403, 404 and 429."""

    def work(connection: Connection, application: Application) -> int:
        return ratings.rate(connection, application.id, user_of(caller), rating)

    return write(caller, application_id, request, work)


def list_tags(caller: Caller, application_id: int) -> list[str]:
    """Raises ApiError 403 and 404."""
    return look(caller, application_id, lambda connection, _: tags.find(connection, application_id))


def replace_tags(caller: Caller, application_id: int, new: Sequence[str], request: Repeatable[list[str]]) -> list[str]:
    """new: as `tags.several` gives them. Raises ApiError 400, 403, 404 and 429."""

    def work(connection: Connection, application: Application) -> list[str]:
        return tags.replace(connection, application.id, user_of(caller), new)

    return write(caller, application_id, request, work)


def add_tag(caller: Caller, application_id: int, text: str, request: Repeatable[list[str]]) -> list[str]:
    """Raises ApiError 400 for a blank one, 403, 404, 422 for one that is too long or one too many, and 429."""

    def work(connection: Connection, application: Application) -> list[str]:
        try:
            return tags.add(connection, application.id, user_of(caller), tags.checked(text))
        except TagRefused as error:
            raise _refused(error) from None

    return write(caller, application_id, request, work)


def remove_tag(caller: Caller, application_id: int, text: str, request: Repeatable[None]) -> None:
    """Harmless when it is not there. Raises ApiError 400, 403, 404 and 429."""

    def work(connection: Connection, application: Application) -> None:
        tags.remove(connection, application.id, user_of(caller), tags.clean(text))

    write(caller, application_id, request, work)


def _refused(error: TagRefused) -> ApiError:
    sentence = str(error)
    return ApiError(400, sentence) if error.is_blank else ApiError(422, sentence, errors=[_fault(sentence)])


def _fault(sentence: str) -> Mapping[str, Any]:
    return {"loc": ["path", "tag"], "msg": sentence}


def show_scorecard(caller: Caller, application_id: int) -> tuple[Mapping[str, Any], int | None]:
    """The scorecard and the rating. Raises ApiError 403 and 404."""

    def read(connection: Connection, application: Application) -> tuple[Mapping[str, Any], int | None]:
        return shared_scorecard.find(connection, application.id), ratings.find(connection, application.id)

    return look(caller, application_id, read)


def change_scorecard(
    caller: Caller, application_id: int, given: Mapping[str, int | None], request: Repeatable[Mapping[str, Any]]
) -> Mapping[str, Any]:
    """given: scores by name; None takes one away. Raises ApiError 400, 403, 404 and 429."""

    def work(connection: Connection, application: Application) -> Mapping[str, Any]:
        return shared_scorecard.change(connection, application.id, user_of(caller), given)

    return write(caller, application_id, request, work)


def show(caller: Caller, application_id: int) -> Collaboration:
    """Raises ApiError 403 and 404."""

    def read(connection: Connection, application: Application) -> Collaboration:
        row = rows.columns(connection, application.id, "recruiter_notes", "rating", "tags", "scorecard")
        card = shared_scorecard.read(row["scorecard"]) if row["scorecard"] is not None else None
        return Collaboration(notes.read(row["recruiter_notes"]), row["rating"], tags.read(row["tags"]), card)

    return look(caller, application_id, read)


def list_colleagues(
    caller: Caller, application_id: int, search: str, *, limit: int, offset: int
) -> tuple[list[Person], int]:
    """Whom a note on the application may mention, by name. Raises ApiError 403 and 404."""

    def read(connection: Connection, application: Application) -> tuple[list[Person], int]:
        return people.page(connection, application.company_id, search, limit=limit, offset=offset)

    return look(caller, application_id, read)


def list_changes(caller: Caller, application_id: int, *, limit: int, offset: int) -> tuple[Sequence[Row], int]:
    """The latest first. Raises ApiError 403 and 404."""

    def read(connection: Connection, application: Application) -> tuple[Sequence[Row], int]:
        return changes.find(connection, application.id, limit=limit, offset=offset)

    return look(caller, application_id, read)

"""Notes, rating, tags and scorecard of an application, shared by the people of a company."""

from functools import partial
from typing import Any

from flask import Response
from flask_openapi.blueprint import APIBlueprint

from api_min.actions import collaboration
from api_min.actions.collaboration import AddedNote
from api_min.answers import json_response, no_content
from api_min.auth import access, caller
from api_min.idempotency import once
from api_min.schemas.ats import PageQuery
from api_min.schemas.collaboration import (
    ApplicationPath,
    ChangeList,
    Collaboration,
    ColleagueList,
    ColleagueQuery,
    NewNote,
    NewRating,
    NewTags,
    NoteAdded,
    NoteList,
    NotePath,
    Rated,
    ScorecardChanges,
    ScorecardOfApplication,
    ScorecardSaved,
    Tagged,
    TagList,
    TagPath,
)
from api_min.schemas.common import GUARDED, WITH_BODY, problems
from worker.services.collaboration import mentions
from worker.services.collaboration.notes import Note
from worker.services.collaboration.people import Person

PREFIX = "/api/applications"
ONE = (*GUARDED, 404, 422)
WRITING = (*WITH_BODY, 400, 404, 409)
CHANGING = (*ONE, 400, 409)

api = APIBlueprint("collaboration", __name__, url_prefix=PREFIX, abp_security=[{"bearer": []}])


@api.get("/<application_id>/notes", summary="Notes on an application", responses={200: NoteList, **problems(*ONE)})
@access(roles=("employer",))
def list_notes(path: ApplicationPath, query: PageQuery) -> Response:
    """The oldest first. X-Total-Count tells how many there are in all."""
    found, total = collaboration.list_notes(caller(), path.application_id, limit=query.limit, offset=query.offset)
    return _page([_note(each) for each in found], total)


@api.post("/<application_id>/notes", summary="Add a note", responses={201: NoteAdded, **problems(*WRITING)})
@access(roles=("employer",))
def add_note(path: ApplicationPath, body: NewNote) -> Response:
    """In the name of the caller. Colleagues whom it mentions are told, and nobody else is. At most 500 notes."""
    return once(partial(collaboration.add_note, caller(), path.application_id, body.note), _added)


@api.delete("/<application_id>/notes/<note_id>", summary="Delete a note", responses={204: None, **problems(*CHANGING)})
@access(roles=("employer",))
def delete_note(path: NotePath) -> Response:
    """Only one's own. An index means the note that stands there when the request comes, whatever others delete
    meanwhile; who shows a list to people gives the note's id.
    """
    return once(partial(collaboration.delete_note, caller(), path.application_id, path.note_id), no_content)


@api.patch("/<application_id>/rating", summary="Rate an application", responses={200: Rated, **problems(*WRITING)})
@access(roles=("employer",))
def rate(path: ApplicationPath, body: NewRating) -> Response:
    """1 to 5 stars."""
    return once(
        partial(collaboration.rate, caller(), path.application_id, body.rating),
        lambda rating: json_response({"message": "Rating updated successfully", "rating": rating}),
    )


@api.get("/<application_id>/tags", summary="Tags of an application", responses={200: TagList, **problems(*ONE)})
@access(roles=("employer",))
def list_tags(path: ApplicationPath) -> Response:
    found = collaboration.list_tags(caller(), path.application_id)
    return json_response({"application_id": path.application_id, "tags": found})


@api.patch("/<application_id>/tags", summary="Replace all tags", responses={200: Tagged, **problems(*WRITING)})
@access(roles=("employer",))
def replace_tags(path: ApplicationPath, body: NewTags) -> Response:
    """Kept in lower case and in this order, without blank ones and doubles."""
    return once(
        partial(collaboration.replace_tags, caller(), path.application_id, body.tags),
        lambda found: json_response({"message": "Tags updated successfully", "tags": found}),
    )


@api.post("/<application_id>/tags/<path:tag>", summary="Add a tag", responses={200: Tagged, **problems(*CHANGING)})
@access(roles=("employer",))
def add_tag(path: TagPath) -> Response:
    """One that is there already stays once. 400 for a blank one."""
    return once(
        partial(collaboration.add_tag, caller(), path.application_id, path.tag),
        lambda found: json_response({"message": "Tag added successfully", "tags": found}),
    )


@api.delete("/<application_id>/tags/<path:tag>", summary="Remove a tag", responses={204: None, **problems(*CHANGING)})
@access(roles=("employer",))
def remove_tag(path: TagPath) -> Response:
    """204 as well when it is not there."""
    return once(partial(collaboration.remove_tag, caller(), path.application_id, path.tag), no_content)


@api.get(
    "/<application_id>/scorecard",
    summary="Scorecard of an application",
    responses={200: ScorecardOfApplication, **problems(*ONE)},
)
@access(roles=("employer",))
def show_scorecard(path: ApplicationPath) -> Response:
    card, rating = collaboration.show_scorecard(caller(), path.application_id)
    return json_response({"application_id": path.application_id, "scorecard": card, "rating": rating})


@api.patch(
    "/<application_id>/scorecard",
    summary="Fill in the scorecard",
    responses={200: ScorecardSaved, **problems(*WRITING)},
)
@access(roles=("employer",))
def change_scorecard(path: ApplicationPath, body: ScorecardChanges) -> Response:
    """Scores of 1 to 5 are merged into it. `average` is the mean of the criteria from three on, `overall` that mean too
    until somebody gives one.
    """
    given = {name: getattr(body, name) for name in body.model_fields_set}
    return once(
        partial(collaboration.change_scorecard, caller(), path.application_id, given),
        lambda card: json_response({"message": "Scorecard updated successfully", "scorecard": card}),
    )


@api.get(
    "/<application_id>/collaboration",
    summary="All that was said about an application",
    responses={200: Collaboration, **problems(*ONE)},
)
@access(roles=("employer",))
def show(path: ApplicationPath) -> Response:
    found = collaboration.show(caller(), path.application_id)
    return json_response(
        {
            "application_id": path.application_id,
            "recruiter_notes": [_note(each) for each in found.notes],
            "rating": found.rating,
            "tags": found.tags,
            "scorecard": found.scorecard,
        }
    )


@api.get(
    "/<application_id>/collaboration/colleagues",
    summary="Whom a note may mention",
    responses={200: ColleagueList, **problems(*ONE)},
)
@access(roles=("employer",))
def list_colleagues(path: ApplicationPath, query: ColleagueQuery) -> Response:
    """Active employers of the company, by name. X-Total-Count tells how many there are in all."""
    found, total = collaboration.list_colleagues(
        caller(), path.application_id, query.search, limit=query.limit, offset=query.offset
    )
    return _page([{**_person(each), "mention": mentions.by_number(each)} for each in found], total)


@api.get("/<application_id>/history", summary="Who changed what", responses={200: ChangeList, **problems(*ONE)})
@access(roles=("employer",))
def list_changes(path: ApplicationPath, query: PageQuery) -> Response:
    """Of rating, tags and scorecard, and notes that were deleted; the latest first. X-Total-Count tells how many there
    are in all.
    """
    found, total = collaboration.list_changes(caller(), path.application_id, limit=query.limit, offset=query.offset)
    return _page(found, total)


def _page(found: Any, total: int) -> Response:
    return json_response(found, headers={"X-Total-Count": str(total)})


def _note(note: Note) -> dict[str, Any]:
    return {
        "id": note.id,
        "index": note.index,
        "user_id": note.user_id,
        "user_name": note.user_name,
        "note": note.note,
        "created_at": note.created_at,
        "timestamp": note.created_at,
    }


def _person(person: Person) -> dict[str, Any]:
    return {"user_id": person.user_id, "user_name": person.user_name}


def _added(added: AddedNote) -> Response:
    return json_response(
        {
            "message": "Note added successfully",
            "note": _note(added.note),
            "total_notes": added.total,
            "mentions": [_person(each) for each in added.mentions.understood],
            "unknown_mentions": added.mentions.unknown,
        },
        201,
    )

"""A company's e-mail templates: kept, listed, chosen as default, copied, restored, counted."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from flask import Response
from flask_openapi.blueprint import APIBlueprint
from sqlalchemy import Connection

from api_min.answers import json_response
from api_min.auth import access, caller
from api_min.context import context
from api_min.errors import ApiError, invalid_places
from api_min.idempotency import Work, once
from api_min.limits import check_limit
from api_min.people import Employer, employer
from api_min.schemas.ats import PageQuery
from api_min.schemas.common import GUARDED, WITH_BODY, problems
from api_min.schemas.email_templates import (
    NOT_FOUND,
    BuiltInList,
    KindPath,
    LocaleQuery,
    NewTemplate,
    SavedTemplate,
    Template,
    TemplateChanges,
    TemplateList,
    TemplatePath,
    TemplateQuery,
    Usage,
    VariableList,
    VariablesQuery,
    VersionList,
    VersionPath,
)
from models.enums import TemplateType
from worker.services.email import library, template_rules, template_store, variables
from worker.services.email.template_rows import TemplateView
from worker.services.email.template_rules import InvalidTemplate
from worker.services.email.template_store import TemplateFilter, TooMany

PREFIX = "/api/email-templates"
WRITES = "60 per minute"
READING = (*GUARDED, 404)
WRITING = (*WITH_BODY, 404, 409)
ONE = (*READING, 422)
COPIED = ("name", "subject", "body", "is_active", "is_default", "locale", "body_format")

T = TypeVar("T")

api = APIBlueprint("email_templates", __name__, url_prefix=PREFIX, abp_security=[{"bearer": []}])


@api.post("", summary="Save a template", responses={201: SavedTemplate, **problems(*WRITING, 400, 409)})
@access(roles=("employer",))
def create(body: NewTemplate) -> Response:
    """A new default steps in front of the one before. A name that no type has, or that is misspelt, is refused with the
    closest one; `warnings` tell what is accepted and may not be what was meant.
    """
    new = template_store.NewTemplate(kind=body.type, **{name: getattr(body, name) for name in COPIED})
    most = context().settings.templates_per_company

    def work(connection: Connection, who: Employer) -> Response:
        made = template_store.create(connection, who.company, new, author=who.user_id, most=most)
        return json_response(saved(made), 201)

    return write(work)


@api.get("", summary="The company's templates", responses={200: TemplateList, **problems(*ONE)})
@access(roles=("employer",))
def list_all(query: TemplateQuery) -> Response:
    """By type, the default first, then by name. X-Total-Count tells how many there are in all. A page holds about a
    megabyte of texts at most: `offset` goes on behind what came.
    """
    wanted = TemplateFilter(query.type, query.is_active, query.locale)
    with context().database.transaction() as connection:
        company_id = employer(connection).readable_company
        found, total = template_store.find(connection, company_id, wanted, limit=query.limit, offset=query.offset)
    return json_response([shown(each) for each in found], headers={"X-Total-Count": str(total)})


@api.get("/variables", summary="Names that a template may use", responses={200: VariableList, **problems(*ONE)})
@access(roles=("employer",))
def list_variables(query: VariablesQuery) -> Response:
    with context().database.transaction() as connection:
        employer(connection)
    offered = variables.declared(query.type or TemplateType.CUSTOM)
    details = [_variable(each, query.locale) for each in offered]
    return json_response(
        {
            "variables": [f"{{{each['name']}}}" for each in details],
            "descriptions": {f"{{{each['name']}}}": each["description"] for each in details},
            "details": details,
        }
    )


def _variable(variable: variables.Variable, locale: str) -> dict[str, Any]:
    return {
        "name": variable.name,
        "required": variable.required,
        "default": variables.in_locale(variable.default, locale) if variable.default else None,
        "sample": variables.in_locale(variable.sample, locale),
        "description": variables.in_locale(variable.description, locale),
    }


@api.get(
    "/defaults", summary="The templates that come with the platform", responses={200: BuiltInList, **problems(*ONE)}
)
@access(roles=("employer",))
def list_defaults(query: LocaleQuery) -> Response:
    with context().database.transaction() as connection:
        owned = template_store.owned_kinds(connection, employer(connection).readable_company)
    return json_response(
        [
            {
                "type": each.kind,
                "name": each.name,
                "subject": each.subject,
                "body": each.body,
                "already_activated": each.kind in owned,
                "locale": each.locale,
            }
            for each in library.built_ins(query.locale)
        ]
    )


@api.post(
    "/defaults/<type>/activate",
    summary="Use a template that comes with the platform",
    responses={201: SavedTemplate, **problems(*ONE, 400, 409)},
)
@access(roles=("employer",))
def activate(path: KindPath, query: LocaleQuery) -> Response:
    """Copied as the active default of its type; the copy from before, as it now reads, when there is one."""
    ours = library.built_in(path.type, query.locale)
    most = context().settings.templates_per_company

    def work(connection: Connection, who: Employer) -> Response:
        made = template_store.activate(connection, who.company, ours, author=who.user_id, most=most)
        return json_response(saved(made), 201)

    return write(work)


@api.get("/stats/usage", summary="How much the templates are used", responses={200: Usage, **problems(*READING)})
@access(roles=("employer",))
def show_usage() -> Response:
    with context().database.transaction() as connection:
        counts = template_store.usage(connection, employer(connection).readable_company)
    return json_response(_usage(counts))


def _usage(counts: Mapping[str, Any]) -> dict[str, Any]:
    most = counts["most"]
    return {
        "total_templates": counts["total"],
        "active_templates": counts["active"],
        "inactive_templates": counts["total"] - counts["active"],
        "total_usage": counts["used"],
        "most_used_template": most,
        "by_type": counts["by_kind"],
        "default_templates_count": counts["defaults"],
        "most_used": most and {"template_id": most["id"], "name": most["name"], "usage_count": most["usage_count"]},
    }


@api.get("/<template_id>", summary="One template", responses={200: Template, **problems(*ONE)})
@access(roles=("employer",))
def show(path: TemplatePath) -> Response:
    return json_response(shown(read_template(path.template_id)))


@api.put("/<template_id>", summary="Change a template", responses={200: SavedTemplate, **problems(*WRITING, 400)})
@access(roles=("employer",))
def replace_template(path: TemplatePath, body: TemplateChanges) -> Response:
    """As PATCH: what is left out stays as it is."""
    return _change(path.template_id, body)


@api.patch(
    "/<template_id>", summary="Change parts of a template", responses={200: SavedTemplate, **problems(*WRITING, 400)}
)
@access(roles=("employer",))
def change(path: TemplatePath, body: TemplateChanges) -> Response:
    """A change of type, language, subject or body makes a new version; mails under way keep the one they have."""
    return _change(path.template_id, body)


def _change(template_id: int, body: TemplateChanges) -> Response:
    given = body.model_dump(exclude_unset=True)
    if "type" in given:
        given["kind"] = given.pop("type")
    return _changed(template_id, given)


def _changed(template_id: int, changes: Mapping[str, Any]) -> Response:
    def work(connection: Connection, who: Employer) -> Response:
        made = template_store.change(connection, who.company, template_id, changes, author=who.user_id)
        return json_response(saved(existing(made)))

    return write(work)


@api.delete("/<template_id>", summary="Delete a template", responses={204: None, **problems(*ONE, 400, 409)})
@access(roles=("employer",))
def delete(path: TemplatePath) -> Response:
    """Mails that were written with it, and its versions, are kept."""

    def work(connection: Connection, who: Employer) -> Response:
        if not template_store.delete(connection, who.company, path.template_id):
            raise ApiError(404, NOT_FOUND)
        return Response(status=204)

    return write(work)


@api.patch(
    "/<template_id>/set-default",
    summary="Make a template the default of its type",
    responses={200: SavedTemplate, **problems(*ONE, 400, 409)},
)
@access(roles=("employer",))
def set_default(path: TemplatePath) -> Response:
    """And active, for an inactive default would never be used. The default before it steps back."""
    return _changed(path.template_id, {"is_default": True, "is_active": True})


@api.post(
    "/<template_id>/duplicate", summary="Copy a template", responses={200: SavedTemplate, **problems(*ONE, 400, 409)}
)
@access(roles=("employer",))
def duplicate(path: TemplatePath) -> Response:
    """Active, not the default, never used; its name ends in (Copie)."""
    most, number = context().settings.templates_per_company, path.template_id

    def work(connection: Connection, who: Employer) -> Response:
        made = template_store.duplicate(connection, who.company, number, author=who.user_id, most=most)
        return json_response(saved(existing(made)))

    return write(work)


@api.get(
    "/<template_id>/versions", summary="What a template said before", responses={200: VersionList, **problems(*ONE)}
)
@access(roles=("employer",))
def list_versions(path: TemplatePath, query: PageQuery) -> Response:
    """Newest first: the last 20, and every older one that a mail was written with; in pages like the templates."""
    with context().database.transaction() as connection:
        company_id = employer(connection).readable_company
        current = existing(template_store.get(connection, company_id, path.template_id))
        found, total = template_store.versions(connection, current.id, limit=query.limit, offset=query.offset)
    return json_response(
        [
            {
                **{name: getattr(each, name) for name in ("version", "locale", "subject", "body", "body_format")},
                "type": each.kind,
                "created_at": each.created_at,
                "created_by_user_id": each.author_user_id,
                "is_current": each.version == current.version,
            }
            for each in found
        ],
        headers={"X-Total-Count": str(total)},
    )


@api.post(
    "/<template_id>/versions/<version>/restore",
    summary="Bring a version back",
    responses={200: SavedTemplate, **problems(*ONE, 400, 409)},
)
@access(roles=("employer",))
def restore(path: VersionPath) -> Response:
    """As a new version: none is ever lost or changed."""

    def work(connection: Connection, who: Employer) -> Response:
        existing(template_store.get(connection, who.company, path.template_id))
        made = template_store.restore(connection, who.company, path.template_id, path.version, author=who.user_id)
        return json_response(saved(existing(made, "Version not found")))

    return write(work)


def shown(view: TemplateView) -> dict[str, Any]:
    names = (name for name in Template.model_fields if name != "type")
    return {**{name: getattr(view, name) for name in names}, "type": view.kind}


def saved(view: TemplateView) -> dict[str, Any]:
    return {**shown(view), "warnings": template_rules.warnings(view.draft())}


def existing(found: T | None, sentence: str = NOT_FOUND) -> T:
    """What was found. Raises ApiError 404."""
    if found is None:
        raise ApiError(404, sentence)
    return found


def read_template(template_id: int) -> TemplateView:
    """A template of the caller's company. Raises ApiError 404."""
    with context().database.transaction() as connection:
        company_id = employer(connection).readable_company
        return existing(template_store.get(connection, company_id, template_id))


def write(work: Callable[[Connection, Employer], Response]) -> Response:
    """Do `work` for the calling employer in one transaction, once per key. Raises ApiError 400, 404, 409, 422, 429."""

    def prepare() -> Work:
        check_limit(WRITES, "writes", caller().name)
        return for_employer

    def for_employer(connection: Connection) -> Response:
        who = employer(connection)
        _ = who.company
        return work(connection, who)

    try:
        return once(prepare)
    except InvalidTemplate as error:
        faults = [{"loc": ["body", fault.member], "msg": fault.sentence} for fault in error.faults]
        raise invalid_places(faults) from None
    except TooMany as error:
        raise ApiError(409, str(error)) from None

"""A company's e-mail templates: kept, listed, chosen as default, copied, restored, counted."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from flask import Response
from flask_openapi.blueprint import APIBlueprint

from api_min.actions import email_templates
from api_min.answers import json_response, no_content
from api_min.auth import access, caller
from api_min.idempotency import once
from api_min.schemas.ats import PageQuery
from api_min.schemas.common import GUARDED, WITH_BODY, problems
from api_min.schemas.email_templates import (
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
from worker.kit.localisation import translate
from worker.services.email.templating import template_changes
from worker.services.email.templating.template_rows import TemplateView
from worker.services.email.templating.template_store import TemplateFilter
from worker.services.email.wording import variables

PREFIX = "/api/email-templates"
READING = (*GUARDED, 404)
WRITING = (*WITH_BODY, 404, 409)
ONE = (*READING, 422)
COPIED = ("name", "subject", "body", "is_active", "is_default", "locale", "body_format")

api = APIBlueprint("email_templates", __name__, url_prefix=PREFIX, abp_security=[{"bearer": []}])


@api.post("", summary="Save a template", responses={201: SavedTemplate, **problems(*WRITING, 400, 409)})
@access(roles=("employer",))
def create(body: NewTemplate) -> Response:
    """A new default steps in front of the one before. A name that no type has, or that is misspelt, is refused with the
    closest one; `warnings` tell what is accepted and may not be what was meant.
    """
    new = template_changes.NewTemplate(kind=body.type, **{name: getattr(body, name) for name in COPIED})
    return once(partial(email_templates.create, caller(), new), partial(_saved, status=201))


@api.get("", summary="The company's templates", responses={200: TemplateList, **problems(*ONE)})
@access(roles=("employer",))
def list_all(query: TemplateQuery) -> Response:
    """By type, the default first, then by name. X-Total-Count tells how many there are in all. A page holds about a
    megabyte of texts at most: `offset` goes on behind what came.
    """
    wanted = TemplateFilter(query.type, query.is_active, query.locale)
    found, total = email_templates.find(caller(), wanted, limit=query.limit, offset=query.offset)
    return json_response([shown(each) for each in found], headers={"X-Total-Count": str(total)})


@api.get("/variables", summary="Names that a template may use", responses={200: VariableList, **problems(*ONE)})
@access(roles=("employer",))
def list_variables(query: VariablesQuery) -> Response:
    offered = email_templates.list_variables(caller(), query.type or TemplateType.CUSTOM)
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
        "default": None if variable.default is None else translate(locale, variable.default),
        "sample": translate(locale, variable.sample),
        "description": translate(locale, variable.description),
    }


@api.get(
    "/defaults", summary="The templates that come with the platform", responses={200: BuiltInList, **problems(*ONE)}
)
@access(roles=("employer",))
def list_defaults(query: LocaleQuery) -> Response:
    return json_response(
        [
            {
                "type": each.kind,
                "name": each.name,
                "subject": each.subject,
                "body": each.body,
                "already_activated": activated,
                "locale": each.locale,
            }
            for each, activated in email_templates.list_built_ins(caller(), query.locale)
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
    return once(partial(email_templates.activate, caller(), path.type, query.locale), partial(_saved, status=201))


@api.get("/stats/usage", summary="How much the templates are used", responses={200: Usage, **problems(*READING)})
@access(roles=("employer",))
def show_usage() -> Response:
    return json_response(_usage(email_templates.usage(caller())))


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
    return json_response(shown(email_templates.get(caller(), path.template_id)))


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
    return once(partial(email_templates.change, caller(), template_id, given), _saved)


@api.delete("/<template_id>", summary="Delete a template", responses={204: None, **problems(*ONE, 400, 409)})
@access(roles=("employer",))
def delete(path: TemplatePath) -> Response:
    """Mails that were written with it, and its versions, are kept."""
    return once(partial(email_templates.delete, caller(), path.template_id), no_content)


@api.patch(
    "/<template_id>/set-default",
    summary="Make a template the default of its type",
    responses={200: SavedTemplate, **problems(*ONE, 400, 409)},
)
@access(roles=("employer",))
def set_default(path: TemplatePath) -> Response:
    """And active, for an inactive default would never be used. The default before it steps back."""
    return once(partial(email_templates.set_default, caller(), path.template_id), _saved)


@api.post(
    "/<template_id>/duplicate", summary="Copy a template", responses={200: SavedTemplate, **problems(*ONE, 400, 409)}
)
@access(roles=("employer",))
def duplicate(path: TemplatePath) -> Response:
    """Active, not the default, never used; its name ends in (Copie)."""
    return once(partial(email_templates.duplicate, caller(), path.template_id), _saved)


@api.get(
    "/<template_id>/versions", summary="What a template said before", responses={200: VersionList, **problems(*ONE)}
)
@access(roles=("employer",))
def list_versions(path: TemplatePath, query: PageQuery) -> Response:
    """Newest first: the last 20, and every older one that a mail was written with; in pages like the templates."""
    found = email_templates.list_versions(caller(), path.template_id, limit=query.limit, offset=query.offset)
    return json_response(
        [
            {
                **{name: getattr(each, name) for name in ("version", "locale", "subject", "body", "body_format")},
                "type": each.kind,
                "created_at": each.created_at,
                "created_by_user_id": each.author_user_id,
                "is_current": each.version == found.current,
            }
            for each in found.versions
        ],
        headers={"X-Total-Count": str(found.total)},
    )


@api.post(
    "/<template_id>/versions/<version>/restore",
    summary="Bring a version back",
    responses={200: SavedTemplate, **problems(*ONE, 400, 409)},
)
@access(roles=("employer",))
def restore(path: VersionPath) -> Response:
    """As a new version: none is ever lost or changed."""
    return once(partial(email_templates.restore, caller(), path.template_id, path.version), _saved)


def shown(view: TemplateView) -> dict[str, Any]:
    names = (name for name in Template.model_fields if name != "type")
    return {**{name: getattr(view, name) for name in names}, "type": view.kind}


def _saved(made: email_templates.Saved, status: int = 200) -> Response:
    return json_response({**shown(made.template), "warnings": made.warnings}, status)

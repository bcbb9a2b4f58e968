"""A company's e-mail templates: kept, listed, chosen as default, copied, restored, counted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection

from api_min.actions.once import Repeatable, Work, write_once
from api_min.actions.profiles import Employer, employer
from api_min.auth import Caller
from api_min.context import context
from api_min.errors import NO_TEMPLATE, ApiError, existing, invalid_places
from api_min.limits import check_write_limit
from models.enums import TemplateType
from worker.services.email.templating import library, template_changes, template_rules, template_store
from worker.services.email.templating.library import BuiltIn
from worker.services.email.templating.template_changes import NewTemplate, TooMany
from worker.services.email.templating.template_rows import TemplateView, VersionView
from worker.services.email.templating.template_rules import InvalidTemplate
from worker.services.email.templating.template_store import TemplateFilter
from worker.services.email.wording import variables
from worker.services.email.wording.variables import Variable

T = TypeVar("T")
Change = Callable[[Connection, Employer], TemplateView | None]


@dataclass(frozen=True, slots=True)
class Saved:
    """A template as it now reads. warnings: what is accepted and may not be what was meant."""

    template: TemplateView
    warnings: tuple[str, ...]


def create(caller: Caller, new: NewTemplate, request: Repeatable[Saved]) -> Saved:
    """Raises ApiError 400, 409, 422 and 429."""
    most = context().settings.templates_per_company
    return _save(
        caller,
        request,
        lambda connection, who: template_changes.create(connection, who.company, new, author=who.user_id, most=most),
    )


def find(caller: Caller, wanted: TemplateFilter, *, limit: int, offset: int) -> tuple[list[TemplateView], int]:
    """By type, the default first, then by name; with how many there are in all."""
    with context().database.transaction() as connection:
        company_id = employer(connection, caller).readable_company
        return template_store.find(connection, company_id, wanted, limit=limit, offset=offset)


def get(caller: Caller, template_id: int) -> TemplateView:
    """Raises ApiError 404."""
    with context().database.transaction() as connection:
        return find_template(connection, employer(connection, caller).readable_company, template_id)


def find_template(connection: Connection, company_id: int, template_id: int) -> TemplateView:
    """A template of the company. Raises ApiError 404."""
    return existing(template_store.get(connection, company_id, template_id), NO_TEMPLATE)


def list_variables(caller: Caller, kind: TemplateType) -> tuple[Variable, ...]:
    """What a template of this type may name. Raises ApiError 404 for who is no employer."""
    with context().database.transaction() as connection:
        employer(connection, caller)
    return tuple(variables.declared(kind))


def list_built_ins(caller: Caller, locale: str) -> list[tuple[BuiltIn, bool]]:
    """The templates that come with the platform, each with whether the company has activated it."""
    with context().database.transaction() as connection:
        owned = template_store.owned_kinds(connection, employer(connection, caller).readable_company)
    return [(each, each.kind in owned) for each in library.built_ins(locale)]


def activate(caller: Caller, kind: TemplateType, locale: str, request: Repeatable[Saved]) -> Saved:
    """A built-in template, copied as the active default of its type; the copy from before when there is one."""
    ours = library.built_in(kind, locale)
    most = context().settings.templates_per_company
    return _save(
        caller,
        request,
        lambda connection, who: template_changes.activate(connection, who.company, ours, author=who.user_id, most=most),
    )


def usage(caller: Caller) -> Mapping[str, Any]:
    """As `template_store.usage`."""
    with context().database.transaction() as connection:
        return template_store.usage(connection, employer(connection, caller).readable_company)


def change(caller: Caller, template_id: int, changes: Mapping[str, Any], request: Repeatable[Saved]) -> Saved:
    """changes: members of TemplateView. Raises ApiError 400, 404, 422 and 429."""
    return _save(
        caller,
        request,
        lambda connection, who: template_changes.change(
            connection, who.company, template_id, changes, author=who.user_id
        ),
    )


def set_default(caller: Caller, template_id: int, request: Repeatable[Saved]) -> Saved:
    """And active, for an inactive default would never be used."""
    return change(caller, template_id, {"is_default": True, "is_active": True}, request)


def delete(caller: Caller, template_id: int, request: Repeatable[None]) -> None:
    """Raises ApiError 400, 404 and 429."""

    def work(connection: Connection, who: Employer) -> None:
        if not template_changes.delete(connection, who.company, template_id):
            raise ApiError(404, NO_TEMPLATE)

    _write(caller, request, work)


def duplicate(caller: Caller, template_id: int, request: Repeatable[Saved]) -> Saved:
    """Active, not the default, never used. Raises ApiError 400, 404, 409 and 429."""
    most = context().settings.templates_per_company
    return _save(
        caller,
        request,
        lambda connection, who: template_changes.duplicate(
            connection, who.company, template_id, author=who.user_id, most=most
        ),
    )


@dataclass(frozen=True, slots=True)
class Versions:
    """A page of what a template said, the newest first; `total`: how many there are in all."""

    current: int
    versions: list[VersionView]
    total: int


def list_versions(caller: Caller, template_id: int, *, limit: int, offset: int) -> Versions:
    """Raises ApiError 404."""
    with context().database.transaction() as connection:
        template = find_template(connection, employer(connection, caller).readable_company, template_id)
        found, total = template_store.versions(connection, template.id, limit=limit, offset=offset)
    return Versions(template.version, found, total)


def restore(caller: Caller, template_id: int, version: int, request: Repeatable[Saved]) -> Saved:
    """A version brought back, as a new one. Raises ApiError 400, 404, 422 and 429."""

    def work(connection: Connection, who: Employer) -> TemplateView:
        find_template(connection, who.company, template_id)
        made = template_changes.restore(connection, who.company, template_id, version, author=who.user_id)
        return existing(made, "Version not found")

    return _save(caller, request, work)


def _save(caller: Caller, request: Repeatable[Saved], work: Change) -> Saved:
    """Raises ApiError 404 when there is nothing to change, and as `_write`."""

    def save(connection: Connection, who: Employer) -> Saved:
        made = existing(work(connection, who), NO_TEMPLATE)
        return Saved(made, tuple(map(str, template_rules.warnings(made.draft()))))

    return _write(caller, request, save)


def _write(caller: Caller, request: Repeatable[T], work: Callable[[Connection, Employer], T]) -> T:
    """Do `work` for the calling employer in one transaction, once per key. Raises ApiError 400, 404, 409, 422, 429."""

    def prepare() -> Work[T]:
        check_write_limit(caller.name)
        return for_employer

    def for_employer(connection: Connection) -> T:
        who = employer(connection, caller)
        _ = who.company
        return work(connection, who)

    try:
        return write_once(caller, request, prepare)
    except InvalidTemplate as error:
        faults = [{"loc": ["body", fault.member], "msg": str(fault.said)} for fault in error.faults]
        raise invalid_places(faults) from None
    except TooMany as error:
        raise ApiError(409, str(error)) from None

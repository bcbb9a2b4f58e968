"""The routes of a noun, and how they are tried by those who may not use them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from flask_openapi.openapi import OpenAPI

from tests.factories.api import Api


class Route(NamedTuple):
    """A route of one object (`{id}`) or of none, with a body that it would accept."""

    method: str
    path: str
    body: Any = None


@dataclass(frozen=True)
class RouteGroup:
    """All routes of some blueprints below an address."""

    url: str
    routes: tuple[Route, ...]
    blueprints: frozenset[str]

    def call(self, api: Api, route: Route, identifier: Any = 1, end: str = "") -> Any:
        options = {} if route.body is None else {"json": route.body}
        return api.call(route.method, self.url + route.path.format(id=identifier) + end, **options)

    def is_complete(self, app: OpenAPI, names: Mapping[str, str]) -> bool:
        """Whether `routes` has every rule of the blueprints and no other; names: what stands for a rule's variables."""
        return {(route.method, self.url + route.path) for route in self.routes} == {
            (method, _named(rule.rule, names.items()))
            for rule in app.url_map.iter_rules()
            if rule.endpoint.split(".")[0] in self.blueprints
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        }

    def open_to_strangers(self, api: Api) -> list[Route]:
        """The routes that do not answer 401 to a wrong token, before they look at anything else."""
        stranger = api.with_token("nonsense")
        return [
            route
            for route in self.routes
            if self.call(stranger, route, 999).status_code != 401
            or stranger.call(route.method, self.url + route.path.format(id="x"), data=b"{").status_code != 401
        ]

    def not_answering(self, api: Api, status: int) -> list[Route]:
        """The routes that answer something else."""
        return [route for route in self.routes if self.call(api, route).status_code != status]


def _named(rule: str, names: Iterable[tuple[str, str]]) -> str:
    for variable, name in names:
        rule = rule.replace(f"<{variable}>", name)
    return rule

"""/rest/organizationalEntityShareStatistics. Source: LinkedIn, "Organization Share Statistics"."""

from collections.abc import Iterable, Mapping
from typing import Any

from sandbox.emulators.linkedin.errors import TRACE
from sandbox.emulators.linkedin.posts import Post, PostStore
from sandbox.emulators.linkedin.restli import illegal, list_parameter, urn_parameter
from sandbox.emulators.linkedin.rights import ORGANIZATION, Holder
from sandbox.emulators.operations import Operations
from sandbox.emulators.web import BadRequest, Request, Response, json_response

STATISTICS_SWITCHES: Mapping[str, Any] = {
    "no_statistics": 0.0,  # no elements, as for a post of which nothing was counted yet
}
FIGURES = ("impressionCount", "uniqueImpressionsCount", "clickCount", "likeCount", "commentCount", "shareCount")
_INTERACTIONS = ("clickCount", "likeCount", "commentCount", "shareCount")
# Parameter, how its URNs begin, and the member that names the post in an element.
_LISTS = (("shares", "urn:li:share:", "share"), ("ugcPosts", "urn:li:ugcPost:", "ugcPost"))


class ShareStatistics:
    def __init__(self, posts: PostStore, operations: Operations) -> None:
        self._posts = posts
        self._operations = operations

    def find(self, holder: Holder, request: Request) -> Response:
        """GET with q=organizationalEntity: of the listed posts one by one, without a list of all together."""
        if request.query.get("q") != "organizationalEntity":
            raise illegal(f"Unknown finder: {request.query.get('q')}")
        organization = urn_parameter(request, "organizationalEntity")
        if not organization.startswith(ORGANIZATION):
            raise illegal("organizationalEntity must be an organization")
        asked = _asked(request)
        holder.counts(organization, "organizationalEntityShareStatistics.FINDER-organizationalEntity")
        counted = {post.urn: post for post in self._posts.of_author(organization) if post.figures is not None}
        if self._operations.hits("statistics", "no_statistics"):
            counted = {}
        elements = [
            _element(organization, counted[urn].figures or {}, {member: urn})
            for urn, member in asked.items()
            if urn in counted
        ]
        if not asked and counted:
            elements = [_element(organization, _sum(counted.values()), {})]
        paging = {"start": 0, "count": 10, "links": []}
        return json_response({"elements": elements, "paging": paging}, headers=TRACE)


def figures(values: Mapping[str, Any]) -> dict[str, int] | None:
    """As the emulator's own API takes them; None for none. Raises BadRequest."""
    if unknown := sorted(set(values) - set(FIGURES)):
        raise BadRequest(f"figures are {', '.join(FIGURES)}, not {', '.join(unknown)}")
    if any(not isinstance(value, int) for value in values.values()):
        raise BadRequest("figures are whole numbers")
    return {name: values.get(name, 0) for name in FIGURES} if values else None


def _asked(request: Request) -> dict[str, str]:
    """URN to the member that names it."""
    asked: dict[str, str] = {}
    for name, start, member in _LISTS:
        urns = list_parameter(request, name)
        if any(not urn.startswith(start) for urn in urns):
            raise illegal(f"{name} may only hold URNs that begin with {start}")
        asked |= dict.fromkeys(urns, member)
    return asked


def _element(organization: str, values: Mapping[str, int], names: Mapping[str, str]) -> dict[str, Any]:
    seen = values.get("impressionCount", 0)
    engagement = sum(values.get(name, 0) for name in _INTERACTIONS) / seen if seen else 0.0
    statistics = {**values, "engagement": engagement}
    return {"organizationalEntity": organization, **names, "totalShareStatistics": statistics}


def _sum(posts: Iterable[Post]) -> dict[str, int]:
    counted = [post.figures or {} for post in posts]
    return {name: sum(each.get(name, 0) for each in counted) for name in FIGURES}

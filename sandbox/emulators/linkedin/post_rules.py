"""What the Posts API takes and what it refuses. Source: LinkedIn, "Posts API" (post schema, article content)."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from sandbox.emulators.linkedin.errors import Refused, content_error, envelope
from sandbox.emulators.linkedin.little_text import LittleText, parse
from sandbox.emulators.linkedin.posts import DRAFT, PUBLISHED

LONGEST_COMMENTARY = 3000
LONGEST = {"title": 400, "description": 4086}

_REQUIRED = ("author", "commentary", "visibility", "distribution", "lifecycleState")
_CHANGEABLE = frozenset({"commentary", "contentCallToActionLabel", "contentLandingPage", "lifecycleState"})
# What each object may hold; None: anything.
_SCHEMA: Mapping[str, Any] = {
    "author": None,
    "commentary": None,
    "visibility": None,
    "lifecycleState": None,
    "isReshareDisabledByAuthor": None,
    "contentCallToActionLabel": None,
    "contentLandingPage": None,
    "reshareContext": None,
    "distribution": {"feedDistribution": None, "targetEntities": None, "thirdPartyDistributionChannels": None},
    "content": {
        "article": {"source": None, "title": None, "description": None, "thumbnail": None, "thumbnailAltText": None},
        "media": {"id": None, "title": None, "altText": None},
    },
}
_CHOICES = {
    "visibility": ("PUBLIC", "CONNECTIONS", "LOGGED_IN"),
    "lifecycleState": (PUBLISHED, DRAFT),
    "distribution.feedDistribution": ("MAIN_FEED", "NONE"),
}
_AUTHOR = re.compile(r"urn:li:(?:organization:\d+|person:[\w-]+)")
_IMAGE = re.compile(r"urn:li:image:[\w-]+")


def check_new(body: Mapping[str, Any]) -> LittleText:
    """The commentary of a post that can be made; raises Refused."""
    _check_known(body, _SCHEMA, "")
    for name in _REQUIRED:
        if body.get(name) is None:
            raise Refused(content_error(400, "MISSING_FIELD", f"{name} is missing", "Field is required", f"/{name}"))
    check_author(body["author"])
    _check_choices(body)
    _check_content(body.get("content") or {})
    return check_commentary(body["commentary"])


def check_changes(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a PARTIAL_UPDATE sets; raises Refused."""
    changes = (body.get("patch") or {}).get("$set")
    if not isinstance(changes, dict) or not changes:
        raise Refused(content_error(400, "MISSING_FIELD", "patch.$set is missing", "Field is required", "/patch"))
    _check_known(changes, dict.fromkeys(_CHANGEABLE), "/patch/$set")
    _check_choices(changes)
    return changes


def check_author(urn: object) -> None:
    if not isinstance(urn, str) or not _AUTHOR.fullmatch(urn):
        message = f"author must be an organization or a person, not {urn}"
        raise Refused(content_error(400, "INVALID_URN_TYPE", message, "Invalid URN type", "/author"))


def check_commentary(raw: object) -> LittleText:
    """Its length is what readers would see, in characters."""
    if not isinstance(raw, str):
        raise _invalid("/commentary", "commentary must be a string")
    commentary = parse(raw)
    length = len(commentary.visible)
    if length > LONGEST_COMMENTARY:
        message = (
            f"ShareCommentary text length ({length} characters) exceeded the maximum allowed "
            f"({LONGEST_COMMENTARY} characters)"
        )
        raise _too_long("/commentary", message)
    return commentary


def images_of(body: Mapping[str, Any]) -> dict[str, str]:
    """Field to URN."""
    content = body.get("content") or {}
    named = {
        "/content/article/thumbnail": (content.get("article") or {}).get("thumbnail"),
        "/content/media/id": (content.get("media") or {}).get("id"),
    }
    return {field: urn for field, urn in named.items() if urn is not None}


def _check_known(value: object, schema: Mapping[str, Any], path: str) -> None:
    if not isinstance(value, dict):
        raise _invalid(path or "/", "an object is expected")
    for name, member in value.items():
        if name not in schema:
            message = f"ERROR :: {path}/{name} :: unrecognized field found but not allowed\n"
            raise Refused(envelope(422, message))
        if schema[name] is not None and member is not None:
            _check_known(member, schema[name], f"{path}/{name}")


def _check_choices(body: Mapping[str, Any]) -> None:
    flat = {**body, "distribution.feedDistribution": (body.get("distribution") or {}).get("feedDistribution")}
    for name, choices in _CHOICES.items():
        if flat.get(name) not in (None, *choices):
            field = "/" + name.replace(".", "/")
            raise _invalid(field, f"{flat[name]} is none of {', '.join(choices)}")


def _check_content(content: Mapping[str, Any]) -> None:
    if len(content) > 1:
        raise _invalid("/content", "only one kind of content may be set")
    article = content.get("article")
    if article is not None:
        parts = urlsplit(str(article.get("source", "")))
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise _invalid("/content/article/source", "source must be the address of a page")
        for name, longest in LONGEST.items():
            if len(article.get(name) or "") > longest:
                raise _too_long(f"/content/article/{name}", f"{name} exceeded the maximum allowed ({longest})")
    for field, urn in images_of({"content": content}).items():
        if not isinstance(urn, str) or not _IMAGE.fullmatch(urn):
            raise Refused(content_error(400, "INVALID_URN_TYPE", f"{urn} is no image", "Invalid URN type", field))


def _invalid(field: str, message: str) -> Refused:
    return Refused(content_error(400, "INVALID_VALUE_FOR_FIELD", message, "Invalid value for field", field))


def _too_long(field: str, message: str) -> Refused:
    return Refused(content_error(400, "FIELD_LENGTH_TOO_LONG", message, "Length of field is too long", field))

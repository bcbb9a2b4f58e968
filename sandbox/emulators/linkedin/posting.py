"""/rest/posts. Source: LinkedIn, "Posts API"."""

import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from sandbox.emulators.linkedin.errors import TRACE, Refused, content_error, envelope
from sandbox.emulators.linkedin.images import ImageStore
from sandbox.emulators.linkedin.little_text import LittleText
from sandbox.emulators.linkedin.post_rules import check_changes, check_commentary, check_new, images_of
from sandbox.emulators.linkedin.posts import PUBLISH_FAILED, PUBLISHED, Post, PostStore
from sandbox.emulators.linkedin.restli import (
    check_method,
    illegal,
    json_body,
    key_of,
    page,
    urn_parameter,
)
from sandbox.emulators.linkedin.rights import Holder
from sandbox.emulators.operations import Operations
from sandbox.emulators.switches import Switches
from sandbox.emulators.web import Request, Response, json_response

POSTING_SWITCHES: Mapping[str, Any] = {
    "urn_kind": "share",  # or ugcPost: what new posts are called
    "no_id": 0.0,  # the post is made, and its id is not told
    "publish_failed": 0.0,  # the post is made, and fails later: readers never see it
    "found_after": 0.0,  # seconds until posts of an author are listed; they can be got by their id at once
    "duplicates": True,  # whether an author's second post with the same text is refused
    "ghost_seconds": 172_800.0,  # how long a deleted post counts as one
    "new_ghosts": False,  # each refusal because of a deleted post names another post, which never was
}
_SORTS = {"CREATED": "created_at", "LAST_MODIFIED": "changed_at"}
_CONTEXTS = ("READER", "AUTHOR")


class Posting:
    def __init__(self, posts: PostStore, images: ImageStore, switches: Switches, operations: Operations) -> None:
        self._posts = posts
        self._images = images
        self._switches = switches
        self._operations = operations

    def create(self, holder: Holder, request: Request) -> Response:
        """POST: 201, an empty body, the id in a header."""
        check_method(request, "CREATE")
        body = json_body(request)
        commentary = check_new(body)
        author: str = body["author"]
        holder.writes_as(author, "partnerApiPosts.CREATE")
        for field, urn in images_of(body).items():
            self._images.check_usable(urn, author, field)
        with self._posts.lock:
            self._refuse_duplicate(author, commentary)
            post = self._new(holder, body, commentary)
            self._posts.add(post)
        return self._made(post)

    def get(self, holder: Holder, request: Request) -> Response:
        check_method(request, "GET")
        context = request.query.get("viewContext", "READER")
        if context not in _CONTEXTS:
            raise illegal(f"viewContext must be one of {', '.join(_CONTEXTS)}")
        post = self._known(request)
        holder.reads(post.author, "partnerApiPosts.GET")
        if context == "READER" and post.lifecycle != PUBLISHED:
            raise _not_found(post.urn)
        return json_response(post.resource(), headers=TRACE)

    def find(self, holder: Holder, request: Request) -> Response:
        """GET with q=author: the newest first. Of other finders there is none."""
        if request.query.get("q") != "author":
            raise illegal(f"Unknown finder: {request.query.get('q')}")
        check_method(request, "FINDER", needed=True)
        author = urn_parameter(request, "author")
        sort = request.query.get("sortBy", "LAST_MODIFIED")
        if sort not in _SORTS:
            raise illegal(f"sortBy must be one of {', '.join(_SORTS)}")
        holder.reads(author, "partnerApiPosts.FINDER-author")
        latest = time.time() - float(self._switches["found_after"])
        found = [
            post for post in self._posts.of_author(author) if post.created_at <= latest and self._shown(post, request)
        ]
        found.sort(key=lambda post: (getattr(post, _SORTS[sort]), post.urn), reverse=True)
        return json_response(page(found, request, Post.resource, total=False), headers=TRACE)

    def update(self, holder: Holder, request: Request) -> Response:
        check_method(request, "PARTIAL_UPDATE", needed=True)
        changes = check_changes(json_body(request))
        post = self._known(request)
        holder.writes_as(post.author, "partnerApiPosts.PARTIAL_UPDATE")
        with self._posts.lock:
            if "commentary" in changes:
                post.commentary, post.edited = check_commentary(changes["commentary"]), True
            post.lifecycle = changes.get("lifecycleState", post.lifecycle)
            post.members = {**post.members, **{name: changes[name] for name in changes if name.startswith("content")}}
            post.changed_at = time.time()
        return Response(204, b"", dict(TRACE))

    def delete(self, holder: Holder, request: Request) -> Response:
        """Of a post that is gone, or never was, nothing is said."""
        check_method(request, "DELETE")
        post = self._posts.get(key_of(request))
        if post is not None:
            holder.writes_as(post.author, "partnerApiPosts.DELETE")
            self._posts.delete(post)
        return Response(204, b"", dict(TRACE))

    def _new(self, holder: Holder, body: Mapping[str, Any], commentary: LittleText) -> Post:
        now = time.time()
        failed = self._operations.hits("posts.create", "publish_failed")
        return Post(
            urn=self._posts.new_urn(self._switches["urn_kind"]),
            author=body["author"],
            by=holder.member.email,
            commentary=commentary,
            members={name: value for name, value in body.items() if name not in ("author", "commentary")},
            lifecycle=PUBLISH_FAILED if failed else body["lifecycleState"],
            created_at=now,
            changed_at=now,
        )

    def _known(self, request: Request) -> Post:
        urn = key_of(request)
        post = self._posts.get(urn)
        if post is None:
            raise _not_found(urn)
        return post

    def _shown(self, post: Post, request: Request) -> bool:
        return post.lifecycle == PUBLISHED or request.query.get("viewContext") == "AUTHOR"

    def _refuse_duplicate(self, author: str, commentary: LittleText) -> None:
        if not self._switches["duplicates"]:
            return
        other = self._posts.duplicated(author, commentary, float(self._switches["ghost_seconds"]))
        if other is None:
            return
        gone = other.deleted_at is not None and self._switches["new_ghosts"]
        urn = self._posts.new_urn(self._switches["urn_kind"]) if gone else other.urn
        message = f"Content is a duplicate of {urn}"
        raise Refused(content_error(422, "DUPLICATE_POST", message, "Duplicate post is detected"))

    def _made(self, post: Post) -> Response:
        if self._operations.hits("posts.create", "no_id"):
            return Response(201, b"", dict(TRACE), note="no_id")
        headers = {"x-restli-id": post.urn, "Location": f"/posts/{quote(post.urn, safe='')}"}
        return Response(201, b"", {**TRACE, **headers})


def _not_found(urn: str) -> Refused:
    return Refused(envelope(404, f"Could not find entity {urn}", code="NOT_FOUND"))

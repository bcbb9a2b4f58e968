"""What tests and people ask and change about posts, below /_emulator/linkedin.

GET posts ?author= &live=true: {total, posts}, in the order in which they were made, the deleted ones too.
POST posts {author, text?, commentary?, link?, title?, description?, seconds_ago?}: somebody posts in the network
itself. `text` is shown as it is, `commentary` is little text; answers the post.
GET posts/{urn}; DELETE posts/{urn}: somebody deletes it in the network itself.
POST posts/{urn} {impressionCount?, uniqueImpressionsCount?, clickCount?, likeCount?, commentCount?, shareCount?}: what
the statistics tell of it from now on; {}: nothing.
GET images: what was uploaded, without the bytes.
"""

import time
from collections.abc import Mapping
from typing import Any

from sandbox.emulators.linkedin.errors import Refused
from sandbox.emulators.linkedin.images import ImageStore
from sandbox.emulators.linkedin.little_text import escaped
from sandbox.emulators.linkedin.members import Directory
from sandbox.emulators.linkedin.post_rules import check_new
from sandbox.emulators.linkedin.posts import PUBLISHED, Post, PostStore
from sandbox.emulators.linkedin.share_statistics import figures
from sandbox.emulators.switches import Switches
from sandbox.emulators.web import BadRequest, Request, Response, Router, json_object, json_response

_WISHES = frozenset({"author", "text", "commentary", "link", "title", "description", "seconds_ago"})
_CARD = ("title", "description")


class PostSteering:
    def __init__(self, directory: Directory, posts: PostStore, images: ImageStore, switches: Switches) -> None:
        self._directory = directory
        self._posts = posts
        self._images = images
        self._switches = switches

    def add_routes(self, router: Router, root: str) -> None:
        router.add("GET", f"{root}/posts", self._list)
        router.add("POST", f"{root}/posts", self._add)
        router.add("GET", f"{root}/posts/{{urn}}", lambda request: json_response(self._told(self._post(request))))
        router.add("DELETE", f"{root}/posts/{{urn}}", self._delete)
        router.add("POST", f"{root}/posts/{{urn}}", self._count)
        router.add("GET", f"{root}/images", self._list_images)

    def _list(self, request: Request) -> Response:
        author, live = request.query.get("author"), request.query.get("live") == "true"
        found = [
            self._told(post)
            for post in self._posts.all()
            if author in (None, post.author) and (post.standing or not live)
        ]
        return json_response({"total": len(found), "posts": found})

    def _add(self, request: Request) -> Response:
        wishes = json_object(request.body)
        if unknown := sorted(set(wishes) - _WISHES):
            raise BadRequest(f"a post has {', '.join(sorted(_WISHES))}, not {', '.join(unknown)}")
        body = _as_sent(wishes)
        try:
            commentary = check_new(body)
        except Refused as refused:
            raise BadRequest(refused.response.body.decode()) from refused
        moment = time.time() - float(wishes.get("seconds_ago", 0))
        members = {name: value for name, value in body.items() if name not in ("author", "commentary")}
        urn = self._posts.new_urn(self._switches["urn_kind"])
        post = Post(urn, body["author"], "", commentary, members, PUBLISHED, moment, moment, behind=True)
        self._posts.add(post)
        return json_response(self._told(post), 201)

    def _delete(self, request: Request) -> Response:
        self._posts.delete(self._post(request))
        return Response(204)

    def _count(self, request: Request) -> Response:
        post = self._post(request)
        post.figures = figures(json_object(request.body))
        return json_response(self._told(post))

    def _list_images(self, _: Request) -> Response:
        shown = [
            {
                "urn": image.urn,
                "owner": image.owner,
                "content_type": image.content_type or None,
                "bytes": image.place.length if image.place else None,
            }
            for image in self._images.all()
        ]
        return json_response({"total": len(shown), "images": shown})

    def _post(self, request: Request) -> Post:
        post = self._posts.anyhow(request.parameters["urn"])
        if post is None:
            raise BadRequest(f"there never was a post {request.parameters['urn']!r}")
        return post

    def _told(self, post: Post) -> dict[str, Any]:
        article = post.article
        card = {name: article.get(name) for name in ("source", "title", "description", "thumbnail")}
        return {
            "urn": post.urn,
            "author": post.author,
            "author_name": self._directory.name_of(post.author),
            "by": post.by or None,
            "behind": post.behind,
            "live": post.standing,
            "raw": post.commentary.raw,
            "visible": post.commentary.visible,
            "cut": post.commentary.cut,
            "hashtags": list(post.commentary.hashtags),
            "mentions": list(post.commentary.mentions),
            "card": card if article else None,
            "lifecycle": post.lifecycle,
            "edited": post.edited,
            "created_at": post.created_at,
            "changed_at": post.changed_at,
            "deleted_at": post.deleted_at,
            "figures": post.figures,
        }


def _as_sent(wishes: Mapping[str, Any]) -> dict[str, Any]:
    """As an application would send it."""
    body: dict[str, Any] = {
        "author": wishes.get("author"),
        "commentary": wishes.get("commentary", escaped(str(wishes.get("text", "")))),
        "visibility": "PUBLIC",
        "distribution": {"feedDistribution": "MAIN_FEED"},
        "lifecycleState": PUBLISHED,
    }
    if "link" in wishes:
        card = {name: wishes[name] for name in _CARD if name in wishes}
        body["content"] = {"article": {"source": wishes["link"], **card}}
    return body

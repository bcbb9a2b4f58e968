"""The Graph API as far as a page's posts need it: /me, /me/accounts, /me/permissions, a page, its feed, a post."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from sandbox.emulators.facebook.access import Access, fields_of
from sandbox.emulators.facebook.errors import GraphError, bad_parameter, graph_error, missing, refused
from sandbox.emulators.facebook.people import Directory
from sandbox.emulators.facebook.posts import ADMINISTRATORS, EVERYBODY, NOBODY, Post, PostStore
from sandbox.emulators.facebook.tokens import PAGE, Token, TokenStore
from sandbox.emulators.switches import Switches
from sandbox.emulators.web import Request, Response, json_response

LONGEST_MESSAGE = 63_206
MOST_POSTS, MOST_AT_ONCE = 100, 50
GRAPH_SWITCHES: Mapping[str, Any] = {
    "development_mode": False,  # only the app's administrators see what it posts
    "feed_delay": 0.0,  # seconds until a new post is listed in its page's feed
    "unreadable_links": (),  # parts of addresses that Facebook cannot read
    "id_missing": 0.0,  # done, but the answer has no id
}

OfToken = Callable[[Token, Request], Response]


class Me:
    def __init__(self, access: Access, directory: Directory, tokens: TokenStore) -> None:
        self._access = access
        self._directory = directory
        self._tokens = tokens

    def show(self, token: Token, _: Request) -> Response:
        """A page's token speaks for the page."""
        if token.page is not None:
            page = self._directory.page(token.page)
            return json_response({"id": token.page, "name": page.name if page else ""})
        person = self._access.person(token)
        return json_response({"id": person.id, "name": person.name})

    def accounts(self, token: Token, request: Request) -> Response:
        """Pages that the person chose and still has a task on. `next` holds the token, as Facebook's does."""
        if token.kind == PAGE:
            return graph_error(GraphError(100, "(#100) Tried accessing nonexisting field (accounts)"))
        if "pages_show_list" not in token.session.scopes:
            return json_response({"data": []})
        person = self._access.person(token)
        pages = [page for page in token.session.pages if page in person.tasks]
        listed = [self._listed(token, page, person.tasks[page]) for page in pages]
        return _page(listed, request, token)

    def permissions(self, token: Token, _: Request) -> Response:
        by_status = {"granted": token.session.scopes, "declined": token.session.declined}
        told = [{"permission": name, "status": status} for status, names in by_status.items() for name in names]
        return json_response({"data": told})

    def revoke(self, token: Token, _: Request) -> Response:
        if token.kind == PAGE:
            return refused("permission")
        self._tokens.end(token.session.account, "app_removed")
        return json_response({"success": True})

    def _listed(self, token: Token, page: str, tasks: Sequence[str]) -> dict[str, Any]:
        known = self._directory.page(page)
        return {
            "access_token": self._tokens.of_page(token, page).value,
            "category": known.category if known else "",
            "name": known.name if known else "",
            "id": page,
            "tasks": list(tasks),
        }


class Pages:
    def __init__(self, access: Access, directory: Directory, posts: PostStore, switches: Switches) -> None:
        self._access = access
        self._directory = directory
        self._posts = posts
        self._switches = switches

    def show(self, token: Token, request: Request) -> Response:
        """GET of an id: a page or a post."""
        identifier = request.parameters["id"]
        page = self._directory.page(identifier)
        if page is not None and (token.page == page.id or page.id in token.session.pages):
            return json_response({"id": page.id, "name": page.name})
        post = self._posts.get(identifier)
        if post is None or token.page != post.page:
            return missing(identifier, "GET")
        if not self._access.may(token, post.page, "pages_read_engagement"):
            return refused("denied")
        return json_response(_fields(post, request))

    def several(self, token: Token, request: Request) -> Response:
        """GET of ids: one that is not there spoils the answer for all."""
        identifiers = request.query.get("ids", "").split(",")
        if not 1 <= len(identifiers) <= MOST_AT_ONCE:
            return bad_parameter(f"Too many IDs. Maximum: {MOST_AT_ONCE}.")
        posts = [self._posts.get(each) for each in identifiers]
        found = [post for post in posts if post is not None and post.page == token.page]
        if len(found) < len(posts):
            return graph_error(GraphError(803, "(#803) Some of the aliases you requested do not exist"))
        if not self._access.may(token, found[0].page, "pages_read_engagement"):
            return refused("denied")
        return json_response({post.id: _fields(post, request) for post in found})

    def feed(self, token: Token, request: Request) -> Response:
        page = request.parameters["id"]
        if self._directory.page(page) is None or token.page != page:
            return missing(page, "GET")
        if not self._access.may(token, page, "pages_read_engagement"):
            return refused("denied")
        since = float(request.query["since"]) if request.query.get("since", "").isdecimal() else 0.0
        posts = [_fields(post, request) for post in self._posts.feed(page) if post.created >= since]
        return _page(posts, request, token)

    def publish(self, token: Token, request: Request) -> Response:
        page, fields = request.parameters["id"], fields_of(request)
        if self._directory.page(page) is None or token.page != page:
            return missing(page, "POST")
        if not self._access.may(token, page, "pages_manage_posts", "pages_read_engagement", task="CREATE_CONTENT"):
            return refused("permission")
        message, link = fields.get("message", ""), fields.get("link", "")
        if wrong := self._wrong(message, link):
            return wrong
        audience = self._audience(fields)
        post = self._posts.add(page, message, link, audience=audience, delay=float(self._switches["feed_delay"]))
        if post is None:
            return refused("duplicate")
        return json_response({} if self._switches.hits("id_missing") else {"id": post.id})

    def remove(self, token: Token, request: Request) -> Response:
        identifier = request.parameters["id"]
        post = self._posts.get(identifier)
        if post is None or token.page != post.page:
            return missing(identifier, "DELETE")
        if not self._access.may(token, post.page, "pages_manage_posts", task="CREATE_CONTENT"):
            return refused("permission")
        self._posts.remove(identifier)
        return json_response({"success": True})

    def _wrong(self, message: str, link: str) -> Response | None:
        if not message and not link:
            return bad_parameter("The status you are trying to publish is empty: message, link or attachment is needed")
        if len(message) > LONGEST_MESSAGE:
            return bad_parameter("Param message is too long")
        if link and not link.startswith(("http://", "https://")):
            return bad_parameter("link URL is not properly formatted")
        return refused("link") if any(part in link for part in self._switches["unreadable_links"] if link) else None

    def _audience(self, fields: Mapping[str, str]) -> str:
        if fields.get("published", "true").lower() in ("false", "0"):
            return NOBODY
        return ADMINISTRATORS if self._switches["development_mode"] else EVERYBODY


def _fields(post: Post, request: Request) -> dict[str, Any]:
    """What was asked for; an id and two more without a wish."""
    likes, comments, shares = (post.figures.get(name, 0) for name in ("likes", "comments", "shares"))
    shim = f"https://l.facebook.com/l.php?{urlencode({'u': post.link, 'h': 'AT0'})}"
    attachment = {"type": "share", "unshimmed_url": post.link, "url": shim, "title": ""}
    known: Mapping[str, Any] = {
        "id": post.id,
        "message": post.message,
        "created_time": post.created_time,
        "permalink_url": post.permalink,
        "attachments": {"data": [attachment]} if post.link else None,
        "likes": {"data": [], "summary": {"total_count": likes, "can_like": True, "has_liked": False}},
        "reactions": {"data": [], "summary": {"total_count": likes, "viewer_reaction": "NONE"}},
        "comments": {"data": [], "summary": {"order": "ranked", "total_count": comments, "can_comment": True}},
        # Of a post that nobody shared, Facebook tells no number.
        "shares": {"count": shares} if shares else None,
        "is_published": post.audience != NOBODY,
    }
    wished = _names(request.query.get("fields", "id,message,created_time"))
    return {name: known[name] for name in dict.fromkeys(("id", *wished)) if known.get(name) is not None}


def _names(fields: str) -> list[str]:
    """The outermost names of `a,b{c,d},e.limit(0).summary(true)`."""
    names, depth, name = [], 0, ""
    for character in f"{fields},":
        depth += character in "{("
        depth -= character in "})"
        if character == "," and not depth:
            names.append(name.partition("{")[0].partition(".")[0].strip())
            name = ""
        else:
            name += character
    return names


def _page(entries: Sequence[Mapping[str, Any]], request: Request, token: Token) -> Response:
    """25 of a list, or as many as wished, from a cursor on."""
    limit, after = request.query.get("limit", "25"), request.query.get("after", "0")
    if not limit.isdecimal() or not after.isdecimal():
        return bad_parameter("Invalid limit or cursor")
    start, count = int(after), min(int(limit), MOST_POSTS)
    shown, end = list(entries[start : start + count]), start + count
    if not shown:
        return json_response({"data": []})
    paging: dict[str, Any] = {"cursors": {"before": str(start), "after": str(end)}}
    if end < len(entries):
        paging["next"] = f"https://graph.facebook.com/x?access_token={quote(token.value)}&after={end}"
    return json_response({"data": shown, "paging": json.loads(json.dumps(paging))})

"""What programs read of career pages: feeds, sitemaps, pictures for cards, and where robots find all of it."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from flask import Response, request
from flask_openapi.blueprint import APIBlueprint

from api_min.actions import careers
from api_min.auth import open_route
from api_min.career_cards import company_card, offer_card
from api_min.career_feeds import feed_of
from api_min.conditional import asks_again, conditional, unchanged
from api_min.errors import ApiError
from api_min.schemas.careers import CompanyPath, OfferPath
from api_min.schemas.common import problems
from worker.services.publishing.careers import feeds, pictures, sitemaps
from worker.services.publishing.careers.feeds import Feed
from worker.services.publishing.careers.pictures import Card

XML = "application/xml"
RSS = "application/rss+xml"
ATOM = "application/atom+xml"
ONE_HOUR = "public, max-age=3600"
ROBOTS = "User-agent: *\nDisallow: /api/\n\nSitemap: {base}/carrieres/sitemap.xml\n"
NO_OFFER = "This offer is not open any more."

Answers = dict[str | int | HTTPStatus, Any]

api = APIBlueprint("career_files", __name__)


def _answers(mimetype: str, *statuses: int) -> Answers:
    kind = {"type": "string", "format": "binary"} if mimetype == pictures.MEDIA_TYPE else {"type": "string"}
    return {
        200: {"description": "As it is now.", "content": {mimetype: {"schema": kind}}},
        304: {"description": "Nothing has changed since (If-None-Match)."},
        **problems(*statuses, 503),
    }


@api.get("/carrieres/<company>/rss.xml", summary="A company's newest offers as RSS", responses=_answers(RSS, 404))
@open_route
def read_rss(path: CompanyPath) -> Response:
    """`?lang=en` puts its own words into English; those of the offers stay."""
    return _feed(path.company, "rss.xml", feeds.rss, RSS)


@api.get("/carrieres/<company>/atom.xml", summary="A company's newest offers as Atom", responses=_answers(ATOM, 404))
@open_route
def read_atom(path: CompanyPath) -> Response:
    """As the other one."""
    return _feed(path.company, "atom.xml", feeds.atom, ATOM)


@api.get("/carrieres/sitemap.xml", summary="The sitemaps of all companies", responses=_answers(XML, 429))
@open_route
def read_all_sitemaps() -> Response:
    """Of those with open offers."""
    found = careers.all_sitemaps(request.remote_addr)
    base = careers.base()
    return conditional(found, lambda: sitemaps.written("sitemapindex", "sitemap", base, found), XML)


@api.get("/carrieres/<company>/sitemap.xml", summary="A company's open offers", responses=_answers(XML, 404, 429))
@open_route
def read_sitemap(path: CompanyPath) -> Response:
    """`?part=2` when they are more than 10,000."""
    part = request.args.get("part", "1")
    number = int(part) if part.isascii() and part.isdigit() and len(part) <= 6 else 0
    found = careers.sitemap(path.company, number, request.remote_addr)
    base = careers.base()
    return conditional(found, lambda: sitemaps.written("urlset", "url", base, found), XML)


@api.get("/carrieres/<company>/image.png", summary="A company's card", responses=_answers("image/png", 404, 429))
@open_route
def draw_company(path: CompanyPath) -> Response:
    """1200 by 627 pixels."""
    found = careers.company_page(path.company)
    return _picture(company_card(found.company, "fr", found.listed.counted).drawn)


@api.get(
    "/carrieres/<company>/<offer>/image.png",
    summary="An offer's card",
    responses=_answers("image/png", 404, 410, 429),
)
@open_route
def draw_offer(path: OfferPath) -> Response:
    """1200 by 627 pixels, in the offer's language."""
    found = careers.offer_page(path.company, path.offer)
    if found.offer is None:
        raise ApiError(410, NO_OFFER)
    return _picture(offer_card(found.company, found.offer, "fr").drawn)


@api.get("/robots.txt", summary="Where robots find the career pages", responses={200: {"description": "Text"}})
@open_route
def read_robots() -> Response:
    """Signed links are kept out of indexes by their own headers, which a robot must be able to read."""
    text = ROBOTS.format(base=careers.base())
    return Response(text, mimetype="text/plain", headers={"Cache-Control": ONE_HOUR})


def _feed(company: str, name: str, write: Callable[[Feed], bytes], mimetype: str) -> Response:
    locale = "en" if request.args.get("lang") == "en" else "fr"
    if asks_again() and (same := unchanged((name, locale, careers.feed_state(company, feeds.MOST_OFFERS)))):
        return same
    found = careers.feed(company, feeds.MOST_OFFERS)
    return conditional((name, locale, found.state), lambda: write(feed_of(found, name, locale)), mimetype)


def _picture(card: Card) -> Response:
    def draw() -> bytes:
        careers.check_dear(request.remote_addr)
        return pictures.draw(card)

    return conditional(card, draw, pictures.MEDIA_TYPE, keep=True)

"""Career pages, for everybody: a company's open offers, one offer, and what is said once it is no more.

They are written in the language of the offer, or in that of `?lang=`; nothing else of a request changes them, so that
caches may keep them. An offer that has ended is gone within a minute, without anything being written.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Response, redirect, render_template, request
from flask_babel import force_locale  # type: ignore[import-untyped]
from markupsafe import Markup

from api_min.actions import careers
from api_min.actions.careers import CompanyPage, OfferPage
from api_min.auth import open_route
from api_min.career_cards import PageCard, company_card, offer_card, picture_address
from api_min.conditional import asks_again, cached, conditional, unchanged
from api_min.localising import _
from api_min.pages.shell import HTML, Pages
from worker.kit.localisation import DEFAULT_LOCALE, LOCALES
from worker.services.publishing.careers import sharing, structured_data, texts, wording
from worker.services.publishing.careers.rows import Company, Offer
from worker.services.publishing.careers.structured_data import Wording, web_address

pages = Pages("careers", __name__)

COMPANY_TEXT = 3_000
# Bytes: a phone on a slow network gets a whole page within a second or two.
LARGEST_PAGE = 30_000
STRUCTURED_TEXT = 9_000
OPEN_GRAPH_LOCALES: Mapping[str, str] = {"fr": "fr_FR", "en": "en_US"}


@pages.get("/carrieres/<company>")
@open_route
def show_company(company: str) -> Response:
    behind = request.args.get("after")
    locale = _asked_locale() or DEFAULT_LOCALE
    if asks_again() and (same := unchanged(("company", locale, careers.company_state(company, behind)))):
        return same
    found = careers.company_page(company, behind)
    path = wording.path_of_company(found.company)
    if request.path != path:
        return _moved(path, ("after", "lang"))
    return conditional(("company", locale, found.state), lambda: _company(found, locale), HTML)


@pages.get("/carrieres/<company>/<offer>")
@open_route
def show_offer(company: str, offer: str) -> Response:
    """`?ref=` says by which channel the reader came: it is counted, and handed on with him when he applies."""
    found = careers.offer_page(company, offer)
    shown = found.offer
    if shown is None:
        return _gone(found)
    path = wording.path_of(found.company, shown)
    if request.path != path:
        return _moved(path, (sharing.MARK, "lang"))
    mark = sharing.known_mark(request.args.get(sharing.MARK))
    if mark:
        _count(shown, mark)
    locale = _asked_locale() or wording.offer_locale(shown)
    source = ("offer", locale, mark, found)
    return conditional(source, lambda: _offer(found.company, shown, locale, mark), HTML, private=mark is not None)


def _count(offer: Offer, mark: str) -> None:
    """Whoever looks again, looks ahead, or asks only whether something changed, has been counted or is no reader."""
    ahead = "prefetch" in request.headers.get("Sec-Purpose", request.headers.get("Purpose", ""))
    if request.method == "GET" and not asks_again() and not ahead:
        careers.count_click(offer.id, mark, request.headers.get("User-Agent", ""), request.remote_addr)


def _asked_locale() -> str | None:
    asked = request.args.get("lang")
    return asked if asked in LOCALES else None


def _moved(path: str, kept: tuple[str, ...]) -> Response:
    """To the address that the names of today make."""
    query = urlencode({name: request.args[name] for name in kept if name in request.args})
    return cached(redirect(f"{path}?{query}" if query else path, 301))  # type: ignore[arg-type]


def _company(found: CompanyPage, locale: str) -> str:
    company = found.company
    name = wording.company_name(company, locale)
    last = found.listed.last_shown
    with force_locale(locale):
        return _rendered(
            "careers/company.html",
            locale,
            company_card(company, locale, found.listed.counted),
            kept="" if found.first else f"&after={found.state.cursor.id}",
            company=name,
            facts=[each for each in (texts.one_line(company.industry, 100), wording.town(company, locale)) if each],
            website=_website(company),
            about=Markup(texts.fitted(company.description, COMPANY_TEXT)[0]),  # noqa: S704 - made harmless there
            lines=[wording.line(company, each, careers.settings(), locale) for each in found.listed.offers],
            first=found.first,
            counted=_counted(found) if found.first else "",
            following=f"?{urlencode(_query(after=last, lang=_asked_locale()))}" if last else None,
            path=wording.path_of_company(company),
        )


def _counted(found: CompanyPage) -> str:
    number = found.listed.counted
    if number >= careers.COUNTED:
        return _("Plus de %(number)s offres ouvertes", number=str(careers.COUNTED - 1))
    return _("1 offre ouverte") if number == 1 else _("%(number)s offres ouvertes", number=str(number))


def _website(company: Company) -> tuple[str, str] | None:
    """The address of the company's own site, and its host as the link's text."""
    address = web_address(company.website_url)
    return (address, urlsplit(address).hostname or "") if address else None


def _offer(company: Company, offer: Offer, locale: str, mark: str | None) -> str:
    """Within LARGEST_PAGE, whatever employers write: texts are shortened until it fits."""
    most = wording.LONGEST_TEXTS
    while True:
        page = _offer_page(company, offer, locale, mark, most)
        if len(page.encode()) <= LARGEST_PAGE or most < wording.FEWEST:
            return page
        most //= 2


def _offer_page(company: Company, offer: Offer, locale: str, mark: str | None, most: int) -> str:
    found = wording.offer_texts(offer, most)
    card = offer_card(company, offer, locale)
    name = wording.company_name(company, locale)
    with force_locale(locale):
        return _rendered(
            "careers/offer.html",
            locale,
            card,
            kept=f"&{sharing.MARK}={mark}" if mark else "",
            company=name,
            company_path=wording.path_of_company(company),
            facts=wording.facts(offer, locale),
            salary=wording.salary(offer, locale),
            posted=wording.day(structured_data.posted_at(offer), careers.settings(), locale),
            until=wording.day(offer.expires_at, careers.settings(), locale),
            language=wording.offer_locale(offer),
            sections=[(each.title, Markup(each.body)) for each in found.sections],  # noqa: S704 - made harmless there
            is_whole=found.is_whole,
            apply_url=sharing.marked(careers.settings().job_url(offer.id), mark),
            share_links=sharing.share_links(card.title, name, card.address),
            structured=_structured(company, offer, found, card.address, most),
        )


def _structured(company: Company, offer: Offer, found: wording.Texts, address: str, most: int) -> Markup | None:
    """In the offer's own language, whatever the page's; with as much of its texts as there is room for."""
    locale = wording.offer_locale(offer)
    title, name = wording.offer_title(offer, locale), wording.company_name(company, locale)
    description = wording.joined(found, locale, min(STRUCTURED_TEXT, most))
    posting = structured_data.job_posting(offer, company, Wording(title, name, description, address))
    return Markup(structured_data.script(posting)) if posting else None  # noqa: S704 - without any `<`


def _gone(found: OfferPage) -> Response:
    """410, in the language that is asked for: closed, expired or withdrawn are one to the reader."""
    locale = _asked_locale() or DEFAULT_LOCALE
    company = found.company
    with force_locale(locale):
        text = _rendered(
            "careers/gone.html",
            locale,
            None,
            company=wording.company_name(company, locale),
            company_path=wording.path_of_company(company),
            lines=[wording.line(company, each, careers.settings(), locale) for each in found.others],
        )
    response = Response(text, 410, mimetype=HTML, headers={"X-Robots-Tag": "noindex"})
    return cached(response)


def _rendered(template: str, locale: str, card: PageCard | None, *, kept: str = "", **values: Any) -> str:
    """kept: of the query, in the link to the other language."""
    others = [each for each in LOCALES if each != locale]
    return render_template(
        template,
        lang=locale,
        others=others,
        kept=kept,
        card=card,
        picture=picture_address(card) if card else None,
        open_graph_locales=OPEN_GRAPH_LOCALES,
        asked=_asked_locale(),
        **values,
    )


def _query(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}

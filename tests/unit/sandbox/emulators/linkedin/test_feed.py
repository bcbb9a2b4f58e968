"""LinkedIn's feed as its readers see it."""

import html

from sandbox.emulators.web import Request
from tests.unit.sandbox.emulators.linkedin.application import ORGANIZATION, PNG, Application, one

MENTION = "@[Exemple SA](urn:li:organization:2414183)"


def feed(application: Application, **query: str) -> str:
    response = application.site.answer(Request("GET", "/feed/linkedin", query))
    assert response.status == 200
    return html.unescape(response.body.decode())


def test_readers_see_what_the_network_makes_of_a_post(application: Application) -> None:
    token = str(application.connect()["access_token"])
    image, _ = application.upload(token)
    card = {"source": "https://www.intowork.example/o/1?ref=p-7", "title": "Comptable (H/F)", "thumbnail": image}
    commentary = rf"{MENTION} recrute \(H/F\) : https://intowork.example/o/1 {{hashtag|\#|Emploi}} #Douala *fin*"
    urn = application.published(token, commentary, content={"article": card})
    application.steer("POST", f"posts/{urn}", {"likeCount": -3, "commentCount": 4})
    shown = feed(application)
    assert "Exemple SA</h2>" in shown
    assert (
        '<a href="https://www.linkedin.com/company/2414183/" rel="noreferrer" class="mention">Exemple SA</a>' in shown
    )
    assert " recrute (H/F) : <a href=" in shown
    assert 'class="hashtag">#Emploi</a> <a href' in shown
    assert "fin" not in shown.split('class="text"')[1].split("</div>")[0]
    assert '<strong dir="auto">Comptable (H/F)</strong><small>intowork.example</small>' in shown
    assert f'href="https://www.linkedin.com/feed/update/{urn}/"' in shown
    assert "<dt>J’aime</dt><dd>0</dd>" in shown
    picture = application.site.answer(Request("GET", f"/feed/linkedin/pictures/{image}"))
    assert (picture.status, picture.body, picture.headers["Content-Type"]) == (200, PNG, "image/png")


def test_deleted_posts_are_gone(application: Application) -> None:
    token = str(application.connect()["access_token"])
    first, second = application.published(token, "Un"), application.published(token, "Deux")
    assert feed(application).index("Deux") < feed(application).index("Un<")
    application.call(token, "DELETE", one(first))
    removed = application.site.answer(Request("POST", f"/feed/linkedin/{second}", body=b"remove=1"))
    assert removed.status == 303
    assert "Aucune publication" in feed(application)
    assert application.site.answer(Request("POST", f"/feed/linkedin/{second}", body=b"remove=1")).status == 422


def test_a_name_that_is_not_exact_mentions_nobody(application: Application) -> None:
    token = str(application.connect()["access_token"])
    application.published(token, "Chez @[Exemple](urn:li:organization:2414183)")
    assert "Chez Exemple</div>" in feed(application)


def test_members_have_round_faces(application: Application) -> None:
    me = application.steer("GET", "accounts")["accounts"][0]["id"]
    application.steer("POST", "posts", {"author": f"urn:li:person:{me}", "text": "Bonjour"})
    shown = feed(application, author=f"urn:li:person:{me}")
    assert 'class="face person" aria-hidden="true">AN<' in shown
    assert "Bonjour" not in feed(application, author=ORGANIZATION)


def test_the_inspector_leads_to_the_feed(application: Application) -> None:
    assert application.site.answer(Request("GET", "/feed")).headers["Location"] == "/feed/linkedin?lang=fr"

"""Facebook and X: connected like every account, kept in a table of their own, switched off and on again."""

from collections.abc import Callable

import pytest
from flask_openapi.openapi import OpenAPI

from tests.factories.api import Api
from tests.integration.api import repeating
from tests.integration.api.integrations.conftest import (
    ACCOUNT,
    COLLEAGUE,
    COMPANY,
    FOREIGNER,
    RECRUITER,
    URL,
    Connecting,
    asked,
    told,
)
from worker.catalogue.integrations import EXCHANGE_CODE, REVOKE
from worker.kit.settings import Settings
from worker.services.integrations import channel_accounts

OTHER_ACCOUNT = "direction@exemple.cm"
NOT_YET = {"FACEBOOK_APP_SECRET": ("facebook", "facebook_app_secret"), "X_CLIENT_ID": ("twitter", "x_client_id")}


def test_an_account_on_facebook_is_connected_replaced_and_ended(connecting: Connecting) -> None:
    """Beside an account at LinkedIn whose row has the same number."""
    connecting.connect("linkedin")
    before = connecting.credentials()
    answer = connecting.connect("facebook")
    assert told(answer) == {"provider": "facebook", "success": "true"}
    [row] = connecting.channel_accounts()
    assert (row["id"], row["channel"], row["company_id"], row["user_id"]) == (1, "facebook", COMPANY, RECRUITER)
    assert row["access_token"].startswith("gAAAAA")
    assert (row["refresh_token"], row["encryption_key"] is None) == (None, False)
    assert row["scopes"] >= ["pages_manage_posts", "pages_read_engagement", "pages_show_list"]
    assert (row["token_expires_at"] - row["connected_at"]).days >= 59, "no short token is kept"
    [run] = connecting.rows(
        "select result from task_runs where task = %s and result ? 'channel_account_id'", EXCHANGE_CODE.name
    )
    assert run["result"] == {"connected": True, "channel_account_id": 1, "reason": None}
    for user in (RECRUITER, COLLEAGUE):
        shown = connecting.status(user)["facebook"]
        assert (shown["provider"], shown["is_connected"], shown["state"]) == ("facebook", True, "connected")
        assert (shown["account"], shown["reason"], shown["off_since"]) == (row["account_label"], "", None)
    assert not connecting.status(FOREIGNER)["facebook"]["is_connected"]
    connecting.work()
    heard = [each for each in connecting.notifications() if each["title"].startswith("Facebook")]
    assert [(each["user_id"], each["title"]) for each in heard] == [
        (RECRUITER, "Facebook est connecté"),
        (COLLEAGUE, "Facebook est connecté"),
    ]

    connecting.connect("facebook", user_id=COLLEAGUE)
    [same] = connecting.channel_accounts()
    assert (same["id"], same["user_id"], same["token_version"]) == (1, COLLEAGUE, row["token_version"] + 1)
    connecting.connect("facebook", account=OTHER_ACCOUNT)
    connecting.work()
    first, second = connecting.channel_accounts()
    assert (first["state"], first["access_token"], second["state"]) == ("disconnected", "", "connected")
    assert connecting.facebook.counters()["revoke"] == 1

    assert connecting.user(FOREIGNER).call("DELETE", f"{URL}/facebook/disconnect").status_code == 200
    assert connecting.status()["facebook"]["is_connected"]
    ended = connecting.user(COLLEAGUE).call("DELETE", f"{URL}/facebook/disconnect")
    assert ended.json == {"message": "Facebook disconnected"}
    connecting.work()
    assert connecting.status()["facebook"]["state"] == "disconnected"
    assert [each["access_token"] for each in connecting.channel_accounts()] == ["", ""]
    revoked = connecting.rows("select payload from task_runs where task = %s order by id", REVOKE.name)
    assert [each["payload"] for each in revoked] == [
        {"credential_id": None, "channel_account_id": number} for number in (1, 2)
    ]
    [audited] = connecting.rows("select subject from audit_log where action = 'connection.end'")
    assert audited["subject"] == "channel_account:2"
    assert connecting.credentials() == before, "the account at LinkedIn has number 1 as well"


def test_the_consent_pages_of_networks_are_asked_for_what_posting_needs(connecting: Connecting) -> None:
    facebook, x = (asked(connecting.begin(slug)) for slug in ("facebook", "twitter"))
    assert facebook["scope"] == "pages_show_list pages_manage_posts pages_read_engagement"
    assert facebook["redirect_uri"] == "https://platform.example/api/integrations/facebook/callback"
    assert "code_challenge" not in facebook
    assert x["scope"] == "tweet.read tweet.write users.read offline.access"
    assert x["redirect_uri"] == "https://platform.example/api/integrations/twitter/callback"
    assert x["code_challenge_method"] == "S256"


def test_what_was_not_granted_is_said_in_the_readers_language(connecting: Connecting) -> None:
    refused = told(connecting.connect("facebook", deny=True))
    assert "rien n’a été connecté" in refused["error"]
    answer = told(connecting.connect("facebook", scopes=["pages_show_list"]))
    assert (answer["success"], "cases" in answer["error"]) == ("false", True)
    shown = connecting.status()["facebook"]
    assert (shown["state"], shown["is_connected"]) == ("error", False)
    assert shown["reason"] == (
        "Le droit de publier n’a pas été donné. Reconnectez Facebook en laissant cochées les cases de sa page."
    )
    english = connecting.recruiter.get(f"{URL}/status?lang=en").json["facebook"]["reason"]
    assert english == (
        "The right to publish was not granted. Connect Facebook again and leave the boxes on its page ticked."
    )


@pytest.mark.parametrize("missing", NOT_YET)
def test_a_network_without_our_app_is_503_and_its_card_says_so(
    connecting: Connecting, make_app: Callable[[Settings], OpenAPI], missing: str
) -> None:
    slug, setting = NOT_YET[missing]
    app = make_app(connecting.settings.model_copy(update={setting: None}))
    api = Api(app, app.test_client(), connecting.api.database, connecting.api.worker, connecting.recruiter.headers)
    answer = api.get(f"{URL}/{slug}/auth-url")
    assert answer.status_code == 503
    assert missing in answer.json["detail"]
    assert "pas encore d’application" in api.get(f"{URL}/status").json[slug]["reason"]
    assert api.get(f"{URL}/linkedin/auth-url").status_code == 200


def test_x_is_switched_off_told_of_and_switched_on_again(connecting: Connecting) -> None:
    assert told(connecting.connect("twitter"))["success"] == "true"
    connecting.work()
    [row] = connecting.channel_accounts()
    assert (row["channel"], row["refresh_token"] is not None) == ("twitter", True)
    reason = "X answers 402: the credits of the app are used up."
    with connecting.api.database.transaction() as connection:
        assert channel_accounts.switch_off(connection, row["id"], reason)
        assert not channel_accounts.switch_off(connection, row["id"], "again")
        assert channel_accounts.is_off(connection, row["id"])
    connecting.work()
    shown = connecting.status(COLLEAGUE)["twitter"]
    assert (shown["state"], shown["is_connected"], shown["account"]) == ("connected", True, row["account_label"])
    assert shown["off_since"].endswith("+00:00")
    assert shown["reason"].startswith("Plus rien n’est publié sur X :")
    heard = [each for each in connecting.notifications() if each["title"] == "X : publication arrêtée"]
    assert [each["user_id"] for each in heard] == [RECRUITER, COLLEAGUE]
    assert str(row["account_label"]) in heard[0]["message"]

    path = f"{URL}/twitter/switch-on"
    assert connecting.user(FOREIGNER).post(path, {}).status_code == 200
    assert connecting.status()["twitter"]["off_since"], "it is another company's"
    assert connecting.user(2).post(path, {}).status_code == 403
    assert connecting.recruiter.post(f"{URL}/linkedin/switch-on", {}).status_code == 400
    _, switching = repeating.CONNECTIONS
    other = switching._replace(values=("facebook",))
    answer = repeating.check(connecting.recruiter, switching, other, "audit_log", "task_runs", "channel_accounts")
    assert answer.json == {"message": "X switched on"}
    shown = connecting.status()["twitter"]
    assert (shown["off_since"], shown["reason"], shown["is_connected"]) == (None, "", True)
    audited = connecting.rows(
        "select actor, action, reason from audit_log where subject = %s order by id", f"channel_account:{row['id']}"
    )
    assert [(each["actor"], each["action"], each["reason"]) for each in audited] == [
        ("platform", "channel.off", reason),
        (f"user:{RECRUITER}", "channel.on", None),
    ]


def test_a_lost_account_on_x_is_connected_again_in_its_row(connecting: Connecting) -> None:
    connecting.connect("twitter", account=ACCOUNT)
    [before] = connecting.channel_accounts()
    connecting.api.database.autocommit("update channel_accounts set state = 'needs_reconnect'", {})
    assert connecting.status()["twitter"]["state"] == "needs_reconnect"
    assert "login_hint" not in asked(connecting.begin("twitter"))
    connecting.connect("twitter", account=ACCOUNT)
    [after] = connecting.channel_accounts()
    assert (after["id"], after["state"]) == (before["id"], "connected")

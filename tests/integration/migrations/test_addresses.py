"""Addresses that were kept in two spellings become one, and what holds mail back stays."""

from tests.integration.migrations.conftest import Site


def test_spellings_become_one(embedded_site: Site) -> None:
    embedded_site.upgrade("0012")
    embedded_site.run(
        "insert into suppressions (address, reason, lifted_at) values ('awa@exämple.cm', 'bounced', null),"
        " ('awa@xn--exmple-cua.cm', 'manual', now()), ('awa@example.cm.', 'complained', null),"
        " ('libre@example.cm', 'bounced', now()), ('ohne-at', 'manual', null)"
    )
    embedded_site.run("insert into soft_bounces (address, count) values ('a@example.cm.', 2), ('a@example.cm', 3)")
    embedded_site.run(
        "insert into recipient_preferences (address, all_alerts_stopped) values ('b@exämple.cm', true),"
        " ('b@xn--exmple-cua.cm', false)"
    )
    embedded_site.upgrade()
    assert embedded_site.rows("select address, lifted_at is null as active from suppressions order by address") == [
        {"address": "awa@example.cm", "active": True},
        {"address": "awa@xn--exmple-cua.cm", "active": True},
        {"address": "libre@example.cm", "active": False},
        {"address": "ohne-at", "active": True},
    ]
    assert embedded_site.rows("select address, count from soft_bounces") == [{"address": "a@example.cm", "count": 5}]
    assert embedded_site.rows("select address, all_alerts_stopped as stopped from recipient_preferences") == [
        {"address": "b@xn--exmple-cua.cm", "stopped": True}
    ]

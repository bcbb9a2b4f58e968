"""What may be stolen from a company."""

from typing import Any

from tests.integration.api.email_templates.conftest import COMPANY, FOREIGNER, TemplateOffice


def possessions(office: TemplateOffice) -> list[Any]:
    """All that is the victim's, or everybody's."""
    return [
        *office.rows("select to_jsonb(t) as row from email_templates t where company_id = %s order by id", COMPANY),
        *office.rows(
            """select to_jsonb(v) as row from email_template_versions v join email_templates t on t.id = v.template_id
                where t.company_id = %s order by v.template_id, v.version""",
            COMPANY,
        ),
        *office.rows("select to_jsonb(m) as row from email_messages m order by id"),
        *office.rows("select to_jsonb(i) as row from interview_schedules i order by id"),
        *office.rows("select to_jsonb(c) as row from integration_credentials c order by id"),
        *office.rows("select to_jsonb(a) as row from channel_accounts a order by id"),
        *office.rows("select to_jsonb(p) as row from job_postings p order by id"),
        *office.rows("select to_jsonb(n) as row from notifications n where user_id <> %s order by id", FOREIGNER),
        *office.rows("select to_jsonb(c) as row from own_scorecards c order by id"),
        *office.rows("select to_jsonb(s) as row from suppressions s order by address"),
        *office.rows("select to_jsonb(q) as row from queues q order by name"),
        *office.rows("select to_jsonb(r) as row from task_runs r where caused_by is distinct from %s", FOREIGNER),
    ]

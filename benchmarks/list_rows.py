"""A database full of what lists show: many companies, and everybody's rows beside the reader's own."""

from collections.abc import Mapping

from sqlalchemy import Connection

from benchmarks import growth
from worker.kit.database import execute

# Rows of the largest tables for each company, and for each row of the smaller ones.
PER_COMPANY, PER_SMALL = 2_000, 10
FEWEST_COMPANIES = 300

# In an order in which each finds what it refers to. n: the new row's number; ids count from 1 without a gap.
PEOPLE: Mapping[str, str] = {
    "companies": """
        insert into companies (name, is_verified)
        select 'Société ' || n, false from generate_series((select count(*) from companies) + 1, %(companies)s) n
    """,
    "recruiters": """
        with made as (insert into users (email, role, first_name, last_name, name, is_active)
                      select 'recruteur.' || id || '@example.org', 'EMPLOYER', 'Awa', 'Mba', 'Awa Mba', true
                        from companies c where not exists (select from employers e where e.company_id = c.id)
                      returning id, email)
        insert into employers (user_id, company_id) select id, split_part(email, '.', 2)::text::int from (
            select id, replace(email, '@', '.') as email from made) named
    """,
    "candidates": """
        with made as (insert into users (email, role, first_name, last_name, name, is_active)
                      select 'candidat.' || n || '@example.org', 'CANDIDATE', 'Paul', 'Ndong', 'Paul Ndong', true
                        from generate_series((select count(*) from candidates) + 1, %(small)s) n
                      returning id)
        insert into candidates (user_id, title, location) select id, 'Comptable', 'Libreville' from made
    """,
}
BUSINESS: Mapping[str, str] = {
    "jobs": """
        insert into jobs (employer_id, company_id, title, description, job_type, location_type, location, currency,
                          status, is_featured, views_count, applications_count, posted_at)
        select staff.id, staff.company_id, 'Comptable ' || n, 'Tenir la comptabilité.', 'full_time', 'on_site',
               'Libreville', 'XAF', 'published', false, 0, 0, now() - n * interval '1 minute'
          from generate_series(1, %(small)s) n
          join (select company_id, min(id) as id from employers where company_id is not null group by 1) staff
            on staff.company_id = 1 + n %% %(companies)s
    """,
    "job_applications": """
        insert into job_applications (job_id, candidate_id, status, applied_at)
        select 1 + n %% jobs.count, 1 + n / 7 %% %(small)s, 'applied', now() - n * interval '1 second'
          from (select count(*) from jobs) jobs, generate_series(1, %(large)s) n
    """,
    "interview_schedules": """
        insert into interview_schedules (application_id, created_by_user_id, title, scheduled_at, duration_minutes,
                                         timezone, candidate_email, status, reminder_sent, confirmation_received)
        select id, 1, 'Entretien', now() + id * interval '1 minute', 60, 'Africa/Libreville',
               'candidat@example.org', 'SCHEDULED', false, false from job_applications
    """,
    "own_scorecards": """
        insert into own_scorecards (application_id, user_id, overall, submitted_at)
        select id, 1, 4, now() from job_applications where id %% 10 = 0
    """,
    "application_changes": """
        insert into application_changes (application_id, user_id, kind, after)
        select id, 1, 'rating', '{"rating": 4}' from job_applications
    """,
    "recommendations": """
        insert into recommendations (candidate_id, job_id, score, points, matched, missing, unknown, model,
                                     fingerprint, recommended)
        select distinct candidate_id, job_id, 50 + id %% 50, '{}'::jsonb, '[]'::jsonb, '[]'::jsonb, '[]'::jsonb,
               'deterministic-1', 'x', id %% 3 = 0 from job_applications
            on conflict do nothing
    """,
    "job_postings": """
        insert into job_postings (job_id, channel, state, target, is_active, views_count, clicks_count,
                                  applications_count)
        select id, 'LINKEDIN', 'published', 'urn:li:organization:1', true, 0, 0, 0 from jobs
    """,
    "posting_statistics": """
        insert into posting_statistics (posting_id, fetched_at, impressions)
        select id, now() - d * interval '1 day', d from job_postings, generate_series(1, 10) d
    """,
}
MESSAGES: Mapping[str, str] = {
    "notifications": """
        insert into notifications (user_id, type, title, message, is_read, created_at)
        select 1 + n %% users.count, 'SYSTEM', 'Avis', 'Lisez.', n %% 3 = 0, now() - n * interval '1 second'
          from (select count(*) from users) users, generate_series(1, %(large)s) n
    """,
    "email_templates": """
        insert into email_templates (company_id, created_by_user_id, name, type, subject, body, is_active,
                                     is_default, usage_count)
        select 1 + n %% %(companies)s, 1, 'Modèle ' || n, 'CUSTOM', 'Bonjour', '<p>Bonjour</p>', true, false, 0
          from generate_series(1, %(small)s) n
    """,
    "email_messages": """
        insert into email_messages (template, template_id, recipient, user_id, company_id, state)
        select 'employer', 1 + n %% %(small)s, 'candidat.' || n || '@example.org', 1 + n %% %(small)s,
               1 + n %% %(companies)s, 'sent' from generate_series(1, %(large)s) n
    """,
    "suppressions": """
        insert into suppressions (address, reason, created_at)
        select 'refuse.' || n || '@example.org', 'bounced', now() - n * interval '1 second'
          from generate_series(1, %(large)s) n
    """,
    "job_alerts": """
        insert into job_alerts (candidate_id, name, criteria, frequency, is_active, jobs_sent_count, origin)
        select 1 + n %% %(small)s, 'Comptable', '{"keywords": ["comptable"]}', 'DAILY', true, 0, 'platform'
          from generate_series(1, %(small)s) n
    """,
    "alert_digests": """
        insert into alert_digests (alert_id, period, job_ids, total)
        select id, now() - d * interval '1 day', array[1], 1 from job_alerts, generate_series(1, 10) d
    """,
    "webhook_deliveries": """
        with account as (insert into channel_accounts (company_id, user_id, channel, access_token, account_kind,
                                                       account_label, state, settings)
                         select id, null, 'custom', 'x', 'webhook', 'hooks.example', 'connected',
                                '{"url": "https://hooks.example/in"}' from companies
                         returning id)
        insert into webhook_deliveries (channel_account_id, webhook_id, event, body, state)
        select account.id, 'msg_' || account.id || '_' || n, 'offer.published', '{}', 'delivered'
          from account, generate_series(1, %(large)s / %(companies)s) n
    """,
}


def fill(connection: Connection, rows: int) -> None:
    """So many rows in each large table. The database holds at most a few people yet; statistics are the caller's."""
    small = rows // PER_SMALL
    values = {"large": rows, "small": small, "companies": max(rows // PER_COMPANY, FEWEST_COMPANIES)}
    for statements in (PEOPLE, BUSINESS, MESSAGES):
        for statement in statements.values():
            execute(connection, statement, values)
    execute(connection, growth.FINISHED, {"first": 0, "last": rows - 1, "total": rows})

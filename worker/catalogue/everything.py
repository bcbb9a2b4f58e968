"""Every task there is, one line each."""

from worker.catalogue import alerts, email, integrations, interview_times, interviews, notifications, publishing, upkeep
from worker.kit.tasks import Catalogue

CATALOGUE = Catalogue(
    [
        alerts.RUN,
        alerts.MATCH_SHARD,
        alerts.INSTANT,
        alerts.TEST,
        alerts.RERUN,
        alerts.TIDY,
        email.SEND,
        email.SEND_BULK,
        email.DELIVER_BATCH,
        email.DELIVER_MESSAGE,
        email.BATCH_PENDING,
        email.APPLY_EVENT,
        email.DRAFT,
        integrations.EXCHANGE_CODE,
        integrations.REFRESH_TOKEN,
        integrations.REVOKE,
        integrations.CHECK_EXPIRING,
        interviews.CREATE_EVENT,
        interviews.UPDATE_EVENT,
        interviews.CANCEL_EVENT,
        interviews.REFRESH_LINK,
        interviews.TELL_PEOPLE,
        interviews.REMIND,
        interviews.REMIND_OF,
        interviews.REMOVE_EVENTS,
        interviews.REMOVE_EVENT,
        interviews.END_INTERVIEWS,
        interviews.END_INTERVIEW,
        interviews.READ_CALENDARS,
        interviews.READ_CALENDAR,
        interview_times.SUGGEST_TIMES,
        interview_times.CHECK_TIME,
        notifications.NOTIFY,
        *publishing.TASKS,
        upkeep.PRUNE,
        upkeep.ANONYMISE,
        upkeep.BULK,
    ]
)

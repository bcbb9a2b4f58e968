"""What runs by the clock: one line per entry, rules on the clock of PLATFORM_TIMEZONE."""

from worker.catalogue import (
    alerts,
    collaboration,
    email,
    integrations,
    interviews,
    partners,
    publishing,
    recommendations,
    upkeep,
)
from worker.kit.tasks import Schedule

SCHEDULES = (
    Schedule("alerts.daily", alerts.RUN.name, "0 9 * * *", {"frequency": "daily", "period": "{period}"}),
    Schedule("alerts.weekly", alerts.RUN.name, "0 9 * * 1", {"frequency": "weekly", "period": "{period}"}),
    Schedule("alerts.monthly", alerts.RUN.name, "0 9 1 * *", {"frequency": "monthly", "period": "{period}"}),
    Schedule("collaboration.remind_scorecards", collaboration.REMIND_SCORECARDS.name, "*/10 * * * *"),
    Schedule("integrations.check_expiring", integrations.CHECK_EXPIRING.name, "0 7 * * *"),
    Schedule("interviews.read_calendars", interviews.READ_CALENDARS.name, "*/15 * * * *"),
    Schedule("interviews.remind", interviews.REMIND.name, "* * * * *"),
    Schedule("publishing.expire", publishing.EXPIRE.name, "5 * * * *"),
    Schedule("publishing.reconcile", publishing.RECONCILE.name, "* * * * *"),
    Schedule("publishing.refresh_statistics", publishing.REFRESH_STATISTICS.name, "30 4 * * *"),
    Schedule("partners.read_boards", partners.READ_BOARDS.name, "23 * * * *"),
    Schedule("recommendations.run", recommendations.RUN.name, "30 2 * * *", {"period": "{period}"}),
    Schedule("upkeep.alerts", alerts.TIDY.name, "* * * * *"),
    Schedule("upkeep.batch_messages", email.BATCH_PENDING.name, "* * * * *"),
    Schedule("upkeep.prune", upkeep.PRUNE.name, "17 * * * *"),
    Schedule("upkeep.anonymise", upkeep.ANONYMISE.name, "40 3 * * *"),
)

BACKLOGS = {
    "job_changes": alerts.INSTANT.name,
    "interview_removals": interviews.REMOVE_EVENTS.name,
    "interview_endings": interviews.END_INTERVIEWS.name,
    "posting_removals": publishing.REMOVE_POSTS.name,
    "recommendation_changes": recommendations.REFRESH.name,
}
"""Tables whose rows are work, with the task that takes them away: looked at each second."""

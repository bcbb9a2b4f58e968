"""The main web app's tables as its production database has them (revision b2c3d4e5f6a7), one column a line.

`serial`, `primary key`, `references` and `unique` give the very names that its own database has.
"""

ENUMS = {
    "userrole": ("CANDIDATE", "EMPLOYER", "ADMIN"),
    "skillcategory": ("TECHNICAL", "SOFT", "LANGUAGE"),
    "notificationtype": ("NEW_APPLICATION", "STATUS_CHANGE", "NEW_JOB", "MESSAGE", "SYSTEM"),
    "emailtemplatetype": (
        "WELCOME_CANDIDATE",
        "APPLICATION_RECEIVED",
        "APPLICATION_REJECTED",
        "INTERVIEW_INVITATION",
        "INTERVIEW_CONFIRMATION",
        "INTERVIEW_REMINDER",
        "OFFER_LETTER",
        "ONBOARDING",
        "CUSTOM",
    ),
    "jobalertfrequency": ("INSTANT", "DAILY", "WEEKLY"),
    "interviewschedulestatus": ("SCHEDULED", "CONFIRMED", "CANCELED", "COMPLETED", "RESCHEDULED"),
    "jobpostingchannel": (
        "INTOWORK",
        "LINKEDIN",
        "JOBBERMAN",
        "BRIGHTERMONDAY",
        "FACEBOOK",
        "TWITTER",
        "CUSTOM",
    ),
    "integrationprovider": (
        "LINKEDIN",
        "GOOGLE_CALENDAR",
        "OUTLOOK_CALENDAR",
        "JOBBERMAN",
        "BRIGHTERMONDAY",
    ),
    "applicationstatus": ("applied", "viewed", "shortlisted", "interview", "rejected", "accepted"),
}

# Ordered so that every table stands after those it refers to.
TABLES = {
    "users": """
        id serial primary key
        email varchar not null
        email_verified timestamptz
        password_hash varchar
        name varchar
        image varchar
        role userrole not null
        first_name varchar not null
        last_name varchar not null
        is_active boolean
        created_at timestamptz default now()
        updated_at timestamptz default now()
    """,
    "companies": """
        id serial primary key
        name varchar not null
        description text
        industry varchar
        size varchar
        website_url varchar
        linkedin_url varchar
        address varchar
        city varchar
        country varchar
        logo_url varchar
        cloudinary_id varchar
        created_at timestamptz default now()
        updated_at timestamptz default now()
        is_verified boolean default false not null
        verified_at timestamptz
        targetym_tenant_id integer
        targetym_api_key varchar
        targetym_linked_at timestamptz
        company_api_key varchar
    """,
    "candidates": """
        id serial primary key
        user_id integer not null unique references users
        phone varchar
        location varchar
        linkedin_url varchar
        website_url varchar
        profile_picture_url varchar
        title varchar
        summary text
        years_experience integer
        salary_expectation_min integer
        salary_expectation_max integer
        cv_url varchar
        cv_filename varchar
        cv_uploaded_at timestamptz
        created_at timestamptz default now()
        updated_at timestamptz default now()
    """,
    "employers": """
        id serial primary key
        user_id integer not null unique references users
        company_id integer references companies
        position varchar
        department varchar
        phone varchar
        can_create_jobs boolean
        can_manage_candidates boolean
        is_admin boolean
        created_at timestamptz default now()
        updated_at timestamptz default now()
    """,
    "jobs": """
        id serial primary key
        employer_id integer not null references employers
        company_id integer not null references companies
        title varchar not null
        description text not null
        requirements text
        responsibilities text
        benefits text
        job_type varchar(50) not null
        location_type varchar(50) not null
        location varchar
        salary_min integer
        salary_max integer
        currency varchar default 'XAF'
        status varchar(50) not null
        is_featured boolean
        views_count integer
        applications_count integer
        posted_at timestamptz
        expires_at timestamptz
        created_at timestamptz default now()
        updated_at timestamptz default now()
        targetym_job_posting_id integer
        country varchar
        zone varchar
        language varchar
        context text
        mission_principale text
        profil_formation text
        profil_experience text
        profil_competences text
        profil_posture text
        profil_autre text
        image_url varchar
        image_cloudinary_id varchar
        linkedin_published_at timestamptz
    """,
    "candidate_cvs": """
        id serial primary key
        candidate_id integer not null references candidates
        filename varchar not null
        file_path varchar not null
        file_size integer
        is_active boolean
        created_at timestamptz default now()
        updated_at timestamptz default now()
    """,
    "job_applications": """
        id serial primary key
        job_id integer not null references jobs
        candidate_id integer not null references candidates
        cv_id integer references candidate_cvs
        status applicationstatus not null
        cover_letter text
        cover_letter_url varchar
        cv_url varchar
        notes text
        recruiter_notes jsonb
        rating integer
        tags jsonb
        scorecard jsonb
        ai_score double precision
        ai_score_details jsonb
        ai_analyzed_at timestamptz
        applied_at timestamptz default now()
        viewed_at timestamptz
        updated_at timestamptz default now()
        source_ref varchar(100)
    """,
    "experiences": """
        id serial primary key
        candidate_id integer not null references candidates
        title varchar not null
        company varchar not null
        location varchar
        start_date varchar not null
        end_date varchar
        is_current boolean
        description text
        created_at timestamptz default now()
        updated_at timestamptz default now()
    """,
    "educations": """
        id serial primary key
        candidate_id integer not null references candidates
        degree varchar not null
        school varchar not null
        location varchar
        start_date varchar not null
        end_date varchar not null
        description text
        created_at timestamptz default now()
        updated_at timestamptz default now()
    """,
    "skills": """
        id serial primary key
        candidate_id integer not null references candidates
        name varchar not null
        level integer not null
        category skillcategory not null
        created_at timestamptz default now()
        updated_at timestamptz default now()
    """,
    "notifications": """
        id serial primary key
        user_id integer not null references users
        type notificationtype not null
        title varchar not null
        message text not null
        related_job_id integer references jobs
        related_application_id integer references job_applications
        is_read boolean
        read_at timestamptz
        created_at timestamptz default now()
    """,
    "email_templates": """
        id serial primary key
        company_id integer not null references companies
        created_by_user_id integer not null references users
        name varchar not null
        type emailtemplatetype not null
        subject varchar not null
        body text not null
        is_active boolean
        is_default boolean
        usage_count integer
        created_at timestamptz default now()
        updated_at timestamptz default now()
        last_used_at timestamptz
    """,
    "job_alerts": """
        id serial primary key
        candidate_id integer not null references candidates
        name varchar not null
        criteria jsonb not null
        frequency jobalertfrequency not null
        is_active boolean
        jobs_sent_count integer
        last_sent_at timestamptz
        last_matching_job_id integer
        created_at timestamptz default now()
        updated_at timestamptz default now()
    """,
    "interview_schedules": """
        id serial primary key
        application_id integer not null references job_applications
        created_by_user_id integer not null references users
        title varchar not null
        description text
        location varchar
        meeting_link varchar
        scheduled_at timestamptz not null
        duration_minutes integer
        timezone varchar
        interviewers jsonb
        candidate_email varchar not null
        status interviewschedulestatus not null
        google_event_id varchar
        outlook_event_id varchar
        reminder_sent boolean
        confirmation_received boolean
        created_at timestamptz default now()
        updated_at timestamptz default now()
    """,
    "job_postings": """
        id serial primary key
        job_id integer not null references jobs
        channel jobpostingchannel not null
        external_id varchar
        is_active boolean
        posted_at timestamptz
        expires_at timestamptz
        views_count integer
        clicks_count integer
        applications_count integer
        posting_data jsonb
        created_at timestamptz default now()
        updated_at timestamptz default now()
    """,
    "integration_credentials": """
        id serial primary key
        company_id integer not null references companies
        user_id integer not null references users
        provider integrationprovider not null
        access_token text not null
        refresh_token text
        token_expires_at timestamptz
        provider_data jsonb
        is_active boolean
        last_used_at timestamptz
        created_at timestamptz default now()
        updated_at timestamptz default now()
    """,
    "accounts": """
        id serial primary key
        user_id integer not null references users
        type varchar not null
        provider varchar not null
        provider_account_id varchar not null
        refresh_token text
        access_token text
        expires_at integer
        token_type varchar
        scope varchar
        id_token text
        session_state varchar
        created_at timestamptz default now()
        updated_at timestamptz default now()
    """,
}

CHECKS = {
    "jobs": (
        "ck_jobs_salary_min_lte_max",
        "salary_min is null or salary_max is null or salary_min <= salary_max",
    ),
}

# Beside the one on (id) that every table has.
INDEXES = {
    "users": ("email",),
    "companies": ("company_api_key", "targetym_tenant_id"),
    "jobs": (
        "company_id",
        "country",
        "language",
        "status, posted_at desc",
        "targetym_job_posting_id",
        "title",
        "zone",
    ),
    "job_applications": ("applied_at", "source_ref", "status"),
    "notifications": ("created_at", "is_read", "user_id"),
    "email_templates": ("company_id", "is_active", "type"),
    "job_alerts": ("candidate_id", "is_active"),
    "interview_schedules": ("application_id", "scheduled_at"),
    "job_postings": ("channel", "job_id"),
    "integration_credentials": ("company_id", "is_active", "provider"),
    "accounts": ("user_id",),
}
UNIQUE_INDEXES = {"ix_users_email", "ix_companies_company_api_key"}

"""What a language model is told of a candidate and an offer: nothing else leaves the house.

Of a candidate: the members of `CandidateProfile` but for his place and his salary, and texts without what tells who he
is. docs/recommendations.md lists it.
"""

import re
from typing import Any

from worker.contracts.scoring import JudgeRequest
from worker.kit.words import decoded, storable
from worker.services.matching.offers import SEARCHED_FIELDS, Offer
from worker.services.matching.plain_text import plain_text
from worker.services.recommendations.machine_talk import without_machine_talk
from worker.services.recommendations.personal_data import NOBODY, Identity, without_personal_data
from worker.services.recommendations.profiles import CandidateProfile, Education, Experience
from worker.services.recommendations.titles import neutral

LONGEST_CV = 8000
LONGEST_TEXT = 2000
LONGEST_NAME = 120
LONGEST_FIELD = 3000
MOST_SKILLS = 60
MOST_ITEMS = 20

# What is taken out makes room; nobody reads a text of megabytes for that.
READ = 4

_SPACE = re.compile(r"[^\S\n]+")


def request(profile: CandidateProfile, offer: Offer, locale: str, identity: Identity = NOBODY) -> JudgeRequest:
    """identity: who the candidate is, so that it can be left out of his texts."""
    return JudgeRequest(candidate=candidate(profile, identity), offer=offered(offer), locale=locale)


def candidate(profile: CandidateProfile, identity: Identity = NOBODY) -> dict[str, Any]:
    """JSON values. What is not known is not there."""
    told = {
        "title": _text(profile.title, identity, LONGEST_NAME),
        "summary": _text(profile.summary, identity, LONGEST_TEXT),
        "years_of_experience": profile.years_experience,
        "skills": [
            {"name": name, "level_of_5": skill.level, "kind": skill.kind.value}
            for skill in profile.skills[:MOST_SKILLS]
            if (name := _text(skill.name, NOBODY, LONGEST_NAME))
        ],
        "experiences": [_experience(each, identity) for each in profile.experiences[:MOST_ITEMS]],
        "educations": [_education(each, identity) for each in profile.educations[:MOST_ITEMS]],
        "cv": _text(profile.cv_text, identity, LONGEST_CV),
    }
    return {name: value for name, value in told.items() if value not in (None, "", [])}


def offered(offer: Offer) -> dict[str, Any]:
    """JSON values, HTML read as text. What is not known is not there."""
    texts = {name: plain_text(getattr(offer, name) or "") for name in SEARCHED_FIELDS if name != "title"}
    told = {
        "title": _clean(decoded(offer.title), LONGEST_NAME),
        **{name: _clean(without_machine_talk(text), LONGEST_FIELD) for name, text in texts.items()},
        "contract": offer.job_type,
        "place_of_work": offer.location_type,
    }
    return {name: value for name, value in told.items() if value}


def _experience(experience: Experience, identity: Identity) -> dict[str, Any]:
    told = {
        "title": _text(experience.title, identity, LONGEST_NAME),
        "description": _text(experience.description, identity, LONGEST_TEXT),
        "years": None if experience.months is None else round(experience.months / 12, 1),
    }
    return {name: value for name, value in told.items() if value not in (None, "")}


def _education(education: Education, identity: Identity) -> dict[str, Any]:
    told = {
        "degree": _text(education.degree, identity, LONGEST_NAME),
        "description": _text(education.description, identity, LONGEST_TEXT),
    }
    return {name: value for name, value in told.items() if value}


def _text(text: str | None, identity: Identity, most: int) -> str:
    return _clean(neutral(without_machine_talk(without_personal_data((text or "")[: READ * most], identity))), most)


def _clean(text: str, most: int) -> str:
    return _SPACE.sub(" ", str(storable(text))).strip()[:most]

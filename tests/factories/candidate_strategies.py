"""Random candidates and offers that have words in common, for properties of the score."""

from hypothesis import strategies as st

from worker.services.matching.offers import Offer, PreparedOffer, prepare
from worker.services.recommendations.profiles import CandidateProfile, Education, Experience, Skill, SkillKind

SKILLS = [
    *(
        "Python",
        "Python (avancé)",
        "ReactJS",
        "react.js",
        "Java",
        "JavaScript",
        "Word, Excel, PowerPoint",
        "Excel",
        "C",
    ),
    *("C++", "R", "Gestion de projet", "gestion des projets", "Full-stack", "Fullstack", "Soudure TIG", "Anglais (B2)"),
    *("English", "Code CIMA", "Rigueur", "Esprit d’équipe", "Travail en équipe", "Communication", "Vente", "???", ""),
]
TITLES = [
    *(
        "Développeur Python",
        "Développeuse Python (F/H)",
        "Chef de projet",
        "Cheffe de chantier",
        "Comptable",
        "Caissière",
    ),
    *(
        "Stage – Comptable",
        "Python Developer",
        "Offre",
        "Accountant / Comptable senior",
        "Responsable qualité",
        "Vendeur",
    ),
]
DEGREES = ["Licence en droit", "Master en génie logiciel", "Bac+2 comptabilité", "CAP soudure", "Formation", "BTS", ""]
DURATIONS = ["Deux ans d’expérience", "5 à 7 ans", "Débutant accepté", "6 mois", "Expérience exigée", ""]
PLACES = ["Libreville", "Libreville, Gabon", "Douala, Cameroun", "Gabon", "Dakar (Sénégal)", "Télétravail", "  "]
WORDS = [*SKILLS, *TITLES, *DEGREES, *DURATIONS, "et", "de la", "congé parental", "10 ans d’expérience", "<b>"]

prose = st.none() | st.lists(st.sampled_from(WORDS), max_size=5).map(". ".join) | st.text(max_size=8)
salaries = st.none() | st.sampled_from([0, 100_000, 300_000, 500_000])
skills = st.builds(Skill, st.sampled_from(SKILLS) | st.text(max_size=5), st.integers(1, 5), st.sampled_from(SkillKind))
experiences = st.builds(
    Experience, st.sampled_from([*TITLES, "Congé parental", "Parental leave"]), prose, st.none() | st.integers(-5, 90)
)
educations = st.builds(Education, st.sampled_from(DEGREES), prose)

candidates = st.builds(
    CandidateProfile,
    id=st.just(1),
    title=st.none() | st.sampled_from(TITLES),
    summary=prose,
    years_experience=st.none() | st.integers(-1, 20),
    skills=st.lists(skills, max_size=5).map(tuple),
    experiences=st.lists(experiences, max_size=3).map(tuple),
    educations=st.lists(educations, max_size=2).map(tuple),
    location=st.none() | st.sampled_from(PLACES),
    salary_min=salaries,
    salary_max=salaries,
    cv_text=prose,
)


def _prepared(offers: list[Offer]) -> list[PreparedOffer]:
    return [prepare(offer) for offer in offers]


offer_sets = st.lists(
    st.builds(
        Offer,
        id=st.integers(1, 1000),
        number=st.none() | st.integers(1, 1000),
        title=st.sampled_from(TITLES) | st.text(max_size=8),
        description=prose,
        requirements=prose,
        profil_competences=st.none() | st.lists(st.sampled_from(SKILLS), max_size=6).map(", ".join),
        profil_experience=st.none() | st.sampled_from(DURATIONS),
        profil_formation=st.none() | st.sampled_from(DEGREES),
        profil_posture=prose,
        location=st.none() | st.sampled_from(PLACES),
        country=st.sampled_from([None, "GA", "CM", "SN", "??"]),
        location_type=st.sampled_from(["on_site", "remote", "hybrid", None]),
        job_type=st.sampled_from(["full_time", "internship"]),
        salary_min=salaries,
        salary_max=salaries,
        currency=st.sampled_from([None, "XAF", "XOF", "EUR", "F CFA"]),
        language=st.sampled_from(["fr", "en", None]),
    ),
    max_size=10,
    unique_by=lambda offer: offer.id,
).map(_prepared)

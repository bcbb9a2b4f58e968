"""Random offers and criteria in French and English."""

from hypothesis import strategies as st

from worker.services.matching.criteria import Criteria
from worker.services.matching.offers import Offer

WORDS = [
    *("développeur", "Développeuses", "java", "JavaScript", "C", "C++", "c#", ".NET", "node.js", "R&D", "engineer"),
    *("engines", "chef", "cheffe", "projet", "projets", "d’affaires", "comptable(s)", "secretaries", "secretary"),
    *("full", "stack", "fullstack", "full-stacks", "e-mail", "email", "e", "nodejs", "ASP.NET", "sages", "sagefemme"),
    *("100 %", "_", "bac + 5", "<b>", "</p>", "&eacute;quipe", "équipements", "commerciaux", "commerciale", "œuvre"),
]
PLACES = ["Libreville", "Port-Gentil", "Douala, Cameroun", "Cameroon", "CEMAC", "télétravail", "N'Djamena", "%", ""]
PLACES += ["Saint-Louis", "Malabo, Guinée équatoriale", "Guinée", "Remote", "Télétravail, Gabon", "Port-Gentil - Gabon"]
ASKED_PLACES = [
    *PLACES,
    "Douala (Cameroun)",
    "Libreville, remote",
    "Gentil",
    "Gentil Port",
    "Tchad; cemac",
    "à distance",
    "St Louis",
    "Gabon - Libreville",
    "Libreville Cameroun",
    "Douala remote",
]
JOB_TYPES = ["full_time", "contract", "internship"]
LOCATION_TYPES = ["on_site", "remote", "hybrid"]

phrases = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join)
keywords = phrases | st.text(max_size=6)
texts = st.none() | st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join) | st.text(max_size=12)
salaries = st.none() | st.integers(0, 5)

offers = st.lists(
    st.builds(
        Offer,
        id=st.integers(1, 1000),
        number=st.none() | st.integers(1, 50),
        title=phrases,
        description=texts,
        requirements=texts,
        profil_competences=texts,
        location=st.none() | st.sampled_from(PLACES),
        country=st.sampled_from([None, "CM", "GA", "td", "Cameroun", "??", "GN", "GQ"]),
        zone=st.sampled_from([None, "CEMAC"]),
        location_type=st.sampled_from(LOCATION_TYPES),
        job_type=st.sampled_from(JOB_TYPES),
        salary_min=salaries,
        salary_max=salaries,
        currency=st.sampled_from([None, "XAF", "XOF", "F CFA"]),
        language=st.sampled_from([None, "fr", "en", "pt"]),
    ),
    max_size=12,
    unique_by=lambda offer: offer.id,
)

# Each part is missing more often than not, so that a good share of the criteria finds an offer.
criteria = st.builds(
    Criteria,
    keywords=st.lists(st.sampled_from(WORDS) | keywords, max_size=4).map(tuple),
    location=st.sampled_from([*[None] * 16, *ASKED_PLACES]),
    job_types=st.sampled_from([*[frozenset()] * 4, frozenset(JOB_TYPES[:1]), frozenset(JOB_TYPES[1:])]),
    location_types=st.sampled_from([*[frozenset()] * 4, frozenset(LOCATION_TYPES[1:2]), frozenset(LOCATION_TYPES[:2])]),
    salary_min=st.sampled_from([*[None] * 8, *range(1, 6)]),
    salary_max=st.sampled_from([*[None] * 8, *range(1, 6)]),
    currency=st.sampled_from([None, "XAF", "XOF", "FCFA"]),
    include_unspecified_salary=st.booleans(),
)

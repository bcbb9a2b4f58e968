"""Sentences that offers, alerts and candidates' pages are made of."""

REASONS = (
    "Dans le cadre de la croissance de ses activités",
    "Afin de renforcer ses équipes",
    "Pour accompagner l’ouverture d’un nouveau site",
    "À la suite d’un départ à la retraite",
    "Pour le lancement d’un nouveau projet",
    "Afin de mieux servir ses clients",
)
ENGLISH_REASONS = (
    "To support its growth",
    "To strengthen its teams",
    "For the launch of a new project",
)
EXPERIENCE = (
    "Première expérience ou stage de fin d’études apprécié.",
    "Trois à cinq ans d’expérience dans un poste comparable.",
    "Plus de sept ans d’expérience, dont une partie en responsabilité.",
)
ENGLISH_EXPERIENCE = (
    "First experience or final-year internship welcome.",
    "Three to five years in a similar position.",
    "More than seven years of experience, part of it in a leading role.",
)
INTERN_EXPERIENCE = "Aucune expérience exigée : un tuteur vous accompagne pendant tout le stage."
POSTURES = (
    "Rigueur, autonomie et esprit d’équipe.",
    "Sens de l’écoute et goût du service.",
    "Curiosité, ténacité et sens des priorités.",
    "Calme dans l’urgence et respect de la confidentialité.",
    "Aisance relationnelle et force de proposition.",
)
ENGLISH_POSTURES = (
    "Rigour, autonomy and team spirit.",
    "Curiosity and a sense of priorities.",
    "Good listening skills and attention to detail.",
)
BENEFITS = (
    "Assurance santé pour la famille",
    "Prime de transport",
    "Treizième mois",
    "Indemnité de logement",
    "Formation continue",
    "Cantine d’entreprise",
    "Téléphone et forfait professionnels",
    "Prime d’objectifs",
    "Congés supplémentaires selon l’ancienneté",
)
ENGLISH_BENEFITS = ("Family health insurance", "Transport allowance", "Thirteenth month", "Training budget")
LANGUAGES_ASKED = (
    "La maîtrise de l’anglais est un atout.",
    "La connaissance d’une langue locale est appréciée.",
    "Bonne expression écrite et orale en français.",
    "",
)
LEVEL_SUFFIXES = ("junior", "", "senior")
HOW_TO_APPLY = (
    "Les candidatures féminines sont vivement encouragées.",
    "Le poste est ouvert aux personnes en situation de handicap.",
    "Seules les personnes présélectionnées seront contactées.",
    "Aucun frais n’est demandé aux candidats, à aucune étape du recrutement.",
)

SOFT_SKILLS = (
    "Travail en équipe",
    "Communication",
    "Organisation",
    "Adaptabilité",
    "Esprit d’analyse",
    "Gestion du stress",
    "Leadership",
    "Ponctualité",
)
LOCAL_LANGUAGES = {
    "GA": ("Fang", "Punu"),
    "CM": ("Ewondo", "Duala"),
    "CG": ("Lingala", "Kituba"),
    "CD": ("Lingala", "Swahili"),
    "CF": ("Sango",),
    "TD": ("Arabe tchadien",),
    "CI": ("Dioula", "Baoulé"),
    "SN": ("Wolof", "Pulaar"),
    "BJ": ("Fon", "Yoruba"),
    "TG": ("Éwé", "Kabyè"),
    "BF": ("Mooré", "Dioula"),
    "ML": ("Bambara",),
    "NE": ("Haoussa", "Zarma"),
}
FORMER_EMPLOYERS = (
    "Société Générale de Négoce {of}",
    "Comptoir {of}",
    "Ateliers réunis {of}",
    "Services et Conseils {of}",
    "Groupe scolaire {of}",
    "Centre d’affaires {of}",
)
SCHOOLS = (
    "Université {of}",
    "Institut supérieur de gestion {of}",
    "École supérieure des sciences appliquées {of}",
    "Institut universitaire de technologie {of}",
)
POSITIONS = (
    ("Responsable des ressources humaines", "Ressources humaines"),
    ("Chargé de recrutement", "Ressources humaines"),
    ("Directeur général", "Direction"),
    ("Responsable administratif et financier", "Finance"),
)
FEMININE_POSITIONS = {
    "Chargé de recrutement": "Chargée de recrutement",
    "Directeur général": "Directrice générale",
    "Responsable administratif et financier": "Responsable administrative et financière",
}

# Searched for, though no company of the set employs them.
RARE_SEARCHES = (
    "sage-femme",
    "vétérinaire",
    "pilote de ligne",
    "notaire",
    "kinésithérapeute",
    "océanographe",
    "traducteur",
    "bibliothécaire",
    "journaliste",
    "styliste modéliste",
    "chirurgien-dentiste",
    "actuaire",
    "scrum master",
    "ingénieur réservoir",
    "développeur COBOL",
    "développeur Rust",
    "apiculteur",
    "urbaniste",
    "opticienne",
    "photographe",
)

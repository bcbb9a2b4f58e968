"""Professions of finance, law, insurance and administration."""

from sandbox.seed.vocabulary.companies import Sector
from sandbox.seed.vocabulary.professions import English, Profession

FINANCE = (
    Profession(
        "Comptable", "Comptable", (250, 420, 650),
        "Tenir une comptabilité fiable et respecter les échéances fiscales et sociales.",
        (
            "Enregistrer les opérations selon le référentiel SYSCOHADA",
            "Effectuer les rapprochements bancaires",
            "Préparer les déclarations de TVA et de cotisations",
            "Participer aux travaux d’inventaire et de clôture",
        ),
        ("BTS en comptabilité et gestion", "Licence en comptabilité"),
        ("SYSCOHADA", "Sage Comptabilité", "Excel", "Fiscalité"),
        english=English(
            "Accountant",
            "Keep reliable accounts and meet tax and social deadlines.",
            ("Record transactions under SYSCOHADA", "Reconcile bank accounts", "Prepare VAT returns"),
            "Degree in accounting",
        ),
    ),
    Profession(
        "Chef comptable", "Cheffe comptable", (600, 900, 1400),
        "Encadrer l’équipe comptable et garantir la sincérité des états financiers.",
        (
            "Superviser les clôtures mensuelles et annuelles",
            "Être l’interlocuteur des commissaires aux comptes",
            "Fiabiliser les procédures et former les collaborateurs",
        ),
        ("Master en comptabilité, contrôle et audit",),
        ("SYSCOHADA", "Consolidation", "Sage X3", "Management d’équipe"),
    ),
    Profession(
        "Contrôleur de gestion", "Contrôleuse de gestion", (500, 800, 1250),
        "Éclairer les décisions par des prévisions et des analyses de coûts.",
        (
            "Élaborer le budget et suivre son exécution",
            "Analyser les écarts et proposer des actions",
            "Produire le reporting mensuel destiné à la direction",
        ),
        ("Master en contrôle de gestion",),
        ("Budget", "Analyse des coûts", "Excel avancé", "SAP"),
        (Sector.ENERGY, Sector.MINING, Sector.RETAIL, Sector.FOOD, Sector.TELECOMS, Sector.LOGISTICS, Sector.TIMBER),
        English(
            "Management Controller",
            "Support decisions with forecasts and cost analyses.",
            ("Prepare and follow the budget", "Explain variances", "Produce the monthly report"),
            "Master’s degree in finance",
        ),
    ),
    Profession(
        "Auditeur interne", "Auditrice interne", (550, 850, 1300),
        "Évaluer les risques et s’assurer du respect des procédures.",
        (
            "Réaliser le plan d’audit annuel dans les agences",
            "Rédiger des recommandations et suivre leur application",
            "Enquêter sur les cas de fraude",
        ),
        ("Master en audit et contrôle",),
        ("Audit", "Cartographie des risques", "Contrôle interne"),
        (Sector.BANKING, Sector.INSURANCE, Sector.CONSULTING, Sector.MINING),
    ),
    Profession(
        "Chargé de clientèle", "Chargée de clientèle", (250, 400, 600),
        "Conseiller les clients et développer un portefeuille de comptes.",
        (
            "Accueillir les clients et analyser leurs besoins",
            "Monter les dossiers d’ouverture de compte et de prêt",
            "Relancer les échéances impayées",
        ),
        ("Licence en banque et finance",),
        ("Relation client", "Produits bancaires", "Négociation"),
        (Sector.BANKING,),
    ),
    Profession(
        "Analyste crédit", "Analyste crédit", (400, 650, 1000),
        "Étudier les demandes de financement et maîtriser le risque.",
        (
            "Analyser les bilans et visiter les entreprises",
            "Présenter les dossiers au comité de crédit",
            "Suivre la qualité du portefeuille",
        ),
        ("Master en banque et finance",),
        ("Analyse financière", "Notation", "Garanties OHADA"),
        (Sector.BANKING,),
    ),
    Profession(
        "Gestionnaire de sinistres", "Gestionnaire de sinistres", (300, 480, 720),
        "Instruire les déclarations et indemniser les assurés dans les délais.",
        (
            "Vérifier les garanties et missionner les experts",
            "Calculer et régler les indemnités",
            "Répondre aux réclamations",
        ),
        ("Licence en assurance",),
        ("Code CIMA", "Indemnisation", "Rédaction"),
        (Sector.INSURANCE,),
    ),
    Profession(
        "Juriste d’affaires", "Juriste d’affaires", (500, 800, 1250),
        "Sécuriser les contrats et conseiller la direction.",
        (
            "Rédiger et négocier les contrats commerciaux",
            "Suivre les contentieux avec les avocats",
            "Assurer une veille sur le droit OHADA",
        ),
        ("Master en droit des affaires",),
        ("Droit OHADA", "Rédaction de contrats", "Contentieux"),
        (Sector.BANKING, Sector.ENERGY, Sector.MINING, Sector.CONSULTING, Sector.TELECOMS, Sector.CONSTRUCTION),
    ),
    Profession(
        "Fiscaliste", "Fiscaliste", (650, 1000, 1500),
        "Conseiller nos clients et prévenir les redressements.",
        (
            "Revoir les déclarations et les conventions",
            "Assister les clients lors des contrôles",
            "Animer des séances de formation sur la loi de finances",
        ),
        ("Master en fiscalité",),
        ("Fiscalité CEMAC", "Prix de transfert", "TVA"),
        (Sector.CONSULTING, Sector.ENERGY),
    ),
    Profession(
        "Assistant de direction", "Assistante de direction", (220, 350, 550),
        "Organiser le quotidien de la direction et fluidifier l’information.",
        (
            "Gérer l’agenda, les déplacements et les réunions",
            "Rédiger courriers et comptes rendus",
            "Accueillir les partenaires et filtrer les appels",
        ),
        ("BTS en assistanat de direction",),
        ("Organisation", "Word", "Classement", "Discrétion"),
        english=English(
            "Executive Assistant",
            "Organise management’s daily work and keep information flowing.",
            ("Manage calendars, travel and meetings", "Write letters and minutes", "Welcome partners"),
            "Diploma in office administration",
        ),
    ),
    Profession(
        "Responsable des ressources humaines", "Responsable des ressources humaines", (650, 1000, 1600),
        "Porter la politique sociale et accompagner les managers.",
        (
            "Piloter la paie et l’administration du personnel",
            "Conduire le dialogue avec les représentants du personnel",
            "Bâtir le plan de formation",
        ),
        ("Master en gestion des ressources humaines",),
        ("Droit du travail", "Paie", "Dialogue social", "GPEC"),
    ),
    Profession(
        "Chargé de recrutement", "Chargée de recrutement", (300, 500, 780),
        "Attirer et choisir les talents dont l’entreprise a besoin.",
        (
            "Rédiger les annonces et trier les candidatures",
            "Conduire les entretiens et les mises en situation",
            "Organiser l’intégration des nouveaux collaborateurs",
        ),
        ("Licence en gestion des ressources humaines",),
        ("Entretien structuré", "Sourcing", "LinkedIn"),
        (Sector.CONSULTING, Sector.TELECOMS, Sector.RETAIL, Sector.DIGITAL, Sector.MINING),
    ),
)  # fmt: skip

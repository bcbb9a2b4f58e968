"""Professions of computing and telecommunications."""

from sandbox.seed.vocabulary.companies import Sector
from sandbox.seed.vocabulary.professions import English, Profession

_SOFTWARE = (Sector.DIGITAL, Sector.TELECOMS, Sector.BANKING)
_NETWORKS = (Sector.DIGITAL, Sector.TELECOMS, Sector.BANKING, Sector.ENERGY, Sector.INSURANCE)

DIGITAL = (
    Profession(
        "Développeur Python", "Développeuse Python", (450, 800, 1300),
        "Concevoir et faire évoluer les services web qui portent nos produits.",
        (
            "Développer des interfaces de programmation fiables et documentées",
            "Écrire les tests automatisés et participer aux revues de code",
            "Optimiser les requêtes et le modèle de données",
            "Accompagner les mises en production et corriger les anomalies",
        ),
        ("Licence en génie logiciel", "Master en informatique"),
        ("Python", "Flask", "Django", "PostgreSQL", "Git", "Docker"),
        _SOFTWARE,
        English(
            "Python Developer",
            "Design and maintain the web services behind our products.",
            ("Build and document reliable APIs", "Write automated tests and review code", "Tune queries and schemas"),
            "Bachelor’s degree in computer science",
        ),
    ),
    Profession(
        "Développeur Java", "Développeuse Java", (450, 850, 1400),
        "Développer les applications transactionnelles au cœur de notre système d’information.",
        (
            "Concevoir des services robustes et sécurisés",
            "Reprendre et moderniser les applications existantes",
            "Garantir la tenue en charge des traitements de fin de journée",
        ),
        ("Licence en informatique", "Diplôme d’ingénieur en informatique"),
        ("Java", "Spring Boot", "Oracle", "Kafka", "Maven"),
        _SOFTWARE,
    ),
    Profession(
        "Développeur front-end", "Développeuse front-end", (400, 700, 1150),
        "Réaliser des interfaces rapides, accessibles et lisibles sur de petits écrans.",
        (
            "Intégrer les maquettes en composants réutilisables",
            "Veiller à la légèreté des pages sur les réseaux lents",
            "Tester les parcours avec de vrais utilisateurs",
        ),
        ("BTS en informatique de gestion", "Licence en développement web"),
        ("JavaScript", "TypeScript", "React", "Next.js", "HTML", "CSS"),
        (Sector.DIGITAL,),
        English(
            "Front-end Developer",
            "Build fast and accessible interfaces for small screens.",
            ("Turn designs into reusable components", "Keep pages light on slow networks", "Test with real users"),
            "Diploma in web development",
        ),
    ),
    Profession(
        "Développeur mobile Flutter", "Développeuse mobile Flutter", (450, 750, 1200),
        "Développer notre application mobile, du prototype à sa publication.",
        (
            "Programmer les écrans et la synchronisation hors connexion",
            "Publier les versions et suivre les retours des clients",
            "Réduire la consommation de données et de batterie",
        ),
        ("Licence en développement d’applications",),
        ("Flutter", "Dart", "Kotlin", "Firebase"),
        (Sector.DIGITAL, Sector.TELECOMS),
    ),
    Profession(
        "Administrateur systèmes et réseaux", "Administratrice systèmes et réseaux", (400, 700, 1100),
        "Assurer la disponibilité et la sécurité des serveurs et des réseaux.",
        (
            "Administrer les serveurs, les sauvegardes et les annuaires",
            "Surveiller les liaisons entre les sites",
            "Rédiger les procédures d’exploitation",
            "Assister les utilisateurs sur les incidents complexes",
        ),
        ("Licence en réseaux et télécommunications", "Master en administration des systèmes"),
        ("Linux", "Windows Server", "Cisco", "VMware", "Active Directory"),
        _NETWORKS,
    ),
    Profession(
        "Ingénieur DevOps", "Ingénieure DevOps", (700, 1100, 1700),
        "Automatiser les déploiements et fiabiliser nos plateformes.",
        (
            "Maintenir les chaînes d’intégration et de livraison",
            "Décrire l’infrastructure sous forme de code",
            "Mettre en place la supervision et les astreintes",
        ),
        ("Diplôme d’ingénieur en informatique",),
        ("Kubernetes", "Terraform", "Ansible", "AWS", "Prometheus"),
        (Sector.DIGITAL, Sector.TELECOMS),
        English(
            "DevOps Engineer",
            "Automate deployments and keep our platforms dependable.",
            ("Maintain delivery pipelines", "Describe infrastructure as code", "Set up monitoring and on-call duty"),
            "Engineering degree",
        ),
    ),
    Profession(
        "Analyste de données", "Analyste de données", (450, 750, 1200),
        "Transformer les données de l’entreprise en décisions utiles.",
        (
            "Construire et documenter des tableaux de bord",
            "Contrôler la qualité des données collectées",
            "Présenter les résultats aux directions métier",
        ),
        ("Licence en statistique", "Master en science des données"),
        ("SQL", "Power BI", "Excel avancé", "R", "Statistiques"),
        (Sector.DIGITAL, Sector.TELECOMS, Sector.BANKING, Sector.INSURANCE, Sector.DEVELOPMENT),
        English(
            "Data Analyst",
            "Turn the company’s data into useful decisions.",
            ("Build and document dashboards", "Check the quality of collected data", "Present results to managers"),
            "Bachelor’s degree in statistics",
        ),
    ),
    Profession(
        "Chef de projet informatique", "Cheffe de projet informatique", (700, 1100, 1700),
        "Piloter les projets numériques, du cadrage à la mise en service.",
        (
            "Recueillir les besoins et rédiger les cahiers des charges",
            "Tenir le planning, le budget et les risques",
            "Animer les comités avec les prestataires et les métiers",
        ),
        ("Master en management des systèmes d’information",),
        ("Gestion de projet", "Scrum", "MS Project", "Rédaction de cahiers des charges"),
        _NETWORKS,
    ),
    Profession(
        "Technicien support informatique", "Technicienne support informatique", (200, 320, 480),
        "Dépanner et accompagner les utilisateurs au quotidien.",
        (
            "Installer et configurer les postes de travail",
            "Traiter les demandes reçues par téléphone et par ticket",
            "Tenir à jour l’inventaire du matériel",
        ),
        ("BTS en maintenance informatique",),
        ("Windows", "Microsoft 365", "Dépannage matériel", "GLPI"),
    ),
    Profession(
        "Ingénieur cybersécurité", "Ingénieure cybersécurité", (800, 1250, 1900),
        "Protéger les données de nos clients et la continuité de nos services.",
        (
            "Conduire les tests d’intrusion et suivre les correctifs",
            "Analyser les alertes et coordonner la réponse aux incidents",
            "Sensibiliser les équipes aux bons réflexes",
        ),
        ("Master en sécurité des systèmes d’information",),
        ("ISO 27001", "SIEM", "Pare-feu", "Tests d’intrusion"),
        (Sector.TELECOMS, Sector.BANKING, Sector.DIGITAL),
    ),
    Profession(
        "Designer UX/UI", "Designer UX/UI", (350, 600, 950),
        "Imaginer des parcours simples pour des publics très divers.",
        (
            "Mener des entretiens et des tests d’utilisabilité",
            "Produire maquettes et prototypes interactifs",
            "Faire vivre la bibliothèque graphique",
        ),
        ("Licence en design numérique",),
        ("Figma", "Prototypage", "Recherche utilisateur"),
        (Sector.DIGITAL,),
    ),
    Profession(
        "Ingénieur télécoms", "Ingénieure télécoms", (650, 1000, 1600),
        "Étendre et optimiser la couverture de notre réseau.",
        (
            "Dimensionner les liaisons et planifier les fréquences",
            "Superviser l’installation des sites radio",
            "Mesurer la qualité de service et corriger les écarts",
        ),
        ("Diplôme d’ingénieur en télécommunications",),
        ("LTE", "Fibre optique", "Faisceaux hertziens", "IP/MPLS"),
        (Sector.TELECOMS,),
        English(
            "Telecom Engineer",
            "Extend and optimise the coverage of our network.",
            ("Size links and plan frequencies", "Supervise the installation of radio sites", "Measure service quality"),
            "Engineering degree in telecommunications",
        ),
    ),
)  # fmt: skip

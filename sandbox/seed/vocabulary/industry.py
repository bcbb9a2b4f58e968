"""Professions of building sites, mines, plants and transport."""

from sandbox.seed.vocabulary.companies import Sector
from sandbox.seed.vocabulary.professions import English, Profession

_SITES = (Sector.CONSTRUCTION, Sector.MINING)
_PLANTS = (Sector.ENERGY, Sector.MINING, Sector.FOOD, Sector.TIMBER)
_GOODS = (Sector.LOGISTICS, Sector.RETAIL, Sector.FOOD)

INDUSTRY = (
    Profession(
        "Ingénieur génie civil", "Ingénieure génie civil", (600, 950, 1500),
        "Étudier et suivre des ouvrages durables, adaptés aux sols et aux pluies.",
        (
            "Établir les notes de calcul et les plans d’exécution",
            "Contrôler la qualité des bétons et des remblais",
            "Rendre compte de l’avancement au maître d’ouvrage",
        ),
        ("Diplôme d’ingénieur en génie civil",),
        ("AutoCAD", "Robot Structural", "Béton armé", "Métré"),
        _SITES,
        English(
            "Civil Engineer",
            "Design and follow lasting structures suited to local soils and rains.",
            ("Prepare calculations and drawings", "Check concrete and earthworks", "Report progress to the owner"),
            "Engineering degree in civil engineering",
        ),
    ),
    Profession(
        "Conducteur de travaux", "Conductrice de travaux", (500, 800, 1200),
        "Organiser les chantiers dans le respect des coûts, des délais et de la sécurité.",
        (
            "Planifier les approvisionnements et les équipes",
            "Suivre les sous-traitants et les attachements",
            "Tenir les réunions hebdomadaires de chantier",
        ),
        ("Licence en bâtiment et travaux publics",),
        ("Planification", "Lecture de plans", "MS Project", "Sécurité de chantier"),
        (Sector.CONSTRUCTION,),
    ),
    Profession(
        "Architecte", "Architecte", (550, 850, 1300),
        "Dessiner des bâtiments sobres, ventilés naturellement.",
        (
            "Concevoir esquisses, permis et dossiers de consultation",
            "Coordonner les bureaux d’études",
            "Suivre la conformité des travaux",
        ),
        ("Diplôme d’architecte",),
        ("Revit", "ArchiCAD", "Bioclimatique"),
        (Sector.CONSTRUCTION,),
    ),
    Profession(
        "Topographe", "Topographe", (300, 480, 720),
        "Relever les terrains et implanter les ouvrages.",
        (
            "Réaliser les levés et les nivellements",
            "Traiter les données et produire les plans",
            "Entretenir les instruments de mesure",
        ),
        ("BTS en topographie",),
        ("Station totale", "GPS différentiel", "Covadis"),
        _SITES,
    ),
    Profession(
        "Électricien bâtiment", "Électricienne bâtiment", (150, 230, 340),
        "Installer et mettre en conformité les réseaux électriques.",
        (
            "Poser les chemins de câbles et les tableaux",
            "Rechercher et réparer les pannes",
            "Respecter les consignes d’habilitation",
        ),
        ("CAP en électricité", "BEP en électrotechnique"),
        ("Câblage", "Habilitation électrique", "Lecture de schémas"),
        (Sector.CONSTRUCTION, Sector.HOSPITALITY),
    ),
    Profession(
        "Électromécanicien", "Électromécanicienne", (250, 400, 600),
        "Maintenir les équipements de production en état de marche.",
        (
            "Réaliser l’entretien préventif des moteurs et des pompes",
            "Diagnostiquer les pannes électriques et mécaniques",
            "Renseigner les fiches d’intervention",
        ),
        ("BTS en électromécanique",),
        ("Automatismes", "Hydraulique", "Moteurs", "GMAO"),
        _PLANTS,
    ),
    Profession(
        "Soudeur", "Soudeuse", (200, 320, 500),
        "Assembler tuyauteries et structures selon les plans.",
        (
            "Préparer les pièces et choisir le procédé",
            "Souder en atelier et sur site",
            "Contrôler la qualité des cordons",
        ),
        ("CAP en soudure",),
        ("TIG", "Soudage à l’arc", "Lecture isométrique"),
        (Sector.ENERGY, Sector.MINING, Sector.CONSTRUCTION),
    ),
    Profession(
        "Responsable HSE", "Responsable HSE", (600, 950, 1450),
        "Prévenir les accidents et protéger l’environnement.",
        (
            "Analyser les risques et animer les causeries sécurité",
            "Enquêter sur les incidents et suivre les actions",
            "Préparer les audits de certification",
        ),
        ("Master en qualité, hygiène, sécurité, environnement",),
        ("ISO 45001", "ISO 14001", "Analyse des risques"),
        (*_PLANTS, Sector.CONSTRUCTION),
        English(
            "HSE Manager",
            "Prevent accidents and protect the environment.",
            ("Assess risks and lead safety talks", "Investigate incidents", "Prepare certification audits"),
            "Master’s degree in health, safety and environment",
        ),
    ),
    Profession(
        "Géologue", "Géologue", (600, 950, 1500),
        "Évaluer les ressources et guider l’exploitation.",
        (
            "Décrire les carottes et interpréter les sondages",
            "Tenir à jour le modèle de gisement",
            "Encadrer les campagnes de terrain",
        ),
        ("Master en géologie minière",),
        ("Sondages", "Leapfrog", "Cartographie"),
        (Sector.MINING,),
        English(
            "Geologist",
            "Assess resources and guide extraction.",
            ("Log cores and interpret drilling", "Maintain the deposit model", "Lead field campaigns"),
            "Master’s degree in mining geology",
        ),
    ),
    Profession(
        "Technicien solaire", "Technicienne solaire", (200, 330, 500),
        "Installer et entretenir des centrales photovoltaïques en zone rurale.",
        (
            "Poser les panneaux, les onduleurs et les batteries",
            "Former les comités villageois à l’entretien courant",
            "Relever les compteurs et signaler les défauts",
        ),
        ("BTS en énergies renouvelables",),
        ("Photovoltaïque", "Onduleurs", "Batteries"),
        (Sector.ENERGY,),
    ),
    Profession(
        "Responsable logistique", "Responsable logistique", (500, 800, 1250),
        "Organiser les flux pour livrer à temps et au juste coût.",
        (
            "Piloter l’entrepôt et la flotte",
            "Négocier avec les transporteurs",
            "Suivre les indicateurs de service et de stock",
        ),
        ("Licence en logistique et transport", "Master en chaîne d’approvisionnement"),
        ("Gestion de stock", "Incoterms", "Optimisation de tournées"),
        (*_GOODS, Sector.ENERGY, Sector.HEALTH),
    ),
    Profession(
        "Magasinier", "Magasinière", (130, 190, 280),
        "Recevoir, ranger et préparer les marchandises.",
        (
            "Contrôler les livraisons et saisir les entrées",
            "Préparer les commandes",
            "Participer aux inventaires tournants",
        ),
        ("CAP en logistique",),
        ("Inventaire", "Chariot élévateur", "Rigueur"),
        (*_GOODS, Sector.CONSTRUCTION, Sector.MINING),
    ),
    Profession(
        "Chauffeur poids lourd", "Chauffeuse poids lourd", (150, 220, 320),
        "Acheminer les marchandises en sécurité sur de longues distances.",
        (
            "Vérifier le véhicule et l’arrimage avant le départ",
            "Respecter les temps de conduite et de repos",
            "Remettre les documents de transport signés",
        ),
        ("Permis C et E",),
        ("Conduite poids lourd", "Mécanique de base", "Permis C"),
        (Sector.LOGISTICS, Sector.TIMBER, Sector.CONSTRUCTION),
    ),
    Profession(
        "Déclarant en douane", "Déclarante en douane", (250, 400, 620),
        "Établir les déclarations et dédouaner sans retard.",
        (
            "Classer les produits et calculer les droits",
            "Saisir les déclarations dans SYDONIA",
            "Suivre les dossiers jusqu’à la mainlevée",
        ),
        ("BTS en transit et commerce international",),
        ("SYDONIA", "Tarif extérieur commun", "Incoterms"),
        (Sector.LOGISTICS,),
    ),
)  # fmt: skip

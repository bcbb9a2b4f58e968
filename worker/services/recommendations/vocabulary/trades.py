"""Skills of crafts, industry, care, teaching and projects, one a line: the first name stands for all."""

SKILLS = """
AutoCAD
Revit
ArchiCAD
SketchUp
SolidWorks
Covadis
Robot Structural
SIG | Système d'information géographique | GIS
QGIS
ArcGIS
Permis B | Permis de conduire | Driving licence | Driver's license
Permis C
Conduite poids lourd
Mécanique automobile | Mécanique auto
Mécanique
Électricité | Électricité bâtiment
Électrotechnique
Électronique | Electronics
Électromécanique
Automatisme | Automatismes | Automation
Hydraulique | Hydraulics
Soudure | Soudage | Welding
Plomberie | Plumbing
Maçonnerie | Masonry
Menuiserie | Carpentry
Climatisation | Froid et climatisation | Air conditioning
Photovoltaïque | Énergie solaire | Solar energy
GMAO
Maintenance industrielle | Industrial maintenance
Béton armé | Reinforced concrete
Métré
Topographie | Topography | Surveying
Lecture de plans
Planification de travaux
HSE | QHSE | Hygiène sécurité environnement
ISO 9001
ISO 14001
ISO 22000
ISO 45001
HACCP
Assurance qualité | Quality assurance
Contrôle qualité | Quality control
Premiers secours | Secourisme | First aid
Soins infirmiers | Nursing
Soins d'urgence | Emergency care
Vaccination
Pharmacovigilance
Hématologie
Biochimie
Échographie
Laboratoire d'analyses
Agronomie | Agronomy
Élevage
Cuisine | Cooking
Pâtisserie | Pastry
Service en salle
Hôtellerie
Opera PMS
Pédagogie | Pedagogy
Ingénierie pédagogique | Instructional design
Moodle
Suivi et évaluation | Suivi-évaluation | Monitoring and evaluation | M&E
Cadre logique | Logical framework
Collecte de données | Data collection
Gestion du cycle de projet
Mobilisation communautaire
Plaidoyer | Advocacy
"""

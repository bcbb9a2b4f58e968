"""Invented companies. None of them exists."""

from dataclasses import dataclass
from enum import StrEnum


class Sector(StrEnum):
    DIGITAL = "Numérique"
    TELECOMS = "Télécommunications"
    BANKING = "Banque et microfinance"
    INSURANCE = "Assurance"
    ENERGY = "Énergie"
    MINING = "Mines"
    CONSTRUCTION = "BTP"
    LOGISTICS = "Transport et logistique"
    RETAIL = "Grande distribution"
    FOOD = "Agro-industrie"
    TIMBER = "Filière bois"
    HEALTH = "Santé"
    EDUCATION = "Éducation et formation"
    HOSPITALITY = "Hôtellerie et restauration"
    CONSULTING = "Conseil"
    DEVELOPMENT = "Développement et ONG"


@dataclass(frozen=True, slots=True)
class Firm:
    """`branches` are further cities it recruits in."""

    name: str
    slug: str
    sector: Sector
    city: str
    size: str
    presentation: str
    branches: tuple[str, ...] = ()


FIRMS = (
    Firm("Okoumé Digital", "okoume-digital", Sector.DIGITAL, "Libreville", "51-200",
         "Okoumé Digital conçoit des services en ligne pour les administrations et les entreprises d’Afrique centrale.",
         ("Port-Gentil", "Yaoundé")),
    Firm("Baobab Logiciels", "baobab-logiciels", Sector.DIGITAL, "Dakar", "51-200",
         "Baobab Logiciels édite des logiciels de gestion utilisés par plus de mille PME ouest-africaines.",
         ("Thiès", "Abidjan")),
    Firm("Lagune Tech", "lagune-tech", Sector.DIGITAL, "Abidjan", "201-500",
         "Lagune Tech développe des solutions de paiement mobile pour les commerçants et les coopératives.",
         ("Bouaké", "Ouagadougou")),
    Firm("Mbolo Data", "mbolo-data", Sector.DIGITAL, "Libreville", "11-50",
         "Mbolo Data aide les entreprises de la sous-région à tirer parti de leurs données."),
    Firm("Wouri Systèmes", "wouri-systemes", Sector.DIGITAL, "Douala", "51-200",
         "Wouri Systèmes intègre et exploite les réseaux informatiques de grands comptes camerounais.",
         ("Yaoundé", "Kribi")),
    Firm("Teranga Mobile", "teranga-mobile", Sector.TELECOMS, "Dakar", "501-1000",
         "Teranga Mobile déploie la téléphonie et l’internet mobile jusque dans les villages les plus isolés.",
         ("Saint-Louis", "Thiès", "Bamako")),
    Firm("Ogooué Télécom", "ogooue-telecom", Sector.TELECOMS, "Libreville", "501-1000",
         "Ogooué Télécom exploite un réseau de fibre optique et de téléphonie mobile au Gabon.",
         ("Port-Gentil", "Franceville", "Oyem", "Lambaréné")),
    Firm("Sahel Connect", "sahel-connect", Sector.TELECOMS, "Niamey", "201-500",
         "Sahel Connect relie les villes du Sahel par faisceaux hertziens et liaisons satellitaires.",
         ("Ouagadougou", "Bamako", "N’Djamena")),
    Firm("Banque de l’Estuaire", "banque-estuaire", Sector.BANKING, "Libreville", "501-1000",
         "La Banque de l’Estuaire accompagne les particuliers et les entreprises dans quatre pays de la CEMAC.",
         ("Port-Gentil", "Douala", "Brazzaville", "Franceville")),
    Firm("Crédit Solidaire du Golfe", "credit-solidaire-golfe", Sector.BANKING, "Cotonou", "201-500",
         "Le Crédit Solidaire du Golfe finance les petits entrepreneurs et les groupements de femmes.",
         ("Parakou", "Lomé")),
    Firm("Union Financière du Plateau", "union-financiere-plateau", Sector.BANKING, "Abidjan", "1000+",
         "L’Union Financière du Plateau est une banque universelle présente dans l’ensemble de l’UEMOA.",
         ("Dakar", "Bamako", "San-Pédro", "Lomé")),
    Firm("Ndzila Microfinance", "ndzila-microfinance", Sector.BANKING, "Pointe-Noire", "51-200",
         "Ndzila Microfinance propose épargne et crédit de proximité aux commerçants du Congo.",
         ("Brazzaville",)),
    Firm("Assurances Karité", "assurances-karite", Sector.INSURANCE, "Ouagadougou", "201-500",
         "Assurances Karité protège les familles, les récoltes et les entreprises du Burkina Faso.",
         ("Bobo-Dioulasso", "Niamey")),
    Firm("Mutuelle du Littoral", "mutuelle-littoral", Sector.INSURANCE, "Douala", "201-500",
         "La Mutuelle du Littoral assure les salariés et les indépendants depuis plus de vingt ans.",
         ("Yaoundé", "Libreville")),
    Firm("Énergies du Mayombe", "energies-mayombe", Sector.ENERGY, "Pointe-Noire", "501-1000",
         "Énergies du Mayombe exploite des champs pétroliers et gaziers et investit dans le solaire.",
         ("Brazzaville", "Port-Gentil")),
    Firm("Soleil du Sahel", "soleil-sahel", Sector.ENERGY, "Bamako", "51-200",
         "Soleil du Sahel installe des mini-réseaux solaires dans les localités rurales.",
         ("Niamey", "Ouagadougou", "Dakar")),
    Firm("Cap Lopez Services", "cap-lopez-services", Sector.ENERGY, "Port-Gentil", "201-500",
         "Cap Lopez Services assure la maintenance des installations pétrolières en mer et à terre.",
         ("Libreville", "Pointe-Noire")),
    Firm("Manganèse du Haut-Pays", "manganese-haut-pays", Sector.MINING, "Franceville", "1000+",
         "Manganèse du Haut-Pays extrait et transforme le minerai dans le sud-est du Gabon.",
         ("Libreville",)),
    Firm("Or du Liptako", "or-liptako", Sector.MINING, "Ouagadougou", "501-1000",
         "Or du Liptako exploite une mine industrielle et forme les jeunes des communes voisines.",
         ("Niamey", "Bobo-Dioulasso")),
    Firm("Bâtisseurs du Mfoundi", "batisseurs-mfoundi", Sector.CONSTRUCTION, "Yaoundé", "501-1000",
         "Bâtisseurs du Mfoundi réalise routes, ponts et logements sociaux au Cameroun et au Tchad.",
         ("Douala", "Garoua", "N’Djamena", "Moundou")),
    Firm("Éburnie Travaux", "eburnie-travaux", Sector.CONSTRUCTION, "Abidjan", "501-1000",
         "Éburnie Travaux est une entreprise de bâtiment et de travaux publics active dans toute la Côte d’Ivoire.",
         ("Bouaké", "San-Pédro")),
    Firm("Nzela Infrastructures", "nzela-infrastructures", Sector.CONSTRUCTION, "Kinshasa", "201-500",
         "Nzela Infrastructures construit des voiries urbaines et des ouvrages d’assainissement.",
         ("Brazzaville", "Bangui")),
    Firm("Corridor Logistique", "corridor-logistique", Sector.LOGISTICS, "Douala", "501-1000",
         "Corridor Logistique achemine les marchandises du port de Douala vers le Tchad et la Centrafrique.",
         ("Garoua", "N’Djamena", "Bangui", "Kribi")),
    Firm("Transit Océan", "transit-ocean", Sector.LOGISTICS, "Lomé", "51-200",
         "Transit Océan prend en charge les formalités portuaires et le transport des importateurs de la côte.",
         ("Cotonou", "Abidjan")),
    Firm("Rail et Routes du Congo", "rail-routes-congo", Sector.LOGISTICS, "Pointe-Noire", "201-500",
         "Rail et Routes du Congo transporte conteneurs et vrac entre le port et l’intérieur du pays.",
         ("Brazzaville", "Kinshasa")),
    Firm("Marchés Kalao", "marches-kalao", Sector.RETAIL, "Libreville", "1000+",
         "Marchés Kalao exploite dix-huit supermarchés et une centrale d’achat de produits locaux.",
         ("Port-Gentil", "Franceville", "Oyem", "Douala")),
    Firm("Djolof Distribution", "djolof-distribution", Sector.RETAIL, "Dakar", "501-1000",
         "Djolof Distribution approvisionne boutiques de quartier et grandes surfaces du Sénégal.",
         ("Thiès", "Saint-Louis")),
    Firm("Cacao des Lagunes", "cacao-lagunes", Sector.FOOD, "San-Pédro", "501-1000",
         "Cacao des Lagunes achète, transforme et exporte le cacao de douze mille planteurs.",
         ("Abidjan",)),
    Firm("Jardins du Mono", "jardins-mono", Sector.FOOD, "Cotonou", "51-200",
         "Jardins du Mono transforme l’ananas et l’anacarde en partenariat avec les coopératives.",
         ("Parakou", "Lomé")),
    Firm("Bois de l’Ivindo", "bois-ivindo", Sector.TIMBER, "Libreville", "201-500",
         "Bois de l’Ivindo gère des concessions certifiées et fabrique des panneaux et des menuiseries.",
         ("Lambaréné", "Port-Gentil")),
    Firm("Cliniques Sainte-Rita", "cliniques-sainte-rita", Sector.HEALTH, "Douala", "201-500",
         "Les Cliniques Sainte-Rita soignent chaque année soixante mille patients au Cameroun et au Gabon.",
         ("Yaoundé", "Libreville")),
    Firm("Polyclinique des Almadies", "polyclinique-almadies", Sector.HEALTH, "Dakar", "51-200",
         "La Polyclinique des Almadies réunit quarante praticiens et un plateau technique moderne.",
         ("Saint-Louis",)),
    Firm("Institut Nkrumah", "institut-nkrumah", Sector.EDUCATION, "Abidjan", "51-200",
         "L’Institut Nkrumah forme aux métiers de la gestion, du numérique et de l’ingénierie.",
         ("Bouaké", "Lomé", "Cotonou")),
    Firm("Écoles du Pool", "ecoles-pool", Sector.EDUCATION, "Brazzaville", "51-200",
         "Les Écoles du Pool accueillent deux mille élèves, de la maternelle au baccalauréat.",
         ("Pointe-Noire", "Kinshasa")),
    Firm("Hôtels Atlantide", "hotels-atlantide", Sector.HOSPITALITY, "Libreville", "201-500",
         "Hôtels Atlantide exploite cinq établissements de bord de mer et un service de traiteur.",
         ("Kribi", "Abidjan", "Pointe-Noire")),
    Firm("Palais de la Savane", "palais-savane", Sector.HOSPITALITY, "Niamey", "51-200",
         "Le Palais de la Savane accueille voyageurs d’affaires et conférences internationales.",
         ("Bamako", "Ouagadougou")),
    Firm("Cabinet Palabre", "cabinet-palabre", Sector.CONSULTING, "Abidjan", "51-200",
         "Le Cabinet Palabre conseille les dirigeants en stratégie, en finance et en ressources humaines.",
         ("Dakar", "Libreville", "Douala")),
    Firm("Audit Équateur", "audit-equateur", Sector.CONSULTING, "Yaoundé", "51-200",
         "Audit Équateur certifie les comptes et accompagne la transformation des entreprises publiques.",
         ("Libreville", "Brazzaville")),
    Firm("Fonds Racines", "fonds-racines", Sector.DEVELOPMENT, "Bamako", "51-200",
         "Le Fonds Racines finance des projets d’agriculture durable et d’éducation des filles.",
         ("Niamey", "Ouagadougou", "N’Djamena", "Dakar")),
    Firm("Alliance Eau et Santé", "alliance-eau-sante", Sector.DEVELOPMENT, "N’Djamena", "51-200",
         "L’Alliance Eau et Santé construit des points d’eau et soutient les centres de santé du bassin du lac Tchad.",
         ("Moundou", "Bangui", "Garoua")),
)  # fmt: skip


def one_sector_after_another() -> tuple[Firm, ...]:
    """All firms, so ordered that the first few already span the sectors."""
    met: dict[Sector, int] = {}
    ranks = []
    for firm in FIRMS:
        ranks.append(met.get(firm.sector, 0))
        met[firm.sector] = ranks[-1] + 1
    return tuple(firm for _, firm in sorted(zip(ranks, FIRMS, strict=True), key=lambda pair: pair[0]))

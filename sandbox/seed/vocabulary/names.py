"""First and family names as they are common in each country."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Names:
    women: tuple[str, ...]
    men: tuple[str, ...]
    families: tuple[str, ...]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_CENTRAL_WOMEN = _words("Grâce Ornella Prisca Nadège Carine Sandrine Édith Clarisse Mireille Laetitia Flore Josiane")
_CENTRAL_MEN = _words("Hervé Ghislain Landry Rodrigue Thierry Yannick Fabrice Arnaud Cédric Serge Guy Boris")
_SAHEL_WOMEN = _words("Aïcha Fatoumata Mariam Kadiatou Aminata Oumou Salimata Rokia Hawa Assétou Ramatou Zeinabou")
_SAHEL_MEN = _words("Moussa Ibrahim Amadou Oumar Boubacar Souleymane Abdoulaye Issa Adama Seydou Modibo Yacouba")
_COAST_WOMEN = _words("Akouvi Afi Reine Estelle Sylvie Ablawa Bénédicte Rosine Viviane Mawulé Edwige Pélagie")
_COAST_MEN = _words("Kossi Komlan Gildas Fiacre Romaric Koffi Wilfried Parfait Éric Mawuli Ulrich Sèna")

BY_COUNTRY = {
    "GA": Names(
        (*_CENTRAL_WOMEN, "Ange", "Chimène"),
        (*_CENTRAL_MEN, "Régis", "Steeve"),
        _words("Mba Ndong Obame Nguema Essono Moussavou Mboumba Koumba Ondo Nzamba Mbadinga Bekale Ogandaga Makaya"),
    ),
    "CM": Names(
        (*_CENTRAL_WOMEN, "Solange", "Bernadette"),
        (*_CENTRAL_MEN, "Blaise", "Ferdinand"),
        _words(
            "Ngono Mbarga Fotso Kamga Tchoumi Nkoulou Atangana Djoumessi Ewane Moukoko Nana Tchakounté Ayissi Talla"
        ),
    ),
    "CG": Names(
        _CENTRAL_WOMEN,
        _CENTRAL_MEN,
        _words("Makosso Mabiala Loemba Nganga Bouanga Malonga Samba Goma Itoua Massamba Moukala Tchicaya Okemba"),
    ),
    "CD": Names(
        (*_CENTRAL_WOMEN, "Béatrice", "Espérance"),
        (*_CENTRAL_MEN, "Trésor", "Héritier"),
        _words("Kabongo Mukendi Ilunga Tshibangu Mbuyi Lukusa Kalala Mutombo Ngoyi Kasongo Lubaki Mwamba"),
    ),
    "CF": Names(
        _CENTRAL_WOMEN,
        _CENTRAL_MEN,
        _words("Yakété Ngaïssona Mokpem Ndotar Sana Gbango Kombo Zingas Yangba Feïdangai"),
    ),
    "TD": Names(
        (*_SAHEL_WOMEN, "Achta", "Halimé"),
        (*_SAHEL_MEN, "Mahamat", "Djimet"),
        _words("Abakar Ngarlem Djimadoum Hassan Brahim Mbaïtoubam Allamine Nadjitam Ngarmbatna Adoum Saleh"),
    ),
    "CI": Names(
        _words("Adjoua Affoué Aya Amenan Akissi Mariam Fanta Aminata Estelle Prisca Grâce Rosine Solange Ahou"),
        _words("Kouadio Yao Konan Aboubacar Jean-Marc Serge Franck Lassina Didier Arsène Siaka Hervé Koffi Cyrille"),
        _words("Kouassi Koné Kouamé Coulibaly Traoré N’Guessan Yao Ouattara Bamba Diabaté Aka Gnahoré Kacou Assi"),
    ),
    "SN": Names(
        _words("Awa Fatou Ndèye Khady Mariama Aïssatou Coumba Sokhna Rokhaya Adama Bineta Maïmouna Astou Dieynaba"),
        _words(
            "Mamadou Cheikh Ousmane Ibrahima Modou Pape Alioune Babacar El-Hadji Malick Assane Abdou Serigne Lamine"
        ),
        _words("Diop Ndiaye Fall Sarr Gueye Sow Ba Cissé Faye Diouf Sène Thiam Mbaye Kane Seck Sy"),
    ),
    "BJ": Names(
        _COAST_WOMEN,
        _COAST_MEN,
        _words("Hounkpatin Adjovi Dossou Ahouansou Gbaguidi Houngbo Agossou Zinsou Kpadonou Hounsou Tossou Akplogan"),
    ),
    "TG": Names(
        _COAST_WOMEN,
        _COAST_MEN,
        _words("Mensah Agbéko Amégan Lawson Adjéoda Kpodar Amouzou Dogbé Sossou Togbé Ayité Edoh Akakpo"),
    ),
    "BF": Names(
        (*_SAHEL_WOMEN, "Pauline", "Wendyam"),
        (*_SAHEL_MEN, "Wendkuni", "Lassané"),
        _words("Ouédraogo Sawadogo Kaboré Zongo Ilboudo Nikiéma Tapsoba Zoungrana Sanou Kinda Yaméogo Barry"),
    ),
    "ML": Names(
        _SAHEL_WOMEN,
        _SAHEL_MEN,
        _words("Traoré Keïta Diarra Coulibaly Sidibé Maïga Sissoko Koné Dembélé Camara Cissé Touré"),
    ),
    "NE": Names(
        (*_SAHEL_WOMEN, "Hadiza", "Nafissa"),
        (*_SAHEL_MEN, "Salissou", "Harouna"),
        _words("Issoufou Abdou Mahamadou Hassane Oumarou Garba Maman Adamou Saley Boureima Djibo Amadou"),
    ),
}

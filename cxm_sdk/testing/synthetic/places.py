"""Countries of the synthetic customers: cities, streets, postcodes, telephone numbers, mail domains.

Cities are ``name=other name:postcode prefixes:area code``, largest first; an underscore stands for a space.
Written from general knowledge; street, house number and postcode are put together freely, so that an address
is a real one only by accident.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["COMPANY_WORDS", "COUNTRIES", "NICK_WORDS", "WORLD_MAIL", "Country"]


@dataclass(frozen=True)
class Country:
    """One country.

    Attributes:
        code: ISO 3166 alpha-2.
        name: English name, as CRM systems write it.
        weight: Share of the households, in percent.
        cultures: ``culture=percent`` tokens: from where its families have their names.
        cities: City tokens, see the module's first lines.
        postcode: Shape of what follows the prefix: ``gb``, ``us``, ``three``, ``nl`` or ``pl``.
        stems: Street stems, most frequent first.
        types: Street types as ``full/abbreviated`` tokens, most frequent first; ``~`` glues to the stem.
        type_first: Whether the type stands before the stem (``Rue Pasteur``).
        number_first: Whether the house number stands before the street.
        number_step: Difference of neighbouring house numbers.
        flats: How a flat is written, ``{}`` for its number.
        calling_code: International calling code.
        trunk: What is dialled before the area code at home.
        mobile: Mobile prefixes without trunk, or ranges of them.
        mobile_digits: Digits after the prefix of a mobile number.
        land_digits: Digits of a landline number, the area code included.
        mail: Mail providers, most frequent first.
    """

    code: str
    name: str
    weight: int
    cultures: str
    cities: str
    postcode: str
    stems: str
    types: str
    type_first: bool
    number_first: bool
    number_step: int
    flats: str
    calling_code: str
    trunk: str
    mobile: str
    mobile_digits: int
    land_digits: int
    mail: str


COUNTRIES: Final = (
    Country(
        code="GB",
        name="United Kingdom",
        weight=30,
        cultures="english=76 indian=7 arabic=6 polish=3 chinese=2 italian=1 german=1 spanish=1 "
        "turkish=1 greek=1 russian=1",
        cities="London=Greater_London:E,N,SE,SW,W,NW:20 Birmingham:B:121 Manchester:M:161 Leeds:LS:113 "
        "Glasgow:G:141 Sheffield:S:114 Bradford:BD:1274 Liverpool:L:151 Edinburgh:EH:131 "
        "Bristol:BS:117 Cardiff=Caerdydd:CF:29 Leicester:LE:116 Coventry:CV:24 Nottingham:NG:115 "
        "Newcastle_upon_Tyne=Newcastle:NE:191 Sunderland:SR:191 Brighton=Brighton_&_Hove:BN:1273 "
        "Hull=Kingston_upon_Hull:HU:1482 Plymouth:PL:1752 Stoke-on-Trent=Stoke:ST:1782 Derby:DE:1332 "
        "Southampton:SO:23 Portsmouth:PO:23 Reading:RG:118 Northampton:NN:1604 Aberdeen:AB:1224 "
        "York:YO:1904 Norwich:NR:1603 Oxford:OX:1865 Cambridge:CB:1223 Exeter:EX:1392 "
        "St_Albans=Saint_Albans:AL:1727 Bath:BA:1225",
        postcode="gb",
        stems="High Station Church Victoria Main Park London Green Manor Kings Queens New Grange North "
        "South Albert Springfield Mill School York Windsor Broad Chapel The_Crescent George Alexandra "
        "West East Highfield Stanley Richmond Oak Elm Beech Cedar Willow Holly Hawthorn Orchard "
        "Meadow Woodland Hill Valley River Bridge Castle Abbey Priory Rectory Vicarage Farm Cross "
        "Spring Well St_John's St_Mary's Nelson Wellington Churchill Cromwell Balmoral Sandringham "
        "Clarence Lansdowne Derwent Thornhill Fairfield Ashfield Bramley Kestrel Sycamore Juniper",
        types="Road/Rd Street/St Lane/Ln Avenue/Ave Close/Cl Drive/Dr Way/Wy Crescent/Cres "
        "Gardens/Gdns Court/Ct",
        type_first=False,
        number_first=True,
        number_step=1,
        flats="Flat {}",
        calling_code="44",
        trunk="0",
        mobile="7300-7599 7700-7999",
        mobile_digits=6,
        land_digits=10,
        mail="hotmail.co.uk btinternet.com yahoo.co.uk live.co.uk sky.com talktalk.net virginmedia.com",
    ),
    Country(
        code="DE",
        name="Germany",
        weight=26,
        cultures="german=78 turkish=7 polish=3 russian=4 arabic=3 italian=2 greek=1 chinese=1 portuguese=1",
        cities="Berlin:10,12,13,14:30 Hamburg:20,21,22:40 München=Munich:80,81:89 Köln=Cologne:50,51:221 "
        "Frankfurt_am_Main=Frankfurt:60,65:69 Stuttgart:70:711 Düsseldorf=Duesseldorf:40:211 "
        "Leipzig:04:341 Dortmund:44:231 Essen:45:201 Bremen:28:421 Dresden:01:351 "
        "Hannover=Hanover:30:511 Nürnberg=Nuremberg:90:911 Duisburg:47:203 Bochum:44:234 "
        "Wuppertal:42:202 Bielefeld:33:521 Bonn:53:228 Münster=Muenster:48:251 Mannheim:68:621 "
        "Karlsruhe:76:721 Augsburg:86:821 Wiesbaden:65:611 Kiel:24:431 "
        "Freiburg_im_Breisgau=Freiburg:79:761 Erfurt:99:361 Rostock:18:381 Kassel:34:561 "
        "Potsdam:14:331 Würzburg=Wuerzburg:97:931 Halle_(Saale)=Halle:06:345 Ulm:89:731",
        postcode="three",
        stems="Haupt Bahnhof Garten Schul Dorf Berg Kirch Wald Ring Linden Mühlen Goethe Schiller Rosen "
        "Wiesen Birken Feld Mozart Buchen Brunnen Jahn Beethoven Friedhof Eichen Ahorn Tal Bach "
        "Sonnen Tannen Kastanien Park Bismarck Kaiser König Wilhelm Burg Markt Post Neu Ost West Nord "
        "Süd Rathaus Hafen Kloster Schloss Luther Lessing Uhland Kant Heine Amsel Drossel Finken "
        "Lerchen Meisen Fichten Kiefern Erlen Ulmen Weiden Holunder Flieder Tulpen Nelken",
        types="~straße/~str. ~weg/~weg ~straße/~strasse ~gasse/~g. ~platz/~pl. ~allee/~allee ~ring/~ring",
        type_first=False,
        number_first=False,
        number_step=1,
        flats="{}. OG",
        calling_code="49",
        trunk="0",
        mobile="151 152 157 159 160 162 163 170 171 172 173 174 175 176 177 178 179",
        mobile_digits=8,
        land_digits=10,
        mail="gmx.de web.de t-online.de freenet.de gmx.net arcor.de online.de",
    ),
    Country(
        code="FR",
        name="France",
        weight=12,
        cultures="french=79 arabic=9 portuguese=3 spanish=3 italian=3 polish=1 turkish=1 chinese=1",
        cities="Paris:75:1 Marseille=Marseilles:13:4 Lyon=Lyons:69:4 Toulouse:31:5 Nice:06:4 Nantes:44:2 "
        "Montpellier:34:4 Strasbourg:67:3 Bordeaux:33:5 Lille:59:3 Rennes:35:2 Reims=Rheims:51:3 "
        "Saint-Étienne=St_Etienne:42:4 Toulon:83:4 Le_Havre=Havre:76:2 Grenoble:38:4 Dijon:21:3 "
        "Angers:49:2 Nîmes=Nimes:30:4 Clermont-Ferrand:63:4 Tours:37:2 Metz:57:3 "
        "Besançon=Besancon:25:3 Perpignan:66:4 Orléans=Orleans:45:2 Caen:14:2",
        postcode="three",
        stems="de_la_République Victor_Hugo Jean_Jaurès Pasteur du_Général_de_Gaulle de_l'Église "
        "Jules_Ferry de_la_Gare Gambetta Émile_Zola des_Écoles du_Moulin de_la_Mairie Voltaire "
        "de_Verdun de_Paris Saint-Martin des_Lilas du_Château de_la_Fontaine Anatole_France du_Stade "
        "des_Jardins de_Strasbourg Molière Carnot du_Lavoir Mirabeau Lafayette des_Acacias du_Port "
        "des_Tilleuls de_la_Liberté Saint-Michel du_Bois des_Roses Lamartine Balzac Clemenceau "
        "du_Vieux_Pont de_Bretagne des_Vignes Marcel_Pagnol Nationale Principale de_la_Paix",
        types="Rue/R. Avenue/Av. Boulevard/Bd Place/Pl. Chemin/Ch. Impasse/Imp.",
        type_first=True,
        number_first=True,
        number_step=1,
        flats="Apt {}",
        calling_code="33",
        trunk="0",
        mobile="61 62 63 64 65 66 67 68 69 70 75 76 77 78",
        mobile_digits=7,
        land_digits=9,
        mail="orange.fr free.fr hotmail.fr wanadoo.fr laposte.net sfr.fr yahoo.fr",
    ),
    Country(
        code="ES",
        name="Spain",
        weight=9,
        cultures="spanish=88 arabic=4 portuguese=2 english=2 german=1 chinese=1 italian=1 russian=1",
        cities="Madrid:28:91 Barcelona:08:93 Valencia=València:46:96 Sevilla=Seville:41:95 "
        "Zaragoza=Saragossa:50:976 Málaga=Malaga:29:95 Murcia:30:968 Palma=Palma_de_Mallorca:07:971 "
        "Las_Palmas:35:928 Bilbao=Bilbo:48:94 Alicante=Alacant:03:96 Córdoba=Cordova:14:957 "
        "Valladolid:47:983 Vigo:36:986 Gijón=Gijon:33:98 A_Coruña=La_Coruña:15:981 Granada:18:958 "
        "Vitoria-Gasteiz=Vitoria:01:945 Oviedo:33:98 Pamplona=Iruña:31:948 Santander:39:942 "
        "Salamanca:37:923",
        postcode="three",
        stems="Mayor Real Nueva de_la_Constitución San_José del_Sol San_Juan de_Cervantes de_la_Iglesia "
        "Colón de_la_Paz San_Antonio de_España Goya del_Carmen Velázquez San_Pedro de_la_Libertad "
        "Santa_María Alfonso_XII del_Mar Doctor_Fleming de_Andalucía de_la_Fuente San_Miguel "
        "de_Toledo Gran_Vía de_los_Reyes del_Pilar Lope_de_Vega de_Aragón del_Molino Ramón_y_Cajal "
        "de_Galicia de_las_Flores San_Francisco Quevedo de_Castilla",
        types="Calle/C/ Calle/Cl. Avenida/Avda. Plaza/Pza. Paseo/Pº",
        type_first=True,
        number_first=False,
        number_step=1,
        flats="{}º B",
        calling_code="34",
        trunk="",
        mobile="600-699 710-749",
        mobile_digits=6,
        land_digits=9,
        mail="hotmail.es yahoo.es telefonica.net terra.es movistar.es",
    ),
    Country(
        code="IT",
        name="Italy",
        weight=8,
        cultures="italian=93 arabic=2 chinese=2 polish=1 russian=1 spanish=1",
        cities="Roma=Rome:00:06 Milano=Milan:20:02 Napoli=Naples:80:081 Torino=Turin:10:011 Palermo:90:091 "
        "Genova=Genoa:16:010 Bologna:40:051 Firenze=Florence:50:055 Bari:70:080 Catania:95:095 "
        "Verona:37:045 Venezia=Venice:30:041 Messina:98:090 Padova=Padua:35:049 Trieste:34:040 "
        "Brescia:25:030 Parma:43:0521 Modena:41:059 Perugia:06:075 Bergamo:24:035 Cagliari:09:070 "
        "Siena:53:0577",
        postcode="three",
        stems="Roma Garibaldi Mazzini Dante_Alighieri Cavour Marconi Matteotti Verdi Vittorio_Emanuele "
        "della_Libertà XX_Settembre IV_Novembre San_Francesco Manzoni Gramsci Europa Leopardi "
        "Carducci Diaz Piave Aldo_Moro Puccini della_Repubblica Colombo Galilei Foscolo San_Marco "
        "del_Popolo Trieste Trento Milano Torino Michelangelo Pascoli Kennedy delle_Rose dei_Mille "
        "Umberto_I De_Gasperi Pertini",
        types="Via/V. Via/Via Viale/V.le Corso/C.so Piazza/P.za",
        type_first=True,
        number_first=False,
        number_step=1,
        flats="int. {}",
        calling_code="39",
        trunk="",
        mobile="320 328 329 331 333 335 338 339 340 345 347 348 349 366 380 388 389 392 393",
        mobile_digits=7,
        land_digits=10,
        mail="libero.it hotmail.it yahoo.it alice.it tiscali.it virgilio.it",
    ),
    Country(
        code="NL",
        name="Netherlands",
        weight=6,
        cultures="dutch=84 turkish=4 arabic=4 polish=2 indian=2 german=2 english=1 chinese=1",
        cities="Amsterdam:10,11:20 Rotterdam:30:10 Den_Haag='s-Gravenhage:25:70 Utrecht:35:30 "
        "Eindhoven:56:40 Groningen:97:50 Tilburg:50:13 Almere:13:36 Breda:48:76 Nijmegen:65:24 "
        "Enschede:75:53 Haarlem:20:23 Arnhem:68:26 Zwolle:80:38 Leiden=Leyden:23:71 Maastricht:62:43 "
        "Delft:26:15 Den_Bosch='s-Hertogenbosch:52:73",
        postcode="nl",
        stems="Kerk Dorps School Molen Hoofd Stations Wilhelmina Juliana Beatrix Emma Julianadorp Nieuw "
        "Oranje Prinsen Markt Meidoorn Eiken Beuken Linden Berken Kastanje Vondel Rembrandt "
        "Dr._Schaepman Burgemeester Industrie Wilgen Populieren Rozen Tulpen Anjer Haven Spoor Water "
        "Zand Veld Bos Hei Zuid Noord Ooster Wester",
        types="~straat/~str. ~laan/~ln ~weg/~wg ~plein/~pln ~singel/~singel",
        type_first=False,
        number_first=False,
        number_step=1,
        flats="{} hs",
        calling_code="31",
        trunk="0",
        mobile="61 62 63 64 65 68",
        mobile_digits=7,
        land_digits=9,
        mail="hotmail.nl ziggo.nl kpnmail.nl planet.nl live.nl xs4all.nl",
    ),
    Country(
        code="PL",
        name="Poland",
        weight=5,
        cultures="polish=96 russian=3 german=1",
        cities="Warszawa=Warsaw:00,01,02,03:22 Kraków=Cracow:30,31:12 Łódź=Lodz:90,91:42 "
        "Wrocław=Breslau:50:71 Poznań=Poznan:60:61 Gdańsk=Gdansk:80:58 Szczecin:70:91 "
        "Bydgoszcz:85:52 Lublin:20:81 Katowice:40:32 Białystok:15:85 Gdynia:81:58 Częstochowa:42:34 "
        "Radom:26:48 Toruń=Torun:87:56 Kielce:25:41 Rzeszów=Rzeszow:35:17 Olsztyn:10:89",
        postcode="pl",
        stems="Polna Leśna Słoneczna Krótka Szkolna Ogrodowa Lipowa Brzozowa Łąkowa Kwiatowa Sosnowa "
        "Kościelna Akacjowa Parkowa Zielona Kolejowa Sportowa Dębowa Kościuszki Mickiewicza "
        "Sienkiewicza Słowackiego Jana_Pawła_II 3_Maja Wojska_Polskiego Piłsudskiego Konopnickiej "
        "Kopernika Żeromskiego Wiśniowa Różana Piaskowa Wiejska Spokojna Klonowa Nowa Długa Mostowa "
        "Wodna Młyńska",
        types="ul./ulica ul./ul ul./Ul. al./Aleja os./Osiedle",
        type_first=True,
        number_first=False,
        number_step=1,
        flats="m. {}",
        calling_code="48",
        trunk="",
        mobile="500-519 530-539 570-579 600-609 660-669 690-699 720-739 780-799 880-889",
        mobile_digits=6,
        land_digits=9,
        mail="wp.pl o2.pl onet.pl interia.pl op.pl poczta.fm",
    ),
    Country(
        code="US",
        name="United States",
        weight=4,
        cultures="english=62 spanish=14 german=5 italian=4 chinese=4 indian=3 polish=3 french=2 "
        "nordic=2 arabic=1",
        cities="New_York=NYC:100,101,112:212 Los_Angeles=LA:900:213 Chicago:606:312 Houston:770:713 "
        "Phoenix:850:602 Philadelphia=Philly:191:215 San_Antonio:782:210 San_Diego:921:619 "
        "Dallas:752:214 Austin:787:512 Columbus:432:614 Charlotte:282:704 San_Francisco:941:415 "
        "Seattle:981:206 Denver:802:303 Boston:021:617 Nashville:372:615 Portland:972:503 "
        "Minneapolis:554:612 Saint_Paul=St._Paul:551:651 Milwaukee:532:414 Albuquerque:871:505",
        postcode="us",
        stems="Main 2nd 3rd 1st Oak 4th Elm Pine Maple Cedar Washington 5th Lake Hill Walnut Park View "
        "Lincoln Jackson Spring Ridge Church Willow Franklin River Jefferson Chestnut Madison Sunset "
        "Highland Cherry Forest Adams Dogwood Meadow Hickory Magnolia Monroe Valley Mill Center Union "
        "Prospect Railroad Cypress Birch Laurel",
        types="Street/St Avenue/Ave Drive/Dr Road/Rd Lane/Ln Court/Ct Boulevard/Blvd Circle/Cir",
        type_first=False,
        number_first=True,
        number_step=20,
        flats="Apt {}",
        calling_code="1",
        trunk="",
        mobile="201 212 213 310 312 347 404 415 469 503 512 602 617 646 702 713 773 818 917 929",
        mobile_digits=7,
        land_digits=10,
        mail="aol.com comcast.net verizon.net att.net sbcglobal.net",
    ),
)
"""All countries. The order is part of the seeded data: append, do not reorder."""

WORLD_MAIL: Final = "gmail.com hotmail.com outlook.com yahoo.com icloud.com live.com protonmail.com me.com"
NICK_WORDS: Final = (
    "sunny shadow blue dragon tiger happy magic silver star rock crazy wild moon fire angel lucky super "
    "sweet dark golden football guitar biker runner chef gamer cat dog fox wolf bear panda bunny coffee "
    "pizza beach mountain rider dancer music photo travel garden racer pixel ninja pirate queen king prince "
    "lady mister captain doc"
)
COMPANY_WORDS: Final = (
    "acme nordwind brightwater kestrel ironbridge alpina vertex meridian lumen oakfield bluepeak stellar "
    "harbor cobalt quercus solis tectum novum arbor fluvia granite halcyon juniper krater linden magnolia "
    "nimbus orchard pinnacle quarry"
)

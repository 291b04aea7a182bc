"""Names and codes of countries and of the states of three of them."""

from __future__ import annotations

__all__ = ["COUNTRIES", "STATES"]

_COUNTRIES = """
ad and andorra; ae are united arab emirates, uae, emirates; af afg afghanistan; ag atg antigua and barbuda;
al alb albania; am arm armenia; ao ago angola; ar arg argentina;
at aut austria, osterreich, oesterreich, autriche; au aus australia; az aze azerbaijan;
ba bih bosnia and herzegovina, bosnia; bb brb barbados; bd bgd bangladesh;
be bel belgium, belgie, belgique, belgien; bf bfa burkina faso; bg bgr bulgaria; bh bhr bahrain;
bi bdi burundi; bj ben benin; bm bmu bermuda; bn brn brunei, brunei darussalam; bo bol bolivia;
br bra brazil, brasil; bs bhs bahamas, the bahamas; bt btn bhutan; bw bwa botswana; by blr belarus;
bz blz belize; ca can canada, kanada; cd cod democratic republic of the congo, dr congo, congo kinshasa;
cf caf central african republic; cg cog congo; ch che switzerland, schweiz, suisse, svizzera;
ci civ cote d ivoire, cote divoire, ivory coast; cl chl chile; cm cmr cameroon;
cn chn china, people s republic of china, peoples republic of china, 中国, prc; co col colombia;
cr cri costa rica; cu cub cuba; cv cpv cape verde, cabo verde; cy cyp cyprus;
cz cze czech republic, czechia, cesko, ceska republika;
de deu germany, deutschland, allemagne, alemania, germania, duitsland, ger; dj dji djibouti;
dk dnk denmark, danmark, danemark; dm dma dominica; do dom dominican republic, republica dominicana;
dz dza algeria, algerie; ec ecu ecuador; ee est estonia, eesti; eg egy egypt; er eri eritrea;
es esp spain, espana, espagne, spanien, spagna, spanje; et eth ethiopia; fi fin finland, suomi;
fj fji fiji; fm fsm micronesia; fo fro faroe islands; fr fra france, frankreich, francia, frankrijk;
ga gab gabon;
gb gbr united kingdom, uk, great britain, britain,
england, scotland, wales, northern ireland, vereinigtes konigreich;
gb gbr u k, royaume uni, reino unido, regno unito, united kingdom of great britain and northern ireland;
gd grd grenada; ge geo georgia; gg ggy guernsey; gh gha ghana; gi gib gibraltar; gl grl greenland;
gm gmb gambia, the gambia; gn gin guinea; gp glp guadeloupe; gq gnq equatorial guinea;
gr grc greece, hellas, griechenland, grecia; gt gtm guatemala; gu gum guam; gw gnb guinea bissau;
gy guy guyana; hk hkg hong kong; hn hnd honduras; hr hrv croatia, hrvatska; ht hti haiti;
hu hun hungary, magyarorszag; id idn indonesia; ie irl ireland, republic of ireland, eire, irlande, irland;
il isr israel; im imn isle of man; in ind india, bharat; iq irq iraq;
ir irn iran, islamic republic of iran; is isl iceland; it ita italy, italia, italien, italie;
je jey jersey; jm jam jamaica; jo jor jordan; jp jpn japan, nippon, 日本; ke ken kenya; kg kgz kyrgyzstan;
kh khm cambodia; ki kir kiribati; km com comoros; kn kna saint kitts and nevis, st kitts and nevis;
kp prk north korea; kr kor south korea, korea, republic of korea, korea republic of, 대한민국, 한국;
kw kwt kuwait; ky cym cayman islands; kz kaz kazakhstan; la lao laos; lb lbn lebanon;
lc lca saint lucia, st lucia; li lie liechtenstein; lk lka sri lanka; lr lbr liberia; ls lso lesotho;
lt ltu lithuania; lu lux luxembourg, luxemburg; lv lva latvia; ly lby libya; ma mar morocco, maroc;
mc mco monaco; md mda moldova, republic of moldova; me mne montenegro; mg mdg madagascar;
mh mhl marshall islands; mk mkd north macedonia, macedonia; ml mli mali; mm mmr myanmar, burma;
mn mng mongolia; mo mac macao, macau; mq mtq martinique; mr mrt mauritania; mt mlt malta; mu mus mauritius;
mv mdv maldives; mw mwi malawi; mx mex mexico, mexique, mexiko; my mys malaysia; mz moz mozambique;
na nam namibia; nc ncl new caledonia; ne ner niger; ng nga nigeria; ni nic nicaragua;
nl nld netherlands, the netherlands, nederland, holland, niederlande, pays bas, paises bajos, paesi bassi;
no nor norway, norge, norwegen, norvege; np npl nepal; nr nru nauru; nz nzl new zealand, aotearoa;
om omn oman; pa pan panama; pe per peru; pf pyf french polynesia; pg png papua new guinea;
ph phl philippines, the philippines, pilipinas; pk pak pakistan;
pl pol poland, polska, polen, pologne, polonia; pr pri puerto rico; ps pse palestine, state of palestine;
pt prt portugal; pw plw palau; py pry paraguay; qa qat qatar; re reu reunion; ro rou romania;
rs srb serbia; ru rus russia, russian federation, россия; rw rwa rwanda; sa sau saudi arabia, ksa;
sb slb solomon islands; sc syc seychelles; sd sdn sudan; se swe sweden, sverige, schweden, suede, suecia;
sg sgp singapore; si svn slovenia; sk svk slovakia, slovak republic, slovensko; sl sle sierra leone;
sm smr san marino; sn sen senegal; so som somalia; sr sur suriname; ss ssd south sudan;
st stp sao tome and principe; sv slv el salvador; sx sxm sint maarten; sy syr syria, syrian arab republic;
sz swz eswatini, swaziland; td tcd chad; tg tgo togo; th tha thailand; tj tjk tajikistan;
tl tls timor leste, east timor; tm tkm turkmenistan; tn tun tunisia, tunisie; to ton tonga;
tr tur turkey, turkiye, turkei, turquie; tt tto trinidad and tobago, trinidad; tv tuv tuvalu;
tw twn taiwan; tz tza tanzania, united republic of tanzania; ua ukr ukraine, україна; ug uga uganda;
us usa united states, united states of america, u s, u s a,
the united states, america, vereinigte staaten, usa;
us usa etats unis, estados unidos, stati uniti, verenigde staten, eeuu, ee uu; uy ury uruguay;
uz uzb uzbekistan; va vat vatican, holy see; vc vct saint vincent and the grenadines; ve ven venezuela;
vg vgb british virgin islands; vi vir us virgin islands, virgin islands; vn vnm vietnam, viet nam;
vu vut vanuatu; ws wsm samoa; xk xkx kosovo; ye yem yemen; za zaf south africa, suid afrika; zm zmb zambia;
zw zwe zimbabwe
"""

_STATES = """
al alabama; ak alaska; az arizona; ar arkansas; ca california, calif; co colorado; ct connecticut;
de delaware; dc district of columbia, d c, washington dc; fl florida, fla; ga georgia; hi hawaii; id idaho;
il illinois; in indiana; ia iowa; ks kansas; ky kentucky; la louisiana; me maine; md maryland;
ma massachusetts, mass; mi michigan, mich; mn minnesota, minn; ms mississippi; mo missouri; mt montana;
ne nebraska; nv nevada; nh new hampshire; nj new jersey; nm new mexico; ny new york, new york state;
nc north carolina, n carolina; nd north dakota, n dakota; oh ohio; ok oklahoma; or oregon;
pa pennsylvania, penn, penna; pr puerto rico; ri rhode island; sc south carolina, s carolina;
sd south dakota, s dakota; tn tennessee, tenn; tx texas, tex; ut utah; vt vermont; va virginia;
wa washington, washington state, western australia, w a; wv west virginia, w virginia;
wi wisconsin, wis, wisc; wy wyoming; gu guam; vi virgin islands; as american samoa;
nsw new south wales, n s w; vic victoria; qld queensland, q l d; sa south australia, s a; tas tasmania;
act australian capital territory, a c t; nt northern territory, northwest territories, n t; ab alberta;
bc british columbia, b c; mb manitoba; nb new brunswick; nl newfoundland and labrador, newfoundland, nfld;
ns nova scotia; on ontario, ont; pe prince edward island, p e i, pei; qc quebec, pq; sk saskatchewan;
yt yukon, yukon territory; nu nunavut
"""


def _table(text: str, codes: int) -> dict[str, str]:
    """Reads entries parted by semicolons: codes parted by spaces, then names parted by commas."""
    table: dict[str, str] = {}
    for entry in " ".join(text.split()).split("; "):
        code, *others = entry.split(" ", codes)
        table[code] = code
        for other in others[:-1]:
            table.setdefault(other, code)
        table.update((name, code) for name in others[-1].split(", "))
    return table


COUNTRIES: dict[str, str] = _table(_COUNTRIES, 2)
"""Folded names and codes of countries to their two-letter code."""

STATES: dict[str, str] = _table(_STATES, 1)
"""Folded names and codes of states of the United States, Canada and Australia to their code."""

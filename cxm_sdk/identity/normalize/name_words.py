"""Words that stand in names without being one: titles, suffixes and degrees, particles, legal forms."""

from __future__ import annotations

from cxm_sdk.identity.spans import Words, word_list

__all__ = ["LEGAL_FORMS", "PARTICLES", "TAIL", "TITLES"]

TITLES = Words(
    word_list("""
    mr, mrs, ms, miss, mx, mister, dr, doctor, prof, professor, sir, dame, rev, reverend, herr, herrn,
    frau, fru, hr, drs, dipl, dott, dottore, dottoressa, mme, mlle, madame, monsieur, mademoiselle, senor, senora,
    senorita, sr, sra, srta, signor, signora, dhr, mevr, mevrouw, meneer, shri, smt, capt, captain, sgt,
    господин, госпожа
    """)
)
_GENERATIONS = Words(
    word_list("""
    jr, jnr, junior, sr, snr, senior, ii, iii, iv, 2nd, 3rd, 4th, filho, neto
    """)
)
_DEGREES = Words(
    word_list("""
    phd, md, mba, esq, dds, dvm, cpa, obe, mbe, cbe, msc, bsc, llb, llm, deceased
    """)
)
TAIL = Words((*_GENERATIONS.words, *_DEGREES.words))
PARTICLES = Words(
    word_list("""
    van, von, vom, zu, zum, zur, de, del, della, delle, dello, dei, degli, di, da, do, dos, das, du,
    des, le, la, les, los, las, den, der, dem, ter, ten, te, af, av, al, el, bin, ibn, bint, abu, st,
    san, santa, saint, ال, ابو, ابا, ابي, ابن, بن, بنت, בן, בת, אבו
    """)
)
LEGAL_FORMS = Words(
    word_list("""
    inc, incorporated, corp, corporation, co, company, ltd, limited, llc, llp, lp, pllc, plc, pc, pty,
    pte, pvt, private, gmbh, mbh, ag, kg, kgaa, ohg, ug, gbr, ev, eg, se, sa, sas, sasu, sarl, eurl, sl,
    slu, spa, srl, snc, bv, nv, vof, ab, aps, oy, oyj, kft, zrt, doo, sro, zoo, ltda, eireli, bhd, sdn,
    kk, ooo, оао, ооо, зао, ао
    """)
)

"""What tells close languages apart in a few words: their function words, and letters and endings of their own.

Written for this project from common knowledge of these languages; a statistical model is unsure of texts this short.
A word that cannot be of a language speaks against it.
"""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import chain
from typing import Final

_FUNCTION_WORDS: Final = {
    "en": "the of and to in is a an for that on with by from are as at be this which it or wherein said has have not "
    "was were between into each one said comprising their its can may more than where when he she they his her "
    "you we but all been had who will would after other first such these some there also about no only",
    "pt": "o a os as de do da dos das um uma e em no na nos nas para por pelo pela que não com se é ao à aos às são "
    "foi mais como ou seu sua seus suas entre também já quando muito sem mas ser está pelos pelas num numa este esta "
    "isso ele ela eles você onde foram tem têm até depois sobre segundo dita dito qual cada era eram teve há "
    "estão estava ter sido outro outra outros outras todo toda todos todas mesmo mesma ainda agora hoje porque "
    "pois nem só lhe lhes me eu meu minha nosso nossa dois duas três ano anos muita muitos muitas pouco pode "
    "podem deve assim bem além quem nenhum nenhuma algum alguma alguns esse essa esses essas estes estas aquele "
    "aquela isto durante contra sob",
    "es": "el la los las de del un una y en para por que no con se es al son fue más como o su sus entre también ya "
    "cuando muy sin pero ser está este esta eso él ella ellos usted donde fueron tiene hasta después sobre según "
    "dicha dicho cual cada lo le les unos unas hay ha han e desde era eran están había hace porque nos me mi dos "
    "tres año años puede pueden debe así bien ese esa esos esas estos estas mismo misma todo toda todos todas "
    "otro otra otros otras mucho mucha muchos muchas ni sino aunque hoy durante contra quien ante bajo alguno "
    "alguna algunos algunas",
    "gl": "o a os as de do da dos das un unha e en no na nos nas para por polo pola que non con se é ao á aos ás son "
    "foi máis como ou seu súa seus súas entre tamén xa cando moi sen mais ser está polos polas nun nunha este "
    "esta iso el ela eles vostede onde foron ten ata despois sobre segundo dita dito cal cada unhas uns hai era "
    "eran teñen tiña houbo están estaba ter sido outro outra outros outras todo toda todos todas mesmo mesma "
    "aínda agora hoxe porque pois pero nin só lle lles me eu meu miña noso nosa dous dúas tres ano anos moita "
    "moitos moitas pouco pode poden debe así ben ademais quen ningún ningunha algún algunha algúns algunhas ese "
    "esa eses esas estes estas aquel aquela isto durante contra baixo co coa cos coas dun dunha dunhas "
    "duns nunhas nuns xunto mentres logo desde dende trala tras porén",
    "ca": "el la els les de del dels un una i en per que no amb es és al als són va més com o seu seva seus seves "
    "entre també ja quan molt sense però ser està aquest aquesta això ell ella ells vostè on van té fins després sobre "
    "segons dita dit qual cada hi ha unes uns pel pels d l aquests aquestes era eren tenen tenia havia estat "
    "estan fer fa altre altra altres tot tota tots totes mateix mateixa encara ara avui perquè doncs ni li em ens "
    "nostre nostra dos dues tres any anys molta molts moltes poc pot poden han així bé qui cap algun alguna "
    "alguns algunes aquell aquella durant contra sota vam fou dins des mentre ho n s m t",
    "fr": "le la les de du des un une et en dans pour par que qui ne pas avec se est au aux sont fut plus comme ou "
    "son sa ses leur entre aussi déjà quand très sans mais être cette ce cet il elle ils elles où ont a jusqu "
    "après sur selon dit dite lequel chaque d l qu n s y sous vers deux",
    "it": "il lo la i gli le di del della dei degli delle un uno una e in nel nella per che non con si è al alla ai "
    "alle sono fu più come o suo sua suoi loro tra anche già quando molto senza ma essere questo questa ciò egli "
    "lui lei dove ha hanno fino dopo su sul sulla secondo detto detta quale ogni da dal dalla d l ed",
    "de": "der die das und ist ein eine in den dem des von zu mit auf für nicht sich im auch als an es werden aus er "
    "hat dass sie nach wird bei einer um am sind noch wie einem über einen so zum war haben nur oder aber vor",
}
_OWN_FORMS: Final = {
    "en": r"th|wh|ck|sh|gh|oo|ee|y$|ing$|ness$|ed$|ly$|tion$|w|k",
    "pt": r"[ãõ]|lh|nh|ção$|ções$|dade$|mente$|agem$|ss|ê|ô|ç[ao]s?$|ões$|eir[ao]s?$|ivo$|vel$",
    "es": r"ñ|ción$|ciones$|dad$|dades$|mente$|ll|ue|ie[^s]|ez$|aje$|[íó]n$|ill[ao]s?$|dor$|ero$",
    "gl": r"ñ|ción$|cións$|dade$|dades$|mente$|x|ll|óns$|áns$|axe$|[^l]eir[ao]s?$|ble$|oi[^o]|dor$|ou$|eu$|iu$|nz[ao]|"
    r"rz[ao]",
    "ca": r"l·l|ny|ció$|cions$|tat$|tats$|ment$|tx|ix|ll|ig$|[àèò]|ç$|ats?$|ada$|atge$|[^aeiou]or$|és$|nts?$|cs$|er$",
    "fr": r"[êœ]|eau|eux|aux$|oi|ou|tion$|té$|tés$|ment$|ée?s?$|è|qu|aire$|eur$|euse$|ique$|ette$|age$|e$|x$",
    "it": r"gli|zz|cch|zion[ei]$|tà$|mente$|[^g]gi|sc[hi]|tt|ll[aoei]$|cc|[aeo]tt[oaie]$|ggi|or[ei]$|i$|zi|che$|pp",
    "de": r"[äüß]|sch|ung$|ungen$|keit$|lich|cht|tz|ei|w|k|z|en$|er$|pf",
}
# What no word of a language has, names and borrowed words apart.
_STRANGE_FORMS: Final = {
    "en": r"[ãõñç]|lh|[^aeious]o$",
    "pt": r"[ñèìòùœßäöüë]|l·l|ny|ción|([bcdfglmnpt])\1|^y$|[aeiou]nz[ao]|rz[ao]|[rl]x|^xa?e|óxi|"
    r"[^aeiouáéíóúâêôãõlmnrsxz]$",
    "es": r"[çãõâêôàèìòùœßäöë]|l·l|lh|nh|ny|ss|([bdfgmpt])\1|[aei]ir[ao]s?$|[oei]u$|[rl]x|^x|óxi|"
    r"[^aeiouáéíóúdjlnrsxyz]$",
    "gl": r"[çãõâêôàèìòùœßäöëjy]|l·l|lh|(?<!u)nh|nh(?!as?$)|ss|([bdfgmpt])\1|[^qgl]ue|ie[lmrst]|[^aeiouáéíóúlnrsxz]$",
    "ca": r"[ñãõâêôìùœßäöëá]|lh|nh|ción|dade|[^aeiour]o$",
    "fr": r"[ãõñáíóúìòßäö]|l·l|lh|nh|[^aeiou]o$",
    "it": r"[ãõñçáíúâêôœßäöüëjykwx]|l·l|lh|nh|[bcfghkmpqstvxz]$",
    "de": r"[ãõñçáíóúàèìòùâêôœ]|l·l|lh|[^aeiou]o$",
}
# How much more probable a language becomes, in natural logarithms; chosen on windows of one to five words.
_WORD_WEIGHT: Final = 1.6
_OWN_WORD_WEIGHT: Final = 2.2  # a function word of no other of these languages
_FORM_WEIGHT: Final = 0.4
_STRANGE_WEIGHT: Final = -0.8
_MOST_EVIDENCE: Final = 12.0

_WORDS_OF: Final = {language: frozenset(words.split()) for language, words in _FUNCTION_WORDS.items()}
_KNOWN_TO: Final = Counter(chain.from_iterable(_WORDS_OF.values()))
_FORMS_OF: Final = {language: re.compile(forms) for language, forms in _OWN_FORMS.items()}
_STRANGE_TO: Final = {language: re.compile(forms) for language, forms in _STRANGE_FORMS.items()}


def evidence(words: Sequence[str]) -> dict[str, float]:
    """Weigh the words of a text, in small letters, for each language that something is known of."""
    return {language: min(_weight(words, language), _MOST_EVIDENCE) for language in _WORDS_OF}


def _weight(words: Sequence[str], language: str) -> float:
    return sum(_weight_of(word, language) for word in words)


def _weight_of(word: str, language: str) -> float:
    if word in _WORDS_OF[language]:
        return _OWN_WORD_WEIGHT if _KNOWN_TO[word] == 1 else _WORD_WEIGHT
    strange = _STRANGE_WEIGHT * bool(_STRANGE_TO[language].search(word))
    return strange + _FORM_WEIGHT * bool(_FORMS_OF[language].search(word))

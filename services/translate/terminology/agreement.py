"""What stands around a term is made to agree with it: `a caixa fechada` becomes `o invólucro fechado`.

Repaired are the determiners before a term with their contractions, in Portuguese and Spanish, and participles and
adjectives right after it, where a determiner shows that they agreed with another gender; in English, a and an.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from services.translate.placeholders import Edit
from services.translate.terminology.inflection import Gender
from services.translate.untranslatable import Span


@dataclass(frozen=True)
class Put:
    """A term put into a text: where it stands, its gender and number, and the gender of what it took the place of."""

    span: Span
    gender: Gender | None
    is_plural: bool
    former: Gender | None = None


# Four forms each: masculine and feminine, then both in the plural.
_PORTUGUESE: Final = """
o a os as; do da dos das; no na nos nas; ao à aos às; pelo pela pelos pelas; um uma uns umas; num numa nuns numas;
dum duma duns dumas; este esta estes estas; deste desta destes destas; neste nesta nestes nestas; esse essa esses essas;
desse dessa desses dessas; nesse nessa nesses nessas; aquele aquela aqueles aquelas; daquele daquela daqueles daquelas;
dito dita ditos ditas; referido referida referidos referidas; mencionado mencionada mencionados mencionadas;
mesmo mesma mesmos mesmas; outro outra outros outras; primeiro primeira primeiros primeiras;
segundo segunda segundos segundas; terceiro terceira terceiros terceiras; quarto quarta quartos quartas;
quinto quinta quintos quintas; algum alguma alguns algumas; nenhum nenhuma nenhuns nenhumas; todo toda todos todas;
cujo cuja cujos cujas; seu sua seus suas; respectivo respectiva respectivos respectivas;
respetivo respetiva respetivos respetivas; único única únicos únicas; novo nova novos novas;
vário vária vários várias; muito muita muitos muitas; dois duas dois duas; ambos ambas ambos ambas
"""
_SPANISH: Final = """
el la los las; un una unos unas; este esta estos estas; ese esa esos esas; aquel aquella aquellos aquellas;
dicho dicha dichos dichas; referido referida referidos referidas; mencionado mencionada mencionados mencionadas;
mismo misma mismos mismas; otro otra otros otras; primer primera primeros primeras;
segundo segunda segundos segundas; tercer tercera terceros terceras; primero primera primeros primeras;
tercero tercera terceros terceras; cuarto cuarta cuartos cuartas; quinto quinta quintos quintas;
algún alguna algunos algunas; ningún ninguna ningunos ningunas; todo toda todos todas; cuyo cuya cuyos cuyas;
respectivo respectiva respectivos respectivas; único única únicos únicas; nuevo nueva nuevos nuevas;
vario varia varios varias; mucho mucha muchos muchas; ambos ambas ambos ambas
"""


@dataclass(frozen=True)
class _Form:
    """A form of a determiner: all four of it, and what this one says."""

    forms: tuple[str, ...]
    gender: Gender
    is_plural: bool

    def agreeing(self, put: Put) -> str:
        """Give the form that goes with a term; a word that is plural by nature stays so."""
        return self.forms[2 * put.is_plural + (put.gender is Gender.FEMININE)]


def _forms(rows: str) -> Mapping[str, _Form]:
    found: dict[str, _Form] = {}
    for row in rows.split(";"):
        forms = tuple(row.split())
        for number, form in enumerate(forms):
            gender = Gender.FEMININE if number % 2 else Gender.MASCULINE
            found.setdefault(form, _Form(forms, gender, number > 1))
    return found


_DETERMINERS: Final = {"pt": _forms(_PORTUGUESE), "es": _forms(_SPANISH)}
# Two words that Spanish writes as one before `el`.
_CONTRACTED: Final = {"de": "del", "a": "al"}
# With these a noun begins, but for `todas as`: what stands before them is of another noun.
_OPENING: Final = re.compile(r"o|[dn]o|ao|pelo|[nd]?um|[dn]?este|[dn]?esse|d?aquele|el|un|ese|aquel|cujo|cuyo|seu")
_ALL: Final = re.compile(r"\b(?:tod|amb)[oa]s?\s+$", re.IGNORECASE)
_PUNCTUATION: Final = ",;:.()[]'\"‘’“”«»"
_LAST_WORD: Final = re.compile(r"(?<![\w'’.-])([^\W\d_]+)\s+$")
_ADVERBS: Final = r"(?:(?:também|não|mais|assim|también|no|más|así|\w+mente)\s+)*"
_COPULA: Final = (
    r"(?:(?P<one>é|está|foi|seja|ser|sendo|fica|es|fue|sea|siendo|pod[ea] ser|puede ser)\s+|"
    r"(?P<many>são|estão|foram|sejam|son|están|fueron|sean|podem ser|pueden ser)\s+)?"
)
_ADJECTIVE: Final = (
    r"(?:[^\W\d_]+(?:ad|íd|id|[ií]c|ári|ari|óri|ori|iv|os)|dit|extern|intern|abert|abiert|dispost|dispuest|compost|compuest|"
    r"expost|expuest|cobert|cubiert|feit|hech|fix|fij|pres|oc|huec|long|larg|curt|cort)(?P<ending>[oa])s?\b"
)
_AFTER: Final = re.compile(rf"(?:\s*\([^()]{{1,40}}\))?\s+{_ADVERBS}{_COPULA}{_ADVERBS}{_ADJECTIVE}", re.IGNORECASE)
_ARTICLE: Final = re.compile(r"(?<![\w'’.-])(an?)\s+$", re.IGNORECASE)
_VOWEL: Final = re.compile(r"(?!uni|use|usu|uti|eu|one|once)[aeiou]|hour|honest|[FHLMNRSX](?=[A-Z\d]|\b)")


def agreeing(text: str, put: Put, language: str) -> list[Edit]:
    """Give the edits that make the words around a term agree with it."""
    if language == "en":
        return list(_articles(text, put))
    if language not in _DETERMINERS or put.gender is None:
        return []
    before = list(_before(text, put, _DETERMINERS[language]))
    edits = [edit for edit, _ in before]
    if language == "es":
        edits = list(_with_contraction(text, put, edits))
    was_other = put.former is not None and put.former is not put.gender
    is_repaired = any(form.gender is not put.gender for _, form in before) or len(edits) > len(before)
    if was_other or is_repaired:
        edits += _after(text, put)
    return [edit for edit in edits if text[edit.start : edit.end] != edit.written]


def _articles(text: str, put: Put) -> Iterator[Edit]:
    found = _ARTICLE.search(text, 0, put.span[0])
    if found:
        article = "an" if _VOWEL.match(_lowered(text[slice(*put.span)])) else "a"
        yield Edit(*found.span(1), _cased_like(article, found[1]))


def _lowered(term: str) -> str:
    return term if term[1:2].isupper() else term[:1].lower() + term[1:]


def _before(text: str, put: Put, determiners: Mapping[str, _Form]) -> Iterator[tuple[Edit, _Form]]:
    """Go back over determiners, from the one next to the term."""
    end = put.span[0]
    while found := _LAST_WORD.search(text[max(0, end - 40) : end]):
        form = determiners.get(found[1].lower())
        # Portuguese `a` before what is no feminine singular is the preposition.
        if form is None or (found[1].lower() == "a" and (put.former is Gender.MASCULINE or put.is_plural)):
            return
        start = end - len(found.group())
        if _is_operand(text, start):
            return
        yield Edit(start, start + len(found[1]), _cased_like(form.agreeing(put), found[1])), form
        if _OPENING.fullmatch(form.forms[0]) and not _ALL.search(text, max(0, start - 10), start):
            return
        end = start


def _is_operand(text: str, start: int) -> bool:
    """Tell whether a word follows an operator: the a of `≥ a` is a variable."""
    before = text[:start].rstrip()[-1:]
    return bool(before) and not before.isalnum() and before not in _PUNCTUATION


def _with_contraction(text: str, put: Put, edits: list[Edit]) -> Iterator[Edit]:
    """Write `de el` and `a el` as one word, and `del` and `al` as two before any other article."""
    for edit in edits:
        before = _LAST_WORD.search(text, max(0, edit.start - 4), edit.start)
        if edit.written == "el" and before and before[1] in _CONTRACTED and not _is_operand(text, before.start(1)):
            yield Edit(before.start(1), edit.end, _CONTRACTED[before[1]])
        else:
            yield edit
    start = min([edit.start for edit in edits], default=put.span[0])
    found = _LAST_WORD.search(text, max(0, start - 5), start)
    article = _DETERMINERS["es"]["el"].agreeing(put)
    if found and found[1] in _CONTRACTED.values() and article != "el" and not edits:
        preposition = next(word for word, contracted in _CONTRACTED.items() if contracted == found[1])
        yield Edit(*found.span(1), f"{preposition} {article}")


def _after(text: str, put: Put) -> Iterator[Edit]:
    """Go on over adjectives; one after a verb in the plural is of other things too, and masculine if one of them is."""
    end = put.span[1]
    while found := _AFTER.match(text, end):
        if found["many"] and not put.is_plural and put.gender is Gender.FEMININE:
            return
        ending = "a" if put.gender is Gender.FEMININE else "o"
        yield Edit(*found.span("ending"), ending if found["ending"].islower() else ending.upper())
        end = found.end()


def _cased_like(word: str, other: str) -> str:
    if other.isupper() and len(other) > 1:
        return word.upper()
    return word[0].upper() + word[1:] if other[0].isupper() else word

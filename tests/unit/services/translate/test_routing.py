"""The best way between two languages is found, and what it lacks is told."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from examkit.errors import ArtifactError
from services.translate.languages import LanguagePair, LanguageTag
from services.translate.routing import Measured, RouteTable, Status, Step, plan

TAGS = {name: LanguageTag(name) for name in ("ca", "en", "es", "fr", "pt")}


def step(pair, engine="marian-student", package=None):
    source, target = pair.split("-")
    return Step(LanguagePair(TAGS[source], TAGS[target]), engine, package)


def rules(pair, package=None):
    return step(pair, "apertium", package)


def table(**rows):
    return RouteTable(
        {
            (tuple(way.split("_")), tuple({"a": "apertium", "m": "marian-student"}[e] for e in engines)): Measured(
                chrf, offered
            )
            for way, (engines, chrf, offered) in rows.items()
        }
    )


NOTHING_KNOWN = RouteTable()


def ways(steps, known=NOTHING_KNOWN, *, with_weak=False):
    return {
        (str(route.pair.source), str(route.pair.target)): ([str(tag) for tag in route.languages], route.status)
        for route in plan(steps, known, with_weak=with_weak)
    }


def test_a_direct_engine_comes_before_a_chain():
    found = ways([step("es-pt"), step("pt-en"), step("es-en")])
    assert found["es", "en"] == (["es", "en"], Status.READY)


def test_a_chain_measured_to_be_better_comes_before_a_direct_engine():
    known = table(es_en=("a", 47.0, True), es_pt_en=("am", 53.6, True))
    assert ways([rules("es-pt"), step("pt-en"), rules("es-en")], known)["es", "en"][0] == ["es", "pt", "en"]


def test_a_chain_by_rules_is_offered_where_it_was_measured_to_be_good_enough():
    steps = [rules("es-pt"), step("pt-en"), step("en-pt"), rules("pt-es"), rules("ca-pt")]
    known = table(es_pt_en=("am", 53.6, True), en_pt_es=("ma", 49.7, False))
    found = ways(steps, known)
    assert found["es", "en"][1] is Status.READY
    assert found["en", "es"][1] is found["ca", "en"][1] is Status.OFF
    assert ways(steps, known, with_weak=True)["en", "es"][1] is Status.READY


def test_neural_chains_are_offered_and_have_three_steps_at_most():
    found = ways([step("ca-es"), step("es-fr"), step("fr-pt"), step("pt-en")])
    assert found["ca", "pt"] == (["ca", "es", "fr", "pt"], Status.READY)
    assert ("ca", "en") not in found


def test_what_lacks_a_package_comes_last_and_tells_which():
    steps = [rules("es-pt", "apertium-es-pt"), step("pt-en"), rules("es-ca"), rules("ca-pt")]
    known = table(es_pt_en=("am", 53.6, True))
    (route,) = [route for route in plan(steps, known, with_weak=True) if str(route.pair) == "es to en"]
    assert ([str(tag) for tag in route.languages], route.status) == (["es", "ca", "pt", "en"], Status.READY)
    (route,) = [route for route in plan(steps[:2], known, with_weak=True) if str(route.pair) == "es to en"]
    assert (route.status, route.packages) == (Status.NOT_INSTALLED, ("apertium-es-pt",))


def test_one_step_by_rules_and_every_chain_give_the_gist():
    routes = {str(route.pair): route for route in plan([rules("es-pt"), step("pt-en")], RouteTable(), with_weak=True)}
    assert [routes[name].is_gist for name in ("es to pt", "pt to en", "es to en")] == [True, False, True]


@settings(deadline=None)
@given(st.sets(st.tuples(st.sampled_from("acefp"), st.sampled_from("acefp")).filter(lambda pair: pair[0] != pair[1])))
def test_every_way_is_made_of_steps_that_fit_and_passes_no_language_twice(pairs):
    steps = [Step(LanguagePair(LanguageTag(a * 2), LanguageTag(b * 2)), "apertium") for a, b in sorted(pairs)]
    routes = plan(steps, RouteTable(), with_weak=True)
    assert {route.pair for route in routes} >= {step.pair for step in steps}
    for route in routes:
        assert set(route.steps) <= set(steps)
        assert 1 <= len(route.steps) <= 3
        assert len(set(route.languages)) == len(route.languages) == len(route.steps) + 1


def test_the_table_of_the_artifacts_is_read_and_a_damaged_one_refused(artifacts_dir, tmp_path):
    known = RouteTable.open(artifacts_dir).of((rules("es-pt"), step("pt-en")))
    assert known is not None
    assert known.is_offered
    assert 50 < known.chrf < 60
    assert RouteTable.open(tmp_path).rows == {}
    folder = tmp_path / "translation-routes"
    folder.mkdir()
    with pytest.raises(ArtifactError):
        RouteTable.open(tmp_path)

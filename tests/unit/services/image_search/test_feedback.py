"""Judgements are kept, given out and removed as they were, and one sent again is kept once."""

from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from examkit.errors import NotFoundError
from services.image_search.feedback import FeedbackStore, Judgement
from services.image_search.register import Register
from services.image_search.strategies import Strategy

IDS = st.sampled_from(["A", "B", "C"])
QUERIES = IDS.map(lambda mark_id: (mark_id, None)) | st.sampled_from([(None, "a" * 64), (None, "b" * 64)])
JUDGEMENTS = st.builds(
    lambda query, *rest: Judgement(*query, *rest), QUERIES, IDS, st.booleans(), st.sampled_from(Strategy)
)
LIKED = Judgement("A", None, "B", True, Strategy.COMBINED)


@pytest.fixture
def store(tmp_path):
    register = Register(tmp_path)
    yield FeedbackStore(register.database)
    register.close()


def test_a_judgement_sent_again_is_kept_once_and_another_view_supersedes_it(store):
    first, again = store.add(LIKED), store.add(LIKED)
    assert (first.is_new, again.is_new) == (True, False)
    assert (again.id, again.stored_at) == (first.id, first.stored_at)
    disliked = Judgement("A", None, "B", False, Strategy.COMBINED)
    assert store.add(disliked).is_new
    assert store.add(LIKED).is_new
    assert [stored.judgement.relevant for stored in store.everything()] == [True, False, True]


def test_pages_and_exports_follow_the_order_of_storing(store):
    kept = [store.add(Judgement(query, None, "X", True, Strategy.SHAPE)) for query in ("A", "B", "C")]
    found, count = store.page(limit=2, offset=1)
    assert ([stored.id for stored in found], count) == ([kept[1].id, kept[2].id], 3)
    found, count = store.page(limit=9, offset=0, mark_id="B")
    assert ([stored.id for stored in found], count) == ([kept[1].id], 1)
    assert [stored.id for stored in store.everything("C")] == [kept[2].id]


def test_what_is_removed_is_gone_and_cannot_be_removed_again(store):
    kept = store.add(LIKED)
    store.remove(kept.id)
    assert list(store.everything()) == []
    for own_id in (kept.id, uuid4()):
        with pytest.raises(NotFoundError) as raised:
            store.remove(own_id)
        assert raised.value.code == "unknown-feedback"


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(JUDGEMENTS, max_size=5))
def test_what_is_given_out_is_what_was_stored(store, judgements):
    for own_id in [stored.id for stored in store.everything()]:
        store.remove(own_id)
    kept = [(store.add(judgement), judgement) for judgement in judgements]
    new = [(each.id, each.stored_at, judgement) for each, judgement in kept if each.is_new]
    assert [(stored.id, stored.stored_at, stored.judgement) for stored in store.everything()] == new

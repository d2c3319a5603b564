"""A tenant has a name that can be nothing else than one, and places that are nobody else's."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examkit.errors import InvalidInputError
from examkit.tenants import DEFAULT_TENANT, tenant_folder, tenant_name, tenant_schema, tenants_in

NAMES = st.from_regex(r"\A[a-z][a-z0-9-]{0,31}\Z")


@given(NAMES)
def test_a_name_is_taken_as_it_is(name):
    assert tenant_name(name) == name


@pytest.mark.parametrize(
    "text",
    ["", "A", "Marks", "1a", "-a", "a_b", "a.b", "..", "a/b", "a\\b", "a b", "a\n", "a\0", "ä", "a" * 33, "ａ", "a٣"],
)
def test_what_cannot_be_a_name_is_refused_without_being_quoted(text):
    with pytest.raises(InvalidInputError) as refused:
        tenant_name(text)
    assert refused.value.code == "malformed-tenant"
    assert len(text) < 3 or text not in refused.value.detail


@given(NAMES, NAMES)
def test_no_two_tenants_have_a_place_in_common(one, other):
    folder = Path("/data")
    for place in (lambda name: tenant_folder(folder, name), tenant_schema):
        assert (place(one) == place(other)) == (one == other)
    assert len(tenant_schema(one) or "") < 64  # PostgreSQL cuts longer names off
    if DEFAULT_TENANT not in (one, other) and one != other:
        assert not tenant_folder(folder, one).is_relative_to(tenant_folder(folder, other))


def test_the_default_tenant_keeps_the_places_from_before(tmp_path):
    assert tenant_folder(tmp_path, DEFAULT_TENANT) == tmp_path
    assert tenant_schema(DEFAULT_TENANT) is None


def test_tenants_are_found_by_their_folders_whatever_else_lies_there(tmp_path):
    assert tenants_in(tmp_path / "nowhere") == [DEFAULT_TENANT]
    for name in ("patents", "marks", ".hidden", "Lost+Found", DEFAULT_TENANT):
        tenant_folder(tmp_path, "x").with_name(name).mkdir(parents=True)
    tenant_folder(tmp_path, "file").touch()
    assert tenants_in(tmp_path) == [DEFAULT_TENANT, "marks", "patents"]

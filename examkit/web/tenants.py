"""On whose behalf the gateway calls, and what a service keeps for that tenant while it answers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from anyio.to_thread import run_sync
from fastapi import Request

from examkit.tenants import DEFAULT_TENANT, TENANT_HEADER, StateT, Tenants, tenant_name


async def tenant_of(request: Request) -> str:
    """Return the tenant that a call with the service token names, the default one where it names none.

    Raise MalformedTenantError for what cannot be a name, and for two of them.
    """
    named = request.headers.getlist(TENANT_HEADER)
    return tenant_name(",".join(named)) if named else DEFAULT_TENANT


@asynccontextmanager
async def holding(tenants: Tenants[StateT], request: Request) -> AsyncIterator[StateT]:
    """Give what is kept for the tenant of a request, until that is answered; raise as `tenant_of` and `take` do."""
    tenant = await tenant_of(request)
    state = tenants.take_open(tenant)
    if state is None:  # opening takes its time
        state = await run_sync(tenants.take, tenant)
    try:
        yield state
    finally:
        tenants.give_back(tenant)

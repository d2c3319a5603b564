"""Endpoints of the faces, which logs and metrics know by their paths' templates, never by what stands in a path."""

from starlette.routing import Match, Route
from starlette.types import Scope


class FaceRoute(Route):
    """A route that notes in the scope, as those of our own API do, that it was taken."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Tell whether the route is for a request."""
        match, child_scope = super().matches(scope)
        return match, {**child_scope, "route": self}

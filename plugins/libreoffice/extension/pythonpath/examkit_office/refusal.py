"""What went wrong with a call to the gateway, as one of the few things that an examiner can do something about."""

from __future__ import annotations

_BY_CODE = {
    "unknown-symbol": "symbol-unknown",
    "same-language": "same-language",
    "malformed-language-tag": "language-tag-wrong",
    "blank-text": "text-too-short",
    "text-too-short": "text-too-short",
    "text-not-recognised": "text-not-understood",
    "not-technical": "text-not-understood",
    "unreadable-language": "language-not-read",
    "undetected-language": "language-not-found",
    "unsupported-language-pair": "pair-not-offered",
    "unreadable-image": "image-unreadable",
    "image-too-small": "image-unreadable",
    "unknown-route": "not-examkit",
}
_BY_STATUS = {
    401: "key-refused",
    403: "scope-missing",
    404: "not-there",
    408: "gateway-slow",
    413: "too-long",
    429: "limit-reached",
    500: "gateway-broken",
    502: "gateway-broken",
    503: "gateway-busy",
    504: "gateway-slow",
}


class RefusedError(Exception):
    """The gateway did not do what was asked; `reason` names a text, the rest goes into it."""

    def __init__(self, reason: str, *, detail: str = "", target: str = "", correlation_id: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail
        self.target = target
        self.correlation_id = correlation_id

    @classmethod
    def of(cls, status: int, problem: object) -> RefusedError:
        """Read a problem document; anything else does not come from the gateway of an Examkit."""
        if not isinstance(problem, dict) or not isinstance(problem.get("code"), str):
            return cls("not-examkit" if status < 500 else "gateway-broken")
        told = {name: value for name, value in problem.items() if isinstance(value, str)}
        return cls(
            _BY_CODE.get(told["code"]) or _BY_STATUS.get(status, "refused"),
            detail=told.get("detail", ""),
            target=told.get("target", ""),
            correlation_id=told.get("correlationId", ""),
        )

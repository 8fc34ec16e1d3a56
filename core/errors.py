"""What can go wrong in the rules, each with the status and the words a person sees."""

from __future__ import annotations


class DomainError(Exception):
    """Base of the errors a door turns into a page, a toast or a problem answer.

    ``detail`` is a translated sentence that says what to do; ``code`` is stable for API clients.
    """

    status = 400
    code = "bad_request"

    def __init__(self, detail: str, *, code: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        if code is not None:
            self.code = code


class NotFound(DomainError):
    """Not there, or not for this viewer: the two are never told apart."""

    status = 404
    code = "not_found"


class Forbidden(DomainError):
    """Visible, but not for this role to change."""

    status = 403
    code = "forbidden"


class NotSignedIn(DomainError):
    status = 401
    code = "not_signed_in"


class ProofNeeded(Forbidden):
    """The password must be given again first; pages ask for it and come back."""

    code = "proof_needed"


class Conflict(DomainError):
    """The state of things does not allow this now; nothing was changed."""

    status = 409
    code = "conflict"


class TooLarge(DomainError):
    """More was sent than is ever read."""

    status = 413
    code = "too_large"


class NotReadable(DomainError):
    """The body is of a kind that is not read here."""

    status = 415
    code = "unsupported_media_type"


class Busy(DomainError):
    """The database did not answer in time; nothing was changed and the same request may work in a moment."""

    status = 503
    code = "busy"
    retry_after = 2


class TooMany(DomainError):
    """A limit per time was reached; ``retry_after`` is in seconds."""

    status = 429
    code = "too_many"

    def __init__(self, detail: str, *, retry_after: int) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class Invalid(DomainError):
    """Input that is well-formed but wrong; ``fields`` maps field names to sentences."""

    status = 422
    code = "invalid"

    def __init__(self, detail: str, fields: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.fields = fields or {}

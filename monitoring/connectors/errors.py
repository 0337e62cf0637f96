"""What can go wrong between a platform and us; the class says what to do next. Pure."""

from datetime import datetime


class Unreadable(ValueError):
    """What came cannot be read; `reason` is for whoever mends it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return f"This cannot be read: {self.reason}."


class Forged(Exception):
    """A delivery that does not prove where it comes from: refused, and nothing in it is read."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return f"This delivery was refused: {self.reason}."


class SourceError(Exception):
    """What can go wrong with a source; the subclass says what to do next."""


class RateLimited(SourceError):
    """Asked too often: come back at `until` (None = the platform did not say)."""

    def __init__(self, until: datetime | None) -> None:
        super().__init__(until)
        self.until = until

    def __str__(self) -> str:
        if self.until is None:
            return "The platform asked us to wait (429). Polling resumes by itself."
        return f"The platform asked us to wait until {self.until:%H:%M} UTC (429). Polling resumes by itself."


class _WithReason(SourceError):
    """A source error whose fact is a reason."""

    template = "{reason}"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return self.template.format(reason=self.reason)


class Unavailable(_WithReason):
    """No usable answer this time; the cursor has not moved."""

    template = "The source gave no usable answer: {reason}. It is tried again by itself."


class Refused(_WithReason):
    """The platform does not accept us: this credential or address stops until someone mends it."""

    template = "The source refused us: {reason}. Mend the settings of the source, then start it again."


class CredentialRefused(Refused):
    """The platform takes these keys no more (401, 403, no credit): every source that uses them stops."""

    template = "The platform does not accept our keys: {reason}. Mend the credential, then start it again."


class NothingToRead(_WithReason):
    """Nothing is wrong: no query asks this source anything now."""

    template = "The source reads nothing: {reason}. It goes on by itself as soon as a query asks for it."


class Ended(_WithReason):
    """The source is over (410); polling it again is of no use."""

    template = "The source has ended: {reason}. Give it a new address or remove it."


class PublishUnknown(_WithReason):
    """The reply may have arrived: look for it before trying again."""

    template = "It is not known whether the reply arrived: {reason}. We look for it before trying again."


class PublishFailed(_WithReason):
    """The reply did not arrive."""

    template = "The reply was not sent: {reason}. Change it or answer on the platform itself."

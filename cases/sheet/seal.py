"""The seal of a signed picture: made of all that was signed, and compared with what is stored now."""

from cases.models import Picture
from cases.rules.pictures import digest


def digest_of(picture: Picture) -> str:
    """What the signature of this picture must be, from what is stored now."""
    signed = f"{picture.signed_by_id} {picture.signed_at.timestamp() if picture.signed_at else ''}"
    return digest(
        situation=picture.situation_id,
        n=picture.n,
        cutoff_at=picture.cutoff_at,
        content=picture.content,
        advice=[picture.information, picture.meaning, picture.damage],
        signed=signed,
    )


def verify(picture: Picture) -> bool:
    """Whether a signed picture is still what was signed."""
    return picture.signed_at is not None and picture.digest == digest_of(picture)

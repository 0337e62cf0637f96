"""Environment pictures of a situation: the list, one with the advice that was carried over, who gets them."""

from collections.abc import Sequence
from dataclasses import dataclass

from cases.models import Picture, PictureMail, PictureReader, Situation
from cases.sheet.seal import verify
from cases.sheet.shapes import Sheet
from cases.sheet.words import sheet

MOST = 200


@dataclass(frozen=True, slots=True)
class PictureLine:
    """One picture on one line: its figures as they were frozen."""

    picture: Picture
    n_posts: int
    n_rumours: int


@dataclass(frozen=True, slots=True)
class PictureRecord:
    """A picture as it is read. `is_whole`: what was signed is what stands there; None before it is signed."""

    picture: Picture
    sheet: Sheet
    is_whole: bool | None
    mails: Sequence[PictureMail]
    is_newest: bool


def pictures(situation: Situation) -> list[PictureLine]:
    """The pictures of a situation, the newest first."""
    found = Picture.objects.filter(situation=situation).select_related("made_by", "signed_by").order_by("-n")
    return [
        PictureLine(
            each,
            each.content["figures"]["posts"],
            sum(claim["status"] != "true" for claim in each.content["claims"]),
        )
        for each in found[:MOST]
    ]


def picture_record(picture: Picture) -> PictureRecord:
    """One picture in words, with how its mails went."""
    nearby = Picture.objects.filter(situation=picture.situation_id)
    before = nearby.filter(n__lt=picture.n).order_by("-n").first()
    return PictureRecord(
        picture,
        sheet(picture, before),
        verify(picture) if picture.signed_at else None,
        list(PictureMail.objects.filter(picture=picture)),
        not nearby.filter(n__gt=picture.n).exists(),
    )


def readers(situation: Situation) -> list[PictureReader]:
    return list(PictureReader.objects.filter(situation=situation).select_related("added_by"))

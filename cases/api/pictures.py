"""Environment pictures through the API: make, read, advise, sign, by the clock, and who gets them."""

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases.access import picture_for, situation_to_picture
from cases.api.base import Endpoint
from cases.api.fields import PersonOut, Shape, words_field
from cases.reads.people import officer_of
from cases.reads.picture_content import collect
from cases.reads.pictures import picture_record, readers
from cases.reads.pictures import pictures as pictures_of
from cases.rules.permissions import Need
from cases.services import mailing, pictures

LONGEST = 4000
MOST_REVISIONS = 2**31 - 1


class PictureMailOut(Shape):
    """How a signed picture fares on its way to one address."""

    email = serializers.EmailField()
    sent_at = serializers.DateTimeField(allow_null=True)
    next_at = serializers.DateTimeField(allow_null=True)
    n_attempts = serializers.IntegerField()
    error = serializers.CharField()


class PictureOut(Shape):
    """A picture as it was frozen. `is_whole`: what was signed is what stands here."""

    situation = serializers.IntegerField(source="picture.situation_id")
    n = serializers.IntegerField(source="picture.n")
    cutoff_at = serializers.DateTimeField(source="picture.cutoff_at")
    made_by = PersonOut(source="picture.made_by", allow_null=True)
    content = serializers.JSONField(source="picture.content")
    information = serializers.CharField(source="picture.information")
    meaning = serializers.CharField(source="picture.meaning")
    damage = serializers.CharField(source="picture.damage")
    revision = serializers.IntegerField(source="picture.revision")
    signed_by = PersonOut(source="picture.signed_by", allow_null=True)
    signed_at = serializers.DateTimeField(source="picture.signed_at", allow_null=True)
    digest = serializers.CharField(source="picture.digest")
    is_whole = serializers.BooleanField(allow_null=True)
    mails = PictureMailOut(many=True)


class PictureLineOut(Shape):
    """One picture in the list."""

    n = serializers.IntegerField(source="picture.n")
    cutoff_at = serializers.DateTimeField(source="picture.cutoff_at")
    n_posts = serializers.IntegerField()
    n_rumours = serializers.IntegerField()
    signed_by = PersonOut(source="picture.signed_by", allow_null=True)
    signed_at = serializers.DateTimeField(source="picture.signed_at", allow_null=True)


class ReaderOut(Shape):
    """An address that gets every signed picture."""

    email = serializers.EmailField()
    name = serializers.CharField()


class PictureListOut(Shape):
    """The pictures of a situation, the newest first; `every_s` null: only made by hand."""

    every_s = serializers.IntegerField(allow_null=True)
    due_at = serializers.DateTimeField(allow_null=True)
    readers = ReaderOut(many=True)
    results = PictureLineOut(many=True)


class PicturesEndpoint(Endpoint):
    """A verb on the pictures of a situation; the answer is the list as it is now."""

    gives = PictureListOut

    def answer_list(self, situation: Any, *, status: int = 200) -> Response:
        record = {
            "every_s": situation.picture_every_s,
            "due_at": situation.picture_due_at,
            "readers": readers(situation),
            "results": pictures_of(situation),
        }
        return self.answer(record, status=status)


class ListPictures(PicturesEndpoint):
    """The environment pictures of a situation, its clock for them and its mailing list."""

    def get(self, request: Request, situation_id: int) -> Response:
        return self.answer_list(situation_to_picture(officer_of(request.user), situation_id))


class PictureEndpoint(Endpoint):
    """A verb on one picture; the answer is the picture as it is now."""

    gives = PictureOut

    def answer_picture(self, request: Request, situation_id: int, n: int, *, status: int = 200) -> Response:
        found = picture_for(officer_of(request.user), situation_id, n)
        return self.answer(picture_record(found), status=status)


class ReadPicture(PictureEndpoint):
    """One environment picture: what was counted, the advice, and who signed."""

    def get(self, request: Request, situation_id: int, picture_n: int) -> Response:
        return self.answer_picture(request, situation_id, picture_n)


class MakePictureIn(Shape):
    reason_for_names = words_field("Why names of the public are in it; left out: they are masked.", most=300)


class MakePicture(PictureEndpoint):
    """Make the next environment picture: figures and examples as they are now, frozen."""

    takes, gives_status = MakePictureIn, 201

    def post(self, request: Request, situation_id: int) -> Response:
        officer, now = officer_of(request.user), timezone.now()
        situation = situation_to_picture(officer, situation_id, Need.MAKE_PICTURE)
        reason = self.sent(request)["reason_for_names"]
        made = pictures.make(situation, collect=collect, by=officer, now=now, reason_for_names=reason)
        return self.answer_picture(request, situation_id, made.n, status=201)


class AdvisePictureIn(Shape):
    """What the crisis team is advised to do, and the revision as you last read it."""

    information = words_field("Information provision.", most=LONGEST)
    meaning = words_field("Meaning-giving.", most=LONGEST)
    damage = words_field("Damage limitation.", most=LONGEST)
    revision = serializers.IntegerField(min_value=1, max_value=MOST_REVISIONS)


class AdvisePicture(PictureEndpoint):
    """Write the advice of a picture that is not signed yet."""

    takes = AdvisePictureIn

    def post(self, request: Request, situation_id: int, picture_n: int) -> Response:
        officer = officer_of(request.user)
        found = picture_for(officer, situation_id, picture_n, Need.SIGN_PICTURE)
        pictures.write_advice(found, **self.sent(request), by=officer, now=timezone.now())
        return self.answer_picture(request, situation_id, picture_n)


class SignPictureIn(Shape):
    revision = serializers.IntegerField(min_value=1, max_value=MOST_REVISIONS)


class SignPicture(PictureEndpoint):
    """Sign a picture: nothing in it changes any more, and its readers get it."""

    takes = SignPictureIn

    def post(self, request: Request, situation_id: int, picture_n: int) -> Response:
        officer = officer_of(request.user)
        found = picture_for(officer, situation_id, picture_n, Need.SIGN_PICTURE)
        pictures.sign(found, by=officer, revision=self.sent(request)["revision"], now=timezone.now())
        return self.answer_picture(request, situation_id, picture_n)


class SchedulePicturesIn(Shape):
    every_s = serializers.IntegerField(
        min_value=1, max_value=10**6, allow_null=True, help_text="300 to 86400; null: only by hand."
    )


class SchedulePictures(PicturesEndpoint):
    """Let a draft be made by itself every so many seconds; it is never signed or mailed by itself."""

    takes = SchedulePicturesIn

    def post(self, request: Request, situation_id: int) -> Response:
        officer, now = officer_of(request.user), timezone.now()
        situation = situation_to_picture(officer, situation_id, Need.MAKE_PICTURE)
        pictures.schedule(situation, every_s=self.sent(request)["every_s"], by=officer, now=now)
        return self.answer_list(situation)


class PictureReaderIn(Shape):
    email = serializers.CharField(max_length=254)
    name = words_field("Name.", most=100)


class AddPictureReader(PicturesEndpoint):
    """Put an address on the mailing list of a situation, or give it another name."""

    takes, gives_status = PictureReaderIn, 201

    def post(self, request: Request, situation_id: int) -> Response:
        officer, now = officer_of(request.user), timezone.now()
        situation = situation_to_picture(officer, situation_id, Need.MAKE_PICTURE)
        mailing.add_reader(situation, mailing.Address(**self.sent(request)), by=officer, now=now)
        return self.answer_list(situation, status=201)


class RemovePictureReader(PicturesEndpoint):
    """Take an address off the mailing list of a situation."""

    takes = PictureReaderIn

    def post(self, request: Request, situation_id: int) -> Response:
        officer, now = officer_of(request.user), timezone.now()
        situation = situation_to_picture(officer, situation_id, Need.MAKE_PICTURE)
        mailing.remove_reader(situation, self.sent(request)["email"], by=officer, now=now)
        return self.answer_list(situation)

"""Posts that open watches hold were counted as what their case, or its lead, is judged: say so with each."""

from django.db import migrations
from django.db.models import OuterRef, Subquery


def fill(apps, schema_editor):
    Case, WatchedPost = apps.get_model("cases", "Case"), apps.get_model("cases", "WatchedPost")
    alone = Case.objects.exclude(state="merged").exclude(category="")
    copies = Case.objects.filter(state="merged").exclude(lead__category="")
    for judged, category in ((alone, "category"), (copies, "lead__category")):
        as_it_is = Subquery(judged.filter(pk=OuterRef("post")).values(category))
        WatchedPost.objects.filter(post__in=judged.values("pk")).update(judged=as_it_is)


class Migration(migrations.Migration):
    dependencies = [("cases", "0031_a_watched_post_says_as_what_it_counts")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]

"""Give every watch its threads: its own, and those of the copies that are merged into its case.

Its posts are counted again one by one at its next evaluation (`relearn_from`), and what is usual is learned
again from that, in the shorter form.
"""

from django.db import migrations
from django.db.models import F


def fill_threads(apps, schema_editor):
    Watch, WatchThread = apps.get_model("cases", "Watch"), apps.get_model("cases", "WatchThread")
    Case = apps.get_model("cases", "Case")
    for watch in Watch.objects.iterator(chunk_size=500):
        threads = {watch.case_id: (watch.platform, watch.thread_id)}
        if watch.ended_at is None:
            copies = Case.objects.filter(lead=watch.case_id, state="merged")
            for copy, platform, thread_id in copies.values_list("pk", "post__platform", "post__thread_id"):
                threads[copy] = platform, thread_id
        WatchThread.objects.bulk_create(
            WatchThread(watch=watch, case_id=case, platform=platform, thread_id=thread_id)
            for case, (platform, thread_id) in threads.items()
        )
        watch.platforms = {platform: [0, 0] for platform, _ in threads.values()}
        watch.after_post, watch.relearn_from = watch.case_id, int(watch.started_at.timestamp()) // 300
        watch.baseline = {}
        watch.save(update_fields=["platforms", "after_post", "relearn_from", "baseline"])
    Watch.objects.filter(ended_at=None).update(remind_at=F("next_check_at"))


def fill_columns(apps, schema_editor):
    Watch, WatchThread = apps.get_model("cases", "Watch"), apps.get_model("cases", "WatchThread")
    for thread in WatchThread.objects.filter(case=F("watch__case")).iterator(chunk_size=500):
        Watch.objects.filter(pk=thread.watch_id).update(platform=thread.platform, thread_id=thread.thread_id)


class Migration(migrations.Migration):
    dependencies = [("cases", "0019_watch_threads")]
    operations = [migrations.RunPython(fill_threads, fill_columns, elidable=True)]

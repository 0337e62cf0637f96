"""Give the cases of one conversation its number, as every post that is heard since 0.3 gets it."""

from django.db import migrations

BATCH = 500

TOGETHER = """
SELECT post.platform, post.thread_id, MIN(known.post_id) FROM monitoring_post AS post
JOIN cases_case AS known ON known.post_id = post.identity_id
WHERE (post.platform, post.thread_id) > (%s, %s)
GROUP BY post.platform, post.thread_id HAVING COUNT(*) > 1
ORDER BY post.platform, post.thread_id LIMIT %s
"""

NUMBER = """
UPDATE cases_case SET conversation = %s WHERE conversation IS NULL AND post_id IN
(SELECT identity_id FROM monitoring_post WHERE platform = %s AND thread_id = %s)
"""


def number_conversations(apps, schema_editor):
    """Batch by batch, in the order of the index on threads; what was numbered meanwhile is left alone."""
    last = ("", "")
    with schema_editor.connection.cursor() as cursor:
        while True:
            cursor.execute(TOGETHER, [*last, BATCH])
            rows = cursor.fetchall()
            if not rows:
                return
            cursor.executemany(NUMBER, [(number, platform, thread) for platform, thread, number in rows])
            last = rows[-1][:2]


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("cases", "0006_casework")]
    operations = [migrations.RunPython(number_conversations, migrations.RunPython.noop, elidable=True)]

"""Let watches and alarms be about a situation or a query as well; each row is about exactly one thing."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0027_pictures_are_frozen_and_mailed'),
        ('monitoring', '0012_author_words_again'),
    ]

    operations = [
        migrations.AddField(
            model_name='escalation',
            name='query',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='escalations', to='monitoring.query'),
        ),
        migrations.AddField(
            model_name='escalation',
            name='situation',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='escalations', to='cases.situation'),
        ),
        migrations.AddField(
            model_name='watch',
            name='query',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='watches', to='monitoring.query'),
        ),
        migrations.AddField(
            model_name='watch',
            name='situation',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='watches', to='cases.situation'),
        ),
        migrations.AlterField(
            model_name='escalation',
            name='case',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='escalations', to='cases.case'),
        ),
        migrations.AlterField(
            model_name='watch',
            name='case',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='watches', to='cases.case'),
        ),
        migrations.AddIndex(
            model_name='watchedpost',
            index=models.Index(fields=['watch', 'author', 'bucket'], name='watched_posts_by_author'),
        ),
        migrations.AddConstraint(
            model_name='escalation',
            constraint=models.UniqueConstraint(condition=models.Q(('resolved_at__isnull', True)), fields=('situation',), name='one_open_escalation_per_situation'),
        ),
        migrations.AddConstraint(
            model_name='escalation',
            constraint=models.UniqueConstraint(condition=models.Q(('resolved_at__isnull', True)), fields=('query',), name='one_open_escalation_per_query'),
        ),
        migrations.AddConstraint(
            model_name='escalation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('case__isnull', False), ('query__isnull', True), ('situation__isnull', True)), models.Q(('case__isnull', True), ('query__isnull', True), ('situation__isnull', False)), models.Q(('case__isnull', True), ('query__isnull', False), ('situation__isnull', True)), _connector='OR'), name='an_escalation_is_about_one_thing'),
        ),
        migrations.AddConstraint(
            model_name='watch',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('situation',), name='one_open_watch_per_situation'),
        ),
        migrations.AddConstraint(
            model_name='watch',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('query',), name='one_open_watch_per_query'),
        ),
        migrations.AddConstraint(
            model_name='watch',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('case__isnull', False), ('query__isnull', True), ('situation__isnull', True)), models.Q(('case__isnull', True), ('query__isnull', True), ('situation__isnull', False)), models.Q(('case__isnull', True), ('query__isnull', False), ('situation__isnull', True)), _connector='OR'), name='a_watch_is_on_one_thing'),
        ),
    ]

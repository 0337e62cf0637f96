"""Make what 0001 to 0011 made, in one go.

A new database is made by this file, in a third of the time; one that has some of those steps takes the others
one by one. That both end in the same place is proved in tests/config/test_migrations.py.
"""

from importlib import import_module

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

FULL_TEXT = import_module("monitoring.migrations.0002_full_text")
WORDS_ALIKE = import_module("monitoring.migrations.0007_words_alike")


class Migration(migrations.Migration):

    replaces = [
        ('monitoring', '0001_initial'),
        ('monitoring', '0002_full_text'),
        ('monitoring', '0003_listening'),
        ('monitoring', '0004_full_text_again'),
        ('monitoring', '0005_one_way_to_a_match'),
        ('monitoring', '0006_press'),
        ('monitoring', '0007_words_alike'),
        ('monitoring', '0008_posts_of_an_author'),
        ('monitoring', '0009_standing_of_authors'),
        ('monitoring', '0010_keep_who_is_press'),
        ('monitoring', '0011_drop_is_press'),
    ]

    dependencies = [
        ('cases', '0001_users'),
    ]

    operations = [
        migrations.CreateModel(
            name='Author',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('platform', models.CharField(max_length=30)),
                ('external_id', models.CharField(max_length=300)),
                ('handle', models.CharField(max_length=200)),
                ('name', models.CharField(blank=True, max_length=200)),
                ('followers', models.PositiveBigIntegerField(blank=True, null=True)),
                ('standing', models.CharField(blank=True, choices=[('press', 'Press'), ('national press', 'National Press'), ('official', 'Official'), ('politician', 'Politician'), ('influential', 'Influential')], db_default='', default='', max_length=20)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('platform', 'external_id'), name='one_author_per_platform_id')],
            },
        ),
        migrations.CreateModel(
            name='Credential',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100, unique=True)),
                ('connector', models.CharField(max_length=30)),
                ('sealed', models.TextField()),
                ('sealed_session', models.TextField(blank=True)),
                ('limited_until', models.DateTimeField(blank=True, null=True)),
                ('refused_at', models.DateTimeField(blank=True, null=True)),
                ('refusal', models.CharField(blank=True, max_length=500)),
                ('changed_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('sealed', ''), _negated=True), name='a_credential_holds_something')],
            },
        ),
        migrations.CreateModel(
            name='PostIdentity',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('platform', models.CharField(max_length=30)),
                ('canonical_id', models.CharField(max_length=500)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('platform', 'canonical_id'), name='one_post_per_platform_id')],
            },
        ),
        migrations.CreateModel(
            name='Query',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100, unique=True)),
                ('terms', models.TextField()),
                ('purpose', models.CharField(max_length=500)),
                ('legal_basis', models.CharField(choices=[('public task', 'Public Task'), ('legitimate interest', 'Legitimate Interest'), ('legal duty', 'Legal Duty'), ('vital interest', 'Vital Interest'), ('consent', 'Consent')], max_length=30)),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('created_at', models.DateTimeField()),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='queries', to=settings.AUTH_USER_MODEL)),
                ('approved_at', models.DateTimeField(blank=True, null=True)),
                ('approved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('decision_reason', models.CharField(blank=True, max_length=500)),
                ('is_on_person', models.BooleanField(default=False)),
                ('refused_at', models.DateTimeField(blank=True, null=True)),
                ('warned_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('purpose', ''), _negated=True), name='a_query_has_a_purpose'), models.CheckConstraint(condition=models.Q(('legal_basis', ''), _negated=True), name='a_query_has_a_legal_basis'), models.CheckConstraint(condition=models.Q(('terms', ''), _negated=True), name='a_query_has_terms'), models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='a_query_ends_after_it_starts'), models.CheckConstraint(condition=models.Q(('approved_at__isnull', True), models.Q(('approved_by__isnull', False), ('refused_at__isnull', True)), _connector='OR'), name='an_approval_has_a_person_behind_it')],
            },
        ),
        migrations.CreateModel(
            name='Source',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100, unique=True)),
                ('connector', models.CharField(max_length=30)),
                ('settings', models.JSONField(blank=True, default=dict)),
                ('is_enabled', models.BooleanField(default=True)),
                ('interval_s', models.PositiveIntegerField(default=300)),
                ('next_poll_at', models.DateTimeField(db_index=True)),
                ('cursor', models.JSONField(blank=True, default=dict)),
                ('cursor_key', models.CharField(blank=True, max_length=64)),
                ('health', models.CharField(choices=[('waiting', 'Waiting'), ('working', 'Working'), ('behind', 'Behind'), ('limited', 'Limited'), ('failing', 'Failing'), ('refused', 'Refused'), ('ended', 'Ended')], default='waiting', max_length=10)),
                ('last_success_at', models.DateTimeField(blank=True, null=True)),
                ('error', models.CharField(blank=True, max_length=500)),
                ('error_at', models.DateTimeField(blank=True, null=True)),
                ('n_failures', models.PositiveIntegerField(default=0)),
                ('queries', models.ManyToManyField(blank=True, related_name='sources', to='monitoring.query')),
                ('dollars_per_day', models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True)),
                ('next_refresh_at', models.DateTimeField(blank=True, db_index=True, null=True)),
                ('quota', models.JSONField(blank=True, default=dict)),
                ('refreshed', models.JSONField(blank=True, default=dict)),
                ('units_per_day', models.PositiveIntegerField(blank=True, null=True)),
                ('credential', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='sources', to='monitoring.credential')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('interval_s__gte', 1)), name='a_source_waits_between_polls')],
            },
        ),
        migrations.CreateModel(
            name='BlindSpell',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('from_at', models.DateTimeField()),
                ('until_at', models.DateTimeField(blank=True, null=True)),
                ('reason', models.CharField(max_length=500)),
                ('is_lost', models.BooleanField(default=False)),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='blind_spells', to='monitoring.source')),
            ],
            options={
                'indexes': [models.Index(fields=['source', '-from_at'], name='blind_spells_by_source')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('until_at__isnull', True)), fields=('source',), name='one_open_blind_spell_per_source'), models.CheckConstraint(condition=models.Q(('until_at__isnull', True), ('until_at__gte', models.F('from_at')), _connector='OR'), name='a_blind_spell_ends_after_it_starts')],
            },
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(max_length=64)),
                ('at', models.DateTimeField(db_index=True)),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='monitoring.source')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('source', 'digest'), name='a_delivery_is_taken_once')],
            },
        ),
        migrations.CreateModel(
            name='Post',
            fields=[
                ('identity', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, serialize=False, to='monitoring.postidentity')),
                ('platform', models.CharField(max_length=30)),
                ('canonical_id', models.CharField(max_length=500)),
                ('kind', models.CharField(choices=[('post', 'post'), ('reply', 'reply'), ('quote', 'quote'), ('boost', 'boost')], max_length=10)),
                ('url', models.CharField(blank=True, max_length=2000)),
                ('text', models.TextField(blank=True)),
                ('language', models.CharField(blank=True, max_length=10)),
                ('parent_id', models.CharField(blank=True, max_length=500)),
                ('thread_id', models.CharField(max_length=500)),
                ('n_replies', models.PositiveBigIntegerField(default=0)),
                ('n_shares', models.PositiveBigIntegerField(default=0)),
                ('n_likes', models.PositiveBigIntegerField(default=0)),
                ('n_views', models.PositiveBigIntegerField(blank=True, null=True)),
                ('posted_at', models.DateTimeField()),
                ('fetched_at', models.DateTimeField()),
                ('version', models.CharField(blank=True, max_length=200)),
                ('raw', models.JSONField(blank=True, default=dict)),
                ('gone_at', models.DateTimeField(blank=True, null=True)),
                ('author', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='posts', to='monitoring.author')),
                ('source', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='posts', to='monitoring.source')),
                ('gone_reason', models.CharField(blank=True, db_default='', max_length=200)),
            ],
            options={
                'indexes': [models.Index(fields=['-posted_at'], name='posts_by_time'), models.Index(fields=['platform', 'thread_id', 'posted_at'], name='posts_by_thread'), models.Index(fields=['source', 'identity'], name='posts_by_source'), models.Index(fields=['author', 'thread_id'], name='posts_by_author')],
            },
        ),
        migrations.CreateModel(
            name='RejectedMention',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('raw', models.TextField()),
                ('reason', models.CharField(max_length=500)),
                ('at', models.DateTimeField()),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rejected', to='monitoring.source')),
                ('outcome', models.CharField(blank=True, choices=[('stored', 'Stored'), ('dropped', 'Dropped')], max_length=10)),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['source', '-at'], name='rejected_by_source'), models.Index(condition=models.Q(('outcome', '')), fields=['-id'], name='rejected_that_wait')],
            },
        ),
        migrations.CreateModel(
            name='SourceDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('n_polls', models.PositiveIntegerField(default=0)),
                ('n_failed', models.PositiveIntegerField(default=0)),
                ('n_read', models.PositiveIntegerField(default=0)),
                ('n_new', models.PositiveIntegerField(default=0)),
                ('units', models.PositiveIntegerField(default=0)),
                ('dollars', models.DecimalField(decimal_places=4, default=0, max_digits=10)),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='days', to='monitoring.source')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('source', 'day'), name='one_row_per_source_and_day')],
            },
        ),
        migrations.CreateModel(
            name='Upload',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('filename', models.CharField(max_length=200)),
                ('content', models.BinaryField()),
                ('n_rows', models.PositiveIntegerField()),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('source', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='upload', to='monitoring.source')),
            ],
        ),
        migrations.CreateModel(
            name='PostMatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('query', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='matches', to='monitoring.query')),
                ('post', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='matches', to='monitoring.post')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('post', 'query'), name='one_match_per_post_and_query')],
            },
        ),
        migrations.CreateModel(
            name='PostVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField(blank=True)),
                ('version', models.CharField(blank=True, max_length=200)),
                ('raw', models.JSONField(blank=True, default=dict)),
                ('replaced_at', models.DateTimeField()),
                ('post', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='monitoring.post')),
            ],
            options={
                'indexes': [models.Index(fields=['post', 'replaced_at'], name='versions_by_post')],
            },
        ),
        migrations.RunPython(FULL_TEXT.add_index, FULL_TEXT.remove_index),
        migrations.RunPython(WORDS_ALIKE.add_indexes, WORDS_ALIKE.remove_indexes),
    ]

"""Exercises: what is being played, and what happens to people beside posts; empty in a real installation."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0024_seed_situation_levels'),
        ('monitoring', '0012_author_words_again'),
    ]

    operations = [
        migrations.AlterField(
            model_name='notification',
            name='kind',
            field=models.CharField(choices=[('alarm', 'Alarm'), ('source stopped', 'Source Stopped'), ('query ending', 'Query Ending'), ('query waits', 'Query Waits'), ('query decided', 'Query Decided'), ('approval waits', 'Approval Waits'), ('task due', 'Task Due'), ('overdue', 'Overdue'), ('handed over', 'Handed Over'), ('assigned', 'Assigned'), ('review waits', 'Review Waits'), ('check overdue', 'Check Overdue'), ('swap asked', 'Swap Asked'), ('swap decided', 'Swap Decided'), ('duty gap', 'Duty Gap'), ('test', 'Test'), ('not delivered', 'Not Delivered'), ('situation proposed', 'Situation Proposed'), ('word due', 'Word Due'), ('claim decided', 'Claim Decided'), ('picture waits', 'Picture Waits'), ('batch done', 'Batch Done'), ('inject', 'Inject')], default='alarm', max_length=20),
        ),
        migrations.CreateModel(
            name='Exercise',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=200)),
                ('incident', models.CharField(max_length=100)),
                ('made_at', models.DateTimeField()),
                ('began_at', models.DateTimeField(blank=True, null=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('ended_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('source', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='exercise', to='monitoring.source')),
            ],
        ),
        migrations.CreateModel(
            name='Inject',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(blank=True, max_length=100)),
                ('at_s', models.FloatField(blank=True, null=True)),
                ('kind', models.CharField(choices=[('phone call', 'Call'), ('e-mail', 'Email'), ('report', 'Report'), ('illness', 'Illness'), ('other', 'Other')], default='other', max_length=20)),
                ('to_role', models.CharField(blank=True, choices=[('employee', 'employee'), ('watcher', 'watcher'), ('officer', 'officer'), ('lead', 'lead'), ('analyst', 'analyst'), ('administrator', 'administrator'), ('privacy', 'privacy'), ('board', 'board')], max_length=20)),
                ('to_function', models.CharField(blank=True, choices=[('officer', 'officer'), ('backup', 'backup'), ('communications', 'communications'), ('head', 'head'), ('crisis', 'crisis')], max_length=20)),
                ('sender', models.CharField(blank=True, max_length=200)),
                ('text', models.TextField()),
                ('told_at', models.DateTimeField(blank=True, null=True)),
                ('done_at', models.DateTimeField(blank=True, null=True)),
                ('note', models.CharField(blank=True, max_length=1000)),
                ('added_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('done_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('exercise', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='injects', to='cases.exercise')),
            ],
            options={
                'ordering': ['told_at', 'at_s', 'pk'],
            },
        ),
        migrations.AddConstraint(
            model_name='exercise',
            constraint=models.CheckConstraint(condition=models.Q(('ended_at__isnull', True), ('began_at__isnull', True), ('ended_at__gte', models.F('began_at')), _connector='OR'), name='an_exercise_ends_after_it_begins'),
        ),
        migrations.AddConstraint(
            model_name='inject',
            constraint=models.UniqueConstraint(condition=models.Q(('key', ''), _negated=True), fields=('exercise', 'key'), name='an_inject_of_the_story_comes_once'),
        ),
        migrations.AddConstraint(
            model_name='inject',
            constraint=models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='an_inject_says_something'),
        ),
        migrations.AddConstraint(
            model_name='inject',
            constraint=models.CheckConstraint(condition=models.Q(('done_at__isnull', True), ('told_at__isnull', False), _connector='OR'), name='only_an_inject_that_was_told_is_done'),
        ),
    ]

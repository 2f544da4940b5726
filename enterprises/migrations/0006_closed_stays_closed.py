"""A closed invitation stays closed, a person has one open one, and nobody decides their own claim."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from portal.kernel.transitions import StateTrigger

# What the triggers of the foreign key have to say they say now: the table cannot be altered before.
FILL = """
UPDATE enterprises_invitation
   SET state = CASE WHEN accepted_at IS NOT NULL THEN 'accepted' ELSE 'revoked' END
 WHERE accepted_at IS NOT NULL OR revoked_at IS NOT NULL;
UPDATE enterprises_claim c SET decided_by_id = e.actor_id
  FROM (SELECT DISTINCT ON (subject_id) subject_id, actor_id FROM enterprises_claimevent
         ORDER BY subject_id, id DESC) e
 WHERE e.subject_id = c.id AND c.state <> 'submitted';
SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('enterprises', '0005_withdrawn_values'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='invitation',
            name='enterprises_invitation_accepted',
        ),
        migrations.AddField(
            model_name='claim',
            name='decided_by',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='审核人'),
        ),
        migrations.AddField(
            model_name='invitation',
            name='invitee',
            field=models.CharField(blank=True, help_text='手机号或邮箱', max_length=254, verbose_name='邀请谁'),
        ),
        migrations.AddField(
            model_name='invitation',
            name='state',
            field=models.CharField(choices=[('open', '待接受'), ('accepted', '已接受'), ('revoked', '已撤回')], default='open', editable=False, max_length=8, verbose_name='状态'),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name='claim',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_by', None), ('state', 'submitted')), models.Q(models.Q(('state', 'submitted'), _negated=True), ('decided_by__isnull', False)), _connector='OR'), name='enterprises_claim_decided', violation_error_message='审核之后须有审核人。'),
        ),
        migrations.AddConstraint(
            model_name='claim',
            constraint=models.CheckConstraint(condition=models.Q(('decided_by', None), models.Q(('decided_by', models.F('user')), _negated=True), _connector='OR'), name='enterprises_claim_not_own', violation_error_message='不能审核自己的认领申请。'),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('accepted_at', None), ('accepted_by', None), ('revoked_at', None), ('state', 'open')), models.Q(('accepted_at__isnull', False), ('accepted_by__isnull', False), ('revoked_at', None), ('state', 'accepted')), models.Q(('accepted_at', None), ('accepted_by', None), ('revoked_at__isnull', False), ('state', 'revoked')), _connector='OR'), name='enterprises_invitation_closed', violation_error_message='邀请的状态与接受、撤回的时间不一致。'),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'open'), models.Q(('invitee', ''), _negated=True)), fields=('enterprise', 'invitee'), name='enterprises_invitation_one_open', violation_error_message='已邀请过此人，请先撤回原邀请。'),
        ),
        StateTrigger(
            model_name="Invitation",
            field="state",
            initial="open",
            edges=[("open", "accepted"), ("open", "revoked")],
            deletable=["open"],
        ),
    ]

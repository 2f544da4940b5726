"""What the database itself holds of rankings: published versions stand, their weights make 100."""

from django.db import migrations

from portal.kernel.state_triggers import StateTrigger

_TRIGGER = """
CREATE FUNCTION {name}() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    IF ({refused}) THEN
        RAISE EXCEPTION '{words}'
            USING ERRCODE = 'check_violation', CONSTRAINT = '{name}', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN coalesce(NEW, OLD);
END
$body$;
CREATE TRIGGER {name} {fires} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name};
"""
# Name, table, when it fires, condition of refusal, words.
_GUARDS = (
    (
        "finance_rankingversion_stands",
        "finance_rankingversion",
        "BEFORE UPDATE",
        """OLD.state <> 'draft' AND (
            to_jsonb(NEW) - ARRAY['state', 'retired_at'] <> to_jsonb(OLD) - ARRAY['state', 'retired_at']
            OR OLD.retired_at IS NOT NULL AND NEW.retired_at IS DISTINCT FROM OLD.retired_at)
        OR (NEW.model_id, NEW.number, NEW.edited_by_id)
            IS DISTINCT FROM (OLD.model_id, OLD.number, OLD.edited_by_id)""",
        "who wrote a version stands, and all of one that is published",
    ),
    (
        "finance_ranking_weights",
        "finance_rankingversion",
        "BEFORE UPDATE",
        """OLD.state = 'draft' AND NEW.state = 'published' AND 100 <> (
            SELECT coalesce(sum(weight), 0) FROM finance_indicator WHERE version_id = NEW.id)""",
        "the weights of a version make 100",
    ),
    (
        "finance_indicators_stand",
        "finance_indicator",
        "BEFORE INSERT OR UPDATE OR DELETE",
        """(SELECT state FROM finance_rankingversion WHERE id = coalesce(NEW.version_id, OLD.version_id)
            FOR SHARE) <> 'draft'
        OR TG_OP = 'UPDATE' AND NEW.version_id <> OLD.version_id""",
        "what a version that is no draft counts stands as it is",
    ),
)


class Migration(migrations.Migration):
    dependencies = [("finance", "0020_rankings")]
    operations = [
        StateTrigger(
            "RankingVersion",
            "state",
            initial="draft",
            edges=[("draft", "published"), ("published", "retired")],
            deletable=[],
        ),
        migrations.RunSQL(
            "".join(
                _TRIGGER.format(name=name, table=table, fires=fires, refused=refused, words=words)
                for name, table, fires, refused, words in _GUARDS
            ),
            "".join(
                f"DROP TRIGGER {name} ON {table};\nDROP FUNCTION {name}();\n"
                for name, table, *_rest in reversed(_GUARDS)
            ),
        ),
    ]

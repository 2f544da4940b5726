"""The database's own watch over versions: states, content, editors, sources.

Everything raised here is a check violation with a constraint name, and fires under
`session_replication_role = replica` too.
"""

from django.db import migrations

from portal.kernel.transitions import StateTrigger

_CONTENT = """
CREATE FUNCTION policies_version_content() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
DECLARE
    moving text[] := ARRAY['state', 'published_by_id', 'published_at', 'withdrawal_reason', 'amount_max_fen'];
BEGIN
    IF OLD.state <> 'draft' AND (to_jsonb(NEW) - moving) <> (to_jsonb(OLD) - moving) THEN
        RAISE EXCEPTION 'version % is % and stands as it is', OLD.id, OLD.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'policies_version_stands', TABLE = TG_TABLE_NAME;
    END IF;
    IF OLD.published_at IS NOT NULL
        AND (NEW.published_at, NEW.published_by_id, NEW.amount_max_fen)
            IS DISTINCT FROM (OLD.published_at, OLD.published_by_id, OLD.amount_max_fen)
    THEN
        RAISE EXCEPTION 'who published version % and when stands as it is', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'policies_version_stands', TABLE = TG_TABLE_NAME;
    END IF;
    IF NEW.state = 'published' AND OLD.state <> 'published' AND (
        EXISTS (SELECT 1 FROM policies_versioneditor
                WHERE version_id = NEW.id AND user_id = NEW.published_by_id)
        OR EXISTS (SELECT 1 FROM matching_ruleversion
                   WHERE id = NEW.rule_version_id AND author_id = NEW.published_by_id)
    ) THEN
        RAISE EXCEPTION 'version % cannot be published by one of its editors', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'policies_version_four_eyes', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END
$body$;
CREATE TRIGGER policies_version_content BEFORE UPDATE ON policies_itemversion
    FOR EACH ROW EXECUTE FUNCTION policies_version_content();
ALTER TABLE policies_itemversion ENABLE ALWAYS TRIGGER policies_version_content;
"""

_EDITORS = """
CREATE FUNCTION policies_version_editors() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    INSERT INTO policies_versioneditor (version_id, user_id) VALUES (NEW.id, NEW.edited_by_id)
        ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$body$;
CREATE TRIGGER policies_version_editors AFTER INSERT OR UPDATE OF edited_by_id ON policies_itemversion
    FOR EACH ROW EXECUTE FUNCTION policies_version_editors();
ALTER TABLE policies_itemversion ENABLE ALWAYS TRIGGER policies_version_editors;
"""

_SOURCES = """
CREATE FUNCTION policies_version_sources() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
DECLARE
    touched bigint[] := ARRAY[]::bigint[];
BEGIN
    IF TG_OP <> 'INSERT' THEN touched := touched || OLD.version_id; END IF;
    IF TG_OP <> 'DELETE' THEN touched := touched || NEW.version_id; END IF;
    IF EXISTS (SELECT 1 FROM policies_itemversion WHERE id = ANY (touched) AND state <> 'draft') THEN
        RAISE EXCEPTION 'the sources of a version that is no draft stand as they are'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'policies_version_stands', TABLE = TG_TABLE_NAME;
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END
$body$;
CREATE TRIGGER policies_version_sources BEFORE INSERT OR UPDATE OR DELETE ON policies_versionsource
    FOR EACH ROW EXECUTE FUNCTION policies_version_sources();
ALTER TABLE policies_versionsource ENABLE ALWAYS TRIGGER policies_version_sources;
"""

# What was submitted is what is published: the rule of a version in review is not exchanged behind it.
_RULES = """
CREATE FUNCTION policies_version_rule() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    IF (NEW.rule_id, NEW.conditions, NEW.amount, NEW.reference_year, NEW.event_fact, NEW.governing_date,
        NEW.examples, NEW.author_id)
        IS DISTINCT FROM
       (OLD.rule_id, OLD.conditions, OLD.amount, OLD.reference_year, OLD.event_fact, OLD.governing_date,
        OLD.examples, OLD.author_id)
        AND EXISTS (SELECT 1 FROM policies_itemversion WHERE rule_version_id = OLD.id AND state <> 'draft')
    THEN
        RAISE EXCEPTION 'the rule of a version that is no draft stands as it is'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'policies_version_stands', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END
$body$;
CREATE TRIGGER policies_version_rule BEFORE UPDATE ON matching_ruleversion
    FOR EACH ROW EXECUTE FUNCTION policies_version_rule();
ALTER TABLE matching_ruleversion ENABLE ALWAYS TRIGGER policies_version_rule;
"""

_UNDO = """
DROP TRIGGER policies_version_rule ON matching_ruleversion;
DROP FUNCTION policies_version_rule();
DROP TRIGGER policies_version_sources ON policies_versionsource;
DROP FUNCTION policies_version_sources();
DROP TRIGGER policies_version_editors ON policies_itemversion;
DROP FUNCTION policies_version_editors();
DROP TRIGGER policies_version_content ON policies_itemversion;
DROP FUNCTION policies_version_content();
"""


class Migration(migrations.Migration):
    dependencies = [("policies", "0001_initial"), ("matching", "0002_published_versions_stand")]

    operations = [
        StateTrigger(
            "ItemVersion",
            "state",
            initial="draft",
            edges=[
                ("draft", "in_review"),
                ("in_review", "draft"),
                ("in_review", "published"),
                ("published", "superseded"),
                ("published", "withdrawn"),
                ("published", "expired"),
            ],
            deletable=[],
        ),
        StateTrigger(
            "PolicyDocument",
            "state",
            initial="draft",
            edges=[("draft", "published"), ("published", "repealed")],
        ),
        StateTrigger(
            "Push",
            "state",
            initial="queued",
            edges=[
                ("queued", "running"),
                ("running", "done"),
                ("running", "failed"),
                ("running", "queued"),
                ("failed", "queued"),
            ],
        ),
        migrations.RunSQL(_CONTENT + _EDITORS + _SOURCES + _RULES, _UNDO),
    ]

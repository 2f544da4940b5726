"""The database's own watch over versions of products: states, content, editors, rules; whose branch is whose.

Everything raised here is a check violation with a constraint name, and fires under
`session_replication_role = replica` too.
"""

from django.db import migrations

from portal.kernel.transitions import StateTrigger

_CONTENT = """
CREATE FUNCTION finance_productversion_content() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
DECLARE
    moving text[] := ARRAY['state', 'published_by_id', 'published_at', 'withdrawal_reason'];
BEGIN
    IF OLD.state <> 'draft' AND (to_jsonb(NEW) - moving) <> (to_jsonb(OLD) - moving) THEN
        RAISE EXCEPTION 'version % of a product is % and stands as it is', OLD.id, OLD.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'finance_productversion_stands',
                  TABLE = TG_TABLE_NAME;
    END IF;
    IF OLD.published_at IS NOT NULL
        AND (NEW.published_at, NEW.published_by_id) IS DISTINCT FROM (OLD.published_at, OLD.published_by_id)
    THEN
        RAISE EXCEPTION 'who published version % of a product and when stands as it is', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'finance_productversion_publication_stands',
                  TABLE = TG_TABLE_NAME;
    END IF;
    IF NEW.state = 'published' AND OLD.state <> 'published' AND (
        EXISTS (SELECT 1 FROM finance_productversioneditor
                WHERE version_id = NEW.id AND user_id = NEW.published_by_id)
        OR EXISTS (SELECT 1 FROM matching_ruleversion
                   WHERE id = NEW.rule_version_id AND author_id = NEW.published_by_id)
    ) THEN
        RAISE EXCEPTION 'version % of a product cannot be published by one of its editors', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'finance_productversion_other_eyes',
                  TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END
$body$;
CREATE TRIGGER finance_productversion_content BEFORE UPDATE ON finance_productversion
    FOR EACH ROW EXECUTE FUNCTION finance_productversion_content();
ALTER TABLE finance_productversion ENABLE ALWAYS TRIGGER finance_productversion_content;
"""

_EDITORS = """
CREATE FUNCTION finance_productversion_editors() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    INSERT INTO finance_productversioneditor (version_id, user_id) VALUES (NEW.id, NEW.edited_by_id)
        ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$body$;
CREATE TRIGGER finance_productversion_editors AFTER INSERT OR UPDATE OF edited_by_id ON finance_productversion
    FOR EACH ROW EXECUTE FUNCTION finance_productversion_editors();
ALTER TABLE finance_productversion ENABLE ALWAYS TRIGGER finance_productversion_editors;
"""

# What was submitted is what is published: the conditions of a version in review are not exchanged behind it.
_RULES = """
CREATE FUNCTION finance_productversion_rule() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    IF (NEW.rule_id, NEW.conditions, NEW.amount, NEW.reference_year, NEW.event_fact, NEW.governing_date,
        NEW.examples, NEW.author_id)
        IS DISTINCT FROM
       (OLD.rule_id, OLD.conditions, OLD.amount, OLD.reference_year, OLD.event_fact, OLD.governing_date,
        OLD.examples, OLD.author_id)
        AND EXISTS (SELECT 1 FROM finance_productversion WHERE rule_version_id = OLD.id AND state <> 'draft')
    THEN
        RAISE EXCEPTION 'the conditions of a version that is no draft stand as they are'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'finance_productversion_conditions_stand',
                  TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END
$body$;
CREATE TRIGGER finance_productversion_rule BEFORE UPDATE ON matching_ruleversion
    FOR EACH ROW EXECUTE FUNCTION finance_productversion_rule();
ALTER TABLE matching_ruleversion ENABLE ALWAYS TRIGGER finance_productversion_rule;
"""

# Checked at the end of the transaction, because the two tables change one after the other.
_AGREE = """
CREATE FUNCTION finance_productversion_rule_agrees() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
DECLARE
    checked bigint := NEW.id;
BEGIN
    IF TG_TABLE_NAME = 'matching_ruleversion' THEN
        SELECT id INTO checked FROM finance_productversion WHERE rule_version_id = NEW.id;
    END IF;
    IF EXISTS (
        SELECT 1 FROM finance_productversion v
        JOIN matching_ruleversion r ON r.id = v.rule_version_id
        JOIN finance_creditproduct p ON p.id = v.product_id
        WHERE v.id = checked
          AND (r.rule_id <> p.rule_id
               OR (v.state IN ('draft', 'in_review')) <> (r.published_at IS NULL)
               OR (v.state = 'published' AND r.retracted_at IS NOT NULL)
               OR (v.state = 'withdrawn' AND r.retracted_at IS NULL))
    ) THEN
        RAISE EXCEPTION 'a version of a product and its conditions are published and withdrawn together'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'finance_productversion_rule_agrees',
                  TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END
$body$;
CREATE CONSTRAINT TRIGGER finance_productversion_rule_agrees AFTER INSERT OR UPDATE ON finance_productversion
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION finance_productversion_rule_agrees();
ALTER TABLE finance_productversion ENABLE ALWAYS TRIGGER finance_productversion_rule_agrees;
CREATE CONSTRAINT TRIGGER finance_conditions_agree AFTER UPDATE ON matching_ruleversion
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION finance_productversion_rule_agrees();
ALTER TABLE matching_ruleversion ENABLE ALWAYS TRIGGER finance_conditions_agree;
"""

_BRANCHES = """
ALTER TABLE finance_branch ADD CONSTRAINT finance_branch_of_bank UNIQUE (id, bank_id);
ALTER TABLE finance_bankofficer ADD CONSTRAINT finance_bankofficer_own_branch
    FOREIGN KEY (branch_id, bank_id) REFERENCES finance_branch (id, bank_id);
"""

_UNDO = """
ALTER TABLE finance_bankofficer DROP CONSTRAINT finance_bankofficer_own_branch;
ALTER TABLE finance_branch DROP CONSTRAINT finance_branch_of_bank;
DROP TRIGGER finance_conditions_agree ON matching_ruleversion;
DROP TRIGGER finance_productversion_rule_agrees ON finance_productversion;
DROP FUNCTION finance_productversion_rule_agrees();
DROP TRIGGER finance_productversion_rule ON matching_ruleversion;
DROP FUNCTION finance_productversion_rule();
DROP TRIGGER finance_productversion_editors ON finance_productversion;
DROP FUNCTION finance_productversion_editors();
DROP TRIGGER finance_productversion_content ON finance_productversion;
DROP FUNCTION finance_productversion_content();
"""


class Migration(migrations.Migration):
    dependencies = [("finance", "0001_banks_and_products"), ("matching", "0005_keys_of_rules")]

    operations = [
        StateTrigger(
            "ProductVersion",
            "state",
            initial="draft",
            edges=[
                ("draft", "in_review"),
                ("in_review", "draft"),
                ("in_review", "published"),
                ("published", "superseded"),
                ("published", "withdrawn"),
            ],
            deletable=[],
        ),
        migrations.RunSQL(_CONTENT + _EDITORS + _RULES + _AGREE + _BRANCHES, _UNDO),
    ]

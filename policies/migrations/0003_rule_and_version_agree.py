"""A version and its rule are published and withdrawn together; who published a document stands.

Without the first, a rule could be put in force behind the back of four eyes. It is checked at the end of
the transaction, because the two tables change one after the other.
"""

from django.db import migrations

_AGREE = """
CREATE FUNCTION policies_version_rule_agrees() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
DECLARE
    checked bigint := NEW.id;
BEGIN
    IF TG_TABLE_NAME = 'matching_ruleversion' THEN
        SELECT id INTO checked FROM policies_itemversion WHERE rule_version_id = NEW.id;
    END IF;
    IF EXISTS (
        SELECT 1 FROM policies_itemversion v
        JOIN matching_ruleversion r ON r.id = v.rule_version_id
        JOIN policies_policyitem i ON i.id = v.item_id
        WHERE v.id = checked
          AND (r.rule_id <> i.rule_id
               OR (v.state IN ('draft', 'in_review')) <> (r.published_at IS NULL)
               OR (v.state = 'withdrawn') <> (r.retracted_at IS NOT NULL))
    ) THEN
        RAISE EXCEPTION 'a version and its rule are published and withdrawn together'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'policies_version_rule_agrees',
                  TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END
$body$;
CREATE CONSTRAINT TRIGGER policies_version_rule_agrees AFTER INSERT OR UPDATE ON policies_itemversion
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION policies_version_rule_agrees();
ALTER TABLE policies_itemversion ENABLE ALWAYS TRIGGER policies_version_rule_agrees;
CREATE CONSTRAINT TRIGGER policies_version_rule_agrees AFTER UPDATE ON matching_ruleversion
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION policies_version_rule_agrees();
ALTER TABLE matching_ruleversion ENABLE ALWAYS TRIGGER policies_version_rule_agrees;
"""

# The period belongs to what was submitted as well; publication and what follows it are matching's watch.
_PERIOD = """
CREATE FUNCTION policies_version_period() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    IF EXISTS (SELECT 1 FROM policies_itemversion WHERE rule_version_id = OLD.id AND state <> 'draft') THEN
        RAISE EXCEPTION 'the period of a version that is no draft stands as it is'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'policies_version_stands', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END
$body$;
CREATE TRIGGER policies_version_period BEFORE UPDATE ON matching_ruleversion FOR EACH ROW
    WHEN (OLD.published_at IS NULL AND NEW.valid IS DISTINCT FROM OLD.valid)
    EXECUTE FUNCTION policies_version_period();
ALTER TABLE matching_ruleversion ENABLE ALWAYS TRIGGER policies_version_period;
"""

_DOCUMENTS = """
CREATE FUNCTION policies_document_publication() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $body$
BEGIN
    RAISE EXCEPTION 'who wrote and published document % and when stands as it is', OLD.id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'policies_document_publication_stands',
              TABLE = TG_TABLE_NAME;
END
$body$;
CREATE TRIGGER policies_document_publication BEFORE UPDATE ON policies_policydocument FOR EACH ROW
    WHEN (OLD.published_at IS NOT NULL AND (NEW.published_at, NEW.published_by_id, NEW.author_id)
          IS DISTINCT FROM (OLD.published_at, OLD.published_by_id, OLD.author_id))
    EXECUTE FUNCTION policies_document_publication();
ALTER TABLE policies_policydocument ENABLE ALWAYS TRIGGER policies_document_publication;
"""

_UNDO = """
DROP TRIGGER policies_document_publication ON policies_policydocument;
DROP FUNCTION policies_document_publication();
DROP TRIGGER policies_version_period ON matching_ruleversion;
DROP FUNCTION policies_version_period();
DROP TRIGGER policies_version_rule_agrees ON matching_ruleversion;
DROP TRIGGER policies_version_rule_agrees ON policies_itemversion;
DROP FUNCTION policies_version_rule_agrees();
"""


class Migration(migrations.Migration):
    dependencies = [("policies", "0002_what_stands_stands"), ("matching", "0004_born_a_draft")]
    operations = [migrations.RunSQL(_AGREE + _PERIOD + _DOCUMENTS, _UNDO)]

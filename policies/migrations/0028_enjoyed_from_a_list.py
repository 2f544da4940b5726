"""No award without a list: what is enjoyed without applying was taken by an enterprise from a confirmed one.

Looked at when the transaction ends, because an award comes before the candidate that points at it. That the
candidate is of the same enterprise, item, year and sum, accepted, and of a confirmed list, its own guards say.
"""

from django.db import migrations

_FROM_A_LIST = """
CREATE FUNCTION policies_award_from_a_list() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM policies_enjoycandidate WHERE award_id = NEW.id) THEN
        RAISE EXCEPTION 'award % was taken from no list', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'policies_award_from_a_list', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END
$body$;
CREATE CONSTRAINT TRIGGER policies_award_from_a_list AFTER INSERT ON policies_award
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.source = 'enjoy')
    EXECUTE FUNCTION policies_award_from_a_list();
ALTER TABLE policies_award ENABLE ALWAYS TRIGGER policies_award_from_a_list;
"""

_UNDO = """
DROP TRIGGER policies_award_from_a_list ON policies_award;
DROP FUNCTION policies_award_from_a_list();
"""


class Migration(migrations.Migration):
    dependencies = [("policies", "0027_unbounded_amounts_and_numbers")]
    operations = [migrations.RunSQL(_FROM_A_LIST, _UNDO)]

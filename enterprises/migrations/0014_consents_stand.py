"""Consents stand as given, end once, and let nothing be read when they are not live."""

from django.db import migrations

# The transaction that gives a consent writes what it is about; who gives it cannot say that it was another.
_GRANTED = """
CREATE FUNCTION enterprises_consent_granted() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    NEW.granted_in := pg_current_xact_id();
    IF NEW.revoked_at IS NOT NULL OR NEW.assigned_at IS NOT NULL THEN
        RAISE EXCEPTION 'a consent is given before it ends or is assigned'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'enterprises_consent_begins', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END
$body$;
CREATE TRIGGER enterprises_consent_granted BEFORE INSERT ON enterprises_consent FOR EACH ROW
    EXECUTE FUNCTION enterprises_consent_granted();
ALTER TABLE enterprises_consent ENABLE ALWAYS TRIGGER enterprises_consent_granted;
"""

_STANDS = """
CREATE FUNCTION enterprises_consent_stands() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
DECLARE
    ending text[] := ARRAY['revoked_at', 'revoked_by_id', 'revoke_reason'];
    taking text[] := ARRAY['grantee_id', 'assigned_at'];
BEGIN
    IF TG_OP = 'DELETE' OR to_jsonb(NEW) - ending - taking <> to_jsonb(OLD) - ending - taking THEN
        RAISE EXCEPTION 'consent % stands as it was given', OLD.number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'enterprises_consent_stands', TABLE = TG_TABLE_NAME;
    END IF;
    IF OLD.revoked_at IS NOT NULL THEN
        RAISE EXCEPTION 'consent % has been revoked', OLD.number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'enterprises_consent_ends_once',
                  TABLE = TG_TABLE_NAME;
    END IF;
    IF (NEW.grantee_id, NEW.assigned_at) IS DISTINCT FROM (OLD.grantee_id, OLD.assigned_at) AND (
        OLD.grantee_id IS NOT NULL OR NOT EXISTS (
            SELECT 1 FROM enterprises_grantee WHERE id = NEW.grantee_id AND kind = OLD.open_to))
    THEN
        RAISE EXCEPTION 'consent % is given to one grantee, of the kind it is open to', OLD.number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'enterprises_consent_to_one',
                  TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END
$body$;
CREATE TRIGGER enterprises_consent_stands BEFORE UPDATE OR DELETE ON enterprises_consent FOR EACH ROW
    EXECUTE FUNCTION enterprises_consent_stands();
ALTER TABLE enterprises_consent ENABLE ALWAYS TRIGGER enterprises_consent_stands;
"""


def _part(table):
    """What a consent is about is written with it: later it would be another consent."""
    return f"""
CREATE FUNCTION {table}_given() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM enterprises_consent
        WHERE id = NEW.consent_id AND granted_in = pg_current_xact_id())
    THEN
        RAISE EXCEPTION 'consent % has been given without this', NEW.consent_id
            USING ERRCODE = 'check_violation', CONSTRAINT = '{table}_given', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END
$body$;
CREATE TRIGGER {table}_given BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_given();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_given;
"""


_SOMETHING = """
CREATE FUNCTION enterprises_consent_something() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM enterprises_consentfact WHERE consent_id = NEW.id)
        AND NOT EXISTS (SELECT 1 FROM enterprises_consentcredential WHERE consent_id = NEW.id)
    THEN
        RAISE EXCEPTION 'consent % is about nothing', NEW.number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'enterprises_consent_something',
                  TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END
$body$;
CREATE CONSTRAINT TRIGGER enterprises_consent_something AFTER INSERT ON enterprises_consent
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION enterprises_consent_something();
ALTER TABLE enterprises_consent ENABLE ALWAYS TRIGGER enterprises_consent_something;
"""

# The share lock makes a revocation wait for readings that are on their way, and readings for a revocation:
# what is looked at afterwards is what was committed last. The clock is the server's, whatever `at` says.
_LIVE = """
CREATE FUNCTION enterprises_consentreading_live() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    PERFORM 1 FROM enterprises_consent WHERE id = NEW.consent_id FOR SHARE;
    IF NOT EXISTS (SELECT 1 FROM enterprises_consent
        WHERE id = NEW.consent_id AND revoked_at IS NULL AND grantee_id IS NOT NULL
            AND given_at <= NEW.at AND until > NEW.at AND until > clock_timestamp())
    THEN
        RAISE EXCEPTION 'consent % is not live', NEW.consent_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'enterprises_consentreading_live',
                  TABLE = TG_TABLE_NAME;
    END IF;
    IF EXISTS (SELECT jsonb_array_elements_text(NEW.keys -> 'facts')
               EXCEPT SELECT f.key FROM enterprises_consentfact AS c
                   JOIN enterprises_fact AS f ON f.id = c.fact_id WHERE c.consent_id = NEW.consent_id)
        OR EXISTS (SELECT jsonb_array_elements_text(NEW.keys -> 'credentials')
               EXCEPT SELECT k.key FROM enterprises_consentcredential AS c
                   JOIN enterprises_credentialkind AS k ON k.id = c.kind_id WHERE c.consent_id = NEW.consent_id)
    THEN
        RAISE EXCEPTION 'consent % is not about all of this', NEW.consent_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'enterprises_consentreading_within',
                  TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END
$body$;
CREATE TRIGGER enterprises_consentreading_live BEFORE INSERT ON enterprises_consentreading FOR EACH ROW
    EXECUTE FUNCTION enterprises_consentreading_live();
ALTER TABLE enterprises_consentreading ENABLE ALWAYS TRIGGER enterprises_consentreading_live;
"""

_UNDO = """
DROP TRIGGER enterprises_consent_granted ON enterprises_consent;
DROP FUNCTION enterprises_consent_granted();
DROP TRIGGER enterprises_consent_stands ON enterprises_consent;
DROP FUNCTION enterprises_consent_stands();
DROP TRIGGER enterprises_consentfact_given ON enterprises_consentfact;
DROP FUNCTION enterprises_consentfact_given();
DROP TRIGGER enterprises_consentcredential_given ON enterprises_consentcredential;
DROP FUNCTION enterprises_consentcredential_given();
DROP TRIGGER enterprises_consent_something ON enterprises_consent;
DROP FUNCTION enterprises_consent_something();
DROP TRIGGER enterprises_consentreading_live ON enterprises_consentreading;
DROP FUNCTION enterprises_consentreading_live();
"""

_PARTS = _part("enterprises_consentfact") + _part("enterprises_consentcredential")


class Migration(migrations.Migration):
    dependencies = [("enterprises", "0013_consents")]
    operations = [migrations.RunSQL(_GRANTED + _STANDS + _PARTS + _SOMETHING + _LIVE, _UNDO)]

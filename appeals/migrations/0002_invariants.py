"""The database's own watch over appeals and orders: states, and the status derived from them.

Locks are taken orders first, then the appeal: a change of an order updates its appeal through the trigger.
"""

from django.db import migrations

from portal.kernel.transitions import StateTrigger

# The one place of the precedence. A fresh snapshot after the appeal's row lock: two orders of one appeal
# that change at once are both seen by the second.
STATUS = """
CREATE FUNCTION appeals_status_of(wanted bigint, intake text) RETURNS text
    LANGUAGE plpgsql VOLATILE SET search_path = public, pg_temp AS $body$
DECLARE
    lead text;
BEGIN
    IF intake IN ('merged', 'refused', 'withdrawn', 'asked') THEN
        RETURN intake;
    ELSIF intake = 'submitted' THEN
        RETURN 'received';
    ELSIF EXISTS (
        SELECT 1 FROM appeals_workorder
        WHERE appeal_id = wanted AND kind = 'supervision' AND state NOT IN ('answered', 'closed', 'cancelled')
    ) THEN
        RETURN 'supervised';
    END IF;
    SELECT state INTO lead FROM appeals_workorder
        WHERE appeal_id = wanted AND kind = 'lead' AND state <> 'cancelled' ORDER BY id DESC LIMIT 1;
    IF lead IN ('answered', 'closed') AND EXISTS (
        SELECT 1 FROM appeals_promise p JOIN appeals_workorder o ON o.id = p.order_id
        WHERE o.appeal_id = wanted AND p.kept_at IS NULL
    ) THEN
        RETURN 'promised';
    END IF;
    RETURN CASE
        WHEN lead IN ('open', 'offered') THEN 'offered'
        WHEN lead = 'asking' THEN 'asked'
        WHEN lead IN ('handling', 'answered', 'closed') THEN lead
        ELSE 'routing'
    END;
END
$body$;

CREATE FUNCTION appeals_appeal_status() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    NEW.status := appeals_status_of(NEW.id, NEW.intake);
    RETURN NEW;
END
$body$;
CREATE TRIGGER appeals_appeal_status BEFORE INSERT OR UPDATE ON appeals_appeal
    FOR EACH ROW EXECUTE FUNCTION appeals_appeal_status();
ALTER TABLE appeals_appeal ENABLE ALWAYS TRIGGER appeals_appeal_status;

CREATE FUNCTION appeals_order_tells_appeal() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    UPDATE appeals_appeal SET status = status WHERE id = NEW.appeal_id;
    RETURN NULL;
END
$body$;
CREATE TRIGGER appeals_order_tells_appeal AFTER INSERT OR UPDATE OF state ON appeals_workorder
    FOR EACH ROW EXECUTE FUNCTION appeals_order_tells_appeal();
ALTER TABLE appeals_workorder ENABLE ALWAYS TRIGGER appeals_order_tells_appeal;

CREATE FUNCTION appeals_promise_tells_appeal() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    UPDATE appeals_appeal SET status = status
        WHERE id = (SELECT appeal_id FROM appeals_workorder WHERE id = NEW.order_id);
    RETURN NULL;
END
$body$;
CREATE TRIGGER appeals_promise_tells_appeal AFTER INSERT OR UPDATE OF kept_at ON appeals_promise
    FOR EACH ROW EXECUTE FUNCTION appeals_promise_tells_appeal();
ALTER TABLE appeals_promise ENABLE ALWAYS TRIGGER appeals_promise_tells_appeal;
"""
UNDO = """
DROP TRIGGER appeals_promise_tells_appeal ON appeals_promise;
DROP FUNCTION appeals_promise_tells_appeal();
DROP TRIGGER appeals_order_tells_appeal ON appeals_workorder;
DROP FUNCTION appeals_order_tells_appeal();
DROP TRIGGER appeals_appeal_status ON appeals_appeal;
DROP FUNCTION appeals_appeal_status();
DROP FUNCTION appeals_status_of(bigint, text);
"""


class Migration(migrations.Migration):
    dependencies = [("appeals", "0001_initial")]

    operations = [
        migrations.RunSQL(STATUS, UNDO),
        StateTrigger(
            model_name="Appeal",
            field="intake",
            initial="submitted",
            edges=[("accepted", "merged"), ("accepted", "withdrawn"), ("asked", "accepted"), ("asked", "merged"), ("asked", "refused"), ("asked", "submitted"), ("asked", "withdrawn"), ("submitted", "accepted"), ("submitted", "asked"), ("submitted", "merged"), ("submitted", "refused"), ("submitted", "withdrawn")],
            deletable=[],
        ),
        StateTrigger(
            model_name="WorkOrder",
            field="state",
            initial="waiting",
            edges=[("answered", "closed"), ("asking", "cancelled"), ("asking", "handling"), ("handling", "answered"), ("handling", "asking"), ("handling", "cancelled"), ("handling", "offered"), ("mediation", "cancelled"), ("mediation", "offered"), ("offered", "cancelled"), ("offered", "handling"), ("offered", "open"), ("offered", "returned"), ("offered", "waiting"), ("open", "cancelled"), ("open", "handling"), ("open", "offered"), ("open", "waiting"), ("returned", "cancelled"), ("returned", "mediation"), ("returned", "offered"), ("returned", "open"), ("waiting", "cancelled"), ("waiting", "offered"), ("waiting", "open")],
            deletable=[],
        ),
        StateTrigger(
            model_name="Visit",
            field="state",
            initial="planned",
            edges=[("disputed", "confirmed"), ("done", "confirmed"), ("done", "disputed"), ("planned", "cancelled"), ("planned", "done")],
            deletable=["planned"],
        ),
    ]

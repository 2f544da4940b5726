"""The database's own watch over visits and talks: states, what is sealed, and no more guests than seats."""

from django.db import migrations

from portal.kernel.transitions import StateTrigger

# What was written down of a visit changes while it is planned, and when what the enterprise disputes is amended.
SEALED = """
CREATE FUNCTION appeals_visit_sealed() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    IF OLD.state <> 'planned' AND NOT (OLD.state = 'disputed' AND NEW.state = 'done')
        AND ROW(NEW.pairing_id, NEW.planned_on, NEW.visited_at, NEW.client_id, NEW.met, NEW.summary, NEW.form,
                NEW.recorded_by_id)
            IS DISTINCT FROM
            ROW(OLD.pairing_id, OLD.planned_on, OLD.visited_at, OLD.client_id, OLD.met, OLD.summary, OLD.form,
                OLD.recorded_by_id)
    THEN
        RAISE EXCEPTION 'visit % is % and stays as it was written', OLD.id, OLD.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'appeals_visit_sealed', TABLE = 'appeals_visit';
    END IF;
    RETURN NEW;
END
$body$;
CREATE TRIGGER appeals_visit_sealed BEFORE UPDATE ON appeals_visit
    FOR EACH ROW EXECUTE FUNCTION appeals_visit_sealed();
ALTER TABLE appeals_visit ENABLE ALWAYS TRIGGER appeals_visit_sealed;

CREATE FUNCTION appeals_visit_part_sealed() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
DECLARE
    stands text;
BEGIN
    SELECT state INTO stands FROM appeals_visit
        WHERE id = CASE WHEN TG_OP = 'DELETE' THEN OLD.visit_id ELSE NEW.visit_id END FOR SHARE;
    IF stands IN ('confirmed', 'cancelled') OR TG_OP = 'UPDATE' THEN
        RAISE EXCEPTION 'what belongs to a % visit stays', stands
            USING ERRCODE = 'check_violation', CONSTRAINT = 'appeals_visit_part_sealed', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END
$body$;
CREATE TRIGGER appeals_visit_part_sealed BEFORE INSERT OR UPDATE OR DELETE ON appeals_visit_appeals
    FOR EACH ROW EXECUTE FUNCTION appeals_visit_part_sealed();
ALTER TABLE appeals_visit_appeals ENABLE ALWAYS TRIGGER appeals_visit_part_sealed;
CREATE TRIGGER appeals_visit_part_sealed BEFORE INSERT OR UPDATE OR DELETE ON appeals_visitphoto
    FOR EACH ROW EXECUTE FUNCTION appeals_visit_part_sealed();
ALTER TABLE appeals_visitphoto ENABLE ALWAYS TRIGGER appeals_visit_part_sealed;

CREATE FUNCTION appeals_talktopic_sealed() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    IF OLD.appeal_id IS NOT NULL THEN
        RAISE EXCEPTION 'topic % has become an appeal and stays', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'appeals_talktopic_sealed', TABLE = 'appeals_talktopic';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END
$body$;
CREATE TRIGGER appeals_talktopic_sealed BEFORE UPDATE OR DELETE ON appeals_talktopic
    FOR EACH ROW EXECUTE FUNCTION appeals_talktopic_sealed();
ALTER TABLE appeals_talktopic ENABLE ALWAYS TRIGGER appeals_talktopic_sealed;
"""
UNSEAL = """
DROP TRIGGER appeals_talktopic_sealed ON appeals_talktopic;
DROP FUNCTION appeals_talktopic_sealed();
DROP TRIGGER appeals_visit_part_sealed ON appeals_visitphoto;
DROP TRIGGER appeals_visit_part_sealed ON appeals_visit_appeals;
DROP FUNCTION appeals_visit_part_sealed();
DROP TRIGGER appeals_visit_sealed ON appeals_visit;
DROP FUNCTION appeals_visit_sealed();
"""
# The talk's row is locked first, so that of two who take the last seat the second sees the first.
SEATS = """
CREATE FUNCTION appeals_talkguest_seats() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
DECLARE
    room integer;
    taken integer;
BEGIN
    IF NEW.state = 'coming' THEN
        SELECT seats INTO room FROM appeals_talk WHERE id = NEW.talk_id FOR NO KEY UPDATE;
        SELECT count(*) INTO taken FROM appeals_talkguest
            WHERE talk_id = NEW.talk_id AND state = 'coming' AND id <> NEW.id;
        IF taken >= room THEN
            RAISE EXCEPTION 'talk % has no seat left', NEW.talk_id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'appeals_talkguest_seats',
                      TABLE = 'appeals_talkguest';
        END IF;
    END IF;
    RETURN NEW;
END
$body$;
CREATE TRIGGER appeals_talkguest_seats BEFORE INSERT OR UPDATE ON appeals_talkguest
    FOR EACH ROW EXECUTE FUNCTION appeals_talkguest_seats();
ALTER TABLE appeals_talkguest ENABLE ALWAYS TRIGGER appeals_talkguest_seats;

CREATE FUNCTION appeals_talk_seats_taken() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    IF NEW.seats < OLD.seats AND NEW.seats < (
        SELECT count(*) FROM appeals_talkguest WHERE talk_id = NEW.id AND state = 'coming'
    ) THEN
        RAISE EXCEPTION 'talk % has more guests than %', NEW.id, NEW.seats
            USING ERRCODE = 'check_violation', CONSTRAINT = 'appeals_talk_seats_taken', TABLE = 'appeals_talk';
    END IF;
    RETURN NEW;
END
$body$;
CREATE TRIGGER appeals_talk_seats_taken BEFORE UPDATE OF seats ON appeals_talk
    FOR EACH ROW EXECUTE FUNCTION appeals_talk_seats_taken();
ALTER TABLE appeals_talk ENABLE ALWAYS TRIGGER appeals_talk_seats_taken;
"""
ANY_SEATS = """
DROP TRIGGER appeals_talk_seats_taken ON appeals_talk;
DROP FUNCTION appeals_talk_seats_taken();
DROP TRIGGER appeals_talkguest_seats ON appeals_talkguest;
DROP FUNCTION appeals_talkguest_seats();
"""


class Migration(migrations.Migration):
    dependencies = [("appeals", "0009_visits_and_talks")]

    operations = [
        migrations.RunSQL(SEALED, UNSEAL),
        migrations.RunSQL(SEATS, ANY_SEATS),
        StateTrigger(
            model_name="Visit",
            field="state",
            initial="planned",
            edges=[("disputed", "confirmed"), ("disputed", "done"), ("done", "confirmed"), ("done", "disputed"), ("planned", "cancelled"), ("planned", "done")],
            deletable=["planned"],
        ),
        StateTrigger(
            model_name="Talk",
            field="state",
            initial="draft",
            edges=[("draft", "open"), ("open", "cancelled"), ("open", "held")],
            deletable=["draft"],
        ),
    ]

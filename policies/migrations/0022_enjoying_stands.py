"""What the database itself holds of enjoy runs: their way, lists that stand as they were judged, two people.

A list is written while its run is selecting, and never again. Of a candidate only what people say of it is
added; an award is tied to one that was accepted from a confirmed list, for the same enterprise, item, year
and sum.
"""

from django.db import migrations

from portal.kernel.transitions import StateTrigger

_RUN = """
CREATE FUNCTION policies_enjoyrun_stands() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    IF (NEW.id, NEW.item_id, NEW.version_id, NEW.period, NEW.as_of, NEW.known_at, NEW.slot, NEW.started_by_id,
        NEW.started_at) IS DISTINCT FROM (OLD.id, OLD.item_id, OLD.version_id, OLD.period, OLD.as_of,
        OLD.known_at, OLD.slot, OLD.started_by_id, OLD.started_at)
        OR OLD.state <> 'selecting' AND (NEW.digest, NEW.population, NEW.undecided)
        IS DISTINCT FROM (OLD.digest, OLD.population, OLD.undecided)
        OR OLD.confirmed_by_id IS NOT NULL AND (NEW.reviewed_by_id, NEW.reviewed_at, NEW.confirmed_by_id,
        NEW.confirmed_at) IS DISTINCT FROM (OLD.reviewed_by_id, OLD.reviewed_at, OLD.confirmed_by_id,
        OLD.confirmed_at)
    THEN
        RAISE EXCEPTION 'run % stands as it was listed and confirmed', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'policies_enjoyrun_stands', TABLE = TG_TABLE_NAME;
    END IF;
    IF NEW.confirmed_by_id IS NOT NULL AND OLD.confirmed_by_id IS NULL AND EXISTS (
        SELECT 1 FROM policies_enjoycandidate
         WHERE run_id = NEW.id AND excluded_by_id = NEW.confirmed_by_id)
    THEN
        RAISE EXCEPTION 'who excluded somebody does not confirm the list of run %', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'policies_enjoyrun_other_eyes',
                  TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END
$body$;
CREATE TRIGGER policies_enjoyrun_stands BEFORE UPDATE ON policies_enjoyrun FOR EACH ROW
    EXECUTE FUNCTION policies_enjoyrun_stands();
ALTER TABLE policies_enjoyrun ENABLE ALWAYS TRIGGER policies_enjoyrun_stands;
"""

_LISTED = """
CREATE FUNCTION policies_enjoycandidate_listed() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
BEGIN
    IF EXISTS (SELECT 1 FROM added JOIN policies_enjoyrun run ON run.id = added.run_id
                WHERE run.state <> 'selecting')
    THEN
        RAISE EXCEPTION 'nobody is added to a list that stands'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'policies_enjoycandidate_listed',
                  TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END
$body$;
CREATE TRIGGER policies_enjoycandidate_listed AFTER INSERT ON policies_enjoycandidate
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION policies_enjoycandidate_listed();
ALTER TABLE policies_enjoycandidate ENABLE ALWAYS TRIGGER policies_enjoycandidate_listed;
"""

_CANDIDATE = """
CREATE FUNCTION policies_enjoycandidate_stands() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
DECLARE
    said text[] := ARRAY['state', 'excluded_by_id', 'excluded_at', 'exclusion', 'told_at', 'answered_by_id',
                         'answered_at', 'answer', 'account_id', 'award_id'];
    was text;
BEGIN
    IF to_jsonb(NEW) - said <> to_jsonb(OLD) - said
        OR OLD.told_at IS NOT NULL AND NEW.told_at IS DISTINCT FROM OLD.told_at
        OR OLD.state = NEW.state AND OLD.state <> 'listed'
        AND (to_jsonb(NEW) - 'award_id' <> to_jsonb(OLD) - 'award_id' OR OLD.award_id IS NOT NULL
        AND NEW.award_id IS DISTINCT FROM OLD.award_id)
    THEN
        RAISE EXCEPTION 'candidate % stands as it was judged', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'policies_enjoycandidate_stands',
                  TABLE = TG_TABLE_NAME;
    END IF;
    SELECT run.state INTO was FROM policies_enjoyrun run WHERE run.id = NEW.run_id;
    IF NEW.state <> OLD.state AND (
        NEW.state IN ('offered', 'accepted', 'declined', 'objected') AND was <> 'offered'
        OR OLD.state = 'excluded' AND was <> 'listed')
    THEN
        RAISE EXCEPTION 'candidate % of a run that is % cannot become %', OLD.id, was, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'policies_enjoycandidate_in_time',
                  TABLE = TG_TABLE_NAME;
    END IF;
    IF NEW.award_id IS NOT NULL AND OLD.award_id IS NULL AND NOT EXISTS (
        SELECT 1 FROM policies_award award JOIN policies_enjoyrun run ON run.id = NEW.run_id
         WHERE award.id = NEW.award_id AND award.source = 'enjoy' AND award.item_id = run.item_id
           AND award.period = run.period AND award.version_id = run.version_id AND run.confirmed_by_id IS NOT NULL)
    THEN
        RAISE EXCEPTION 'award % is not that of candidate %', NEW.award_id, OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'policies_enjoycandidate_own_award',
                  TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END
$body$;
CREATE TRIGGER policies_enjoycandidate_stands BEFORE UPDATE ON policies_enjoycandidate FOR EACH ROW
    EXECUTE FUNCTION policies_enjoycandidate_stands();
ALTER TABLE policies_enjoycandidate ENABLE ALWAYS TRIGGER policies_enjoycandidate_stands;
ALTER TABLE policies_enjoycandidate ADD CONSTRAINT policies_enjoycandidate_award_as_made
    FOREIGN KEY (award_id, enterprise_id, amount_fen) REFERENCES policies_award (id, enterprise_id, amount_fen);
ALTER TABLE policies_enjoycandidate ADD CONSTRAINT policies_enjoycandidate_own_account
    FOREIGN KEY (account_id, enterprise_id) REFERENCES policies_payeeaccount (id, enterprise_id);
"""

_UNDO = """
ALTER TABLE policies_enjoycandidate DROP CONSTRAINT policies_enjoycandidate_own_account;
ALTER TABLE policies_enjoycandidate DROP CONSTRAINT policies_enjoycandidate_award_as_made;
DROP TRIGGER policies_enjoycandidate_stands ON policies_enjoycandidate;
DROP FUNCTION policies_enjoycandidate_stands();
DROP TRIGGER policies_enjoycandidate_listed ON policies_enjoycandidate;
DROP FUNCTION policies_enjoycandidate_listed();
DROP TRIGGER policies_enjoyrun_stands ON policies_enjoyrun;
DROP FUNCTION policies_enjoyrun_stands();
"""

# Table, which of its rows stand, and what may be changed of those all the same. None of them is deleted.
_STANDS = (
    ("enjoynotice", "OLD.ended_at IS NOT NULL", ()),
    ("enjoynotice", "OLD.ended_at IS NULL", ("ended_at",)),
    ("enjoyobjection", "OLD.answer <> ''", ()),
    ("enjoyobjection", "OLD.answer = ''", ("answer", "answered_by_id", "answered_at", "upheld")),
)


def _triggers():
    for number, (table, when, free) in enumerate(_STANDS):
        name, arguments = f"policies_{table}_stands_{number}", ", ".join(f"'{column}'" for column in free)
        yield f"""
CREATE TRIGGER {name} BEFORE UPDATE OR DELETE ON policies_{table} FOR EACH ROW
    WHEN ({when}) EXECUTE FUNCTION policies_stands({arguments});
ALTER TABLE policies_{table} ENABLE ALWAYS TRIGGER {name};
""", f"DROP TRIGGER {name} ON policies_{table};"


_MADE, _DROPPED = zip(*_triggers(), strict=True)


class Migration(migrations.Migration):
    dependencies = [("policies", "0021_enjoying")]
    operations = [
        StateTrigger(
            "EnjoyRun",
            "state",
            initial="selecting",
            edges=[
                ("confirmed", "cancelled"),
                ("confirmed", "noticed"),
                ("confirmed", "offered"),
                ("listed", "cancelled"),
                ("listed", "proposed"),
                ("noticed", "cancelled"),
                ("noticed", "offered"),
                ("offered", "cancelled"),
                ("offered", "closed"),
                ("proposed", "cancelled"),
                ("proposed", "confirmed"),
                ("proposed", "listed"),
                ("selecting", "cancelled"),
                ("selecting", "listed"),
            ],
            deletable=[],
        ),
        StateTrigger(
            "EnjoyCandidate",
            "state",
            initial="listed",
            edges=[
                ("excluded", "listed"),
                ("listed", "excluded"),
                ("listed", "offered"),
                ("objected", "excluded"),
                ("objected", "lapsed"),
                ("objected", "offered"),
                ("offered", "accepted"),
                ("offered", "declined"),
                ("offered", "excluded"),
                ("offered", "lapsed"),
                ("offered", "objected"),
            ],
            deletable=[],
        ),
        migrations.RunSQL(_RUN + _LISTED + _CANDIDATE + "".join(_MADE), "".join(_DROPPED) + _UNDO),
    ]

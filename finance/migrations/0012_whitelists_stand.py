"""What the database itself holds of whitelists: their way, entries that stand, banks that may answer."""

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
_LIST, _ENTRY, _RESULT = "finance_whitelist", "finance_whitelistentry", "finance_whitelistresult"
_FOUND = ("title", "department_id", "rule_version_id", "as_of", "known_at", "population", "drafted_by_id")


def _columns(row):
    return ", ".join(f"{row}.{name}" for name in _FOUND)


# Name, table, when it fires, condition of refusal, words.
_GUARDS = (
    (
        "finance_whitelist_stands",
        _LIST,
        "BEFORE UPDATE",
        f"""({_columns("NEW")}) IS DISTINCT FROM ({_columns("OLD")})
        OR OLD.confirmed_by_id IS NOT NULL
            AND (NEW.confirmed_by_id, NEW.confirmed_at) IS DISTINCT FROM (OLD.confirmed_by_id, OLD.confirmed_at)
        OR OLD.pushed_at IS NOT NULL AND NEW.pushed_at IS DISTINCT FROM OLD.pushed_at""",
        "how a list was found and who signed it stands",
    ),
    (
        "finance_whitelistentry_stands",
        _ENTRY,
        "BEFORE INSERT OR UPDATE OR DELETE",
        """(SELECT state FROM finance_whitelist WHERE id = coalesce(NEW.whitelist_id, OLD.whitelist_id) FOR SHARE)
            <> 'draft'
        OR TG_OP = 'UPDATE' AND (NEW.whitelist_id, NEW.enterprise_id)
            IS DISTINCT FROM (OLD.whitelist_id, OLD.enterprise_id)""",
        "a list that is confirmed stands as it is",
    ),
    (
        "finance_whitelistresult_asked",
        _RESULT,
        "BEFORE INSERT OR UPDATE",
        """NOT EXISTS (
            SELECT 1 FROM finance_whitelistentry e
            JOIN finance_whitelist w ON w.id = e.whitelist_id
            JOIN finance_whitelist_banks b ON b.whitelist_id = w.id AND b.bank_id = NEW.bank_id
            WHERE e.id = NEW.entry_id AND e.excluded = '' AND w.state = 'pushed')""",
        "a bank answers for what was pushed to it",
    ),
)


class Migration(migrations.Migration):
    dependencies = [("finance", "0011_whitelists")]
    operations = [
        StateTrigger(
            "Whitelist",
            "state",
            initial="draft",
            edges=[
                ("confirmed", "closed"),
                ("confirmed", "pushed"),
                ("draft", "closed"),
                ("draft", "confirmed"),
                ("pushed", "closed"),
            ],
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

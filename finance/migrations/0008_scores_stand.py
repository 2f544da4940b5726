"""The database's own watch over scores: states, content, editors, publication, reasons that add up.

Everything raised here is a check violation with a constraint name, and fires under
`session_replication_role = replica` too.
"""

from django.db import migrations

from portal.kernel.transitions import StateTrigger

_FUNCTION = """
CREATE FUNCTION {name}() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp AS $body$
{body}
$body$;
"""
_TRIGGER = """
CREATE TRIGGER {name} {when} ON {table} FOR EACH ROW EXECUTE FUNCTION {function}();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name};
"""
_RAISE = "RAISE EXCEPTION {said} USING ERRCODE = 'check_violation', CONSTRAINT = '{name}', TABLE = TG_TABLE_NAME;"


def _refuse(name, said):
    return _RAISE.format(name=name, said=said)


_VERSION_STANDS = f"""
BEGIN
    IF OLD.state <> 'draft'
        AND (to_jsonb(NEW) - ARRAY['state', 'retired_at']) <> (to_jsonb(OLD) - ARRAY['state', 'retired_at'])
    THEN
        {_refuse("finance_scoreversion_stands", "'version % is % and stands as it is', OLD.id, OLD.state")}
    END IF;
    IF OLD.retired_at IS NOT NULL AND NEW.retired_at IS DISTINCT FROM OLD.retired_at THEN
        {_refuse("finance_scoreversion_stands", "'when version % was retired stands as it is', OLD.id")}
    END IF;
    RETURN NEW;
END
"""

# What bins of one characteristic are, and what its fact wants of them.
_TOLD = """
    WITH told AS (
        SELECT c.id, c.dimension, c.monotone, c.fact_id, f.kind, f.scope, f.choices,
               count(b.id) AS bins,
               count(b.id) FILTER (WHERE b.values IS NULL) AS figures,
               count(b.id) FILTER (WHERE b.values = '{}') AS others,
               range_agg(numrange(b.lower, b.upper)) FILTER (WHERE b.values IS NULL) AS covered,
               min(b.points) AS least, max(b.points) AS most
          FROM finance_scorecharacteristic c
          LEFT JOIN enterprises_fact f ON f.id = c.fact_id
          LEFT JOIN finance_scorebin b ON b.characteristic_id = c.id
         WHERE c.version_id = NEW.id
         GROUP BY c.id, f.id
    ), named AS (
        SELECT t.id, v.value, count(*) AS times
          FROM told t JOIN finance_scorebin b ON b.characteristic_id = t.id CROSS JOIN unnest(b.values) AS v(value)
         GROUP BY t.id, v.value
    ), wanted AS (
        SELECT t.id, w.value FROM told t CROSS JOIN unnest(ARRAY['true', 'false']) AS w(value) WHERE t.kind = 'bool'
        UNION ALL
        SELECT t.id, w.value ->> 'value' FROM told t CROSS JOIN jsonb_array_elements(t.choices) AS w(value)
         WHERE t.kind IN ('choice', 'choices')
        UNION ALL
        SELECT t.id, k.key FROM told t CROSS JOIN enterprises_credentialkind k
         WHERE t.fact_id IS NULL AND k.complete
    )
"""

_PUBLICATION = f"""
DECLARE
    wrong text;
BEGIN
    IF NEW.state <> 'published' OR OLD.state = 'published' THEN RETURN NEW; END IF;
    IF EXISTS (
        SELECT 1 FROM finance_scoreeditor
         WHERE version_id = NEW.id AND (NEW.published_by_id IS NULL OR user_id = NEW.published_by_id)
    ) THEN
        {_refuse("finance_score_four_eyes", "'version % cannot be published by one of its editors', NEW.id")}
    END IF;
    {_TOLD}
    SELECT string_agg(id::text, ', ') INTO wrong FROM told WHERE (
        bins > 0 AND least <= 0 AND most >= 0 AND CASE
            WHEN fact_id IS NULL THEN figures = 0 AND others = 1
            WHEN scope <> 'enterprise' THEN false
            WHEN kind IN ('money', 'number', 'percent', 'integer')
                THEN figures = bins AND covered = '{{(,)}}'::nummultirange
            WHEN kind IN ('bool', 'choice', 'choices') THEN figures = 0 AND others <= 1 AND (
                others = 1 OR NOT EXISTS (
                    SELECT 1 FROM wanted w WHERE w.id = told.id AND NOT EXISTS (
                        SELECT 1 FROM named n WHERE n.id = w.id AND n.value = w.value)))
            ELSE false
        END
        AND NOT EXISTS (
            SELECT 1 FROM named n WHERE n.id = told.id AND (n.times > 1 OR NOT EXISTS (
                SELECT 1 FROM wanted w WHERE w.id = n.id AND w.value = n.value)))
    ) IS NOT TRUE;
    IF wrong IS NOT NULL THEN
        {_refuse("finance_score_bins_whole", "'bins of characteristics % leave holes or overlap', wrong")}
    END IF;
    SELECT string_agg(DISTINCT label, ', ') INTO wrong FROM (
        SELECT c.label, c.monotone, b.values IS NOT NULL AS named, b.points,
               lag(b.points) OVER (PARTITION BY c.id ORDER BY b.lower NULLS FIRST) AS earlier
          FROM finance_scorecharacteristic c JOIN finance_scorebin b ON b.characteristic_id = c.id
         WHERE c.version_id = NEW.id AND c.monotone <> ''
    ) steps
     WHERE named OR (monotone = 'rising' AND points < earlier) OR (monotone = 'falling' AND points > earlier);
    IF wrong IS NOT NULL THEN
        {_refuse("finance_score_monotone", "'points of % do not follow the figure', wrong")}
    END IF;
    SELECT string_agg(dimension, ', ') INTO wrong FROM (
        VALUES ('tax', NEW.tax_weight), ('trust', NEW.trust_weight),
               ('conduct', NEW.conduct_weight), ('scene', NEW.scene_weight)
    ) AS d(dimension, weight)
     WHERE weight * 100 <> (
        SELECT coalesce(sum(most - least), 0) FROM (
            SELECT max(b.points) AS most, min(b.points) AS least
              FROM finance_scorecharacteristic c JOIN finance_scorebin b ON b.characteristic_id = c.id
             WHERE c.version_id = NEW.id AND c.dimension = d.dimension GROUP BY c.id) spreads);
    IF wrong IS NOT NULL OR NEW.base + (
        SELECT coalesce(sum(least), 0) FROM (
            SELECT min(b.points) AS least
              FROM finance_scorecharacteristic c JOIN finance_scorebin b ON b.characteristic_id = c.id
             WHERE c.version_id = NEW.id GROUP BY c.id) lows) <> 0
    THEN
        {_refuse("finance_score_weights", "'points of % do not make the weights, or the base not 0 to 100', wrong")}
    END IF;
    RETURN NEW;
END
"""

_EDITORS = """
BEGIN
    IF NEW.edited_by_id IS NOT NULL THEN
        INSERT INTO finance_scoreeditor (version_id, user_id) VALUES (NEW.id, NEW.edited_by_id)
            ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END
"""

# FOR SHARE: who publishes waits for who still writes, and the other way round.
_PARTS_STAND = f"""
DECLARE
    touched bigint[] := ARRAY[]::bigint[];
    standing text;
BEGIN
    IF TG_TABLE_NAME = 'finance_scorebin' THEN
        IF TG_OP <> 'INSERT' THEN touched := touched || (
            SELECT version_id FROM finance_scorecharacteristic WHERE id = OLD.characteristic_id); END IF;
        IF TG_OP <> 'DELETE' THEN touched := touched || (
            SELECT version_id FROM finance_scorecharacteristic WHERE id = NEW.characteristic_id); END IF;
    ELSE
        IF TG_OP <> 'INSERT' THEN touched := touched || OLD.version_id; END IF;
        IF TG_OP <> 'DELETE' THEN touched := touched || NEW.version_id; END IF;
    END IF;
    FOR standing IN SELECT state FROM finance_scoreversion WHERE id = ANY (touched) ORDER BY id FOR SHARE LOOP
        IF standing <> 'draft' THEN
            {_refuse("finance_scorebins_stand", "'what a version that is no draft says stands as it is'")}
        END IF;
    END LOOP;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END
"""

_IN_USE = f"""
BEGIN
    PERFORM 1 FROM finance_scoreversion WHERE id = NEW.version_id AND state = 'published' FOR SHARE;
    IF NOT FOUND THEN
        {_refuse("finance_score_in_use", "'version % is not in use', NEW.version_id")}
    END IF;
    RETURN NEW;
END
"""

_SUMS = f"""
DECLARE
    told bigint[];
BEGIN
    SELECT ARRAY[coalesce(sum((p ->> 'points')::int), 0), coalesce(sum((p ->> 'low')::int), 0),
                 coalesce(sum((p ->> 'high')::int), 0)]
      INTO told FROM jsonb_array_elements(NEW.parts) AS p;
    IF told IS DISTINCT FROM ARRAY[NEW.points - NEW.base, NEW.low - NEW.base, NEW.high - NEW.base]::bigint[]
        OR NEW.base <> (SELECT base FROM finance_scoreversion WHERE id = NEW.version_id)
    THEN
        {_refuse("finance_score_sums", "'the reasons of a score do not add up to it'")}
    END IF;
    RETURN NEW;
END
"""

_RUN_STANDS = f"""
BEGIN
    IF (NEW.version_id, NEW.as_of, NEW.known_at, NEW.created_by_id)
        IS DISTINCT FROM (OLD.version_id, OLD.as_of, OLD.known_at, OLD.created_by_id)
    THEN
        {_refuse("finance_scorerun_stands", "'what run % reckons stands as it is', OLD.id")}
    END IF;
    RETURN NEW;
END
"""

_FUNCTIONS = {
    "finance_scoreversion_stands": _VERSION_STANDS,
    "finance_score_publication": _PUBLICATION,
    "finance_score_editors": _EDITORS,
    "finance_scorebins_stand": _PARTS_STAND,
    "finance_score_in_use": _IN_USE,
    "finance_score_sums": _SUMS,
    "finance_scorerun_stands": _RUN_STANDS,
}
_CHANGED = "BEFORE INSERT OR UPDATE OR DELETE"
_TRIGGERS = [
    # (trigger, function, when, table)
    ("finance_scoreversion_stands", "finance_scoreversion_stands", "BEFORE UPDATE", "finance_scoreversion"),
    ("finance_score_publication", "finance_score_publication", "BEFORE UPDATE", "finance_scoreversion"),
    (
        "finance_score_editors",
        "finance_score_editors",
        "AFTER INSERT OR UPDATE OF edited_by_id",
        "finance_scoreversion",
    ),
    (
        "finance_scorecharacteristics_stand",
        "finance_scorebins_stand",
        _CHANGED,
        "finance_scorecharacteristic",
    ),
    ("finance_scorebins_stand", "finance_scorebins_stand", _CHANGED, "finance_scorebin"),
    ("finance_score_in_use", "finance_score_in_use", "BEFORE INSERT", "finance_score"),
    ("finance_scorerun_in_use", "finance_score_in_use", "BEFORE INSERT", "finance_scorerun"),
    ("finance_score_sums", "finance_score_sums", "BEFORE INSERT", "finance_score"),
    ("finance_scorerun_stands", "finance_scorerun_stands", "BEFORE UPDATE", "finance_scorerun"),
]

_DO = "".join(_FUNCTION.format(name=name, body=body) for name, body in _FUNCTIONS.items()) + "".join(
    _TRIGGER.format(name=name, function=function, when=when, table=table)
    for name, function, when, table in _TRIGGERS
)
_UNDO = "".join(f"DROP TRIGGER {name} ON {table};\n" for name, _function, _when, table in _TRIGGERS) + "".join(
    f"DROP FUNCTION {name}();\n" for name in _FUNCTIONS
)


class Migration(migrations.Migration):
    dependencies = [("finance", "0007_scores"), ("enterprises", "0012_parts_of_codes")]

    operations = [
        StateTrigger(
            "ScoreVersion",
            "state",
            initial="draft",
            edges=[("draft", "published"), ("published", "retired")],
            deletable=[],
        ),
        StateTrigger(
            "ScoreRun",
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
        StateTrigger(
            "ScoreComparison",
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
        migrations.RunSQL(_DO, _UNDO),
    ]

"""Guards of the services that have no form of their own: which words of a function make one, and what else.

Mostly these pass in silence what came before (the same file, the same click), or sift what may not go on.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Edit:
    """In a function of a module, `old` is the guard; `new` stands there when it is removed."""

    path: str
    function: str
    kind: str
    label: str
    old: str
    new: str


def _money(module: str, function: str, kind: str, label: str, old: str, new: str) -> Edit:
    return Edit(f"policies/money/{module}.py", function, kind, label, old, new)


def _enjoying(module: str, function: str, kind: str, label: str, old: str, new: str) -> Edit:
    return Edit(f"policies/enjoying/{module}.py", function, kind, label, old, new)


AGAIN, SIFT, BOOKS = "again", "sift", "books"
_AGAINST = "_Books._against"

EDITS = (
    _money("accounts", "give", AGAIN, "the same account", "if used is not None and", "if False and"),
    _money("accounts", "verified_of", SIFT, "verified", "if account.is_verified", "if True"),
    _money(
        "accounts",
        "verified_of",
        SIFT,
        "in the name of today",
        "account.holder == account.enterprise.name",
        "True",
    ),
    _money("awards", "waiting", SIFT, "not paid yet", "filter(~Exists(live))", "all()"),
    _money("batches", "require_current_accounts", SIFT, "in the name of today", " | renamed", ""),
    _money("collecting", "_take_up", AGAIN, "put aside", "folders.put_aside(path, content)", "pass"),
    _money("corrections", "propose", AGAIN, "dismissed", "not in known", "not in ()"),
    _money(
        "corrections", "propose", AGAIN, "open already", "ignore_conflicts=True", "ignore_conflicts=False"
    ),
    _money("delivering", "deliver", SIFT, "frozen", "_is_frozen(file)", "False"),
    _money("delivering", "deliver", SIFT, "as written", "not _is_as_written(file)", "False"),
    _money("exchange/folders", "take", SIFT, "no links", "os.O_RDONLY | os.O_NOFOLLOW", "os.O_RDONLY"),
    _money("exchange/folders", "waiting", SIFT, "finished", 'entry.name.startswith(".") or', "False or"),
    _money("freezes", "require_thawed", "lock", "waits", "SELECT policies_let_freezes_wait()", "SELECT 1"),
    _money(
        "freezes", "_step", AGAIN, "as expected", "filter(expected, pk=frozen.pk)", "filter(pk=frozen.pk)"
    ),
    _money(
        "intake",
        "receive",
        AGAIN,
        "the same bytes",
        "get_or_create(sha256=digest, defaults=made)[0]",
        "create(sha256=digest, **made)",
    ),
    _money("intake", "_judge", AGAIN, "judged", "file.state != FileState.RECEIVED", "False"),
    _money("intake", "_take", SIFT, "believed", "file.is_believed", "True"),
    _money("intake", "_judge", SIFT, "seemingly answered", "or _seemingly_answered(bytes(file.content))", ""),
    _money("results", "_Books.fresh", AGAIN, "known serials", "line.serial not in self.known", "True"),
    _money("results", "require_consistent", BOOKS, "repeated lines", ", *_repeated(books.fresh(lines))", ""),
    _money("results", _AGAINST, BOOKS, "another content of a serial", "if same ==", "if True or same =="),
    _money(
        "results", "_Books.of", BOOKS, "another batch", "filter(batch=file.instruction.batch_id)", "all()"
    ),
    _money("results", _AGAINST, BOOKS, "amount", "payment.amount_fen != line.amount_fen", "False"),
    _money("results", _AGAINST, BOOKS, "account", "payment.account.number != line.account", "False"),
    _money(
        "results",
        _AGAINST,
        BOOKS,
        "paid after it came back",
        "line.outcome == BankOutcome.PAID and",
        "False and",
    ),
    _money("results", _AGAINST, BOOKS, "state", "payment.state not in expected", "False"),
    _money(
        "results",
        _AGAINST,
        BOOKS,
        "another serial",
        "(payment.pk, str(line.outcome)) in self.answered",
        "False",
    ),
    _money("signing", "workers", SIFT, "hands", "held.confirmed_by_id, *hands", "held.confirmed_by_id"),
    _enjoying(
        "accepting", "accept", AGAIN, "accepted", "held.state == CandidateState.ACCEPTED and", "False and"
    ),
    _enjoying("listing", "list_candidates", AGAIN, "listed", "held.state != RunState.SELECTING", "False"),
    _enjoying("listing", "_against", SIFT, "credit", "reasons.credit(one.standing, bench.catalogue)", "[]"),
    _enjoying(
        "listing", "_against", SIFT, "claims", "claims.against(one.enterprise_id, one.amount_fen)", "[]"
    ),
    _enjoying("listing", "_paid", SIFT, "budget and quota", "room.take(candidate.amount_fen)", "None"),
    _enjoying("noticing", "object_to", AGAIN, "the same objection", "same is not None", "False"),
    _enjoying("offering", "_tell_once", AGAIN, "told", "held.events.filter(", "held.events.none().filter("),
    _enjoying("rechecking", "changes_since", SIFT, "in business", "each.enterprise_id in gone", "False"),
    _enjoying(
        "rechecking", "changes_since", SIFT, "claims", "claims.against(each.", "[] and claims.against(each."
    ),
    _enjoying("rechecking", "changes_since", SIFT, "facts", "facts.get(each.enterprise_id, [])", "[]"),
    _enjoying(
        "rechecking",
        "_facts_now",
        SIFT,
        "credit",
        "reasons.credit(credit_of(today[one.enterprise_id]), bench.catalogue)",
        "[]",
    ),
    _enjoying("runs", "work", AGAIN, "given up", "or run.error", ""),
    Edit(
        "enterprises/consents/reading.py",
        "read",
        "lock",
        "waits",
        "cursor.execute(LOCK, [consent_id])",
        "cursor.execute('SELECT 1')",
    ),
    Edit(
        "enterprises/consents/granting.py",
        "close",
        AGAIN,
        "ended already",
        "held is None or held.revoked_at is not None or at >= held.until",
        "held is None",
    ),
)

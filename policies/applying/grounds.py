"""The clause that a decision rests on, with the document that it stands in."""

from __future__ import annotations

from policies.models import ItemVersion, PolicyDocument


def grounds_of(version: ItemVersion, clause: str) -> str:
    """The clause behind the document's title and number, as far as the version's sources tell which it is.

    A clause that names a document stays as it was written; without one, the sources themselves are named.
    One query.
    """
    sources = list(version.sources.select_related("document"))
    clause = clause.strip()
    if not clause:
        return "；".join(dict.fromkeys(f"{titled(one.document)}{one.clause}" for one in sources))
    if any(_names(clause, one.document) for one in sources):
        return clause
    known = [one for one in sources if one.clause and one.clause in clause] or sources
    documents = {one.document_id: one.document for one in known}
    if len(documents) != 1:
        return clause
    return f"{titled(*documents.values())}{clause}"


def titled(document: PolicyDocument) -> str:
    """`《标题》（文号）`."""
    title = document.title if document.title.startswith("《") else f"《{document.title}》"
    return f"{title}（{document.number}）" if document.number else title


def _names(clause: str, document: PolicyDocument) -> bool:
    return document.title in clause or bool(document.number) and document.number in clause

"""What always holds in a sound database, each as a query that gives what contradicts it: SQL and nothing else.

`:now` is the time of asking, `:rules` a JSON array of rule names that are in force (NULL: all that were ever kept).
"""

from __future__ import annotations

from dataclasses import dataclass

from monitor.model import FindingState

_REPORT = "nothing is lost by it; report it with the output of `monitor db verify --json`"
_TIMES = {
    "articles": ("first_seen_at", "published_at", "text_due_at", "page_read_at"),
    "alerts": ("created_at", "due_at"),
    "messages": ("created_at", "next_try_at", "sent_at", "lease_until"),
    "attempts": ("at",),
    "source_state": ("due_at", "last_visit_at", "last_good_at", "lease_until"),
    "visits": ("started_at", "finished_at"),
    "events": ("at", "resolved_at"),
}
_PAST = {"articles": "first_seen_at", "alerts": "created_at", "messages": "sent_at", "visits": "started_at"}
_SHAPE = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]Z"


@dataclass(frozen=True, slots=True, kw_only=True)
class Invariant:
    """One thing that holds: `query` gives a row, with one text, for each exception; `{}` in `what` is how many."""

    name: str
    query: str
    what: str
    remedy: str = _REPORT
    state: FindingState = FindingState.WRONG


INVARIANTS = (
    Invariant(
        name="alerts_belong",
        # An alert waits, or is in a message for the same recipient.
        query="""SELECT 'alert ' || alerts.id FROM alerts LEFT JOIN messages ON messages.id = alerts.message
            WHERE alerts.message IS NOT NULL AND (messages.id IS NULL OR messages.recipient != alerts.recipient)""",
        what="{} alerts neither wait nor are in a message of their recipient",
    ),
    Invariant(
        name="alerts_have_matches",
        # `a rule named by an alert` matched that article in some version; a later reading may have withdrawn the match.
        query="""SELECT 'alert ' || alerts.id FROM alerts WHERE NOT json_valid(rules) OR json_array_length(rules) = 0
            OR NOT EXISTS (SELECT 1 FROM articles WHERE articles.id = alerts.article_id)""",
        what="{} alerts name no rule or no article",
    ),
    Invariant(
        name="messages_have_alerts",
        # Notices to the operator have none; those of a message that was given up may have gone to others.
        query="""SELECT 'message ' || id FROM messages WHERE "group" NOT IN ('operator', 'test') AND state != 'failed'
            AND NOT EXISTS (SELECT 1 FROM alerts WHERE alerts.message = messages.id)""",
        what="{} messages tell no alert",
    ),
    Invariant(
        name="matches_told",
        # Who is told stands in config.yaml; that somebody is told of a matched article follows from the rows, be it for
        # another rule: what its page matches after the mail went is no second mail. What was there before its source
        # was, or was read back, may be silent; of one article under two addresses (the same title) one row is.
        query="""SELECT 'article ' || m.article_id || ', rule ' || m.rule FROM matches m
            JOIN articles a ON a.id = m.article_id JOIN rules r ON (r.name, r.version) = (m.rule, m.version)
            WHERE m.revision = 0 AND a.baseline = 0 AND a.backfill IS NULL
            AND EXISTS (SELECT 1 FROM json_each(r.scope, '$.when') WHERE value = 'new')
            AND (:rules IS NULL OR m.rule IN (SELECT value FROM json_each(:rules)))
            AND NOT EXISTS (SELECT 1 FROM alerts WHERE alerts.article_id = m.article_id)
            AND NOT EXISTS (SELECT 1 FROM articles o JOIN alerts ON alerts.article_id = o.id
                WHERE lower(o.title) = lower(a.title) AND o.id != a.id)""",
        what="{} matches were told to nobody",
        remedy="look at these articles yourself (`monitor sql`), and report it with the output of"
        " `monitor db verify --json`",
    ),
    Invariant(
        name="told_once",
        query="""SELECT 'article ' || article_id || ', ' || recipient FROM alerts
            GROUP BY recipient, article_id, revision HAVING count(*) > 1
            UNION ALL SELECT 'message ' || min(id) FROM messages GROUP BY message_id HAVING count(*) > 1""",
        what="{} versions of articles stand twice for one recipient",
    ),
    Invariant(
        name="messages_settled",
        query="""SELECT 'message ' || id FROM messages WHERE state NOT IN ('queued', 'sending', 'sent', 'unknown', 'failed')
            OR (state = 'sending') != (lease_owner IS NOT NULL) OR (state = 'sent') != (sent_at IS NOT NULL)
            OR (lease_owner IS NULL) != (lease_until IS NULL)""",
        what="{} messages are neither on their way nor settled",
    ),
    Invariant(
        name="messages_have_bytes",
        query="SELECT 'message ' || id FROM messages WHERE state IN ('queued', 'sending', 'unknown') AND raw IS NULL",
        what="{} messages are to be sent and have no bytes",
    ),
    Invariant(
        name="versions_stand",
        query="""SELECT 'article ' || id FROM articles WHERE revision < 0 OR text_state NOT IN
            ('complete', 'wanted', 'failed', 'none')
            UNION ALL SELECT 'article ' || article_id FROM revisions JOIN articles ON articles.id = article_id
            WHERE number >= articles.revision""",
        what="{} articles have a version that cannot be",
    ),
    Invariant(
        name="articles_known",
        # A key is what keeps an article from being new again.
        query="""SELECT 'article ' || id FROM articles WHERE NOT EXISTS
            (SELECT 1 FROM article_ids WHERE article_ids.article_id = articles.id)""",
        what="{} articles have no key by which they would be known again",
    ),
    Invariant(
        name="search_index_complete",
        query="""SELECT 'article ' || id FROM (SELECT id FROM articles EXCEPT SELECT id FROM articles_fts_docsize)
            UNION ALL SELECT 'entry ' || id FROM (SELECT id FROM articles_fts_docsize EXCEPT SELECT id FROM articles)""",
        what="{} articles differ between the table and its search index",
        remedy="`monitor run` makes a damaged index anew; report it if this stays",
    ),
    Invariant(
        name="times_read",
        query=" UNION ALL ".join(
            f"SELECT '{table}.{column}: ' || {column} FROM {table} WHERE {column} IS NOT NULL AND {column} NOT GLOB '{_SHAPE}'"
            for table, columns in _TIMES.items()
            for column in columns
        ),
        what="{} times are not written as UTC",
    ),
    Invariant(
        name="times_past",
        query=" UNION ALL ".join(
            f"SELECT '{table}.{column}: ' || {column} FROM {table}"
            f" WHERE {column} > strftime('%Y-%m-%dT%H:%M:%SZ', :now, '+1 days')"
            for table, column in _PAST.items()
        ),
        what="{} things happened after now: the clock was wrong then, or is now",
        remedy="look at `date -u`; what is due is pulled back by the daemon",
        state=FindingState.NOTE,
    ),
)

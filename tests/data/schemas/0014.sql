PRAGMA application_id = 1313689422;
BEGIN;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
CREATE TABLE sources (
        name TEXT PRIMARY KEY, outlet TEXT NOT NULL, kind TEXT NOT NULL, url TEXT NOT NULL,
        language TEXT, country TEXT, added_at TEXT NOT NULL, removed_at TEXT);
CREATE TABLE source_state (
        source TEXT PRIMARY KEY REFERENCES sources(name), due_at TEXT NOT NULL, first_good_at TEXT, last_visit_at TEXT,
        last_good_at TEXT, failures INTEGER NOT NULL DEFAULT 0, last_error TEXT, etag BLOB, last_modified BLOB,
        body_hash BLOB, guids_unusable INTEGER NOT NULL DEFAULT 0, lease_owner TEXT, lease_until TEXT, address TEXT, move TEXT, parser TEXT, whole_at TEXT, failing_since TEXT, error_since TEXT, hints TEXT, newest_at TEXT, rhythm TEXT, weight REAL, condition TEXT NOT NULL DEFAULT 'new', since TEXT, thin_since TEXT);
CREATE TABLE visits (
        id INTEGER PRIMARY KEY, source TEXT NOT NULL REFERENCES sources(name), started_at TEXT NOT NULL,
        finished_at TEXT NOT NULL, outcome TEXT NOT NULL, status INTEGER, size INTEGER NOT NULL, entries INTEGER NOT NULL,
        new_articles INTEGER NOT NULL, revisions INTEGER NOT NULL, flood INTEGER NOT NULL, error TEXT, detail TEXT, gap INTEGER NOT NULL DEFAULT 0);
CREATE TABLE visit_days (
        source TEXT NOT NULL REFERENCES sources(name), day TEXT NOT NULL, visits INTEGER NOT NULL, failed INTEGER NOT NULL,
        new_articles INTEGER NOT NULL, PRIMARY KEY (source, day));
CREATE TABLE hosts (
        host TEXT PRIMARY KEY, paused_until TEXT, robots TEXT, robots_at TEXT, failures INTEGER NOT NULL DEFAULT 0, robots_status INTEGER);
CREATE TABLE articles (
        id INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL REFERENCES sources(name), outlet TEXT NOT NULL,
        country TEXT, language TEXT NOT NULL, title TEXT NOT NULL, summary TEXT NOT NULL, text TEXT NOT NULL, author TEXT,
        url TEXT, canonical_url TEXT, guid TEXT, published_at TEXT, first_seen_at TEXT NOT NULL,
        text_state TEXT NOT NULL, text_due_at TEXT, baseline INTEGER NOT NULL, revision INTEGER NOT NULL, told TEXT NOT NULL DEFAULT '', page_read_at TEXT, site TEXT, text_attempts INTEGER NOT NULL DEFAULT 0, text_error TEXT, text_lease_owner TEXT, text_lease_until TEXT, left_out TEXT NOT NULL DEFAULT '[]', missed TEXT, gone_at TEXT, backfill INTEGER REFERENCES backfills(id));
CREATE TABLE article_ids (
        kind TEXT NOT NULL, source TEXT NOT NULL, value TEXT NOT NULL, article_id INTEGER NOT NULL,
        PRIMARY KEY (kind, source, value)) WITHOUT ROWID;
CREATE TABLE revisions (
        article_id INTEGER NOT NULL REFERENCES articles(id), number INTEGER NOT NULL, replaced_at TEXT NOT NULL,
        title TEXT NOT NULL, summary TEXT NOT NULL, text TEXT NOT NULL, seen_at TEXT, PRIMARY KEY (article_id, number));
CREATE TABLE rules (
        name TEXT NOT NULL, version INTEGER NOT NULL, query TEXT NOT NULL, scope TEXT NOT NULL, since TEXT NOT NULL,
        PRIMARY KEY (name, version));
CREATE TABLE matches (
        article_id INTEGER NOT NULL REFERENCES articles(id), revision INTEGER NOT NULL, rule TEXT NOT NULL,
        version INTEGER NOT NULL, words TEXT NOT NULL, PRIMARY KEY (article_id, revision, rule));
CREATE TABLE messages (
        id INTEGER PRIMARY KEY AUTOINCREMENT, message_id TEXT NOT NULL UNIQUE, recipient TEXT NOT NULL,
        channel TEXT NOT NULL, "group" TEXT NOT NULL, subject TEXT NOT NULL, raw BLOB, state TEXT NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0, created_at TEXT NOT NULL, next_try_at TEXT NOT NULL, sent_at TEXT, reply TEXT,
        lease_owner TEXT, lease_until TEXT);
CREATE TABLE alerts (
        id INTEGER PRIMARY KEY AUTOINCREMENT, recipient TEXT NOT NULL, channel TEXT NOT NULL, "group" TEXT NOT NULL,
        kind TEXT NOT NULL, article_id INTEGER NOT NULL REFERENCES articles(id), revision INTEGER NOT NULL,
        rules TEXT NOT NULL, words TEXT NOT NULL, created_at TEXT NOT NULL, due_at TEXT NOT NULL,
        message INTEGER REFERENCES messages(id), edited_at TEXT, UNIQUE (recipient, article_id, revision));
CREATE TABLE events (
        id INTEGER PRIMARY KEY, at TEXT NOT NULL, cause TEXT NOT NULL, text TEXT NOT NULL, resolved_at TEXT);
CREATE VIRTUAL TABLE article_keys_fts USING fts5(title, body, tokenize = "ascii tokenchars '=~&+#_'");
CREATE VIRTUAL TABLE "articles_fts" USING FTS5 (
    "title", "summary", "text", "author",
    tokenize='unicode61 remove_diacritics 2',
    content="articles"
);
CREATE TABLE sites (
        host TEXT NOT NULL, language TEXT NOT NULL, pages INTEGER NOT NULL, last TEXT NOT NULL,
        PRIMARY KEY (host, language)) WITHOUT ROWID;
CREATE TABLE blocks (
        host TEXT NOT NULL, language TEXT NOT NULL, fingerprint TEXT NOT NULL, pages INTEGER NOT NULL, off INTEGER NOT NULL,
        apart INTEGER NOT NULL, since INTEGER NOT NULL, sample TEXT NOT NULL, letters TEXT NOT NULL,
        PRIMARY KEY (host, language, fingerprint)) WITHOUT ROWID;
CREATE TABLE key_index (one INTEGER PRIMARY KEY CHECK (one = 1), version TEXT NOT NULL, done INTEGER NOT NULL, up_to INTEGER NOT NULL);
CREATE TABLE attempts (
        id INTEGER PRIMARY KEY, message INTEGER NOT NULL REFERENCES messages(id), at TEXT NOT NULL, state TEXT NOT NULL,
        reply TEXT NOT NULL);
CREATE TABLE marks (
        alert_id INTEGER NOT NULL REFERENCES alerts(id), rule TEXT NOT NULL, relevant INTEGER NOT NULL, note TEXT,
        marked_at TEXT NOT NULL, PRIMARY KEY (alert_id, rule)) WITHOUT ROWID;
CREATE TABLE concepts (name TEXT NOT NULL, digest TEXT NOT NULL, words TEXT NOT NULL, since TEXT NOT NULL, PRIMARY KEY (name, digest)) WITHOUT ROWID;
CREATE TABLE addresses (
        id INTEGER PRIMARY KEY, source TEXT NOT NULL REFERENCES sources(name), url TEXT NOT NULL, left_at TEXT NOT NULL,
        became TEXT NOT NULL, reason TEXT NOT NULL);
CREATE TABLE revisits (
        article_id INTEGER PRIMARY KEY REFERENCES articles(id), source TEXT NOT NULL REFERENCES sources(name),
        due_at TEXT, since TEXT NOT NULL, looked_at TEXT, looks INTEGER NOT NULL DEFAULT 0, still INTEGER NOT NULL DEFAULT 0,
        grown INTEGER NOT NULL DEFAULT 0, missing INTEGER NOT NULL DEFAULT 0, etag BLOB, last_modified BLOB,
        lease_owner TEXT, lease_until TEXT);
CREATE TABLE disappearances (
        id INTEGER PRIMARY KEY, article_id INTEGER NOT NULL REFERENCES articles(id), status INTEGER NOT NULL,
        gone_at TEXT NOT NULL, back_at TEXT);
CREATE TABLE snapshots (
        article_id INTEGER NOT NULL REFERENCES articles(id), revision INTEGER NOT NULL, fetched_at TEXT NOT NULL,
        url TEXT NOT NULL, status INTEGER NOT NULL, headers TEXT NOT NULL, sha256 TEXT NOT NULL, size INTEGER NOT NULL,
        body BLOB NOT NULL, PRIMARY KEY (article_id, revision));
CREATE TABLE backfills (
        id INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL REFERENCES sources(name), reason TEXT NOT NULL,
        since TEXT NOT NULL, until TEXT NOT NULL, most INTEGER NOT NULL, mails INTEGER NOT NULL, state TEXT NOT NULL,
        visit INTEGER, asked_at TEXT NOT NULL, due_at TEXT NOT NULL, walked_at TEXT, finished_at TEXT,
        found INTEGER NOT NULL DEFAULT 0, new INTEGER NOT NULL DEFAULT 0, requests INTEGER NOT NULL DEFAULT 0,
        reached INTEGER NOT NULL DEFAULT 0, remarks TEXT NOT NULL DEFAULT '[]', lease_owner TEXT, lease_until TEXT, crashes INTEGER NOT NULL DEFAULT 0, oldest TEXT);
CREATE TABLE backfill_steps (
        backfill INTEGER NOT NULL REFERENCES backfills(id), url TEXT NOT NULL, way TEXT NOT NULL, place INTEGER NOT NULL,
        page INTEGER NOT NULL, guess INTEGER NOT NULL, state TEXT NOT NULL, attempts INTEGER NOT NULL, error TEXT,
        older INTEGER NOT NULL, within INTEGER NOT NULL, newer INTEGER NOT NULL, undated INTEGER NOT NULL, oldest TEXT,
        newest TEXT, left_out INTEGER NOT NULL, mark TEXT NOT NULL, PRIMARY KEY (backfill, url)) WITHOUT ROWID;
INSERT INTO "_sqlite_migrations" VALUES (1, 'monitor', '0001_first_release', '2026-11-28 04:49:23.150185+00:00');
INSERT INTO "_sqlite_migrations" VALUES (2, 'monitor', '0002_pages', '2026-11-28 04:49:23.154970+00:00');
INSERT INTO "_sqlite_migrations" VALUES (3, 'monitor', '0003_outdated_pages', '2026-11-28 04:49:23.156176+00:00');
INSERT INTO "_sqlite_migrations" VALUES (4, 'monitor', '0004_sites', '2026-11-28 04:49:23.158967+00:00');
INSERT INTO "_sqlite_migrations" VALUES (5, 'monitor', '0005_missed_selectors', '2026-11-28 04:49:23.160089+00:00');
INSERT INTO "_sqlite_migrations" VALUES (6, 'monitor', '0006_key_index', '2026-11-28 04:49:23.160776+00:00');
INSERT INTO "_sqlite_migrations" VALUES (7, 'monitor', '0007_trust', '2026-11-28 04:49:23.161691+00:00');
INSERT INTO "_sqlite_migrations" VALUES (8, 'monitor', '0008_concepts', '2026-11-28 04:49:23.162325+00:00');
INSERT INTO "_sqlite_migrations" VALUES (9, 'monitor', '0009_manners', '2026-11-28 04:49:23.166266+00:00');
INSERT INTO "_sqlite_migrations" VALUES (10, 'monitor', '0010_rhythm', '2026-11-28 04:49:23.170733+00:00');
INSERT INTO "_sqlite_migrations" VALUES (11, 'monitor', '0011_changes', '2026-11-28 04:49:23.173777+00:00');
INSERT INTO "_sqlite_migrations" VALUES (12, 'monitor', '0012_backfills', '2026-11-28 04:49:23.175703+00:00');
INSERT INTO "_sqlite_migrations" VALUES (13, 'monitor', '0013_indexes', '2026-11-28 04:49:23.176682+00:00');
INSERT INTO "_sqlite_migrations" VALUES (14, 'monitor', '0014_backfill_ends', '2026-11-28 04:49:23.178994+00:00');
INSERT INTO "sources" VALUES ('one', 'One', 'feed', 'https://one.example/feed', 'en', 'ge', '2026-11-20T08:00:00Z', NULL);
INSERT INTO "sources" VALUES ('two', 'Two', 'feed', 'https://two.example/feed', NULL, NULL, '2026-11-20T08:00:00Z', '2026-11-20T08:00:00Z');
INSERT INTO "source_state" VALUES ('one', '2026-11-20T08:00:00Z', '2026-11-20T08:00:00Z', '2026-11-20T08:00:00Z', '2026-11-20T08:00:00Z', 0, NULL, x'22612200ff', NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'well', '2026-11-20T08:00:00Z', NULL);
INSERT INTO "source_state" VALUES ('two', '2026-11-20T08:00:00Z', NULL, '2026-11-20T08:00:00Z', NULL, 3, 'dns: no such name', NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, '2026-11-20T08:00:00Z', '2026-11-20T08:00:00Z', NULL, NULL, NULL, NULL, 'slow', '2026-11-20T08:00:00Z', NULL);
INSERT INTO "visits" VALUES (1, 'one', '2026-11-20T08:00:00Z', '2026-11-20T08:00:00Z', 'read', 200, 512, 2, 2, 0, 0, NULL, NULL, 0);
INSERT INTO "visit_days" VALUES ('one', '2026-08-01', 96, 1, 12);
INSERT INTO "hosts" VALUES ('one.example', NULL, 'User-agent: *', '2026-11-20T08:00:00Z', 0, NULL);
INSERT INTO "articles" VALUES (1, 'one', 'One', 'ge', 'en', 'Prisoners return', 'A summary', 'The prisoners came home.', NULL, 'https://one.example/1', 'https://one.example/1', '1', '2026-11-20T08:00:00Z', '2026-11-20T08:00:00Z', 'complete', NULL, 0, 1, '', '2026-11-20T08:00:00Z', NULL, 0, 'http_404', NULL, NULL, '[]', NULL, NULL, NULL);
INSERT INTO "articles" VALUES (2, 'one', 'One', NULL, 'ru', 'Пленные вернулись', '', '', NULL, 'https://one.example/2', 'https://one.example/2', NULL, NULL, '2026-11-20T08:00:00Z', 'none', NULL, 1, 0, '', NULL, NULL, 0, NULL, NULL, NULL, '[]', NULL, NULL, NULL);
INSERT INTO "article_ids" VALUES ('guid', 'one', '1', 1);
INSERT INTO "article_ids" VALUES ('url', '', 'https://one.example/1', 1);
INSERT INTO "article_ids" VALUES ('url', '', 'https://one.example/2', 2);
INSERT INTO "revisions" VALUES (1, 0, '2026-11-20T08:00:00Z', 'Prisoner returns', '', 'A prisoner came home.', '2026-11-20T08:00:00Z');
INSERT INTO "rules" VALUES ('prisoners', 1, 'prisoners', '{"languages": [], "sources": [], "when": ["new"]}', '2026-11-20T08:00:00Z');
INSERT INTO "matches" VALUES (1, 0, 'prisoners', 1, '[["title", 0, 8, "Prisoner", "prisoners"]]');
INSERT INTO "messages" VALUES (1, '<1@one.example>', 'anna@example.org', 'desk', 'rule:prisoners', 'prisoners', x'66726f6d00ff', 'sent', 1, '2026-11-20T08:00:00Z', '2026-11-20T08:00:00Z', '2026-11-20T08:00:00Z', '250 kept', NULL, NULL);
INSERT INTO "messages" VALUES (2, '<2@one.example>', 'ben@example.org', 'desk', 'rule:prisoners', 'prisoners', x'66726f6d', 'queued', 0, '2026-11-20T08:00:00Z', '2026-11-20T08:00:00Z', NULL, NULL, NULL, NULL);
INSERT INTO "alerts" VALUES (1, 'anna@example.org', 'desk', 'rule:prisoners', 'new', 1, 0, '["prisoners"]', '["Prisoner"]', '2026-11-20T08:00:00Z', '2026-11-20T08:00:00Z', 1, NULL);
INSERT INTO "alerts" VALUES (2, 'ben@example.org', 'desk', 'rule:prisoners', 'new', 1, 0, '["prisoners"]', '["Prisoner"]', '2026-11-20T08:00:00Z', '2026-11-20T08:00:00Z', 2, NULL);
INSERT INTO "events" VALUES (1, '2026-11-20T08:00:00Z', 'transport:smtp', 'mail cannot be sent', NULL);
INSERT INTO "article_keys_fts" (rowid, title, body) VALUES (1, 'prisoner return', 'the prisoner come home');
INSERT INTO "article_keys_fts" (rowid, title, body) VALUES (2, 'пленный вернуться', '');
INSERT INTO "sites" VALUES ('one.example', 'en', 9, '[]');
INSERT INTO "blocks" VALUES ('one.example', 'en', 'abc', 7, 6, 5, 1, 'Subscribe', 'x');
INSERT INTO "key_index" VALUES (1, 'v1', 2, 2);
INSERT INTO "attempts" VALUES (1, 1, '2026-11-20T08:00:00Z', 'sent', '250 kept');
INSERT INTO "marks" VALUES (1, 'prisoners', 1, 'right', '2026-11-20T08:00:00Z');
INSERT INTO "concepts" VALUES ('prisoners', 'd1', '[["prisoner", "en", "all"]]', '2026-11-20T08:00:00Z');
INSERT INTO "addresses" VALUES (1, 'one', 'https://old.example/feed', '2026-11-20T08:00:00Z', 'https://one.example/feed', 'moved');
INSERT INTO "revisits" VALUES (1, 'one', '2026-11-20T08:00:00Z', '2026-11-20T08:00:00Z', NULL, 0, 0, 0, 0, NULL, NULL, NULL, NULL);
INSERT INTO "disappearances" VALUES (1, 2, 404, '2026-11-20T08:00:00Z', NULL);
INSERT INTO "snapshots" VALUES (1, 0, '2026-11-20T08:00:00Z', 'https://one.example/1', 200, '[]', 'aa', 3, x'28b52f');
INSERT INTO "backfills" VALUES (1, 'one', 'asked', '2026-11-20T08:00:00Z', '2026-11-20T08:00:00Z', 500, 1, 'open', NULL, '2026-11-20T08:00:00Z', '2026-11-20T08:00:00Z', NULL, NULL, 0, 0, 0, 0, '[]', NULL, NULL, 0, NULL);
INSERT INTO "backfill_steps" VALUES (1, 'https://one.example/p1', 'feed', 0, 1, 0, 'open', 0, NULL, 0, 0, 0, 0, NULL, NULL, 0, '');
INSERT INTO articles_fts (articles_fts) VALUES ('rebuild');
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE INDEX source_state_due ON source_state(due_at);
CREATE INDEX visits_source ON visits(source, started_at);
CREATE INDEX visits_started ON visits(started_at);
CREATE INDEX articles_source ON articles(source, first_seen_at);
CREATE INDEX articles_seen ON articles(first_seen_at);
CREATE INDEX article_ids_article ON article_ids(article_id);
CREATE INDEX matches_rule ON matches(rule, article_id);
CREATE INDEX messages_open ON messages(next_try_at) WHERE state IN ('queued', 'unknown', 'sending');
CREATE INDEX messages_group ON messages(recipient, "group", created_at);
CREATE INDEX alerts_waiting ON alerts(recipient, due_at) WHERE message IS NULL;
CREATE INDEX alerts_message ON alerts(message);
CREATE INDEX alerts_article ON alerts(article_id);
CREATE UNIQUE INDEX events_open ON events(cause) WHERE resolved_at IS NULL;
CREATE TRIGGER "articles_ai" AFTER INSERT ON "articles" BEGIN
  INSERT INTO "articles_fts" (rowid, "title", "summary", "text", "author") VALUES (new.rowid, new."title", new."summary", new."text", new."author");
END;
CREATE TRIGGER "articles_ad" AFTER DELETE ON "articles" BEGIN
  INSERT INTO "articles_fts" ("articles_fts", rowid, "title", "summary", "text", "author") VALUES('delete', old.rowid, old."title", old."summary", old."text", old."author");
END;
CREATE TRIGGER "articles_au" AFTER UPDATE ON "articles" BEGIN
  INSERT INTO "articles_fts" ("articles_fts", rowid, "title", "summary", "text", "author") VALUES('delete', old.rowid, old."title", old."summary", old."text", old."author");
  INSERT INTO "articles_fts" (rowid, "title", "summary", "text", "author") VALUES (new.rowid, new."title", new."summary", new."text", new."author");
END;
CREATE VIEW "v_alerts" AS 
        SELECT alerts.id, alerts.recipient, alerts.rules, alerts.words, alerts.article_id, articles.title,
               articles.outlet, articles.language, articles.url, articles.first_seen_at,
               alerts.created_at AS alerted_at, messages.message_id, coalesce(messages.state, 'waiting') AS state,
               messages.sent_at
        FROM alerts JOIN articles ON articles.id = alerts.article_id
        LEFT JOIN messages ON messages.id = alerts.message;
CREATE INDEX articles_unread ON articles(text_state, text_due_at) WHERE text_state IN ('wanted', 'failed');
CREATE INDEX articles_outdated ON articles(text_error) WHERE text_state = 'complete' AND page_read_at IS NOT NULL AND text_error IS NOT NULL;
CREATE VIEW "v_unread" AS 
        SELECT id AS article_id, source, outlet, title, url, iif(text_state = 'complete', 'outdated', text_state) AS state,
               text_attempts AS attempts, text_error AS error, CASE text_state WHEN 'wanted' THEN text_due_at END AS due_at,
               first_seen_at
        FROM articles WHERE text_state IN ('wanted', 'failed') OR (text_state = 'complete' AND page_read_at IS NOT NULL AND text_error IS NOT NULL);
CREATE INDEX attempts_message ON attempts(message);
CREATE TRIGGER messages_erased BEFORE DELETE ON messages BEGIN
        DELETE FROM attempts WHERE message = OLD.id; END;
CREATE TRIGGER alerts_erased BEFORE DELETE ON alerts BEGIN DELETE FROM marks WHERE alert_id = OLD.id; END;
CREATE VIEW "v_marks" AS 
        SELECT marks.alert_id, marks.rule, matches.version, marks.relevant, marks.note, marks.marked_at,
               alerts.recipient, alerts.article_id, articles.title, articles.outlet, articles.language, articles.url
        FROM marks JOIN alerts ON alerts.id = marks.alert_id JOIN articles ON articles.id = alerts.article_id
        LEFT JOIN matches ON (matches.article_id, matches.revision, matches.rule)
            = (alerts.article_id, alerts.revision, marks.rule);
CREATE VIEW "v_rule_precision" AS 
        SELECT rule, version, count(*) AS marked, sum(relevant) AS relevant,
               round(1.0 * sum(relevant) / count(*), 3) AS precision
        FROM v_marks GROUP BY rule, version;
CREATE INDEX addresses_source ON addresses(source);
CREATE INDEX visits_gaps ON visits(source, started_at) WHERE gap = 1;
CREATE VIEW "v_source_health" AS 
        SELECT sources.name AS source, sources.outlet,
               CASE WHEN failures > 0 AND condition NOT IN ('blocked', 'dead') THEN 'slow'
                    WHEN failures = 0 AND thin_since IS NOT NULL THEN 'blocked'
                    WHEN failures = 0 AND last_good_at IS NOT NULL AND condition != 'quiet' THEN 'well'
                    ELSE condition END AS state,
               last_good_at, last_error, failures, due_at,
               (SELECT count(*) FROM articles WHERE articles.source = sources.name
                   AND first_seen_at >= strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-1 days')) AS articles_24h,
               (SELECT count(*) FROM articles WHERE articles.source = sources.name
                   AND first_seen_at >= strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-7 days')) AS articles_7d,
               CASE WHEN failures = 0 AND thin_since IS NOT NULL THEN thin_since
                   ELSE coalesce(since, failing_since, last_good_at, added_at) END AS since,
               (SELECT max(started_at) FROM visits WHERE visits.source = sources.name AND gap = 1) AS last_gap_at
        FROM sources JOIN source_state ON source_state.source = sources.name
        WHERE sources.removed_at IS NULL;
CREATE INDEX revisits_due ON revisits(due_at) WHERE due_at IS NOT NULL;
CREATE INDEX revisits_leased ON revisits(lease_owner) WHERE lease_owner IS NOT NULL;
CREATE INDEX revisits_looked ON revisits(source, looked_at);
CREATE UNIQUE INDEX disappearances_open ON disappearances(article_id) WHERE back_at IS NULL;
CREATE INDEX snapshots_fetched ON snapshots(fetched_at);
CREATE VIEW "v_articles" AS 
        SELECT id, source, outlet, country, language, title, summary, text, author, url, published_at, first_seen_at,
               text_state, revision, gone_at
        FROM articles;
CREATE VIEW "v_revisions" AS 
        SELECT articles.id AS article_id, revision, 1 AS current,
               coalesce((SELECT max(replaced_at) FROM revisions WHERE article_id = articles.id), first_seen_at) AS seen_at,
               NULL AS replaced_at, source, outlet, language, url, title, summary, text
        FROM articles
        UNION ALL
        SELECT r.article_id, r.number, 0, r.seen_at, r.replaced_at, source, outlet, language, url, r.title, r.summary, r.text
        FROM revisions r JOIN articles ON articles.id = r.article_id;
CREATE VIEW "v_gone" AS 
        SELECT d.article_id, articles.source, articles.outlet, articles.language, articles.title, articles.url,
               articles.first_seen_at, d.status, d.gone_at, d.back_at
        FROM disappearances d JOIN articles ON articles.id = d.article_id;
CREATE INDEX backfills_open ON backfills(due_at) WHERE state != 'done';
CREATE INDEX backfills_source ON backfills(source, id);
CREATE INDEX articles_backfill ON articles(backfill) WHERE backfill IS NOT NULL;
CREATE INDEX visits_gap ON visits(id) WHERE gap;
CREATE INDEX backfills_visit ON backfills(visit);
CREATE INDEX articles_wanted ON articles(text_due_at) WHERE text_state = 'wanted';
CREATE INDEX articles_held ON articles(text_lease_owner)
        WHERE text_state = 'wanted' AND text_lease_owner IS NOT NULL;
CREATE INDEX messages_held ON messages(lease_owner) WHERE lease_owner IS NOT NULL;
CREATE INDEX backfills_held ON backfills(lease_owner) WHERE lease_owner IS NOT NULL;
CREATE VIEW "v_backfills" AS 
        SELECT backfills.id, backfills.source, sources.outlet, reason, since, until, state, asked_at, finished_at, requests,
               found, new, (SELECT count(DISTINCT article_id) FROM articles JOIN matches ON article_id = articles.id
                   WHERE articles.backfill = backfills.id) AS matched,
               oldest, reached, remarks
        FROM backfills JOIN sources ON sources.name = backfills.source;
COMMIT;

/**
 * What lies in the database beside the tables: a schema `overpunch` with the list of loads, the ranges of records that are
 * done, rejects, and the functions that are the only way to change them. They run with their owner's rights, so that who loads
 * needs none on the tables themselves.
 *
 * Rows first go to staging tables, a transaction for each range, together with the range's own row. `finish` moves all rows at
 * once. Staging tables are unlogged, and empty after a crash of the server: so is `overpunch.unlogged`, by which that is seen, and
 * the ranges are then forgotten too. Where the table has no rows (or is to lose them) and nothing else of the database is tied to
 * it, what is staged takes its place as it is: then the staging table is made like the table, and logged.
 *
 * SPDX-License-Identifier: Apache-2.0
 */

/** Raised with every change to what is below. */
export const CONTROL_VERSION = 1;

/** SQLSTATEs of the functions' own errors. */
export const ControlError = {
  /** The same file was loaded into this table. */
  LOADED: 'OP001',
  /** Another process has gone on with this load. */
  TAKEN_OVER: 'OP002',
  /** What is staged is not what was counted. */
  INCOMPLETE: 'OP003',
  /** Who loads may not load into this table. */
  FORBIDDEN: 'OP004',
  /** Another process is at this load. */
  BUSY: 'OP005',
  /** The key of an upsert has no unique index. */
  NO_KEY: 'OP006',
} as const;

const definer = `LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp`;

/** What is in the schema, once that is there; run in one transaction. It belongs to whoever runs this, and can be run again. */
export const CONTROL_SQL = `COMMENT ON SCHEMA overpunch IS 'Loads of mainframe files by Overpunch, version ${CONTROL_VERSION}';

CREATE TABLE IF NOT EXISTS overpunch.load (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  target text NOT NULL,
  fingerprint text NOT NULL,
  options text NOT NULL,
  file text NOT NULL,
  bytes bigint,
  mode text NOT NULL CHECK (mode IN ('append', 'truncate', 'upsert')),
  again boolean NOT NULL,
  status text NOT NULL CHECK (status IN ('loading', 'loaded', 'abandoned')),
  epoch integer NOT NULL DEFAULT 1,
  tables text[] NOT NULL,
  columns jsonb NOT NULL,
  key text[] NOT NULL,
  parents jsonb NOT NULL,
  takes_place boolean NOT NULL,
  records bigint,
  rows bigint,
  inserted bigint,
  updated bigint,
  superseded bigint,
  rejected bigint,
  bad_values bigint,
  ranges jsonb,
  loaded_by text NOT NULL,
  started timestamptz NOT NULL DEFAULT clock_timestamp(),
  resumed timestamptz,
  finished timestamptz
);
COMMENT ON COLUMN overpunch.load.fingerprint IS 'SHA-256 of the file';
COMMENT ON COLUMN overpunch.load.options IS 'hash of all that says what becomes of the file''s bytes';
COMMENT ON COLUMN overpunch.load.epoch IS 'raised each time a process goes on with the load: what an earlier one still sends is refused';
CREATE UNIQUE INDEX IF NOT EXISTS load_once ON overpunch.load (target, fingerprint) WHERE status = 'loaded' AND NOT again;
CREATE UNIQUE INDEX IF NOT EXISTS load_open ON overpunch.load (target, fingerprint) WHERE status = 'loading';

CREATE TABLE IF NOT EXISTS overpunch.load_range (
  load bigint NOT NULL,
  first bigint NOT NULL,
  last bigint NOT NULL,
  first_byte bigint NOT NULL,
  end_byte bigint NOT NULL,
  rows bigint[] NOT NULL,
  rejected bigint NOT NULL,
  bad_values bigint NOT NULL,
  done timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (load, first)
);

CREATE UNLOGGED TABLE IF NOT EXISTS overpunch.unlogged (load bigint PRIMARY KEY);

CREATE TABLE IF NOT EXISTS overpunch.reject (
  load bigint NOT NULL REFERENCES overpunch.load ON DELETE CASCADE,
  record bigint NOT NULL,
  byte_offset bigint NOT NULL,
  field text NOT NULL,
  reason text NOT NULL,
  hex text NOT NULL,
  row_rejected boolean NOT NULL
);
COMMENT ON COLUMN overpunch.reject.row_rejected IS 'the row was left out; otherwise it was loaded with NULL in this column';
CREATE INDEX IF NOT EXISTS reject_load ON overpunch.reject (load, record);

CREATE TABLE IF NOT EXISTS overpunch.loader (
  target text NOT NULL,
  role name NOT NULL,
  PRIMARY KEY (target, role)
);
CREATE TABLE IF NOT EXISTS overpunch.reader_rows (
  target text NOT NULL,
  role name NOT NULL,
  value text NOT NULL,
  PRIMARY KEY (target, role, value)
);
COMMENT ON TABLE overpunch.reader_rows IS 'of tables with row security: rows with which value which role may see';
COMMENT ON TABLE overpunch.loader IS 'which roles may load into which tables, beside the tables'' owners';

CREATE OR REPLACE FUNCTION overpunch.version() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT ${CONTROL_VERSION}';

CREATE OR REPLACE FUNCTION overpunch.stage_name(load bigint, part integer) RETURNS text LANGUAGE sql IMMUTABLE
  SET search_path = pg_catalog, pg_temp AS
  $$ SELECT format('overpunch.stage_%s_%s', load, part) $$;

CREATE OR REPLACE FUNCTION overpunch.discard(load_id bigint) RETURNS void ${definer} AS $$
DECLARE l overpunch.load;
BEGIN
  SELECT * INTO l FROM overpunch.load WHERE id = load_id AND status = 'loading' FOR UPDATE;
  IF NOT FOUND THEN RETURN; END IF;
  PERFORM overpunch.check_loader(l.tables);
  FOR part IN 0 .. cardinality(l.tables) - 1 LOOP
    EXECUTE format('DROP TABLE IF EXISTS %s', overpunch.stage_name(load_id, part));
  END LOOP;
  DELETE FROM overpunch.unlogged u WHERE u.load = load_id;
  DELETE FROM overpunch.load_range r WHERE r.load = load_id;
  DELETE FROM overpunch.reject r WHERE r.load = load_id;
  UPDATE overpunch.load SET status = 'abandoned', finished = clock_timestamp() WHERE id = load_id;
END $$;

CREATE OR REPLACE FUNCTION overpunch.check_loader(tables text[]) RETURNS void ${definer} AS $$
DECLARE one text; owner oid;
BEGIN
  FOREACH one IN ARRAY tables LOOP
    SELECT relowner INTO owner FROM pg_class WHERE oid = one::regclass AND relkind IN ('r', 'p');
    IF owner IS NULL OR NOT (pg_has_role(session_user, owner, 'USAGE') OR EXISTS (
      SELECT FROM overpunch.loader w JOIN pg_roles r ON r.rolname = w.role
      WHERE w.target = one AND pg_has_role(session_user, r.oid, 'USAGE')))
    THEN
      RAISE EXCEPTION '% may not load into %', session_user, one USING ERRCODE = '${ControlError.FORBIDDEN}';
    END IF;
  END LOOP;
END $$;

-- Whether nobody would notice if another table of the same form took this one's place: nothing refers to it, nobody else was
-- granted anything, and all there is of indexes is a primary key.
CREATE OR REPLACE FUNCTION overpunch.is_plain(relation regclass) RETURNS boolean ${definer} STABLE AS $$
BEGIN
  RETURN EXISTS (SELECT FROM pg_class c WHERE c.oid = relation AND c.relkind = 'r' AND c.relpersistence = 'p'
      AND NOT c.relrowsecurity AND NOT c.relhastriggers AND NOT c.relhassubclass AND NOT c.relispartition AND NOT c.relhasrules
      AND (c.relacl IS NULL OR c.relacl = acldefault('r', c.relowner)) AND c.reloptions IS NULL AND c.reltablespace = 0 AND c.reloftype = 0 AND c.relreplident = 'd'
      AND c.relowner = (SELECT oid FROM pg_roles WHERE rolname = current_user)
      AND NOT EXISTS (SELECT FROM pg_default_acl d WHERE d.defaclrole = c.relowner))
    AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = relation AND a.attnum > 0 AND (a.attisdropped
      OR a.attacl IS NOT NULL OR a.attidentity <> '' OR a.attgenerated <> '' OR a.atthasdef OR a.attoptions IS NOT NULL))
    AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = relation AND NOT i.indisprimary)
    AND NOT EXISTS (SELECT FROM pg_constraint c WHERE (c.conrelid = relation OR c.confrelid = relation) AND c.contype NOT IN ('p', 'c', 'n'))
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = relation AND d.deptype = 'n')
    AND NOT EXISTS (SELECT FROM pg_depend d JOIN pg_type t ON d.refobjid = t.oid AND t.typrelid = relation
      WHERE d.refclassid = 'pg_type'::regclass AND d.deptype = 'n')
    AND NOT EXISTS (SELECT FROM pg_inherits h WHERE h.inhrelid = relation)
    AND NOT EXISTS (SELECT FROM pg_statistic_ext e WHERE e.stxrelid = relation)
    AND NOT EXISTS (SELECT FROM pg_publication_rel p WHERE p.prrelid = relation)
    AND NOT EXISTS (SELECT FROM pg_seclabel l WHERE l.objoid = relation);
END $$;

-- Begins a load, or goes on with one that did not end. The session holds a lock on it until it ends.
CREATE OR REPLACE FUNCTION overpunch.begin_load(
  tables text[], columns jsonb, key text[], parents jsonb, mode text, fingerprint text, options text, file text,
  bytes bigint, again boolean, OUT id bigint, OUT epoch integer, OUT is_resumed boolean)
${definer} AS $$
DECLARE l overpunch.load; done overpunch.load; names text; ready boolean := true; has_rows boolean; swap boolean;
BEGIN
  PERFORM overpunch.check_loader(tables);
  BEGIN
    PERFORM set_config('lock_timeout', '30s', true); -- a process that was killed just now may still have it
    PERFORM pg_advisory_lock(hashtextextended('overpunch ' || tables[1] || ' ' || fingerprint, 0));
    PERFORM set_config('lock_timeout', '0', true);
  EXCEPTION WHEN lock_not_available THEN
    RAISE EXCEPTION 'another process is loading this file into %', tables[1] USING ERRCODE = '${ControlError.BUSY}';
  END;
  -- waits for what a process that was killed had sent: its transactions hold the row
  SELECT * INTO l FROM overpunch.load o
    WHERE o.target = begin_load.tables[1] AND o.fingerprint = begin_load.fingerprint AND o.status = 'loading' FOR UPDATE;
  IF FOUND THEN
    FOR part IN 0 .. cardinality(l.tables) - 1 LOOP
      ready := ready AND to_regclass(overpunch.stage_name(l.id, part)) IS NOT NULL;
    END LOOP;
    IF ready AND l.options = begin_load.options AND l.again = begin_load.again THEN
      UPDATE overpunch.load o SET epoch = o.epoch + 1, resumed = clock_timestamp() WHERE o.id = l.id
        RETURNING o.id, o.epoch INTO begin_load.id, begin_load.epoch;
      IF NOT l.takes_place AND NOT EXISTS (SELECT FROM overpunch.unlogged u WHERE u.load = l.id) THEN
        DELETE FROM overpunch.load_range r WHERE r.load = l.id; -- the server had crashed, and emptied what was staged
        DELETE FROM overpunch.reject r WHERE r.load = l.id;
        INSERT INTO overpunch.unlogged (load) VALUES (l.id);
      END IF;
      FOR part IN 0 .. cardinality(l.tables) - 1 LOOP
        EXECUTE format('GRANT INSERT ON %s TO %I', overpunch.stage_name(l.id, part), session_user);
      END LOOP;
      is_resumed := true;
      RETURN;
    END IF;
    PERFORM overpunch.discard(l.id); -- nothing of it was seen by anybody
  END IF;
  SELECT * INTO done FROM overpunch.load o
    WHERE o.target = begin_load.tables[1] AND o.fingerprint = begin_load.fingerprint AND o.status = 'loaded' ORDER BY o.id DESC LIMIT 1;
  IF FOUND AND NOT again THEN
    RAISE EXCEPTION '% was loaded into % on %: % rows (load %)', done.file, tables[1],
      to_char(done.finished, 'YYYY-MM-DD HH24:MI:SS'), done.rows, done.id USING ERRCODE = '${ControlError.LOADED}';
  END IF;
  swap := mode <> 'upsert' AND cardinality(tables) = 1 AND overpunch.is_plain(tables[1]::regclass);
  IF swap AND mode = 'append' THEN
    EXECUTE format('SELECT EXISTS (SELECT FROM %s)', tables[1]::regclass) INTO has_rows;
    swap := NOT has_rows;
  END IF;
  INSERT INTO overpunch.load (target, fingerprint, options, file, bytes, mode, again, status, tables, columns, key, parents, takes_place, loaded_by)
    VALUES (tables[1], fingerprint, options, file, bytes, mode, again, 'loading', tables, columns, key, parents, swap, session_user)
    RETURNING load.id, load.epoch INTO begin_load.id, begin_load.epoch;
  IF swap THEN
    EXECUTE format('CREATE TABLE %s (LIKE %s INCLUDING ALL) WITH (autovacuum_enabled = false)',
      overpunch.stage_name(begin_load.id, 0), tables[1]::regclass);
    EXECUTE format('GRANT INSERT ON %s TO %I', overpunch.stage_name(begin_load.id, 0), session_user);
    is_resumed := false;
    RETURN;
  END IF;
  INSERT INTO overpunch.unlogged (load) VALUES (begin_load.id);
  FOR part IN 0 .. cardinality(tables) - 1 LOOP
    SELECT string_agg(format('%I', c), ', ' ORDER BY n) INTO names
      FROM jsonb_array_elements_text(columns -> part) WITH ORDINALITY AS e (c, n);
    EXECUTE format('CREATE UNLOGGED TABLE %s WITH (autovacuum_enabled = false) AS SELECT %s%s FROM %s WITH NO DATA',
      overpunch.stage_name(begin_load.id, part), CASE WHEN mode = 'upsert' THEN '0::bigint AS overpunch_record, ' ELSE '' END, names, tables[part + 1]::regclass);
    EXECUTE format('GRANT INSERT ON %s TO %I', overpunch.stage_name(begin_load.id, part), session_user);
  END LOOP;
  is_resumed := false;
END $$;

-- Begins a range's transaction: from here to its end nobody can go on with the load.
CREATE OR REPLACE FUNCTION overpunch.enter(load_id bigint, my_epoch integer) RETURNS void ${definer} AS $$
BEGIN
  PERFORM FROM overpunch.load WHERE id = load_id AND epoch = my_epoch AND status = 'loading' FOR SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'another process has gone on with load %', load_id USING ERRCODE = '${ControlError.TAKEN_OVER}';
  END IF;
END $$;

-- Ends a range: what was copied since enter are its rows.
CREATE OR REPLACE FUNCTION overpunch.end_range(
  load_id bigint, my_epoch integer, first bigint, last bigint, first_byte bigint, end_byte bigint, rows bigint[],
  rejected bigint, bad_values bigint, rejects jsonb) RETURNS void ${definer} AS $$
BEGIN
  PERFORM overpunch.enter(load_id, my_epoch);
  INSERT INTO overpunch.load_range (load, first, last, first_byte, end_byte, rows, rejected, bad_values)
    VALUES (load_id, first, last, first_byte, end_byte, rows, rejected, bad_values);
  INSERT INTO overpunch.reject (load, record, byte_offset, field, reason, hex, row_rejected)
    SELECT load_id, record, "offset", field, reason, hex, row_rejected FROM jsonb_to_recordset(rejects)
      AS r (record bigint, "offset" bigint, field text, reason text, hex text, row_rejected boolean);
END $$;

CREATE OR REPLACE FUNCTION overpunch.ranges(load_id bigint) RETURNS SETOF overpunch.load_range ${definer} STABLE AS $$
BEGIN
  RETURN QUERY SELECT * FROM overpunch.load_range WHERE load = load_id ORDER BY first;
END $$;

CREATE OR REPLACE FUNCTION overpunch.close_load(load_id bigint, last_record bigint, fresh bigint, again_rows bigint, old_rows bigint)
RETURNS SETOF overpunch.load ${definer} AS $$
BEGIN
  DELETE FROM overpunch.unlogged u WHERE u.load = load_id;
  RETURN QUERY WITH done AS (DELETE FROM overpunch.load_range r WHERE r.load = load_id RETURNING r.*),
    total AS (SELECT coalesce(sum(d.rows[1]), 0) AS rows, coalesce(sum(d.rejected), 0) AS rejected, coalesce(sum(d.bad_values), 0) AS bad_values,
      coalesce(jsonb_agg(jsonb_build_array(d.first, d.last, d.first_byte, d.end_byte) ORDER BY d.first), '[]') AS ranges FROM done d)
    UPDATE overpunch.load o SET status = 'loaded', finished = clock_timestamp(), records = last_record, rows = total.rows,
      inserted = fresh, updated = again_rows, superseded = old_rows, rejected = total.rejected, bad_values = total.bad_values, ranges = total.ranges
    FROM total WHERE o.id = load_id RETURNING o.*;
END $$;

-- Moves what is staged into the tables, all of it in this transaction.
CREATE OR REPLACE FUNCTION overpunch.finish(load_id bigint, my_epoch integer, last_record bigint) RETURNS SETOF overpunch.load ${definer} AS $$
DECLARE
  l overpunch.load; stage text; relation regclass; names text; keys text; sets text; sum_rows bigint; moved bigint;
  fresh bigint := 0; again_rows bigint := 0; old_rows bigint := 0; covered bigint; first_one bigint; final_one bigint; pairs text;
  has_rows boolean; place text;
BEGIN
  SELECT * INTO l FROM overpunch.load WHERE id = load_id AND epoch = my_epoch AND status = 'loading' FOR UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'another process has gone on with load %', load_id USING ERRCODE = '${ControlError.TAKEN_OVER}';
  END IF;
  PERFORM overpunch.check_loader(l.tables);
  SELECT coalesce(sum(r.last - r.first + 1), 0), coalesce(min(r.first), 1), coalesce(max(r.last), 0)
    INTO covered, first_one, final_one FROM overpunch.load_range r WHERE r.load = load_id;
  IF first_one <> 1 OR covered <> final_one OR final_one <> last_record THEN
    RAISE EXCEPTION 'records 1 to % are to be loaded, ranges of % records from % to % are done', last_record, covered,
      first_one, final_one USING ERRCODE = '${ControlError.INCOMPLETE}';
  END IF;
  IF l.takes_place THEN
    EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', l.tables[1]::regclass);
    relation := l.tables[1]::regclass;
    EXECUTE format('SELECT EXISTS (SELECT FROM %s)', relation) INTO has_rows;
    IF overpunch.is_plain(relation) AND (l.mode = 'truncate' OR NOT has_rows) THEN
      SELECT coalesce(sum(r.rows[1]), 0) INTO fresh FROM overpunch.load_range r WHERE r.load = load_id;
      SELECT c.relname, n.nspname INTO names, place FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = relation;
      SELECT conname INTO keys FROM pg_constraint WHERE conrelid = relation AND contype = 'p';
      stage := overpunch.stage_name(load_id, 0);
      EXECUTE format('REVOKE ALL ON %s FROM %I', stage, session_user);
      EXECUTE format('GRANT ALL ON %s TO %I', stage, current_user);
      EXECUTE format('ALTER TABLE %s RESET (autovacuum_enabled)', stage);
      IF keys IS NOT NULL THEN
        SELECT conname INTO sets FROM pg_constraint WHERE conrelid = stage::regclass AND contype = 'p';
      END IF;
      relation := stage::regclass;
      EXECUTE format('DROP TABLE %s', l.tables[1]::regclass);
      EXECUTE format('ALTER TABLE %s RENAME TO %I', relation, names);
      EXECUTE format('ALTER TABLE %s SET SCHEMA %I', relation, place);
      IF keys IS NOT NULL THEN EXECUTE format('ALTER TABLE %s RENAME CONSTRAINT %I TO %I', relation, sets, keys); END IF;
      RETURN QUERY SELECT * FROM overpunch.close_load(load_id, last_record, fresh, 0, 0);
      RETURN;
    END IF;
  END IF;
  IF l.mode = 'truncate' THEN
    SELECT string_agg(t::regclass::text, ', ') INTO names FROM unnest(l.tables) AS t;
    EXECUTE 'TRUNCATE ' || names;
  END IF;
  SELECT string_agg(format('%I', k), ', ' ORDER BY n) INTO keys FROM unnest(l.key) WITH ORDINALITY AS e (k, n);
  FOR part IN 0 .. cardinality(l.tables) - 1 LOOP
    stage := overpunch.stage_name(load_id, part);
    relation := l.tables[part + 1]::regclass;
    SELECT coalesce(sum(r.rows[part + 1]), 0) INTO sum_rows FROM overpunch.load_range r WHERE r.load = load_id;
    SELECT string_agg(format('%I', c), ', ' ORDER BY n) INTO names
      FROM jsonb_array_elements_text(l.columns -> part) WITH ORDINALITY AS e (c, n);
    IF l.mode = 'upsert' THEN
      EXECUTE 'SELECT count(*) FROM ' || stage INTO moved;
      IF moved <> sum_rows THEN
        RAISE EXCEPTION '% rows are staged, % were counted', moved, sum_rows USING ERRCODE = '${ControlError.INCOMPLETE}';
      END IF;
      IF part = 0 THEN
        -- of several records with one key the last one counts
        EXECUTE format('DELETE FROM %1$s s USING (SELECT overpunch_record AS r, row_number() OVER (PARTITION BY %2$s ORDER BY overpunch_record DESC) AS n FROM %1$s) o WHERE o.r = s.overpunch_record AND o.n > 1', stage, keys);
        GET DIAGNOSTICS old_rows = ROW_COUNT;
        SELECT string_agg(format('%1$I = excluded.%1$I', c), ', ' ORDER BY n) INTO sets
          FROM jsonb_array_elements_text(l.columns -> part) WITH ORDINALITY AS e (c, n) WHERE NOT c = ANY (l.key);
        EXECUTE format('WITH moved AS (INSERT INTO %s (%s) SELECT %s FROM %s ON CONFLICT (%s) DO %s RETURNING xmax = 0 AS is_new) SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM moved',
          relation, names, names, stage, keys, coalesce('UPDATE SET ' || sets, 'NOTHING')) INTO fresh, again_rows;
      ELSE
        EXECUTE format('DELETE FROM %s s WHERE NOT EXISTS (SELECT FROM %s p WHERE p.overpunch_record = s.overpunch_record)',
          stage, overpunch.stage_name(load_id, 0));
        -- items of the records that were there before; those of tables within go with them
        IF (l.parents -> part ->> 'of')::integer = 0 THEN
          SELECT string_agg(format('t.%I = p.%I', c, k), ' AND ') INTO pairs
            FROM jsonb_to_recordset(l.parents -> part -> 'columns') AS e (c text, k text);
          EXECUTE format('DELETE FROM %s t USING %s p WHERE %s', relation, overpunch.stage_name(load_id, 0), pairs);
        END IF;
        EXECUTE format('INSERT INTO %s (%s) SELECT %s FROM %s', relation, names, names, stage);
      END IF;
    ELSE
      EXECUTE format('INSERT INTO %s (%s) SELECT %s FROM %s', relation, names, names, stage);
      GET DIAGNOSTICS moved = ROW_COUNT;
      IF moved <> sum_rows THEN
        RAISE EXCEPTION '% rows are staged, % were counted', moved, sum_rows USING ERRCODE = '${ControlError.INCOMPLETE}';
      END IF;
      IF part = 0 THEN fresh := moved; END IF;
    END IF;
  END LOOP;
  FOR part IN 0 .. cardinality(l.tables) - 1 LOOP
    EXECUTE 'DROP TABLE ' || overpunch.stage_name(load_id, part);
  END LOOP;
  RETURN QUERY SELECT * FROM overpunch.close_load(load_id, last_record, fresh, again_rows, old_rows);
END $$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA overpunch FROM PUBLIC;`;

/** What who loads must be able to call. */
export const LOADER_FUNCTIONS = [
  'version()',
  'begin_load(text[], jsonb, text[], jsonb, text, text, text, text, bigint, boolean)',
  'enter(bigint, integer)',
  'end_range(bigint, integer, bigint, bigint, bigint, bigint, bigint[], bigint, bigint, jsonb)',
  'ranges(bigint)',
  'finish(bigint, integer, bigint)',
  'discard(bigint)',
] as const;

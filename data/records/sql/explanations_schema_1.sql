-- explanations.db, version 1 (docs/explanations-db.md). Rows are added, never changed; `entry` chains them.

-- What decides the numbers of this store, as one JSON object; written once.
CREATE TABLE run (
  run_id        INTEGER PRIMARY KEY CHECK (run_id = 1),
  manifest_json TEXT    NOT NULL
) STRICT;

-- What the model said about one film. Blobs are little-endian float32.
CREATE TABLE explanation (
  key           TEXT    NOT NULL PRIMARY KEY CHECK (length(key) = 64),
  pixel_sha256  TEXT    NOT NULL CHECK (length(pixel_sha256) = 64),
  picture_rows  INTEGER NOT NULL CHECK (picture_rows > 0),
  picture_cols  INTEGER NOT NULL CHECK (picture_cols > 0),
  input_rows    INTEGER NOT NULL CHECK (input_rows > 0),
  input_cols    INTEGER NOT NULL CHECK (input_cols > 0),
  row_scale     REAL    NOT NULL CHECK (row_scale <> 0),      -- input pixel centre → picture pixel centre
  row_offset    REAL    NOT NULL,
  col_scale     REAL    NOT NULL CHECK (col_scale <> 0),
  col_offset    REAL    NOT NULL,
  logits        BLOB    NOT NULL,                             -- [classes]
  map_rows      INTEGER NOT NULL CHECK (map_rows > 0),
  map_cols      INTEGER NOT NULL CHECK (map_cols > 0),
  maps          BLOB    NOT NULL                              -- [classes, map_rows, map_cols], signed
    CHECK (length(maps) = length(logits) * map_rows * map_cols)
) STRICT, WITHOUT ROWID;

-- What the annotated concepts contribute to one class of one film (docs/concepts.md).
CREATE TABLE concept_result (
  key         TEXT    NOT NULL REFERENCES explanation,
  class_index INTEGER NOT NULL CHECK (class_index >= 0),
  result_json TEXT    NOT NULL,
  PRIMARY KEY (key, class_index)
) STRICT, WITHOUT ROWID;

-- Cases of the list. Two cases with the same film share its explanation.
CREATE TABLE explained_case (
  name          TEXT    NOT NULL PRIMARY KEY CHECK (length(name) > 0),
  patient       TEXT    NOT NULL,                             -- '' = not stated
  file          TEXT    NOT NULL,                             -- as in cases.csv
  file_sha256   TEXT    NOT NULL CHECK (length(file_sha256) = 64),
  columns       TEXT    NOT NULL,                             -- the list's further columns, one JSON object
  vertical_mm   REAL    NOT NULL CHECK (vertical_mm >= 0),    -- between pixel centres; 0 = unknown
  horizontal_mm REAL    NOT NULL CHECK (horizontal_mm >= 0),
  aspect        REAL    NOT NULL CHECK (aspect > 0),          -- vertical / horizontal
  is_detector   INTEGER NOT NULL CHECK (is_detector IN (0, 1)),
  key           TEXT    NOT NULL REFERENCES explanation
) STRICT;

-- Colour scale of each class when the store had n_cases cases: derived from the maps, kept so that pictures
-- made later are coloured alike.
CREATE TABLE colour_scale (
  n_cases     INTEGER NOT NULL CHECK (n_cases >= 0),
  class_index INTEGER NOT NULL CHECK (class_index >= 0),
  value       REAL    NOT NULL CHECK (value >= 0),
  PRIMARY KEY (n_cases, class_index)
) STRICT, WITHOUT ROWID;

-- The chain: one entry a record, in the order of writing.
CREATE TABLE entry (
  seq            INTEGER PRIMARY KEY CHECK (seq >= 1),
  kind           TEXT    NOT NULL CHECK (kind IN ('run', 'explanation', 'case', 'scales')),
  record         TEXT    NOT NULL,                            -- key, case name or number of cases
  content_sha256 TEXT    NOT NULL CHECK (length(content_sha256) = 64),
  made_at        TEXT    NOT NULL,                            -- UTC, ISO 8601
  chain_sha256   TEXT    NOT NULL CHECK (length(chain_sha256) = 64),
  UNIQUE (kind, record)
) STRICT;

-- Where the case list lies, seen from this file. A convenience, not a record: the one row that may change.
CREATE TABLE place (
  place_id    INTEGER PRIMARY KEY CHECK (place_id = 1),
  list_folder TEXT    NOT NULL
) STRICT;

CREATE INDEX explained_case_key ON explained_case (key);

CREATE TRIGGER run_keeps         BEFORE UPDATE ON run            BEGIN SELECT RAISE(ABORT, 'records are never changed'); END;
CREATE TRIGGER run_stays         BEFORE DELETE ON run            BEGIN SELECT RAISE(ABORT, 'records are never deleted'); END;
CREATE TRIGGER explanation_keeps BEFORE UPDATE ON explanation    BEGIN SELECT RAISE(ABORT, 'records are never changed'); END;
CREATE TRIGGER explanation_stays BEFORE DELETE ON explanation    BEGIN SELECT RAISE(ABORT, 'records are never deleted'); END;
CREATE TRIGGER concept_keeps     BEFORE UPDATE ON concept_result BEGIN SELECT RAISE(ABORT, 'records are never changed'); END;
CREATE TRIGGER concept_stays     BEFORE DELETE ON concept_result BEGIN SELECT RAISE(ABORT, 'records are never deleted'); END;
CREATE TRIGGER case_keeps        BEFORE UPDATE ON explained_case BEGIN SELECT RAISE(ABORT, 'records are never changed'); END;
CREATE TRIGGER case_stays        BEFORE DELETE ON explained_case BEGIN SELECT RAISE(ABORT, 'records are never deleted'); END;
CREATE TRIGGER scale_keeps       BEFORE UPDATE ON colour_scale   BEGIN SELECT RAISE(ABORT, 'records are never changed'); END;
CREATE TRIGGER scale_stays       BEFORE DELETE ON colour_scale   BEGIN SELECT RAISE(ABORT, 'records are never deleted'); END;
CREATE TRIGGER entry_keeps       BEFORE UPDATE ON entry          BEGIN SELECT RAISE(ABORT, 'records are never changed'); END;
CREATE TRIGGER entry_stays       BEFORE DELETE ON entry          BEGIN SELECT RAISE(ABORT, 'records are never deleted'); END;

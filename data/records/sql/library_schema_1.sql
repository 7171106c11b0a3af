-- library.db, version 1 (docs/library-db.md): concepts, their annotated examples, and what was learnt from
-- them for each model and layer.

-- One version of a concept, name@version. A version that was trained on is never changed again.
CREATE TABLE concept (
  name          TEXT    NOT NULL CHECK (length(name) > 0),
  version       INTEGER NOT NULL CHECK (version >= 1),
  state         TEXT    NOT NULL CHECK (state IN ('draft', 'reviewed', 'locked', 'retired')),
  is_trained    INTEGER NOT NULL DEFAULT 0 CHECK (is_trained IN (0, 1)),
  definition    TEXT    NOT NULL,
  excludes      TEXT    NOT NULL,               -- what it is not
  code          TEXT    NOT NULL,               -- RadLex or SNOMED CT, such as RID28493; '' = none
  author        TEXT    NOT NULL,
  is_confounder INTEGER NOT NULL CHECK (is_confounder IN (0, 1)),  -- then a used one is a shortcut
  rule          TEXT    NOT NULL,               -- column rule it was imported by, such as view=AP; '' = none
  PRIMARY KEY (name, version)
) STRICT, WITHOUT ROWID;

-- What one annotator says about one image.
CREATE TABLE example (
  concept      TEXT    NOT NULL,
  version      INTEGER NOT NULL,
  case_name    TEXT    NOT NULL CHECK (length(case_name) > 0),
  annotator    TEXT    NOT NULL,
  label        TEXT    NOT NULL CHECK (label IN ('present', 'absent', 'uncertain', 'unjudged')),
  patient      TEXT    NOT NULL,                -- '' = not stated
  pixel_sha256 TEXT    NOT NULL CHECK (length(pixel_sha256) IN (0, 64)),  -- '' until first trained on
  PRIMARY KEY (concept, version, case_name, annotator),
  FOREIGN KEY (concept, version) REFERENCES concept (name, version)
) STRICT, WITHOUT ROWID;

-- Where in the image, in pixels of the file, origin top left.
CREATE TABLE region (
  concept   TEXT    NOT NULL,
  version   INTEGER NOT NULL,
  case_name TEXT    NOT NULL,
  annotator TEXT    NOT NULL,
  ordinal   INTEGER NOT NULL CHECK (ordinal >= 0),
  x         REAL    NOT NULL,
  y         REAL    NOT NULL,
  w         REAL    NOT NULL CHECK (w > 0),
  h         REAL    NOT NULL CHECK (h > 0),
  PRIMARY KEY (concept, version, case_name, annotator, ordinal),
  FOREIGN KEY (concept, version, case_name, annotator)
    REFERENCES example (concept, version, case_name, annotator)
) STRICT, WITHOUT ROWID;

-- What was learnt at one layer of one model by one recipe. Trained again, it is replaced whole.
CREATE TABLE bank (
  bank_id         INTEGER PRIMARY KEY,
  model_sha256    TEXT    NOT NULL CHECK (length(model_sha256) = 64),
  card_sha256     TEXT    NOT NULL CHECK (length(card_sha256) = 64),
  layer           TEXT    NOT NULL,
  recipe          TEXT    NOT NULL CHECK (recipe IN ('rationale', 'reference')),
  features        TEXT    NOT NULL CHECK (features IN ('pooled', 'flat')),
  model_name      TEXT    NOT NULL,
  activation_json TEXT    NOT NULL,             -- [C, H, W] of the layer's output for one image
  seed            TEXT    NOT NULL,             -- of folds, permutations and resamples; 64 bit
  n_permutations  INTEGER NOT NULL CHECK (n_permutations >= 0),
  n_resamples     INTEGER NOT NULL CHECK (n_resamples >= 0),
  strata_json     TEXT    NOT NULL,             -- names of the columns that were held fixed
  program_version TEXT    NOT NULL,
  UNIQUE (model_sha256, card_sha256, layer, recipe, features)
) STRICT;

-- Images that the bank was trained on, and their folds.
CREATE TABLE bank_row (
  bank_id      INTEGER NOT NULL REFERENCES bank ON DELETE CASCADE,
  ordinal      INTEGER NOT NULL CHECK (ordinal >= 0),
  case_name    TEXT    NOT NULL,
  patient      TEXT    NOT NULL,
  pixel_sha256 TEXT    NOT NULL CHECK (length(pixel_sha256) = 64),
  fold         INTEGER NOT NULL CHECK (fold >= 0),
  PRIMARY KEY (bank_id, ordinal)
) STRICT, WITHOUT ROWID;

-- Facts of one concept that do not depend on the class.
CREATE TABLE bank_concept (
  bank_id      INTEGER NOT NULL REFERENCES bank ON DELETE CASCADE,
  ordinal      INTEGER NOT NULL CHECK (ordinal >= 0),
  concept      TEXT    NOT NULL,
  version      INTEGER NOT NULL,
  is_trained   INTEGER NOT NULL CHECK (is_trained IN (0, 1)),   -- 0: too few examples
  facts_json   TEXT    NOT NULL,                -- calibration, reference level, AUC, … (docs/library-db.md)
  PRIMARY KEY (bank_id, ordinal),
  UNIQUE (bank_id, concept),
  FOREIGN KEY (concept, version) REFERENCES concept (name, version)
) STRICT, WITHOUT ROWID;

-- The evidence gate of one concept for one class: nine rows and the verdict, as `concepts judge` prints them.
CREATE TABLE bank_evidence (
  bank_id       INTEGER NOT NULL REFERENCES bank ON DELETE CASCADE,
  class_index   INTEGER NOT NULL CHECK (class_index >= 0),
  ordinal       INTEGER NOT NULL,
  class_name    TEXT    NOT NULL,
  verdict       TEXT    NOT NULL CHECK (verdict IN ('established', 'suggestive', 'not_established')),
  evidence_json TEXT    NOT NULL,
  PRIMARY KEY (bank_id, class_index, ordinal),
  FOREIGN KEY (bank_id, ordinal) REFERENCES bank_concept (bank_id, ordinal) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- Filters, patterns, means and resamples: little endian, row-major.
CREATE TABLE bank_array (
  bank_id    INTEGER NOT NULL REFERENCES bank ON DELETE CASCADE,
  name       TEXT    NOT NULL,
  type       TEXT    NOT NULL CHECK (type IN ('float32', 'float64')),
  shape_json TEXT    NOT NULL,
  data       BLOB    NOT NULL,
  PRIMARY KEY (bank_id, name)
) STRICT;

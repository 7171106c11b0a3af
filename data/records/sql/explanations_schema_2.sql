-- What a store of volumes has besides version 1 (docs/explanations-db.md). There, a volume's maps lie in
-- explanation.maps with the slices of a class below one another: map_rows = map_slices x rows of one slice.

-- Where the slices of an explained volume lie.
CREATE TABLE volume (
  key          TEXT    NOT NULL PRIMARY KEY REFERENCES explanation,
  slices       INTEGER NOT NULL CHECK (slices > 0),          -- of the volume
  input_slices INTEGER NOT NULL CHECK (input_slices > 0),    -- of the network's input, over the same extent
  map_slices   INTEGER NOT NULL CHECK (map_slices > 0),
  positions_mm BLOB    NOT NULL                              -- [slices] little-endian float64 along the normal, or
    CHECK (length(positions_mm) IN (0, 8 * slices))          -- nothing where they are unknown
) STRICT, WITHOUT ROWID;

-- Which slices one class's map speaks of, and whether the one it shows carries the evidence itself.
CREATE TABLE slice_evidence (
  key         TEXT    NOT NULL REFERENCES explanation,
  class_index INTEGER NOT NULL CHECK (class_index >= 0),
  result_json TEXT    NOT NULL,
  PRIMARY KEY (key, class_index)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER volume_keeps BEFORE UPDATE ON volume         BEGIN SELECT RAISE(ABORT, 'records are never changed'); END;
CREATE TRIGGER volume_stays BEFORE DELETE ON volume         BEGIN SELECT RAISE(ABORT, 'records are never deleted'); END;
CREATE TRIGGER slices_keep  BEFORE UPDATE ON slice_evidence BEGIN SELECT RAISE(ABORT, 'records are never changed'); END;
CREATE TRIGGER slices_stay  BEFORE DELETE ON slice_evidence BEGIN SELECT RAISE(ABORT, 'records are never deleted'); END;

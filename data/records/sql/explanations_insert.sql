INSERT INTO explanation (key, pixel_sha256, picture_rows, picture_cols, input_rows, input_cols,
                         row_scale, row_offset, col_scale, col_offset, logits, map_rows, map_cols, maps)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14);

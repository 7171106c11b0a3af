SELECT pixel_sha256, picture_rows, picture_cols, input_rows, input_cols,
       row_scale, row_offset, col_scale, col_offset, logits, map_rows, map_cols, maps
FROM explanation WHERE key = ?1;

SELECT pixel_sha256, picture_rows, picture_cols, vertical_mm, horizontal_mm, aspect, is_detector,
       input_rows, input_cols, row_scale, row_offset, col_scale, col_offset, logits, map_rows, map_cols, maps
FROM explanation WHERE key = ?1;

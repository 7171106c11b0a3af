INSERT INTO explained_case (name, patient, file, file_sha256, columns,
                            vertical_mm, horizontal_mm, aspect, is_detector, key)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10);

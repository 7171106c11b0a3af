# AUC, DeLong's covariances and each reader's paired test by pROC, from long.csv, compared with results.csv.
here <- dirname(normalizePath(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)[1])))
script <- sub("^--file=(.*/)?", "", grep("^--file=", commandArgs(), value = TRUE)[1])
source(file.path(here, "common.R"))
need("pROC")
if (length(unique(readings$truth)) < 2) skip("AUC needs normal and diseased cases")

cells <- expand.grid(reader = readers, arm = arms, stringsAsFactors = FALSE)  # arm-major, as in results.csv
curves <- lapply(seq_len(nrow(cells)), function(a) {
  rows <- readings[readings$reader == cells$reader[a] & readings$arm == cells$arm[a], ]
  rows <- rows[order(rows$case), ]
  if (length(unique(rows$truth)) < 2) return(NULL)
  # The direction is fixed: an AUC below 1/2 stays below.
  roc(rows$truth, rows$rating, levels = c(0, 1), direction = "<", quiet = TRUE)
})

for (a in seq_along(curves)) {
  if (is.null(curves[[a]])) next
  compare(at("auc", "values", key(cells$reader[a]), key(cells$arm[a])), as.numeric(auc(curves[[a]])), absolute = 1e-15)
}
if (has("/auc/OR/delong/cov_components/Var") && !is_clustered) {
  for (a in seq_along(curves)) for (b in seq_len(a)) {
    theirs <- if (a == b) var(curves[[a]], method = "delong") else cov(curves[[a]], curves[[b]], method = "delong")
    compare(at("auc", "OR", "delong", "covariance_matrix_arm_major", a - 1, b - 1), theirs, absolute = 1e-13)
  }
  for (i in seq_along(arms)) for (h in seq_len(i - 1)) for (j in seq_along(readers)) {
    first <- curves[[(h - 1) * length(readers) + j]]
    second <- curves[[(i - 1) * length(readers) + j]]
    test <- roc.test(second, first, method = "delong", paired = TRUE)
    block <- at("auc", "OR", "delong", "FRRC", "readers", key(readers[j]), key(paste(arms[i], "-", arms[h])))
    compare(at(block, "z"), unname(test$statistic), absolute = 1e-10, relative = 1e-10)
    compare(at(block, "p"), test$p.value, relative = 1e-10)
  }
}

finish()

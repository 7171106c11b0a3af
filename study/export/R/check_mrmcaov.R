# Multi-reader analyses by MRMCaov (Smith, Hillis), from mrmcaov.csv, compared with results.csv.
here <- dirname(normalizePath(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)[1])))
script <- sub("^--file=(.*/)?", "", grep("^--file=", commandArgs(), value = TRUE)[1])
source(file.path(here, "common.R"))
need("MRMCaov")
if (!file.exists(file.path(folder, "mrmcaov.csv"))) skip("mrmcaov.csv is not part of this export")
if (is_clustered) skip("MRMCaov knows no patients with several cases")

study <- table_of("mrmcaov.csv")
study$rating <- number(study$rating)
if ("positive" %in% names(study)) study$positive <- number(study$positive)
exported <- function(kind) ids$exported[ids$kind == kind]

# Their differences are first minus second arm, ours second minus first.
compare_analysis <- function(block, model) {
  s <- summary(model)
  test <- s$test_equality
  random <- "df2" %in% names(test)
  analysis <- at(block, if (random) "RRRC" else "FRRC")
  if (random) {
    compare(at(analysis, "F"), test[["F"]], relative = 1e-10)
    compare(at(analysis, "df2"), test[["df2"]], relative = 1e-8)
  } else {
    compare(at(analysis, "chi2"), test[["X2"]], relative = 1e-10)
  }
  compare(at(analysis, "p"), test[["p-value"]], absolute = 1e-15, relative = 1e-10)  # theirs is 1 - cdf
  estimates <- s$vcov_comps
  for (name in c("Cov1", "Cov2", "Cov3")) {
    compare(at(block, "cov_components", name), estimates[name, "Estimate"], absolute = 1e-13)
  }
  compare(at(block, "cov_components", "Var"), estimates["Error", "Estimate"], absolute = 1e-13)
  d <- s$test_diffs
  for (row in seq_len(nrow(d))) {
    pair <- match(strsplit(as.character(d$Comparison[row]), " - ", fixed = TRUE)[[1]], exported("arm"))
    ours_block <- at(analysis, "differences", key(paste(arms[pair[2]], "-", arms[pair[1]])))
    compare(at(ours_block, "estimate"), -d$Estimate[row], absolute = 1e-13)
    compare(at(ours_block, "se"), d$StdErr[row], absolute = 1e-13)
    interval <- as.matrix(d$CI)[row, ]
    compare(at(ours_block, "lower"), -interval[2], absolute = 1e-9)
    compare(at(ours_block, "upper"), -interval[1], absolute = 1e-9)
  }
}

if (has("/auc/OR/unbiased/RRRC/p")) {
  compare_analysis("/auc/OR/unbiased",
                   mrmc(empirical_auc(truth, rating), treatment, reader, case, data = study, cov = unbiased))
  compare_analysis("/auc/OR/unbiased",
                   mrmc(empirical_auc(truth, rating), treatment, fixed(reader), case, data = study, cov = unbiased))
}
# DeLong and the jackknife agree only where every reader read every case in every arm.
if (has("/auc/OR/delong/RRRC/p")) {
  compare_analysis("/auc/OR/delong",
                   mrmc(empirical_auc(truth, rating), treatment, reader, case, data = study, cov = DeLong))
}
if (has("/auc/OR/jackknife/RRRC/p")) {
  compare_analysis("/auc/OR/jackknife",
                   mrmc(empirical_auc(truth, rating), treatment, reader, case, data = study, cov = jackknife))
}
if ("positive" %in% names(study) && word("/auc/fully_crossed") == "true") {
  if (has("/sensitivity/OR_unbiased/RRRC/p")) {
    compare_analysis("/sensitivity/OR_unbiased",
                     mrmc(binary_sens(truth, positive), treatment, reader, case, data = study))
  }
  if (has("/specificity/OR_unbiased/RRRC/p")) {
    compare_analysis("/specificity/OR_unbiased",
                     mrmc(binary_spec(truth, positive), treatment, reader, case, data = study))
  }
}

finish()

# AUC by RJafroc (Chakraborty), from rjafroc.xlsx: Obuchowski-Rockette and DBM with the jackknife, compared with
# results.csv.
here <- dirname(normalizePath(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)[1])))
script <- sub("^--file=(.*/)?", "", grep("^--file=", commandArgs(), value = TRUE)[1])
source(file.path(here, "common.R"))
need("RJafroc")
workbook <- file.path(folder, "rjafroc.xlsx")
if (!file.exists(workbook)) skip("rjafroc.xlsx is not part of this export")
if (length(arms) != 2) skip("the script compares two arms")
if (is_clustered) skip("RJafroc knows no patients with several cases")

study <- DfReadDataFile(workbook, newExcelFileFormat = TRUE)
analyse <- function(method, option) St(study, FOM = "Wilcoxon", method = method, analysisOption = option)[[option]]
name <- key(paste(arms[2], "-", arms[1]))

theta <- as.matrix(St(study, FOM = "Wilcoxon", method = "OR")$FOMs$foms)
for (i in seq_along(arms)) for (j in seq_along(readers)) {
  compare(at("auc", "values", key(readers[j]), key(arms[i])), theta[i, j], absolute = 1e-13)
}

# Their differences are first minus second arm. p of F and chi square are 1 - cdf.
block <- "/auc/OR/jackknife"
rrrc <- analyse("OR", "RRRC")
compare(at(block, "RRRC", "F"), rrrc$FTests["Treatment", "FStat"], relative = 1e-10)
compare(at(block, "RRRC", "df2"), rrrc$FTests["Error", "DF"], relative = 1e-8)
compare(at(block, "RRRC", "p"), rrrc$FTests["Treatment", "p"], absolute = 1e-15, relative = 1e-10)
frrc <- analyse("OR", "FRRC")
# RJafroc clamps Cov2 - Cov3 at 0 here, we do not: they agree where it is positive.
if (ours(at(block, "FRRC", "denominator_unclamped")) == ours(at(block, "FRRC", "denominator_clamped"))) {
  compare(at(block, "FRRC", "chi2"), frrc$FTests["Treatment", "Chisq"], relative = 1e-10)
  compare(at(block, "FRRC", "p"), frrc$FTests["Treatment", "p"], absolute = 1e-15, relative = 1e-10)
}
rrfc <- analyse("OR", "RRFC")
compare(at(block, "RRFC", "F"), rrfc$FTests["T", "F"], relative = 1e-10)
compare(at(block, "RRFC", "p"), rrfc$FTests["T", "p"], absolute = 1e-15, relative = 1e-10)
for (one in list(list("RRRC", rrrc), list("RRFC", rrfc))) {
  difference <- one[[2]]$ciDiffTrt
  compare(at(block, one[[1]], "differences", name, "estimate"), -difference$Estimate, absolute = 1e-13)
  compare(at(block, one[[1]], "differences", name, "se"), difference$StdErr, absolute = 1e-13)
  compare(at(block, one[[1]], "differences", name, "lower"), -difference$CIUpper, absolute = 1e-9)
  compare(at(block, one[[1]], "differences", name, "upper"), -difference$CILower, absolute = 1e-9)
}

dbm <- analyse("DBM", "RRRC")
compare("/auc/DBM/RRRC/F", dbm$FTests["Treatment", "FStat"], relative = 1e-10)
compare("/auc/DBM/RRRC/df2", dbm$FTests["Error", "DF"], relative = 1e-8)
compare("/auc/DBM/RRRC/p", dbm$FTests["Treatment", "p"], absolute = 1e-15, relative = 1e-10)

finish()

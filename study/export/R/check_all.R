# Runs every check_*.R beside it, each in an R of its own: Rscript R/check_all.R [kenward-roger]
# Exit status: 0 what could be compared agrees, 1 something differs or a script failed, 77 nothing could be compared.
here <- dirname(normalizePath(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)[1])))
scripts <- setdiff(list.files(here, pattern = "^check_.*[.]R$", full.names = TRUE), file.path(here, "check_all.R"))
given <- commandArgs(trailingOnly = TRUE)
status <- sapply(scripts, function(one) {
  system2(file.path(R.home("bin"), "Rscript"), c("--vanilla", shQuote(one), shQuote(given)))
})
cat("\n")
for (i in seq_along(scripts)) {
  outcome <- if (status[i] == 0) "agrees" else if (status[i] == 77) "skipped" else "DIFFERS OR FAILED"
  cat(sprintf("%-20s %s\n", basename(scripts[i]), outcome))
}
quit(status = if (any(!status %in% c(0, 77))) 1 else if (all(status == 77)) 77 else 0)

# Times lme4 and pROC on the readings of `rationale bench statistics`, and prints what they find.
# Rscript time_peers.R readings.csv → lines "TIME task ms", "VALUE task number", "MISSING package", "VERSION package x".
readings <- read.csv(commandArgs(trailingOnly = TRUE)[1], stringsAsFactors = FALSE)
arms <- c("hidden", "visible")
readings$arm <- factor(readings$arm, levels = arms)
readings$period <- factor(readings$period)
readers <- unique(readings$reader)

is_there <- function(package) {
  found <- requireNamespace(package, quietly = TRUE)
  if (found) cat("VERSION", package, as.character(packageVersion(package)), "\n") else cat("MISSING", package, "\n")
  found
}
timed <- function(task, work) {
  time <- system.time(result <- suppressWarnings(suppressMessages(work())))[["elapsed"]]  # such as a variance of 0
  cat(sprintf("TIME %s %.17g\n", task, 1000 * time))
  result
}
values <- function(task, numbers) cat(sprintf("VALUE %s %.17g\n", task, numbers), sep = "")
of_arm <- function(task, model) {
  values(task, c(coef(summary(model))["armvisible", 1:2], as.numeric(logLik(model))))
}

if (is_there("lme4")) {
  suppressPackageStartupMessages(library(lme4))
  linear <- function(control) {
    lmer(confidence ~ arm + period + (1 + arm | reader) + (1 | case), readings, REML = TRUE, control = control)
  }
  invisible(timed("lmm", function() linear(lmerControl())))
  # The default optimiser stops before the maximum; the numbers are of one that does not, and is not timed.
  of_arm("lmm", suppressWarnings(suppressMessages(linear(
    lmerControl(optimizer = "bobyqa", optCtrl = list(rhobeg = 1e-3, rhoend = 1e-10, maxfun = 1e5))))))
  normals <- readings[readings$truth == 0, ]
  of_arm("glmm", timed("glmm", function() {
    glmer(positive ~ arm + period + (1 | reader) + (1 | case), normals, family = binomial, nAGQ = 1)
  }))
}

if (is_there("pROC")) {
  suppressPackageStartupMessages(library(pROC))
  curve <- function(reader, arm) {
    rows <- readings[readings$reader == reader & readings$arm == arm, ]
    rows <- rows[order(rows$case), ]
    roc(rows$truth, rows$rating, levels = c(0, 1), direction = "<", quiet = TRUE)
  }
  curves <- timed("auc", function() {
    lapply(arms, function(arm) lapply(readers, curve, arm))
  })
  for (arm in curves) values("auc", vapply(arm, function(one) as.numeric(auc(one)), 0))
  # What Obuchowski and Rockette need: DeLong's covariances of all curves.
  all <- do.call(c, curves)
  values("covariance", timed("covariance", function() {
    unlist(lapply(seq_along(all), function(a) vapply(seq_len(a), function(b) {
      if (a == b) var(all[[a]], method = "delong") else cov(all[[a]], all[[b]], method = "delong")
    }, 0)))
  }))
  values("delong", timed("delong", function() {
    vapply(seq_along(readers), function(j) {
      unname(roc.test(curves[[2]][[j]], curves[[1]][[j]], method = "delong", paired = TRUE)$statistic)
    }, 0)
  }))
}

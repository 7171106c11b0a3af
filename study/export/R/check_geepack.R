# Generalised estimating equations (cluster: case, or patient where one has several) by geepack, from long.csv, compared with results.csv.
here <- dirname(normalizePath(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)[1])))
script <- sub("^--file=(.*/)?", "", grep("^--file=", commandArgs(), value = TRUE)[1])
source(file.path(here, "common.R"))
need("geepack")
readings$period <- factor(readings$period)

equations <- function(name, rows, family) {
  if (!is_ok(name)) return(invisible())
  formula <- as.formula(word(at(name, "formula")))
  rows <- rows[stats::complete.cases(rows[all.vars(formula)]), ]
  unit <- rows[[word(at(name, "cluster"))]]
  rows$cluster <- match(unit, unique(unit))
  rows <- droplevels(rows[order(rows$cluster), ])  # geepack takes neighbours as one cluster
  correlation <- word(at(name, "corstr"))
  model <- geeglm(formula, id = cluster, data = rows, family = family, corstr = correlation,
                  control = geese.control(epsilon = 1e-12, maxit = 500))  # its own 1e-4 stops before the digits compared here
  table <- coef(summary(model))
  for (term in rownames(table)) {
    row <- at(name, "coefficients", key(term))
    compare(at(row, "Estimate"), table[term, "Estimate"], absolute = 1e-6)
    compare(at(row, "Std.err"), table[term, "Std.err"], relative = 1e-5)
    compare(at(row, "Pr(>|W|)"), table[term, "Pr(>|W|)"], absolute = 1e-6)
  }
  if (correlation == "exchangeable") compare(at(name, "alpha"), summary(model)$corr$Estimate, absolute = 1e-5)
  compare(at(name, "scale"), summary(model)$dispersion$Estimate, relative = 1e-5)
}

for (truth in 0:1) {
  rows <- readings[readings$truth == truth, ]
  kind <- c("fp", "tp")[truth + 1]
  for (form in c("independence", "exchangeable", "exchangeable_armonly")) {
    equations(paste0("gee_", kind, "_case_", form), rows, binomial)
  }
  equations(paste0("gee_", kind, "_case_identity_link"), rows, binomial(link = "identity"))
}
equations("gee_conf_case_exchangeable", readings, gaussian)

finish()

# Mixed models of confidence, log time and decisions by lme4 and lmerTest, compared with results.csv.
# With the argument kenward-roger also that adjustment, by pbkrtest.
here <- dirname(normalizePath(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)[1])))
script <- sub("^--file=(.*/)?", "", grep("^--file=", commandArgs(), value = TRUE)[1])
source(file.path(here, "common.R"))
need("lme4", "lmerTest")
# Kenward-Roger works on a matrix of all readings by all readings: minutes for some thousand of them.
with_kenward_roger <- "kenward-roger" %in% commandArgs(trailingOnly = TRUE)
if (with_kenward_roger) need("pbkrtest")

readings$period <- factor(readings$period)
readings$treated <- as.numeric(readings$arm == arms[2])  # uncorrelated slopes: lme4 expands a factor after 0 +

# Our formulas, as lme4 takes them: terms that this study does not have (period) are left out of them.
formula_of <- function(text) {
  text <- sub("(0 + arm | reader)", "(0 + treated | reader)", text, fixed = TRUE)
  as.formula(sub(",.*$", "", text))
}

variances <- function(model, block, relative) {
  v <- as.data.frame(VarCorr(model))
  largest <- max(v$vcov)
  index <- 0
  while (exists(at(block, "variance", index, "group"), envir = our_words)) {
    mine <- at(block, "variance", index)
    group <- word(at(mine, "group"))
    names <- sub("^arm.*$", "slope", c(word(at(mine, "var1")), word(at(mine, "var2"))))
    theirs <- sub("^(arm.*|treated)$", "slope", ifelse(is.na(v$var1), "", v$var1))
    second <- sub("^(arm.*|treated)$", "slope", ifelse(is.na(v$var2), "", v$var2))
    row <- which(sub("\\.[0-9]+$", "", v$grp) == group & theirs == names[1] & second == names[2])
    if (length(row) == 1) compare(at(mine, "vcov"), v$vcov[row], absolute = 1e-6 * largest, relative = relative)
    index <- index + 1
  }
}

coefficients_of <- function(table, block, beta, se, p_value, df = NULL) {
  for (name in rownames(table)) {
    row <- at(block, key(name))
    compare(at(row, "Estimate"), table[name, 1], absolute = beta, relative = beta)
    compare(at(row, "Std. Error"), table[name, 2], relative = se)
    if (!is.null(df)) compare(at(row, "df"), table[name, "df"], relative = df)
    p <- grep("^Pr", colnames(table), value = TRUE)
    compare(at(row, p), table[name, p], absolute = p_value)
  }
}

linear <- function(name) {
  if (!is_ok(name)) return(invisible())
  model <- suppressMessages(lmerTest::lmer(
    formula_of(word(at(name, "formula"))), readings, REML = word(at(name, "REML")) == "true",
    control = lmerControl(optimizer = "bobyqa", optCtrl = list(rhobeg = 1e-3, rhoend = 1e-10, maxfun = 1e5),
                          check.conv.singular = "ignore")))
  has_slopes <- grepl("slopes", name)
  # On the boundary (a variance of 0) the Satterthwaite degrees of freedom are not defined, and programs differ.
  singular <- word(at(name, "singular")) == "true"
  coefficients_of(coef(summary(model)), at(name, "coefficients"), 1e-6, 1e-5, 1e-5, if (singular) NULL else 1e-3)
  variances(model, name, if (has_slopes) 1e-3 else 1e-4)
  compare(at(name, "logLik"), as.numeric(logLik(model)), absolute = 1e-6)
  for (term in c("AIC", "BIC")) compare(at(name, term), do.call(term, list(model)), absolute = 1e-5)
  adjusted <- paste0(name, "_KenwardRoger")
  if (with_kenward_roger && has(at(adjusted, "(Intercept)", "Estimate")) && !singular) {
    coefficients_of(coef(summary(model, ddf = "Kenward-Roger")), adjusted, 1e-6, 1e-5, 1e-5, 1e-3)
  }
}
for (outcome in c("lmm_confidence", "lmm_log_time")) {
  for (kind in c("", "_ML", "_slopes", "_uncorrelated_slopes", "_interaction")) linear(paste0(outcome, kind))
}

logistic <- function(name, rows, nodes) {
  if (!is_ok(name)) return(invisible())
  rows <- droplevels(rows[!is.na(rows$positive), ])
  model <- glmer(formula_of(word(at(name, "formula"))), rows, family = binomial, nAGQ = nodes,
                 control = glmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-9, maxfun = 1e5),
                                        tolPwrss = 1e-13, check.conv.singular = "ignore"))
  coefficients_of(coef(summary(model)), at(name, "coefficients"), 1e-4, 1e-3, 1e-4)
  variances(model, name, 2e-3)  # standard deviations to 1e-3
  compare(at(name, "logLik"), as.numeric(logLik(model)), absolute = 1e-5)
}
for (truth in 0:1) {
  rows <- readings[readings$truth == truth, ]
  kind <- c("fp", "tp")[truth + 1]
  logistic(paste0("glmm_", kind), rows, 1)
  logistic(paste0("glmm_", kind, "_case_only_AGQ"), rows, 25)
}

finish()

# Figures of merit, their covariances and the Obuchowski-Rockette analysis, computed anew from long.csv with base R
# alone, and compared with results.csv. Also McNemar, the ratio of rates, the exact randomisation test, paired t.
here <- dirname(normalizePath(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)[1])))
script <- sub("^--file=(.*/)?", "", grep("^--file=", commandArgs(), value = TRUE)[1])
source(file.path(here, "common.R"))

n_readers <- length(readers)
n_arms <- length(arms)
first_difference <- if (n_arms > 1) paste(arms[2], "-", arms[1]) else NA

# Cells are arm-major: arm 1 with all readers, arm 2 with all readers ... One row a cell, one column a case.
cell_matrix <- function(rows, column) {
  cases <- unique(rows$case)
  m <- matrix(NA_real_, n_arms * n_readers, length(cases))
  cell <- (as.integer(rows$arm) - 1) * n_readers + as.integer(rows$reader)
  m[cbind(cell, match(rows$case, cases))] <- rows[[column]]
  m
}
by_reader <- function(theta) matrix(theta, n_readers, n_arms)

# Whom the columns of a cell_matrix belong to. Where patients have several cases, patients are what is sampled.
patients_of <- function(rows) {
  cases <- unique(rows$case)
  if (!is_clustered) return(cases)
  own <- rows$patient[match(cases, rows$case)]
  ifelse(own == "", paste("case", cases), own)
}
member <- function(patient, all) outer(patient, all, "==") * 1  # [cases, patients]

# Proportions: mean, and the unbiased covariance over cases that both cells read (Gallas 2009, one reader each); of
# patients with several cases, their sums less what the proportion expects of them.
proportion <- function(x, patient) {
  read <- (!is.na(x)) * 1
  value <- ifelse(is.na(x), 0, x)
  theta <- rowSums(value) / rowSums(read)
  all <- unique(patient)
  if (length(all) < length(patient)) {
    read <- read %*% member(patient, all)
    value <- value %*% member(patient, all) - read * ifelse(is.nan(theta), 0, theta)
  }
  both <- tcrossprod(read)
  pairs <- outer(rowSums(read), rowSums(read))
  together <- tcrossprod(value)
  apart <- outer(rowSums(value), rowSums(value))
  s <- (both / pairs) * (together / both - (apart - together) / (pairs - both))
  s[both == 0] <- 0
  list(theta = theta, unbiased = s)
}

# Sum over pairs of (diseased, normal) pairs that have no patient in common. @param x, y  [patients, patients]: sums over
# the pairs of the row's diseased and the column's normal cases
disjoint <- function(x, y) {
  touching <- function(m) rowSums(m) + colSums(m) - diag(m)
  apart <- x
  diag(apart) <- 0
  sum(x) * sum(y) - sum(touching(x) * touching(y)) + sum(apart * (y + t(y)))
}

# The same covariances with patients for cases (DeLong: Obuchowski 1997).
clustered_auc <- function(psi, read, theta, of_diseased, of_normal) {
  all <- unique(c(of_diseased, of_normal))
  d <- member(of_diseased, all)
  n <- member(of_normal, all)
  n_cells <- length(psi)
  sums <- lapply(psi, function(x) t(d) %*% x %*% n)
  counts <- lapply(read, function(x) t(d) %*% (x * 1) %*% n)
  centred <- lapply(seq_len(n_cells), function(a) sums[[a]] - ifelse(is.nan(theta[a]), 0, theta[a]) * counts[[a]])
  unbiased <- delong <- jackknife <- matrix(0, n_cells, n_cells)
  for (a in seq_len(n_cells)) for (b in seq_len(n_cells)) {
    pairs <- disjoint(counts[[a]], counts[[b]])
    if (pairs > 0) unbiased[a, b] <- -disjoint(centred[[a]], centred[[b]]) / pairs
  }
  if (all(unlist(read))) {
    k1 <- colSums(d)
    k0 <- colSums(n)
    z1 <- t(sapply(centred, rowSums)) / sum(k0)
    z0 <- t(sapply(centred, colSums)) / sum(k1)
    weight <- function(count, cases) count / (count - 1) / cases^2
    delong <- tcrossprod(z1) * weight(sum(k1 > 0), sum(k1)) + tcrossprod(z0) * weight(sum(k0 > 0), sum(k0))
    if (any(k1 > 0 & k0 > 0)) {
      both <- tcrossprod(z1, z0) * length(all) / (length(all) - 1)
      delong <- delong + (both + t(both)) / (sum(k0) * sum(k1))
    }
    without <- sapply(sums, function(m) {
      (sum(m) - rowSums(m) - colSums(m) + diag(m)) / ((sum(k1) - k1) * (sum(k0) - k0))
    })
    jackknife <- cov(without) * (length(all) - 1)^2 / length(all)
  }
  list(theta = theta, unbiased = unbiased, delong = delong, jackknife = jackknife)
}

# Empirical AUC: psi is 1, 1/2, 0 for each pair of a diseased and a normal case.
auc <- function(diseased, normal, of_diseased, of_normal) {
  n_cells <- nrow(diseased)
  psi <- read <- vector("list", n_cells)
  for (a in seq_len(n_cells)) {
    difference <- outer(diseased[a, ], normal[a, ], "-")
    read[[a]] <- !is.na(difference)
    psi[[a]] <- ifelse(read[[a]], (sign(difference) + 1) / 2, 0)
  }
  theta <- sapply(seq_len(n_cells), function(a) sum(psi[[a]]) / sum(read[[a]]))
  if (is_clustered) return(clustered_auc(psi, read, theta, of_diseased, of_normal))
  products <- function(x, y) {
    c(sum(x * y), sum(rowSums(x) * rowSums(y)), sum(colSums(x) * colSums(y)), sum(x) * sum(y))
  }
  other_cases <- function(n) n[4] - n[2] - n[3] + n[1]  # pairs of pairs without a common case
  unbiased <- delong <- jackknife <- matrix(0, n_cells, n_cells)
  for (a in seq_len(n_cells)) for (b in seq_len(a)) {
    n <- products(psi[[a]], psi[[b]])
    d <- products(read[[a]] * 1, read[[b]] * 1)
    unbiased[a, b] <- unbiased[b, a] <- n[4] / d[4] - other_cases(n) / other_cases(d)
  }
  if (!anyNA(diseased) && !anyNA(normal)) {
    k1 <- ncol(diseased)
    k0 <- ncol(normal)
    v10 <- sapply(psi, rowMeans)
    v01 <- sapply(psi, colMeans)
    delong <- cov(v10) / k1 + cov(v01) / k0
    total <- sapply(psi, sum)
    without <- rbind(t((total - t(k1 * v01)) / (k1 * (k0 - 1))), t((total - t(k0 * v10)) / ((k1 - 1) * k0)))
    k <- k0 + k1
    jackknife <- cov(without) * (k - 1)^2 / k
  }
  list(theta = theta, unbiased = unbiased, delong = delong, jackknife = jackknife)
}

components <- function(s) {
  arm <- rep(seq_len(n_arms), each = n_readers)
  reader <- rep(seq_len(n_readers), n_arms)
  same_arm <- outer(arm, arm, "==")
  same_reader <- outer(reader, reader, "==")
  mean_of <- function(which) if (any(which)) mean(s[which]) else 0
  list(Var = mean_of(same_arm & same_reader), Cov1 = mean_of(!same_arm & same_reader),
       Cov2 = mean_of(same_arm & !same_reader), Cov3 = mean_of(!same_arm & !same_reader))
}

t_outcome <- function(block, estimate, se, df) {
  q <- qt(0.975, df) * se
  compare_outcome(block, estimate, se, df, estimate / se, 2 * pt(-abs(estimate / se), df), estimate - q, estimate + q)
}
z_outcome <- function(block, estimate, se) {
  q <- qnorm(0.975) * se
  compare_outcome(block, estimate, se, NULL, estimate / se, 2 * pnorm(-abs(estimate / se)), estimate - q, estimate + q)
}

# Obuchowski-Rockette with Hillis's degrees of freedom. @param block  where results.csv has it
obuchowski_rockette <- function(block, theta, s) {
  m <- by_reader(theta)
  if (anyNA(m) || n_readers < 2 || n_arms < 2 || !has(at(block, "cov_components", "Var"))) return(invisible())
  for (a in seq_len(nrow(s))) for (b in seq_len(nrow(s))) {
    compare(at(block, "covariance_matrix_arm_major", a - 1, b - 1), s[a, b], absolute = 1e-13)
  }
  c <- components(s)
  for (name in names(c)) compare(at(block, "cov_components", name), c[[name]], absolute = 1e-13)
  arm_mean <- colMeans(m)
  df_r <- (n_arms - 1) * (n_readers - 1)
  ms_t <- n_readers * sum((arm_mean - mean(m))^2) / (n_arms - 1)
  ms_r <- n_arms * sum((rowMeans(m) - mean(m))^2) / (n_readers - 1)
  ms_tr <- sum((m - outer(rowMeans(m), arm_mean, "+") + mean(m))^2) / df_r
  compare(at(block, "mean_squares", "T"), ms_t, absolute = 1e-13)
  compare(at(block, "mean_squares", "R"), ms_r, absolute = 1e-13)
  compare(at(block, "mean_squares", "TR"), ms_tr, absolute = 1e-13)
  e_rrrc <- ms_tr + max(n_readers * (c$Cov2 - c$Cov3), 0)
  df_h <- e_rrrc^2 * df_r / ms_tr^2
  e_frrc <- c$Var - c$Cov1 + (n_readers - 1) * (c$Cov2 - c$Cov3)
  compare(at(block, "RRRC", "F"), ms_t / e_rrrc, absolute = 1e-12, relative = 1e-10)
  compare(at(block, "RRRC", "df2"), df_h, relative = 1e-8)
  compare(at(block, "RRRC", "p"), pf(ms_t / e_rrrc, n_arms - 1, df_h, lower.tail = FALSE), relative = 1e-10)
  compare(at(block, "RRFC", "F"), ms_t / ms_tr, absolute = 1e-12, relative = 1e-10)
  compare(at(block, "RRFC", "p"), pf(ms_t / ms_tr, n_arms - 1, df_r, lower.tail = FALSE), relative = 1e-10)
  chi2 <- (n_arms - 1) * ms_t / e_frrc
  compare(at(block, "FRRC", "chi2"), chi2, absolute = 1e-12, relative = 1e-10)
  compare(at(block, "FRRC", "p"), pchisq(chi2, n_arms - 1, lower.tail = FALSE), relative = 1e-10)
  for (i in seq_len(n_arms)) for (h in seq_len(i - 1)) {
    name <- key(paste(arms[i], "-", arms[h]))
    d <- arm_mean[i] - arm_mean[h]
    t_outcome(at(block, "RRRC", "differences", name), d, sqrt(2 * e_rrrc / n_readers), df_h)
    t_outcome(at(block, "RRFC", "differences", name), d, sqrt(2 * ms_tr / n_readers), df_r)
    z_outcome(at(block, "FRRC", "differences", name), d, sqrt(2 * e_frrc / n_readers))
    for (j in seq_len(n_readers)) {
      a <- (h - 1) * n_readers + j
      b <- (i - 1) * n_readers + j
      z_outcome(at(block, "FRRC", "readers", key(readers[j]), name), m[j, i] - m[j, h],
                sqrt(s[a, a] + s[b, b] - 2 * s[a, b]))
    }
  }
  for (i in seq_len(n_arms)) {
    cells <- (i - 1) * n_readers + seq_len(n_readers)
    own <- s[cells, cells]
    cov2 <- mean(own[row(own) != col(own)])
    ms <- var(m[, i])
    e <- ms + max(n_readers * cov2, 0)
    t_outcome(at(block, "RRRC", "arms", key(arms[i])), arm_mean[i], sqrt(e / n_readers),
              e^2 * (n_readers - 1) / ms^2)
  }
  invisible(list(components = c, df = df_h, mean_squares_tr = ms_tr))
}

# Readers and cases random, and readers alone: a mean difference, its errors and degrees of freedom.
difference_of <- function(m, s) {
  j <- nrow(m)
  arm <- rep(1:2, each = j)
  reader <- rep(seq_len(j), 2)
  others <- outer(reader, reader, "!=")
  shared <- mean(s[outer(arm, arm, "==") & others]) - mean(s[outer(arm, arm, "!=") & others])
  d <- m[, 2] - m[, 1]
  ms_tr <- var(d) / 2
  e <- ms_tr + max(j * shared, 0)
  list(estimate = mean(d), se = sqrt(2 * e / j), df = e^2 * (j - 1) / ms_tr^2, se_readers = sqrt(2 * ms_tr / j))
}

# For few readers: the more careful of both, and Hillis's test on J - 1 degrees of freedom; each sign pattern of the
# readers' differences is equally likely without an effect.
few_readers <- function(block, m, s) {
  o <- difference_of(m, s)
  j <- nrow(m)
  p <- function(se, df) 2 * pt(-abs(o$estimate / se), df)
  width <- c(qt(0.975, o$df) * o$se, qt(0.975, j - 1) * o$se_readers)
  careful <- at(block, "rrrc_rrfc_max")
  if (is_ok(careful) && o$se_readers > 0) {
    compare(at(careful, "p"), max(p(o$se, o$df), p(o$se_readers, j - 1)), relative = 1e-10)
    compare(at(careful, "lower"), o$estimate - max(width), absolute = 1e-9, relative = 1e-10)
    compare(at(careful, "upper"), o$estimate + max(width), absolute = 1e-9, relative = 1e-10)
  }
  t_outcome(at(block, "corrected_df"), o$estimate, o$se, j - 1)
  if (!has(at(block, "permutation", "p")) || j > 16) return(invisible())
  signs <- as.matrix(expand.grid(rep(list(c(-1, 1)), j)))
  d <- m[, 2] - m[, 1]
  sums <- drop(signs %*% d)
  compare(at(block, "permutation", "p"), mean(abs(sums) >= abs(sum(d)) - 1e-12 * sum(abs(d))), absolute = 1e-12)
}

without_each_reader <- function(block, m, s) {
  if (nrow(m) < 3) return(invisible())
  for (k in seq_len(nrow(m))) {
    cells <- rep(seq_len(nrow(m)), 2) != k
    o <- difference_of(m[-k, , drop = FALSE], s[cells, cells])
    if (is.finite(o$df)) t_outcome(at(block, key(readers[k])), o$estimate, o$se, o$df)
  }
}

# The three analyses that lead, and the ratio of two rates.
leading <- function(metric, theta, s) {
  m <- by_reader(theta)
  if (n_arms != 2 || anyNA(m) || n_readers < 2) return(invisible())
  few_readers(at(metric, "small_sample"), m, s)
  without_each_reader(at(metric, "leave_one_reader_out"), m, s)
  c <- components(s)
  o <- difference_of(m, s)
  df_h <- o$df
  t_outcome(at(metric, "RRRC"), o$estimate, o$se, o$df)
  z_outcome(at(metric, "FRRC"), o$estimate,
            sqrt(2 * (c$Var - c$Cov1 + (n_readers - 1) * (c$Cov2 - c$Cov3)) / n_readers))
  t_outcome(at(metric, "RRFC"), o$estimate, o$se_readers, n_readers - 1)
  block <- at(metric, "ratio_delta_method_RRRC")
  if (!has(at(block, "ratio"))) return(invisible())
  own <- function(i) s[(i - 1) * n_readers + seq_len(n_readers), (i - 1) * n_readers + seq_len(n_readers)]
  cov2 <- sapply(1:2, function(i) mean(own(i)[row(own(i)) != col(own(i))]))
  v <- c(var(m[, 1]), var(m[, 2])) / n_readers + cov2
  v12 <- cov(m[, 1], m[, 2]) / n_readers + c$Cov3
  p <- colMeans(m)
  variance <- v[1] / p[1]^2 + v[2] / p[2]^2 - 2 * v12 / (p[1] * p[2])
  ratio <- p[2] / p[1]
  compare(at(block, "ratio"), ratio, relative = 1e-10)
  if (variance <= 0) return(invisible())  # it can be estimated so: then there is no interval
  for (end in c("lower", "upper")) {
    q <- qt(c(lower = 0.025, upper = 0.975)[[end]], df_h)
    compare(at(block, end), ratio * exp(q * sqrt(variance)), absolute = 1e-9, relative = 1e-9)
  }
}

# Every reader in one arm only (Hillis 2014, with any number of readers an arm).
nested_readers <- function(block, theta, s) {
  m <- by_reader(theta)
  if (!has(at(block, "mean_squares", "T")) || any(rowSums(!is.na(m)) != 1)) return(invisible())
  cells <- which(!is.na(theta))
  arm <- (cells - 1) %/% n_readers + 1
  x <- theta[cells]
  s <- s[cells, cells]
  n <- tabulate(arm, n_arms)
  arm_mean <- tapply(x, arm, mean)
  ms_t <- sum(n * (arm_mean - mean(x))^2) / (n_arms - 1)
  df_r <- length(x) - n_arms
  ms_r <- sum((x - arm_mean[arm])^2) / df_r
  others <- row(s) != col(s)
  mean_of <- function(which) if (any(which)) mean(s[which]) else 0
  cov2 <- mean_of(outer(arm, arm, "==") & others)
  cov3 <- mean_of(outer(arm, arm, "!="))
  readers_per_arm <- (length(x)^2 - sum(n^2)) / (length(x) * (n_arms - 1))
  compare(at(block, "mean_squares", "T"), ms_t, absolute = 1e-13)
  compare(at(block, "mean_squares", "R(T)"), ms_r, absolute = 1e-13)
  compare(at(block, "cov_components", "Var"), mean(diag(s)), absolute = 1e-13)
  compare(at(block, "cov_components", "Cov2"), cov2, absolute = 1e-13)
  compare(at(block, "cov_components", "Cov3"), cov3, absolute = 1e-13)
  shared <- max(cov2 - cov3, 0)
  e <- ms_r + readers_per_arm * shared
  compare(at(block, "RRRC", "F"), ms_t / e, absolute = 1e-12, relative = 1e-10)
  compare(at(block, "RRRC", "df2"), e^2 * df_r / ms_r^2, relative = 1e-8)
  compare(at(block, "RRFC", "F"), ms_t / ms_r, absolute = 1e-12, relative = 1e-10)
  for (i in seq_len(n_arms)) for (h in seq_len(i - 1)) {
    name <- key(paste(arms[i], "-", arms[h]))
    d <- arm_mean[[i]] - arm_mean[[h]]
    of_readers <- ms_r * (1 / n[i] + 1 / n[h])
    total <- of_readers + 2 * shared
    w <- (arm == i) / n[i] - (arm == h) / n[h]
    t_outcome(at(block, "RRRC", "differences", name), d, sqrt(total), total^2 * df_r / of_readers^2)
    t_outcome(at(block, "RRFC", "differences", name), d, sqrt(of_readers), df_r)
    z_outcome(at(block, "FRRC", "differences", name), d, sqrt(drop(w %*% s %*% w)))
  }
}

values <- function(metric, theta) {
  m <- by_reader(theta)
  for (j in seq_len(n_readers)) for (i in seq_len(n_arms)) {
    compare(at(metric, "values", key(readers[j]), key(arms[i])), m[j, i], absolute = 1e-15)
  }
}

covariance_of <- function(metric, methods) {
  planned <- word(at(metric, "covariance"))
  if (planned %in% names(methods)) methods[[planned]] else methods[["unbiased"]]
}

normal <- readings[readings$truth == 0, ]
diseased <- readings[readings$truth == 1, ]

if (nrow(normal) > 0 && nrow(diseased) > 0) {
  a <- auc(cell_matrix(diseased, "rating"), cell_matrix(normal, "rating"), patients_of(diseased), patients_of(normal))
  values("auc", a$theta)
  for (method in c("unbiased", "delong", "jackknife")) {
    obuchowski_rockette(at("auc", "OR", method), a$theta, a[[method]])
  }
  leading("auc", a$theta, covariance_of("auc", a))
  nested_readers(at("auc", "OR_nested"), a$theta, a$unbiased)
}

for (metric in c("fpr", "sensitivity", "specificity")) {
  rows <- if (metric == "sensitivity") diseased else normal
  rows <- rows[!is.na(rows$positive), ]
  if (nrow(rows) == 0) next
  x <- cell_matrix(rows, "positive")
  if (metric == "specificity") x <- 1 - x
  p <- proportion(x, patients_of(rows))
  values(metric, p$theta)
  if (metric != "specificity") for (j in seq_len(n_readers)) for (i in seq_len(n_arms)) {
    cell <- (i - 1) * n_readers + j
    compare(at(metric, "counts", key(readers[j]), key(arms[i]), 0), sum(x[cell, ], na.rm = TRUE))
    compare(at(metric, "counts", key(readers[j]), key(arms[i]), 1), sum(!is.na(x[cell, ])))
  }
  obuchowski_rockette(at(metric, "OR_unbiased"), p$theta, p$unbiased)
  leading(metric, p$theta, p$unbiased)
  nested_readers(at(metric, "OR_nested"), p$theta, p$unbiased)
  if (n_arms != 2) next
  for (j in seq_len(n_readers)) {
    difference <- x[n_readers + j, ] - x[j, ]
    b <- sum(difference == -1, na.rm = TRUE)
    c <- sum(difference == 1, na.rm = TRUE)
    compare(at(metric, "mcnemar_per_reader", key(readers[j]), "first_only"), b)
    compare(at(metric, "mcnemar_per_reader", key(readers[j]), "second_only"), c)
    if (!is_clustered) {  # else of patients
      compare(at(metric, "mcnemar_per_reader", key(readers[j]), "p_exact"), min(1, 2 * pbinom(min(b, c), b + c, 0.5)),
              relative = 1e-10)
    }
  }
}

# Exact randomisation test: within reader and truth, m of n cases had arm 1 first; hypergeometric, then convolved over
# readers. Other draws (by patient or reader, within strata, of three periods) are not recomputed.
randomisation <- function(block, rows) {
  if (word(at(block, "unit")) != "case" || !has(at(block, "p_two_sided"))) return(invisible())
  if (word(at(block, "strata", 2)) != "" || length(unique(rows$period)) != 2) return(invisible())
  total <- c("0" = 1)
  observed <- 0
  for (reader in readers) {
    r <- rows[rows$reader == reader, ]
    first <- r[r$arm == arms[1], ]
    second <- r[r$arm == arms[2], ]
    second <- second[match(first$case, second$case), ]
    paired <- !is.na(second$positive) & !is.na(first$positive)
    first <- first[paired, ]
    second <- second[paired, ]
    is_first_arm_first <- first$period < second$period
    in_period_1 <- ifelse(is_first_arm_first, first$positive, second$positive)
    in_period_2 <- ifelse(is_first_arm_first, second$positive, first$positive)
    observed <- observed + sum(second$positive - first$positive)
    n <- nrow(first)
    m <- sum(is_first_arm_first)
    b1 <- sum(in_period_1 > in_period_2)
    b2 <- sum(in_period_2 > in_period_1)
    grid <- expand.grid(x = 0:b1, y = 0:b2)
    grid <- grid[m - grid$x - grid$y >= 0 & m - grid$x - grid$y <= n - b1 - b2, ]
    p <- exp(lchoose(b1, grid$x) + lchoose(b2, grid$y) + lchoose(n - b1 - b2, m - grid$x - grid$y) - lchoose(n, m))
    d <- tapply(p, b1 - 2 * grid$x + 2 * grid$y - b2, sum)
    sums <- outer(as.integer(names(total)), as.integer(names(d)), "+")
    total <- tapply(c(outer(as.numeric(total), as.numeric(d))), c(sums), sum)
  }
  compare(at(block, "statistic_sum"), observed)
  compare(at(block, "p_two_sided"), sum(total[abs(as.integer(names(total))) >= abs(observed)]), absolute = 1e-12)
}
if (n_arms == 2) {
  randomisation("randomisation_fpr", normal)
  randomisation("randomisation_sensitivity", diseased)
}

# Means over each reader's readings, and their paired t.
paired <- function(block, column, transform = identity) {
  rows <- readings[!is.na(readings[[column]]), ]
  if (n_arms != 2 || nrow(rows) == 0) return(invisible())
  m <- tapply(transform(rows[[column]]), list(rows$reader, rows$arm), mean)
  if (anyNA(m) || nrow(m) < 2) return(invisible())
  d <- m[, 2] - m[, 1]
  t_outcome(at(block, "paired_t_over_readers"), mean(d), sd(d) / sqrt(length(d)), length(d) - 1)
}
paired("confidence", "confidence")
paired("time", "time_s", log)

finish()

# Shared by the check_*.R scripts: reads what was exported, compares value by value, prints a line for each.
# Exit status of a script: 0 all agree, 1 something differs, 77 nothing could be compared (the reason is printed).
folder <- dirname(here)

table_of <- function(name) {
  read.csv(file.path(folder, name), colClasses = "character", check.names = FALSE, na.strings = character(),
           encoding = "UTF-8")
}
number <- function(text) suppressWarnings(as.numeric(text))

skip <- function(why) {
  cat(script, ": skipped: ", why, "\n", sep = "")
  quit(status = 77)
}
need <- function(...) {
  for (package in c(...)) {
    if (!requireNamespace(package, quietly = TRUE)) skip(paste("the package", package, "is not installed"))
    suppressPackageStartupMessages(library(package, character.only = TRUE))
  }
}

# Ours: results.csv, by JSON pointer.
results <- table_of("results.csv")
our_values <- new.env(hash = TRUE, size = nrow(results))
our_words <- new.env(hash = TRUE, size = nrow(results))
for (i in seq_len(nrow(results))) {
  assign(results$quantity[i], number(results$value[i]), envir = our_values)
  assign(results$quantity[i], results$text[i], envir = our_words)
}
key <- function(name) gsub("/", "~1", gsub("~", "~0", name, fixed = TRUE), fixed = TRUE)
at <- function(...) {
  pointer <- paste(c(...), collapse = "/")
  if (startsWith(pointer, "/")) pointer else paste0("/", pointer)
}
ours <- function(quantity) get0(quantity, envir = our_values, ifnotfound = NA_real_)
word <- function(quantity) get0(quantity, envir = our_words, ifnotfound = "")
has <- function(quantity) !is.na(ours(quantity))
is_ok <- function(block) exists(at(block, "status"), envir = our_words) && word(at(block, "status")) == "ok"

# The study: names in order, readings with numbers, factors with levels in that order.
ids <- table_of("id_map.csv")
originals <- function(kind) ids$original[ids$kind == kind]
readers <- originals("reader")
arms <- originals("arm")
readings <- table_of("long.csv")
for (column in c("truth", "rating", "positive", "confidence", "time_s", "period", "ai_positive")) {
  readings[[column]] <- number(readings[[column]])
}
readings$reader <- factor(readings$reader, levels = readers)
readings$arm <- factor(readings$arm, levels = arms)
is_clustered <- word("/cluster/unit") == "patient"

n_compared <- 0
n_differ <- 0
compare <- function(quantity, theirs, absolute = 0, relative = 0) {
  mine <- ours(quantity)
  if (is.na(mine)) return(invisible(FALSE))  # ours is a reason, not a number
  agree <- is.finite(theirs) && abs(mine - theirs) <= max(absolute, relative * abs(theirs))
  n_compared <<- n_compared + 1
  if (!agree) n_differ <<- n_differ + 1
  cat(sprintf("%-7s %s %.17g %.17g %.1e\n", if (agree) "OK" else "DIFFERS", gsub(" ", "_", quantity), mine, theirs,
              abs(mine - theirs)))
  invisible(agree)
}

# A block {estimate, se, df, t or z, p, lower, upper}. Arguments that are not given are not compared.
compare_outcome <- function(block, estimate, se, df = NULL, statistic = NULL, p = NULL, lower = NULL, upper = NULL) {
  compare(at(block, "estimate"), estimate, absolute = 1e-13)
  compare(at(block, "se"), se, absolute = 1e-13)
  if (!is.null(df)) compare(at(block, "df"), df, relative = 1e-8)
  if (!is.null(statistic)) for (name in c("t", "z")) {
    compare(at(block, name), statistic, absolute = 1e-10, relative = 1e-10)
  }
  if (!is.null(p)) compare(at(block, "p"), p, relative = 1e-10)
  for (end in c("lower", "upper")) {
    theirs <- list(lower = lower, upper = upper)[[end]]
    if (!is.null(theirs)) compare(at(block, end), theirs, absolute = 1e-9, relative = 1e-10)
  }
}

finish <- function() {
  cat(script, ": ", n_compared - n_differ, " of ", n_compared, " values agree\n", sep = "")
  if (n_compared == 0) skip("nothing in this study to compare")
  quit(status = if (n_differ > 0) 1 else 0)
}

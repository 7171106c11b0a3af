#include "study/protocol/schema.h"

#include <fmt/format.h>

#include <algorithm>

#include "data/base/text.h"

namespace rationale::study {
namespace {

using K = KeyType;
using F = TextForm;

KeyRule text(const char* key, bool is_required = false) { return {key, K::kText, is_required}; }
KeyRule text(const char* key, bool is_required, double shortest, double longest) {
  return {key, K::kText, is_required, shortest, longest, F::kLength};
}
KeyRule form(const char* key, bool is_required, F form) {
  return {key, K::kText, is_required, 0, 0, form};
}
KeyRule word(const char* key, bool is_required, std::vector<const char*> words) {
  return {key, K::kWord, is_required, 0, 0, F::kAny, std::move(words)};
}
KeyRule integer(const char* key, bool is_required, double low, double high) {
  return {key, K::kInteger, is_required, low, high};
}
KeyRule number(const char* key, double low, double high) {
  return {key, K::kNumber, false, low, high};
}
KeyRule truth(const char* key) { return {key, K::kTruth}; }
KeyRule path(const char* key) { return {key, K::kPath, true}; }
KeyRule texts(const char* key, bool is_required, double least, double most) {
  return {key, K::kTexts, is_required, least, most};
}

constexpr bool kMust = true, kMay = false;

const std::vector<const char*> kMetrics{"auc",         "fpr",        "sensitivity",
                                        "specificity", "confidence", "time"};

std::vector<TableRule> make_schema() {
  return {
      {"", false, true, {integer("format", kMust, 1, 1)}},
      {"study", false, true,
       {form("id", kMust, F::kStudyId), text("title", kMust, 1, 200),
        integer("version", kMust, 1, 9999), form("language", kMay, F::kLanguage), text("sponsor"),
        text("registration"), text("ethics"), text("contact"), truth("synthetic")}},
      {"design", false, true,
       {word("kind", kMust, {"crossover", "sequential", "split_plot", "parallel"}),
        word("unit", kMay, {"reader_case", "reader"}), texts("arms", kMust, 1, 6),
        integer("periods", kMust, 1, 6), integer("washout_days", kMay, 0, 3650),
        text("washout_justification"), integer("blocks", kMay, 1, 16),
        word("order", kMay, {"blocked", "random"}), integer("order_block", kMay, 1, 1000),
        truth("stratify_by_truth"), texts("strata", kMay, 0, 4), integer("repeats", kMay, 0, 1000)}},
      {"endpoint", false, true,
       {word("metric", kMust, kMetrics), form("question", kMust, F::kId), text("positive_at"),
        texts("contrast", kMust, 2, 2),
        word("aim", kMust, {"superiority", "noninferiority", "two_sided"}), number("margin", 0, 1),
        number("alpha", 0.0001, 0.2), number("power", 0.5, 0.999), number("min_effect", -1, 1),
        word("method", kMay, {"or_hillis", "ustat", "glmm", "bootstrap"}),
        word("readers", kMay, {"random", "fixed"}),
        word("covariance", kMay, {"unbiased", "delong", "jackknife", "bootstrap"}),
        word("small_sample", kMay, {"none", "permutation", "corrected_df", "rrrc_rrfc_max"})}},
      {"secondary", true, false,
       {form("id", kMust, F::kId), word("metric", kMust, kMetrics),
        form("question", kMust, F::kId), text("positive_at"), texts("contrast", kMust, 2, 2),
        word("aim", kMay, {"superiority", "noninferiority", "equivalence", "two_sided"}),
        number("margin", 0, 1), integer("order", kMay, 0, 20)}},
      {"subgroup", true, false,
       {form("id", kMust, F::kId), form("column", kMust, F::kId),
        integer("min_cases", kMay, 1, 100000)}},
      {"arm", true, true,
       {form("id", kMust, F::kArmId), text("label", kMust, 1, 40),
        {"shows", K::kWords, kMust, 0, 0, F::kAny,
         {"ai_label", "ai_score", "heatmap", "concepts", "residual", "uncertainty"}},
        word("reveal", kMay, {"immediate", "after_answer"}),
        word("heatmap_method", kMay,
             {"grad_cam", "grad_cam_pp", "hires_cam", "layer_cam", "xgrad_cam", "score_cam",
              "eigen_cam"}),
        word("sham", kMay, {"none", "other_case", "mirrored", "shuffled"}), truth("placebo"),
        truth("toggle"), word("start", kMay, {"on", "off"}), integer("opacity", kMay, 0, 100),
        truth("opacity_adjustable")}},
      {"question", true, true,
       {form("id", kMust, F::kId), text("text", kMust, 1, 300),
        word("type", kMust,
             {"binary", "ordinal", "vas", "choice", "multichoice", "number", "marks", "text"}),
        truth("required"), texts("levels", kMay, 0, 12), texts("keys", kMay, 0, 12),
        number("min", -1e9, 1e9), number("max", -1e9, 1e9), text("unit"),
        integer("steps", kMay, 11, 10001), integer("max_marks", kMay, 1, 200), text("show_if"),
        word("phase", kMay, {"each", "first", "last"})}},
      {"cases", false, true,
       {path("manifest"), integer("count", kMust, 2, 100000), integer("training", kMay, 0, 1000),
        form("sha256", kMay, F::kHex64OrNone)}},
      {"truth", false, true,
       {path("file"), form("label", kMust, F::kId), text("positive", kMust, 1, 40),
        text("standard", kMust, 10, 2000), integer("adjudicators", kMay, 1, 50),
        truth("locations"), number("radius_mm", 0, 200), form("sha256", kMay, F::kHex64OrNone)}},
      {"ai", false, false,
       {text("model_id", kMust, 1, 100), form("model_sha256", kMust, F::kHex64),
        path("explanations"), text("class", kMay, 0, 100), number("threshold", 0, 1)}},
      {"reader", true, true,
       {form("id", kMust, F::kReaderId), text("site"), text("group"), integer("years", kMay, 0, 70),
        form("key", kMay, F::kHex64OrNone)}},
      {"display", false, false,
       {integer("min_width", kMay, 640, 16384), integer("min_height", kMay, 480, 16384),
        number("min_luminance", 50, 5000), number("max_ambient_lux", 0, 2000),
        truth("pattern_check"), integer("pattern_every_h", kMay, 1, 720),
        {"bits", K::kInteger, kMay, 0, 0, F::kAny, {}, {8, 10}}}},
      {"session", false, false,
       {integer("idle_s", kMay, 10, 3600), integer("gap_s", kMay, 2, 120),
        integer("min_view_ms", kMay, 0, 60000), integer("max_view_s", kMay, 0, 7200),
        word("undo", kMay, {"until_confirm", "until_next", "session"}),
        integer("max_readings", kMay, 1, 1000), integer("max_minutes", kMay, 5, 600),
        word("progress", kMay, {"count", "bar", "hidden"}), truth("comments")}},
      {"blinding", false, true,
       {texts("custodians", kMust, 1, 8), integer("threshold", kMust, 1, 8), truth("coordinator"),
        truth("codes"), truth("tell_prevalence"),
        integer("interim_looks", kMay, 0, 0)}},
      {"flag", true, false,
       {form("id", kMust, F::kId), text("label", kMust, 1, 60), text("key", kMay, 0, 1)}},
      {"signatures", false, false, {texts("roles", kMay, 1, 8), text("meaning", kMay, 5, 300)}},
  };
}

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// First character by `first`, at least `shortest` and at most `longest` in all, the rest by `rest`.
template <typename First, typename Rest>
bool is_made_of(std::string_view text, std::size_t shortest, std::size_t longest, First&& first,
                Rest&& rest) {
  return text.size() >= shortest && text.size() <= longest && !text.empty() &&
         first(text.front()) && std::ranges::all_of(text.substr(1), rest);
}

bool is_hex64(std::string_view text) {
  return text.size() == 64 && std::ranges::all_of(text, [](char c) {
           return is_digit(c) || (c >= 'a' && c <= 'f');
         });
}

bool is_language(std::string_view text) {
  return (text.size() == 2 || text.size() == 5) && is_lower(text[0]) && is_lower(text[1]) &&
         (text.size() == 2 || (text[2] == '-' && is_upper(text[3]) && is_upper(text[4])));
}

}  // namespace

const std::vector<TableRule>& protocol_schema() {
  static const std::vector<TableRule> schema = make_schema();
  return schema;
}

bool has_form(std::string_view text, TextForm form, double low, double high) {
  const auto word_character = [](char c) { return is_lower(c) || is_digit(c) || c == '_'; };
  switch (form) {
    case F::kAny:
      return true;
    case F::kLength: {
      const auto n = std::ranges::count_if(
          text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
      return static_cast<double>(n) >= low && static_cast<double>(n) <= high;
    }
    case F::kId:
      return is_made_of(text, 1, 32, is_lower, word_character);
    case F::kStudyId: {
      const auto first = [](char c) { return is_lower(c) || is_digit(c); };
      return is_made_of(text, 3, 40, first, [&](char c) { return first(c) || c == '-'; });
    }
    case F::kArmId:
      return is_made_of(text, 1, 16, is_lower, word_character);
    case F::kReaderId:
      return is_made_of(text, 1, 12, is_lower, [](char c) { return is_lower(c) || is_digit(c); });
    case F::kLanguage:
      return is_language(text);
    case F::kHex64:
      return is_hex64(text);
    case F::kHex64OrNone:
      return text.empty() || is_hex64(text);
  }
  return false;
}

std::string form_words(TextForm form, double low, double high) {
  switch (form) {
    case F::kAny:
      return "any text";
    case F::kLength:
      return fmt::format("{:.0f} to {:.0f} characters", low, high);
    case F::kId:
      return "a-z, 0-9 and _, beginning with a letter, at most 32";
    case F::kStudyId:
      return "a-z, 0-9 and -, beginning with a letter or digit, 3 to 40";
    case F::kArmId:
      return "a-z, 0-9 and _, beginning with a letter, at most 16";
    case F::kReaderId:
      return "a-z and 0-9, beginning with a letter, at most 12";
    case F::kLanguage:
      return "a language such as en or en-GB";
    case F::kHex64:
    case F::kHex64OrNone:
      return "64 hex digits in lower case";
  }
  return "any text";
}

bool is_inner_path(std::string_view path) {
  if (path.empty() || path.front() == '/' || path.find('\\') != path.npos ||
      path.find(':') != path.npos) {
    return false;
  }
  const std::vector<std::string> parts = split(path, '/');
  return std::ranges::find(parts, "..") == parts.end();
}

}  // namespace rationale::study

#include <array>
#include <utility>

#include "study/protocol/findings.h"

namespace rationale::study {
namespace {

/// Reads one table; what is not there keeps its default.
class Table {
 public:
  explicit Table(const TomlValue* table) : table_(table) {}

  bool has(const char* key) const { return find(key) != nullptr; }
  void read(const char* key, std::string& to) const {
    if (const TomlValue* value = find(key)) to = value->text;
  }
  void read(const char* key, int& to) const {
    if (const TomlValue* value = find(key)) to = static_cast<int>(value->integer);
  }
  void read(const char* key, double& to) const {
    if (const TomlValue* value = find(key)) to = value->number;
  }
  void read(const char* key, std::optional<double>& to) const {
    if (const TomlValue* value = find(key)) to = value->number;
  }
  void read(const char* key, bool& to) const {
    if (const TomlValue* value = find(key)) to = value->boolean;
  }
  void read(const char* key, std::vector<std::string>& to) const {
    const TomlValue* value = find(key);
    if (value == nullptr) return;
    to.clear();
    for (const TomlValue& item : value->items) to.push_back(item.text);
  }
  /// `words` in the order of the enumeration's values.
  template <typename Enum, std::size_t N>
  void read(const char* key, Enum& to, const std::array<const char*, N>& words) const {
    const TomlValue* value = find(key);
    if (value == nullptr) return;
    for (std::size_t i = 0; i < N; ++i) {
      if (value->text == words[i]) to = static_cast<Enum>(i);
    }
  }

 private:
  const TomlValue* find(const char* key) const {
    return table_ == nullptr ? nullptr : table_->find(key);
  }
  const TomlValue* table_;
};

constexpr std::array kKinds{"crossover", "sequential", "split_plot", "parallel"};
constexpr std::array kUnits{"reader_case", "reader"};
constexpr std::array kOrders{"blocked", "random"};
constexpr std::array kMetrics{"auc", "fpr", "sensitivity", "specificity", "confidence", "time"};
constexpr std::array kAims{"superiority", "noninferiority", "equivalence", "two_sided"};
constexpr std::array kMethods{"or_hillis", "ustat", "glmm", "bootstrap"};
constexpr std::array kReaders{"random", "fixed"};
constexpr std::array kCovariances{"unbiased", "delong", "jackknife", "bootstrap"};
constexpr std::array kSmallSamples{"none", "permutation", "corrected_df", "rrrc_rrfc_max"};
constexpr std::array kReveals{"immediate", "after_answer"};
constexpr std::array kShams{"none", "other_case", "mirrored", "shuffled"};
constexpr std::array kTypes{"binary", "ordinal",     "vas",   "choice",
                            "multichoice", "number", "marks", "text"};
constexpr std::array kPhases{"each", "first", "last"};
constexpr std::array kUndos{"until_confirm", "until_next", "session"};
constexpr std::array kProgresses{"count", "bar", "hidden"};

void read_endpoint(const Table& table, Endpoint& to) {
  table.read("metric", to.metric, kMetrics);
  table.read("question", to.question);
  table.read("positive_at", to.positive_at);
  std::vector<std::string> contrast;
  table.read("contrast", contrast);
  to.treated = contrast.at(0);
  to.control = contrast.at(1);
  table.read("aim", to.aim, kAims);
  table.read("margin", to.margin);
}

StudyFacts study_facts(const Table& table) {
  StudyFacts study;
  table.read("id", study.id);
  table.read("title", study.title);
  table.read("version", study.version);
  table.read("language", study.language);
  table.read("sponsor", study.sponsor);
  table.read("registration", study.registration);
  table.read("ethics", study.ethics);
  table.read("contact", study.contact);
  table.read("synthetic", study.is_synthetic);
  return study;
}

Design design_of(const Table& table) {
  Design design;
  table.read("kind", design.kind, kKinds);
  table.read("unit", design.unit, kUnits);
  table.read("arms", design.arms);
  table.read("periods", design.periods);
  table.read("washout_days", design.washout_days);
  table.read("washout_justification", design.washout_justification);
  table.read("blocks", design.blocks);
  table.read("order", design.order, kOrders);
  table.read("order_block", design.order_block);
  table.read("stratify_by_truth", design.stratify_by_truth);
  table.read("strata", design.strata);
  table.read("repeats", design.repeats);
  return design;
}

PrimaryEndpoint primary_endpoint(const Table& table) {
  PrimaryEndpoint endpoint;
  endpoint.id = "primary";
  read_endpoint(table, endpoint);
  table.read("alpha", endpoint.alpha);
  table.read("power", endpoint.power);
  table.read("min_effect", endpoint.min_effect);
  table.read("method", endpoint.method, kMethods);
  table.read("readers", endpoint.readers, kReaders);
  table.read("covariance", endpoint.covariance, kCovariances);
  table.read("small_sample", endpoint.small_sample, kSmallSamples);
  return endpoint;
}

Endpoint secondary_endpoint(const Table& table) {
  Endpoint endpoint;
  table.read("id", endpoint.id);
  read_endpoint(table, endpoint);
  table.read("order", endpoint.order);
  return endpoint;
}

Arm arm_of(const Table& table) {
  Arm arm;
  table.read("id", arm.id);
  table.read("label", arm.label);
  table.read("shows", arm.shows);
  table.read("reveal", arm.reveal, kReveals);
  table.read("heatmap_method", arm.heatmap_method);
  table.read("sham", arm.sham, kShams);
  table.read("placebo", arm.is_placebo);
  table.read("toggle", arm.has_toggle);
  std::string start = "on";
  table.read("start", start);
  arm.starts_on = start == "on";
  table.read("opacity", arm.opacity_percent);
  table.read("opacity_adjustable", arm.is_opacity_adjustable);
  return arm;
}

Question question_of(const Table& table) {
  Question question;
  table.read("id", question.id);
  table.read("text", question.text);
  table.read("type", question.type, kTypes);
  table.read("required", question.is_required);
  table.read("levels", question.levels);
  table.read("keys", question.keys);
  table.read("min", question.min);
  table.read("max", question.max);
  table.read("unit", question.unit);
  table.read("steps", question.steps);
  table.read("max_marks", question.max_marks);
  std::string show_if;
  table.read("show_if", show_if);
  if (const auto equals = show_if.find('='); equals != std::string::npos) {
    question.show_if_question = show_if.substr(0, equals);
    question.show_if_answer = show_if.substr(equals + 1);
  } else if (!show_if.empty()) {
    question.show_if_question = show_if;  // refused by the cross-checks
  }
  table.read("phase", question.phase, kPhases);
  return question;
}

CaseList case_list(const Table& table) {
  CaseList cases;
  table.read("manifest", cases.manifest);
  table.read("count", cases.count);
  table.read("training", cases.training);
  table.read("sha256", cases.sha256);
  return cases;
}

TruthFacts truth_facts(const Table& table) {
  TruthFacts truth;
  table.read("file", truth.file);
  table.read("label", truth.label);
  table.read("positive", truth.positive);
  table.read("standard", truth.standard);
  table.read("adjudicators", truth.adjudicators);
  table.read("locations", truth.has_locations);
  table.read("radius_mm", truth.radius_mm);
  table.read("sha256", truth.sha256);
  return truth;
}

AiFacts ai_facts(const Table& table) {
  AiFacts ai;
  table.read("model_id", ai.model_id);
  table.read("model_sha256", ai.model_sha256);
  table.read("explanations", ai.explanations);
  table.read("class", ai.class_name);
  table.read("threshold", ai.threshold);
  return ai;
}

ReaderFacts reader_facts(const Table& table) {
  ReaderFacts reader;
  table.read("id", reader.id);
  table.read("site", reader.site);
  table.read("group", reader.group);
  table.read("years", reader.years);
  table.read("key", reader.key);
  return reader;
}

DisplayRules display_rules(const Table& table) {
  DisplayRules display;
  table.read("min_width", display.min_width_px);
  table.read("min_height", display.min_height_px);
  table.read("min_luminance", display.min_luminance);
  table.read("max_ambient_lux", display.max_ambient_lux);
  table.read("pattern_check", display.has_pattern_check);
  table.read("pattern_every_h", display.pattern_every_h);
  table.read("bits", display.bits);
  return display;
}

SessionRules session_rules(const Table& table) {
  SessionRules session;
  table.read("idle_s", session.idle_s);
  table.read("gap_s", session.gap_s);
  table.read("min_view_ms", session.min_view_ms);
  table.read("max_view_s", session.max_view_s);
  table.read("undo", session.undo, kUndos);
  table.read("max_readings", session.max_readings);
  table.read("max_minutes", session.max_minutes);
  table.read("progress", session.progress, kProgresses);
  table.read("comments", session.has_comments);
  return session;
}

Blinding blinding_of(const Table& table) {
  Blinding blinding;
  table.read("custodians", blinding.custodians);
  table.read("threshold", blinding.threshold);
  table.read("coordinator", blinding.coordinator);
  table.read("codes", blinding.codes);
  table.read("tell_prevalence", blinding.tell_prevalence);
  return blinding;
}

FlagRule flag_of(const Table& table) {
  FlagRule flag;
  table.read("id", flag.id);
  table.read("label", flag.label);
  table.read("key", flag.key);
  return flag;
}

template <typename Value>
std::vector<Value> list_of(const TomlValue& document, const char* name,
                           Value (*read)(const Table&)) {
  std::vector<Value> values;
  if (const TomlValue* list = document.find(name)) {
    for (const TomlValue& item : list->items) values.push_back(read(Table(&item)));
  }
  return values;
}

Subgroup subgroup_of(const Table& table) {
  Subgroup subgroup;
  table.read("id", subgroup.id);
  table.read("column", subgroup.column);
  table.read("min_cases", subgroup.min_cases);
  return subgroup;
}

}  // namespace

Protocol protocol_values(const TomlValue& document) {
  const auto table = [&](const char* name) { return Table(document.find(name)); };
  Protocol protocol;
  protocol.study = study_facts(table("study"));
  protocol.design = design_of(table("design"));
  protocol.endpoint = primary_endpoint(table("endpoint"));
  protocol.secondary = list_of(document, "secondary", secondary_endpoint);
  protocol.subgroups = list_of(document, "subgroup", subgroup_of);
  protocol.arms = list_of(document, "arm", arm_of);
  protocol.questions = list_of(document, "question", question_of);
  protocol.cases = case_list(table("cases"));
  protocol.truth = truth_facts(table("truth"));
  if (document.find("ai") != nullptr) protocol.ai = ai_facts(table("ai"));
  protocol.readers = list_of(document, "reader", reader_facts);
  protocol.display = display_rules(table("display"));
  protocol.session = session_rules(table("session"));
  protocol.blinding = blinding_of(table("blinding"));
  protocol.flags = list_of(document, "flag", flag_of);
  table("signatures").read("roles", protocol.signatures.roles);
  table("signatures").read("meaning", protocol.signatures.meaning);
  return protocol;
}

}  // namespace rationale::study

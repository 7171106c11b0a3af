// All that a study report says, as plain values: the facts of the study, the results, and what the
// pictures show of the readings. Filled once (report_input), then only written out.
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "data/cases/csv.h"
#include "study/report/estimate.h"

namespace rationale::study {

/// An arm: its id in the readings, the name in print, and how a sentence begins with it.
struct ReportArm {
  std::string id;
  std::string label;   ///< empty: the id
  std::string phrase;  ///< "with the heatmap visible"; empty: "in arm “label”"
};

/// Readings that do not go on, and why.
struct FlowLoss {
  std::size_t n = 0;
  std::string reason;  ///< "not assessable, the reader said"
};

/// A stage of the flow of readings, and what was left out before it.
struct FlowStage {
  std::string title;               ///< "Allocated"
  std::optional<std::size_t> n;    ///< readings
  std::vector<std::string> lines;  ///< "hidden 300 \u00b7 visible 300"
  std::vector<FlowLoss> losses;
};

struct ExampleCase {
  std::string image;    ///< a data: URI of a PNG
  std::string caption;  ///< what it shows and what the readers did
  std::string alt;      ///< the picture in words
};

struct NamedDigest {
  std::string name;   ///< "protocol", "lock", "log head R01"
  std::string value;  ///< hexadecimal
};

/// A rule, item or number that this study has not got, and why.
struct Limit {
  std::string what, why;
};

/// A line of the design as the protocol has it.
struct DesignLine {
  std::string what, how;  ///< "Allocation", "drawn for each reader and case"
};

/// What the record knows of a reader beside the id.
struct RecordedReader {
  std::string id, site, group;
  int years = 0;  ///< of experience; 0: not given
};

/// The AI whose output was shown, as the record names it.
struct RecordedAi {
  std::string model_id, model_sha256;
  std::string explanations;    ///< method, arm by arm
  std::string outputs_sha256;  ///< of all labels, scores and maps that were locked
};

/// What is known of the study before any result.
struct ReportFacts {
  std::string id, title;
  std::string subtitle;  ///< one line; empty: written from the counts
  bool is_synthetic = false, is_simulated = false;
  bool is_locked = false;  ///< a protocol was locked before the first reading
  bool is_unblinded = true;
  std::string case_one = "film", case_many = "films";
  ReportArm control{"hidden", "", ""}, treated{"visible", "", ""};
  std::string primary = "fpr";   ///< fpr, sensitivity, specificity, auc, confidence or time
  std::optional<double> margin;  ///< of the sensitivity: non-inferiority, a proportion above zero
  std::optional<double> positive_at;
  std::string training;         ///< how readers were trained; empty: not recorded
  bool has_training = false;    ///< there were training cases
  std::string registration, sponsor, ethics;  ///< empty: not recorded
  std::vector<DesignLine> design;             ///< empty: no protocol
  std::vector<RecordedReader> readers;        ///< empty: no protocol
  std::optional<RecordedAi> ai;
  std::string washout;          ///< "28 days planned, shortest 30"; empty: not recorded
  std::vector<FlowStage> flow;  ///< empty: made from the readings
  std::vector<ExampleCase> examples;
  std::vector<NamedDigest> digests;
  std::vector<Limit> limits;
  std::vector<Limit> deviations;  ///< who, and what; of a locked study
  std::string program = "";  ///< name and version
};

struct Count {
  std::size_t positive = 0, n = 0;
};

/// How the protocol says that a metric is to be judged; without a protocol the defaults.
struct MetricPlan {
  bool has_fixed_readers = false;  ///< the claim is about these readers
  double alpha = 0.05;             ///< two-sided
  std::string small_sample;        ///< "rrrc_rrfc_max", "permutation", "corrected_df"; empty: RRRC itself
};

/// One metric in both arms.
struct MetricResult {
  bool is_present = false;                 ///< a block of that name is there
  bool is_nested = false;                  ///< different readers in each arm: the means are over those of the arm
  std::optional<double> control, treated;  ///< means over readers
  PrintedEstimate rrrc, frrc, rrfc;
  PrintedEstimate few;  ///< the small-sample answer that `plan` names
  std::string few_origin;  ///< careful_origin of it
  MetricPlan plan;
  std::optional<double> reader_arm_variance;  ///< as estimated; may be below zero
  std::string covariance;                     ///< "unbiased"
  std::vector<PrintedEstimate> readers;  ///< in the order of ReportInput::readers; that reader alone

  /// The answer for readers like these that was planned.
  const PrintedEstimate& random() const { return plan.small_sample.empty() ? rrrc : few; }
  /// Why there is no comparison; never empty.
  const std::string& why_not() const;
};

struct ReportReader {
  std::string name;
  std::optional<Count> fp_control, fp_treated, tp_control, tp_treated;
  std::optional<std::size_t> fp_only_control, fp_only_treated;  ///< discordant normal cases
  std::optional<double> fp_exact_p, tp_exact_p;  ///< McNemar's exact test of this reader's discordant cases
  std::optional<double> own_kappa;               ///< of the calls in one arm with those in the other
  std::optional<double> auc_control, auc_treated;
  std::vector<std::pair<double, double>> roc_control, roc_treated;
};

struct RatioResult {
  std::optional<double> ratio, lower, upper, df;
  std::string code, reason;  ///< where there is no interval
};

struct RandomisationResult {
  bool is_present = false;
  std::optional<double> p;
  std::size_t n_pairs = 0, discordant = 0;
  std::string unit;  ///< what was drawn: "case", "patient", "reader"; empty: not said
  std::string code, reason;
};

/// One question of the AI split: a rate where the AI was right or wrong.
struct AiStratum {
  std::string metric;  ///< "fpr" or "sensitivity"
  bool is_ai_right = true;
  std::size_t n_cases = 0;
  Count control, treated;
  PrintedEstimate frrc;
};

struct SwitchCounts {
  std::size_t n = 0;
  std::size_t right_right = 0, right_wrong = 0, wrong_right = 0, wrong_wrong = 0;
};

struct AiResult {
  bool is_present = false;
  std::string why_not;
  std::vector<AiStratum> strata;
  std::optional<SwitchCounts> ai_right, ai_wrong;
};

/// A reader's own value in each arm; nothing: not read there.
struct ReaderPair {
  std::string reader;
  std::optional<double> control, treated;
};

/// A mean that is compared over readers: confidence in points, log time as a ratio.
struct MeanResult {
  PrintedEstimate difference;              ///< confidence: points; time: log scale
  std::string method;                      ///< "paired t on reader means"
  std::optional<double> control, treated;  ///< means
  PrintedEstimate model, model_alike;      ///< linear mixed models: the one to read, and that in which readers react alike
  std::string model_words;                 ///< of the first: "with each reader's own reaction"
  std::string model_boundary;              ///< what that model estimated at its boundary
  std::vector<ReaderPair> readers;         ///< means of each reader, as far as results.json has them; time: log scale
};

struct Histogram {
  std::vector<double> edges;  ///< of bins; empty: nothing to draw
  bool is_signed = false;
  std::array<std::vector<std::size_t>, 2> normal, diseased;  ///< [control, treated]
};

struct ReportInput {
  ReportFacts facts;
  nlohmann::ordered_json results;   ///< of the contrast that the page is about
  nlohmann::ordered_json all_arms;  ///< of all arms, where there are more than two; else null
  bool has_two_arms = true;
  std::string failure;  ///< a load error in words; then nothing else is filled
  std::vector<ReportReader> readers;
  std::size_t n_normal = 0, n_diseased = 0, n_readings = 0, n_missing = 0;  ///< missing: without a rating
  std::size_t n_not_in_file = 0;  ///< of readers × cases × arms: not planned, or lost
  bool is_fully_crossed = true;
  std::size_t n_readers_control = 0, n_readers_treated = 0;  ///< who read in the arm at all
  bool is_nested = false;  ///< nobody read in both arms
  MetricResult fpr, sensitivity, specificity, auc;
  RatioResult ratio;
  RandomisationResult randomisation;
  AiResult ai;
  MeanResult confidence, time;
  Histogram histogram;
  std::size_t false_positives[2] = {0, 0}, missed[2] = {0, 0};  ///< [control, treated]
  std::string readings_sha256;
};

/// Everything of a report from results.json, the readings and the study's facts.
/// @param readings  columns reader, case, arm, truth, rating; optionally positive, confidence,
/// time_s,
///                  period, stratum, ai_positive. Rows that results.json could not have used (no
///                  rating) are left out of the pictures.
/// @throws Error (kInput) if a column of the five is missing
ReportInput report_input(const nlohmann::ordered_json& results, const CsvTable& readings,
                         ReportFacts facts);

}  // namespace rationale::study

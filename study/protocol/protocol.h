// A reader study's protocol as values: what protocol.toml says, checked and with its defaults filled in.
// Format 1: docs/protocol.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rationale::study {

enum class DesignKind { kCrossover, kSequential, kSplitPlot, kParallel };
enum class Unit { kReaderCase, kReader };
enum class Order { kBlocked, kRandom };
enum class Metric { kAuc, kFpr, kSensitivity, kSpecificity, kConfidence, kTime };
enum class Aim { kSuperiority, kNoninferiority, kEquivalence, kTwoSided };
enum class Method { kOrHillis, kUstat, kGlmm, kBootstrap };
enum class Readers { kRandom, kFixed };
enum class Covariance { kUnbiased, kDelong, kJackknife, kBootstrap };
enum class SmallSample { kNone, kPermutation, kCorrectedDf, kRrrcRrfcMax };
enum class Reveal { kImmediate, kAfterAnswer };
enum class Sham { kNone, kOtherCase, kMirrored, kShuffled };
enum class QuestionType { kBinary, kOrdinal, kVas, kChoice, kMultichoice, kNumber, kMarks, kText };
enum class Phase { kEach, kFirst, kLast };
enum class UndoRule { kUntilConfirm, kUntilNext, kSession };
enum class ProgressStyle { kCount, kBar, kHidden };

struct StudyFacts {
  std::string id, title, language = "en", sponsor, registration, ethics, contact;
  int version = 1;
  bool is_synthetic = false;
};

struct Design {
  DesignKind kind = DesignKind::kCrossover;
  Unit unit = Unit::kReaderCase;
  std::vector<std::string> arms;  ///< ids, in protocol order
  int periods = 1;
  int washout_days = 28;
  std::string washout_justification;
  int blocks = 1;
  Order order = Order::kBlocked;
  int order_block = 2;  ///< entries of each arm in a block
  bool stratify_by_truth = true;
  std::vector<std::string> strata;  ///< public columns
  int repeats = 0;
};

struct Endpoint {
  std::string id;  ///< "primary", or the id of a [[secondary]]
  Metric metric = Metric::kFpr;
  std::string question;
  std::string positive_at;            ///< empty: binary "yes", or a metric without operating point
  std::string treated, control;       ///< contrast = [treated, control]
  Aim aim = Aim::kTwoSided;
  std::optional<double> margin;       ///< 0 to 1
  int order = 0;                      ///< of secondaries: place in the fixed sequence; 0: Holm family
};

struct PrimaryEndpoint : Endpoint {
  double alpha = 0.05, power = 0.8;
  std::optional<double> min_effect;
  Method method = Method::kOrHillis;
  Readers readers = Readers::kRandom;
  Covariance covariance = Covariance::kUnbiased;
  SmallSample small_sample = SmallSample::kNone;
};

struct Subgroup {
  std::string id, column;
  int min_cases = 20;
};

struct Arm {
  std::string id, label;            ///< the label stands in reports; no reader sees it
  std::vector<std::string> shows;   ///< of ai_label ai_score heatmap concepts residual uncertainty
  Reveal reveal = Reveal::kImmediate;
  std::string heatmap_method = "grad_cam";
  Sham sham = Sham::kNone;
  bool is_placebo = false;
  bool has_toggle = true;
  bool starts_on = true;
  int opacity_percent = 40;
  bool is_opacity_adjustable = true;

  bool shows_any() const { return !shows.empty(); }
  bool shows_what(const std::string& what) const;
};

struct Question {
  std::string id, text;
  QuestionType type = QuestionType::kBinary;
  bool is_required = true;
  std::vector<std::string> levels;  ///< of ordinal, choice, multichoice; binary: "no", "yes"
  std::vector<std::string> keys;    ///< one character each; empty or as many as levels
  double min = 0, max = 100;        ///< vas, number
  std::string unit;
  int steps = 1001;                 ///< vas
  int max_marks = 20;
  std::string show_if_question, show_if_answer;  ///< both empty: always
  Phase phase = Phase::kEach;
};

struct CaseList {
  std::string manifest;  ///< path relative to the protocol
  int count = 0, training = 0;
  std::string sha256;
};

struct TruthFacts {
  std::string file, label, positive, standard;
  int adjudicators = 1;
  bool has_locations = false;
  double radius_mm = 15;
  std::string sha256;
};

struct AiFacts {
  std::string model_id, model_sha256, explanations, class_name;
  double threshold = 0.5;  ///< at or above: flagged
};

struct ReaderFacts {
  std::string id, site, group;
  int years = 0;
  std::string key;  ///< 64 hex (Ed25519), or empty: enrolled later
};

struct DisplayRules {
  int min_width_px = 1600, min_height_px = 1200;
  double min_luminance = 350;  ///< cd/m2
  double max_ambient_lux = 50;
  bool has_pattern_check = true;
  int pattern_every_h = 24;
  int bits = 8;
};

struct SessionRules {
  int idle_s = 60, gap_s = 5, min_view_ms = 0, max_view_s = 0;
  UndoRule undo = UndoRule::kUntilConfirm;
  int max_readings = 60, max_minutes = 90;
  ProgressStyle progress = ProgressStyle::kCount;
  bool has_comments = true;
};

struct Blinding {
  std::vector<std::string> custodians;
  int threshold = 1;
  bool coordinator = true, codes = true, tell_prevalence = false;
};

struct FlagRule {
  std::string id, label, key;
};

struct Signatures {
  std::vector<std::string> roles{"principal_investigator"};
  std::string meaning = "I approve this protocol.";
};

struct Protocol {
  StudyFacts study;
  Design design;
  PrimaryEndpoint endpoint;
  std::vector<Endpoint> secondary;
  std::vector<Subgroup> subgroups;
  std::vector<Arm> arms;  ///< in the file's order; design.arms gives the protocol order
  std::vector<Question> questions;
  CaseList cases;
  TruthFacts truth;
  std::optional<AiFacts> ai;
  std::vector<ReaderFacts> readers;
  DisplayRules display;
  SessionRules session;
  Blinding blinding;
  std::vector<FlagRule> flags;
  Signatures signatures;

  std::string toml;     ///< the file's bytes
  std::string sha256;   ///< of these bytes, 64 hex

  const Arm* find_arm(const std::string& id) const;
  const Question* find_question(const std::string& id) const;
  const ReaderFacts* find_reader(const std::string& id) const;
};

}  // namespace rationale::study

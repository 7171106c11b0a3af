// library.db: concepts with their cards and examples, and what was learnt from them. Format:
// docs/library-db.md. Needs no LibTorch.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "data/arrays/array.h"

namespace rationale {

enum class ExampleLabel { kPresent, kAbsent, kUncertain, kUnjudged };

/// "present", "absent", "uncertain", "unjudged".
const char* example_label_name(ExampleLabel label);
std::optional<ExampleLabel> example_label_from_name(std::string_view name);

struct ConceptCard {
  std::string name;
  std::string definition;
  std::string excludes;  ///< what it is not
  std::string code;      ///< RadLex or SNOMED CT
  std::string author;
  bool is_confounder = false;  ///< acquisition or appearance that must not matter: if used, a shortcut
  std::string rule;            ///< column rule that made it, such as "view=AP"; empty = annotated by hand

  bool operator==(const ConceptCard&) const = default;
};

struct ConceptVersion {
  ConceptCard card;
  int version = 1;
  std::string state = "draft";  ///< draft, reviewed, locked or retired
  bool is_trained = false;      ///< then it never changes again
  int n_present = 0, n_absent = 0, n_uncertain = 0, n_unjudged = 0, n_annotators = 0;

  std::string id() const;  ///< "name@version"
};

/// In pixels of the file, origin top left.
struct ExampleRegion {
  double x = 0, y = 0, w = 0, h = 0;
  bool operator==(const ExampleRegion&) const = default;
};

struct ConceptExample {
  std::string case_name;
  std::string annotator;
  ExampleLabel label = ExampleLabel::kUnjudged;
  std::string patient;       ///< empty = not stated
  std::string pixel_sha256;  ///< empty until the image was first trained on
  std::vector<ExampleRegion> regions;
};

/// A concept's examples as an import brings them. Card fields that are empty keep what the library has.
struct ConceptImport {
  ConceptCard card;
  std::vector<ConceptExample> examples;
};

/// What is known of one model and layer.
struct BankKey {
  std::string model_sha256, card_sha256, layer;
  std::string recipe = "rationale";  ///< or "reference"
  std::string features = "pooled";   ///< or "flat"
  bool operator==(const BankKey&) const = default;
};

struct StoredConcept {
  std::string name;
  int version = 1;
  bool is_trained = false;
  std::string facts_json;
};

struct StoredEvidence {
  int class_index = 0;
  std::string class_name;
  int ordinal = 0;  ///< of the concept in its bank
  std::string verdict;
  std::string evidence_json;
};

struct StoredRow {
  std::string case_name, patient, pixel_sha256;
  int fold = 0;
};

using StoredArray = std::variant<FloatArray, DoubleArray>;

struct StoredBank {
  BankKey key;
  std::string model_name;
  Shape activation_shape;
  std::uint64_t seed = 1;
  int n_permutations = 0, n_resamples = 0;
  std::vector<std::string> strata;
  std::string program_version;
  std::vector<StoredRow> rows;
  std::vector<StoredConcept> concepts;
  std::vector<StoredEvidence> evidence;
  std::map<std::string, StoredArray> arrays;
};

/// One library and one connection: used by one thread.
class ConceptLibrary {
 public:
  enum class Access { kRead, kWrite, kCreate };
  /// @throws Error (kInput) if it is missing, damaged, no library or of a later version
  explicit ConceptLibrary(const std::filesystem::path& file, Access access = Access::kRead);
  ConceptLibrary(ConceptLibrary&&) noexcept;
  ~ConceptLibrary();

  const std::filesystem::path& file() const;

  /// The latest version of each concept, by name.
  std::vector<ConceptVersion> concepts() const;
  /// "name" (latest) or "name@3". @throws Error (kUsage, "unknown_concept") with near names
  ConceptVersion find(const std::string& name) const;
  std::vector<ConceptVersion> versions(const std::string& name) const;
  /// By case, then annotator.
  std::vector<ConceptExample> examples(const std::string& name, int version) const;

  struct Imported {
    int concepts = 0;  ///< in the import
    int new_concepts = 0, new_versions = 0;
    int new_examples = 0, changed_examples = 0;
  };
  /// All or nothing, and idempotent: what is there already changes nothing. A version that was trained on,
  /// or is not a draft, is left as it is and name@n+1 is begun with its examples.
  Imported import(const std::vector<ConceptImport>& concepts);

  /// Writes a bank in place of the one with its key, marks the versions of its trained concepts as trained and
  /// notes the pixels of their examples. A version that was fixed before (trained, or no draft) keeps the digests
  /// that it has; the bank's own rows say what it saw.
  /// @return  cases, by name, whose pixels are not those that a fixed version names
  std::vector<std::string> store(const StoredBank& bank);
  std::vector<BankKey> banks() const;
  std::optional<StoredBank> load(const BankKey& key) const;
  /// Replaces the evidence of a bank, after `concepts judge`. @throws Error (kInternal) without that bank
  void replace_evidence(const BankKey& key, const std::vector<StoredEvidence>& evidence);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace rationale

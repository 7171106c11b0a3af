// explanations.db: what a model said about each case and why, append-only and chained: the decision record.
// Format: docs/explanations-db.md. Needs no LibTorch: the windows and the checks read it without.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/image/geometry.h"
#include "data/image/image.h"
#include "data/image/receptive_field.h"
#include "data/records/sqlite.h"

namespace rationale {

/// What decides the numbers of a run, written once when a store is made. Every explanation of a store was
/// made with it; a run with another one is refused and needs another folder.
struct ExplanationManifest {
  std::string model_name, model_sha256, card_sha256;
  std::vector<std::string> classes;
  std::string output_kind;         ///< logits, probabilities or regression
  std::string activation;          ///< none, sigmoid or softmax
  std::vector<double> thresholds;  ///< on the activation's scale, one a class; empty = none stated
  std::vector<double> references = {};  ///< of a regression, one a class: outputs are told from it; empty = none stated
  std::string layer;
  int call = 0;
  std::string method;
  std::string mode;            ///< reproducible or fast
  std::string prefix_variant;  ///< fast mode: the choice that every later run on this store follows
  std::string device;          ///< cpu or cuda
  std::string torch_version, program_version;
  std::string concepts_sha256;  ///< digest of the trained concepts; empty = none
  int batch = 1;                ///< images at once; with batch > 1 it may move last bits
  int shard = 1, shards = 1;    ///< 1/1 for a whole store; not part of the canonical digest
  std::string list_sha256;      ///< of a shard: names_sha256 of the list that was divided; else empty
  int list_cases = 0;           ///< of a shard: cases of the whole list; else 0
  std::string sandbox = {};     ///< what held the process that made the store; decides no number; empty = not said
  int input_slices = 0;         ///< depth of the network's input; 0 = it takes pictures
  /// What a cell of the layer sees; follows from the model, and is not part of the canonical digest.
  ReceptiveField receptive_field;
  /// Where pictures' colours end, one a class, in units of the maps: a reference that was given, for pictures that shall
  /// compare with those of other runs. Empty = each store has its own. Decides no number.
  std::vector<double> scales = {};

  bool operator==(const ExplanationManifest&) const = default;
};

/// What an explanation of a volume has besides. Volume, input and map cover the same depth: half-pixel rule.
struct ExplainedVolume {
  int slices = 0, input_slices = 0, map_slices = 0;
  std::vector<double> positions_mm;      ///< [slices] along the normal, from 0; empty = unknown
  std::vector<std::string> evidence;     ///< one JSON object a class (explain/methods/slice_evidence.h)
  bool operator==(const ExplainedVolume&) const = default;
};

/// One film or volume under one manifest: everything the model said about it. Keyed by content: two cases with the
/// same pixels share it, and a changed model, card, layer or method can never show an old map.
struct Explanation {
  std::string pixel_sha256;      ///< of the decoded picture and what displays it
  int rows = 0, cols = 0;        ///< of the picture
  int input_rows = 0, input_cols = 0;
  Affine input_to_picture;       ///< network input pixel centre → picture pixel centre, (row, col)
  std::vector<float> logits;     ///< the selected output, one a class, before the activation
  /// One a class: signed, native, in units of the method (map_meaning), no ReLU. Of a volume the map's slices lie below
  /// one another.
  std::vector<Plane> maps;
  std::vector<std::string> concepts;  ///< one JSON object a class (docs/concepts.md); empty = no concepts
  std::optional<ExplainedVolume> volume;  ///< none = a picture
};

/// A case of the list, and the film that it names.
struct ExplainedCase {
  std::string name;         ///< unique in a store
  std::string patient;      ///< empty = not stated
  std::string file;         ///< as in cases.csv
  std::string file_sha256;  ///< of the file's bytes
  std::map<std::string, std::string> columns;  ///< the list's further columns: strata and labels
  Spacing spacing;          ///< a fact of the file, not of its pixels
  std::string key;          ///< of its explanation; filled in by the store
};

/// Cell (row, col) of a map → picture pixel, half-pixel centres, through the card's fit and resize.
Affine map_to_picture(const Explanation& explanation, const Plane& map);

/// The map of one slice of a volume, linear between the map's slices (half-pixel rule).
/// @pre explanation.volume, 0 <= slice < volume->slices
Plane map_of_slice(const Explanation& explanation, int class_index, int slice);

/// Share of a class's positive evidence in each slice of a volume (data/volume/slice_energy.h). @pre explanation.volume
std::vector<double> energy_of_slices(const Explanation& explanation, int class_index);

/// Millimetres between the pixels of the network's input, (depth,) rows, columns; 0 where unknown.
std::vector<double> input_pixel_mm(const Explanation& explanation, const Spacing& spacing);

/// The score that the thresholds refer to: the activation of the logits. Finite.
std::vector<double> scores(const ExplanationManifest& manifest, const std::vector<float>& logits);

/// One store and one connection: used by one thread.
class ExplanationStore {
 public:
  /// Makes the file with its first record, the manifest. @throws Error (kEnvironment)
  static ExplanationStore create(const std::filesystem::path& file,
                                 const ExplanationManifest& manifest, const std::string& made_at);
  enum class Access { kRead, kAppend };
  /// @throws Error (kInput) if it is missing, damaged or of a later version
  static ExplanationStore open(const std::filesystem::path& file, Access access = Access::kRead);

  ExplanationStore(ExplanationStore&&) noexcept;
  ~ExplanationStore();

  const ExplanationManifest& manifest() const;
  const std::filesystem::path& file() const;

  // Reading.
  std::vector<ExplainedCase> cases() const;  ///< in the order they were stored
  /// @throws Error (kUsage) with near names
  ExplainedCase find_case(const std::string& name) const;
  std::optional<ExplainedCase> find_case_if_any(const std::string& name) const;
  std::vector<float> logits(const std::string& key) const;  ///< without reading the maps
  Explanation explanation(const std::string& key) const;
  /// JSON of one class; empty = the run had no concepts.
  std::string concept_json(const std::string& key, int class_index) const;
  /// Colour scale of one class, fixed for all its cases: the manifest's reference, else the 99th percentile (nearest
  /// rank) of the maxima of max(M, 0), of a regression |M|, over the cases; 0 if no map has positive evidence. As stored
  /// by the last finished run, else from the maps that are there.
  double scale(int class_index) const;
  /// The same without the manifest's reference.
  double own_scale(int class_index) const;
  /// The film of a case: its file in the list's folder, as seen from where the store lies.
  std::filesystem::path film(const ExplainedCase& one) const;

  // Appending: begin, any number of adds, commit. What is not committed never happened.
  void begin();
  void commit(const std::string& made_at);
  void roll_back();
  /// Adds the explanation if its content is new, and the case. @throws Error (kInput, "case_changed") if
  /// the store has the case with other bytes
  void add(ExplainedCase one, const Explanation& explanation);
  bool has_content(const std::string& pixel_sha256) const;
  /// Copies every case and explanation of another store. @throws Error (kInput) if a case differs
  void add_all(const ExplanationStore& other);
  /// Computes and stores the colour scales of all classes.
  void add_scales();
  /// The case list's folder, absolute; empty if it was never said.
  std::filesystem::path list_folder() const;
  /// Where the case list lies, for `film`. Not part of any digest: it names a place.
  void set_list_folder(const std::filesystem::path& folder);

  /// sha256 over pixels, model, card, layer, call, method, mode, version (and concepts, if any).
  std::string content_key(const std::string& pixel_sha256) const;

  // Integrity.
  /// SHA-256 over manifest, explanations, concept results and cases in key order, without times, places,
  /// colour scales and batch or shard numbers: equal for a sharded and merged run and an undisturbed one.
  std::string canonical_digest() const;
  /// Head of the chain: noted outside (summary.json), it also shows that no record is missing at the end.
  std::string chain_head() const;
  struct Finding {
    std::int64_t seq = 0;  ///< record at which the chain breaks; 0 = the store as a whole
    std::string what;
  };
  /// Re-computes every digest. Empty = every record is what was written, in the order it was written.
  std::vector<Finding> verify() const;

 private:
  struct State;
  explicit ExplanationStore(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace rationale

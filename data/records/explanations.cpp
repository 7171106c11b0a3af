#include "data/records/explanations.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <span>

#include "data/base/digest.h"
#include "data/base/error.h"
#include "data/base/text.h"
#include "data/records/explanations_manifest.h"
#include "data/volume/slice_energy.h"
#include "explanations_insert.sql.h"
#include "explanations_insert_case.sql.h"
#include "explanations_schema_1.sql.h"
#include "explanations_schema_2.sql.h"
#include "explanations_select.sql.h"

namespace rationale {
namespace {

constexpr int kPictures = 1, kVolumes = 2;  // schema versions: a store holds one kind
const std::string kFirstLink(64, '0');

std::span<const std::byte> as_bytes(const std::vector<float>& values) {
  return std::as_bytes(std::span(values));
}

std::vector<float> as_floats(const std::vector<std::byte>& bytes, const std::string& where) {
  if (bytes.size() % sizeof(float) != 0) {
    throw Error(Error::Kind::kInput, "a stored array has a broken length", where,
                "restore the store from a copy, or make it again")
        .with_code("damaged_database");
  }
  std::vector<float> values(bytes.size() / sizeof(float));
  std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

std::string link(const std::string& previous, std::int64_t seq, const std::string& kind,
                 const std::string& record, const std::string& content,
                 const std::string& made_at) {
  return Sha256()
      .field(previous)
      .field(std::to_string(seq))
      .field(kind)
      .field(record)
      .field(content)
      .field(made_at)
      .hex();
}

void check(const ExplanationManifest& manifest, const Explanation& e) {
  const std::size_t n = manifest.classes.size();
  bool is_sound = e.logits.size() == n && e.maps.size() == n && n > 0 &&
                  (e.concepts.empty() || e.concepts.size() == n);
  const auto is_finite = [](float value) { return std::isfinite(value); };
  for (const Plane& map : e.maps) {
    is_sound = is_sound && map.rows == e.maps[0].rows && map.cols == e.maps[0].cols &&
               map.values.size() == static_cast<std::size_t>(map.rows) *
                                        static_cast<std::size_t>(map.cols);
  }
  if (!is_sound) {
    throw Error(Error::Kind::kInternal, "an explanation does not fit the classes of its run");
  }
  if (e.volume.has_value() != (manifest.input_slices > 0) ||
      (e.volume && (e.volume->map_slices < 1 || e.maps[0].rows % e.volume->map_slices != 0))) {
    throw Error(Error::Kind::kInternal, "an explanation does not have the depth of its run");
  }
  bool all_finite = std::ranges::all_of(e.logits, is_finite);
  for (const Plane& map : e.maps) {
    all_finite = all_finite && std::ranges::all_of(map.values, is_finite);
  }
  if (!all_finite) {
    throw Error(Error::Kind::kInput, "the model returned a value that is not finite", {},
                "check the input of this case with `rationale doctor`")
        .with_code("not_finite");
  }
}

constexpr char kCaseColumns[] =
    "SELECT name, patient, file, file_sha256, columns, vertical_mm, horizontal_mm, aspect,"
    " is_detector, key FROM explained_case";

ExplainedCase case_of(const Statement& row) {
  return {.name = row.text(0),
          .patient = row.text(1),
          .file = row.text(2),
          .file_sha256 = row.text(3),
          .columns = columns_from_json(row.text(4)),
          .spacing = {.vertical_mm = row.real(5),
                      .horizontal_mm = row.real(6),
                      .aspect = row.real(7),
                      .is_detector = row.integer(8) != 0},
          .key = row.text(9)};
}

/// Nearest rank: the smallest value with at least 99 % of all at or below it.
double percentile_99(std::vector<double> values) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  const auto rank = static_cast<std::size_t>(std::ceil(0.99 * static_cast<double>(values.size())));
  return values[std::max<std::size_t>(rank, 1) - 1];
}

}  // namespace

Affine map_to_picture(const Explanation& e, const Plane& map) {
  return compose(grid_to_pixels(map.rows, map.cols, e.input_rows, e.input_cols),
                 e.input_to_picture);
}

Plane map_of_slice(const Explanation& e, int class_index, int slice) {
  const Plane& all = e.maps.at(static_cast<std::size_t>(class_index));
  const DepthPlace place = depth_place(slice, e.volume->slices, e.volume->map_slices);
  Plane map{all.rows / e.volume->map_slices, all.cols, {}};
  const auto size = static_cast<std::size_t>(map.rows) * static_cast<std::size_t>(map.cols);
  for (std::size_t i = 0; i < size; ++i) {
    const double low = all.values[static_cast<std::size_t>(place.low) * size + i];
    const double high = all.values[static_cast<std::size_t>(place.high) * size + i];
    map.values.push_back(static_cast<float>(std::lerp(low, high, place.weight)));
  }
  return map;
}

std::vector<double> energy_of_slices(const Explanation& e, int class_index) {
  return slice_energy(e.maps.at(static_cast<std::size_t>(class_index)).values, e.volume->map_slices, e.volume->slices);
}

std::vector<double> input_pixel_mm(const Explanation& e, const Spacing& spacing) {
  std::vector<double> mm{spacing.vertical_mm * std::abs(e.input_to_picture.row_scale),
                         spacing.horizontal_mm * std::abs(e.input_to_picture.col_scale)};
  if (!e.volume) return mm;
  const std::vector<double>& at = e.volume->positions_mm;
  const double slice_mm = at.size() > 1 ? (at.back() - at.front()) / static_cast<double>(at.size() - 1) : 0;
  mm.insert(mm.begin(), slice_mm * e.volume->slices / e.volume->input_slices);
  return mm;
}

std::vector<double> scores(const ExplanationManifest& manifest, const std::vector<float>& logits) {
  std::vector<double> result(logits.begin(), logits.end());
  if (manifest.activation == "sigmoid") {
    for (double& value : result) value = 1 / (1 + std::exp(-value));
  } else if (manifest.activation == "softmax" && !result.empty()) {
    const double largest = *std::ranges::max_element(result);
    double sum = 0;
    for (double& value : result) sum += value = std::exp(value - largest);
    for (double& value : result) value /= sum;
  }
  return result;
}

struct ExplanationStore::State {
  struct Entry {
    std::string kind, record, content;
  };

  State(const std::filesystem::path& file, Database::Open how) : database(file, how) {}

  std::string text_of(const char* sql) {
    Statement statement = database.prepare(sql);
    return statement.step() ? statement.text(0) : std::string();
  }
  std::int64_t integer_of(const char* sql) {
    Statement statement = database.prepare(sql);
    return statement.step() ? statement.integer(0) : 0;
  }
  std::string head() {
    const std::string last =
        text_of("SELECT chain_sha256 FROM entry ORDER BY seq DESC LIMIT 1");
    return last.empty() ? kFirstLink : last;
  }
  void write_entries(const std::string& made_at) {
    std::int64_t seq = integer_of("SELECT coalesce(max(seq), 0) FROM entry");
    std::string previous = head();
    Statement insert = database.prepare("INSERT INTO entry VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
    for (const Entry& entry : pending) {
      ++seq;
      previous = link(previous, seq, entry.kind, entry.record, entry.content, made_at);
      insert.bind(1, seq).bind(2, entry.kind).bind(3, entry.record).bind(4, entry.content);
      insert.bind(5, made_at).bind(6, previous).run();
    }
    pending.clear();
  }
  std::vector<double> map_maxima(int class_index);
  ExplainedVolume volume_of(const std::string& key);
  void add_volume(const std::string& key, const ExplainedVolume& volume);
  double stored_scale(std::int64_t n_cases, int class_index, bool& is_there);
  std::string scales_content(std::int64_t n_cases);

  Database database;
  ExplanationManifest manifest;
  std::unique_ptr<Transaction> transaction;
  std::vector<Entry> pending;
  std::map<int, double> scales;  ///< cache; emptied by every add
};

ExplanationStore::ExplanationStore(std::unique_ptr<State> state) : state_(std::move(state)) {}
ExplanationStore::ExplanationStore(ExplanationStore&&) noexcept = default;
ExplanationStore::~ExplanationStore() = default;

ExplanationStore ExplanationStore::create(const std::filesystem::path& file,
                                          const ExplanationManifest& manifest,
                                          const std::string& made_at) {
  auto state = std::make_unique<State>(file, Database::Open::kCreate);
  // A rollback journal, not WAL: one writer, often on a cluster's network disk (where WAL does not work),
  // and the store is one file that can be copied at any moment between two runs.
  state->database.execute("PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL;");
  state->manifest = manifest;
  {
    Transaction transaction(state->database);
    state->database.execute(sql::kExplanationsSchema1Sql);
    if (manifest.input_slices > 0) state->database.execute(sql::kExplanationsSchema2Sql);
    state->database.set_schema_version(manifest.input_slices > 0 ? kVolumes : kPictures);
    const std::string json = manifest_to_json(manifest);
    state->database.prepare("INSERT INTO run VALUES (1, ?1)").bind(1, json).run();
    state->pending.push_back({"run", "1", sha256_hex(std::string_view(json))});
    state->write_entries(made_at);
    transaction.commit();
  }
  return ExplanationStore(std::move(state));
}

ExplanationStore ExplanationStore::open(const std::filesystem::path& file, Access access) {
  auto state = std::make_unique<State>(
      file, access == Access::kRead ? Database::Open::kRead : Database::Open::kWrite);
  const int version = state->database.schema_version();
  if (version != kPictures && version != kVolumes) {
    throw Error(Error::Kind::kInput,
                version == 0 ? "this database holds no explanations"
                             : fmt::format("the store has format {}, this program reads {}",
                                           version, kVolumes),
                file.string(),
                version == 0 ? "give the folder that `rationale explain` wrote"
                             : "use the version of Rationale that wrote it, or a later one")
        .with_code("unknown_format");
  }
  state->database.execute("PRAGMA synchronous = FULL;");
  state->manifest =
      manifest_from_json(state->text_of("SELECT manifest_json FROM run"), file.string());
  return ExplanationStore(std::move(state));
}

const ExplanationManifest& ExplanationStore::manifest() const { return state_->manifest; }
const std::filesystem::path& ExplanationStore::file() const { return state_->database.path(); }

std::vector<ExplainedCase> ExplanationStore::cases() const {
  Statement select = state_->database.prepare(std::string(kCaseColumns) + " ORDER BY rowid");
  std::vector<ExplainedCase> result;
  while (select.step()) result.push_back(case_of(select));
  return result;
}

std::optional<ExplainedCase> ExplanationStore::find_case_if_any(const std::string& name) const {
  Statement select = state_->database.prepare(std::string(kCaseColumns) + " WHERE name = ?1");
  select.bind(1, name);
  if (!select.step()) return std::nullopt;
  return case_of(select);
}

ExplainedCase ExplanationStore::find_case(const std::string& name) const {
  if (auto found = find_case_if_any(name)) return *found;
  std::vector<std::string> names;
  for (const ExplainedCase& one : cases()) names.push_back(one.name);
  const std::vector<std::string> near = near_names(name, names);
  throw Error(Error::Kind::kUsage, fmt::format("no case \"{}\" among {}", name, names.size()),
              file().string(),
              near.empty() ? "explain it first" : fmt::format("did you mean {}?", fmt::join(near, ", ")))
      .with_code("unknown_case");
}

std::vector<float> ExplanationStore::logits(const std::string& key) const {
  Statement select = state_->database.prepare("SELECT logits FROM explanation WHERE key = ?1");
  select.bind(1, key);
  if (!select.step()) {
    throw Error(Error::Kind::kInput, "no explanation with this key", file().string());
  }
  return as_floats(select.blob(0), file().string());
}

Explanation ExplanationStore::explanation(const std::string& key) const {
  Statement select = state_->database.prepare(sql::kExplanationsSelectSql);
  select.bind(1, key);
  if (!select.step()) {
    throw Error(Error::Kind::kInput, "no explanation with this key", file().string());
  }
  const auto integer = [&](int column) { return static_cast<int>(select.integer(column)); };
  Explanation e;
  e.pixel_sha256 = select.text(0);
  e.rows = integer(1);
  e.cols = integer(2);
  e.input_rows = integer(3);
  e.input_cols = integer(4);
  e.input_to_picture = {select.real(5), select.real(6), select.real(7), select.real(8)};
  e.logits = as_floats(select.blob(9), file().string());
  const int rows = integer(10), cols = integer(11);
  const std::vector<float> values = as_floats(select.blob(12), file().string());
  const auto size = static_cast<std::size_t>(rows) * static_cast<std::size_t>(cols);
  if (values.size() != size * e.logits.size()) {
    throw Error(Error::Kind::kInput, "the stored maps have a broken length", file().string())
        .with_code("damaged_database");
  }
  for (std::size_t k = 0; k < e.logits.size(); ++k) {
    const auto first = values.begin() + static_cast<std::ptrdiff_t>(k * size);
    e.maps.push_back({rows, cols, {first, first + static_cast<std::ptrdiff_t>(size)}});
  }
  Statement concepts = state_->database.prepare(
      "SELECT result_json FROM concept_result WHERE key = ?1 ORDER BY class_index");
  concepts.bind(1, key);
  while (concepts.step()) e.concepts.push_back(concepts.text(0));
  if (state_->manifest.input_slices > 0) e.volume = state_->volume_of(key);
  return e;
}

ExplainedVolume ExplanationStore::State::volume_of(const std::string& key) {
  Statement select = database.prepare("SELECT slices, input_slices, map_slices, positions_mm FROM volume WHERE key = ?1");
  select.bind(1, key);
  if (!select.step()) {
    throw Error(Error::Kind::kInput, "a volume's slices are missing", database.path().string())
        .with_code("damaged_database");
  }
  ExplainedVolume volume;
  volume.slices = static_cast<int>(select.integer(0));
  volume.input_slices = static_cast<int>(select.integer(1));
  volume.map_slices = static_cast<int>(select.integer(2));
  const std::vector<std::byte> bytes = select.blob(3);
  volume.positions_mm.resize(bytes.size() / sizeof(double));
  if (!bytes.empty()) {
    std::memcpy(volume.positions_mm.data(), bytes.data(), volume.positions_mm.size() * sizeof(double));
  }
  Statement evidence = database.prepare("SELECT result_json FROM slice_evidence WHERE key = ?1 ORDER BY class_index");
  evidence.bind(1, key);
  while (evidence.step()) volume.evidence.push_back(evidence.text(0));
  return volume;
}

void ExplanationStore::State::add_volume(const std::string& key, const ExplainedVolume& volume) {
  Statement insert = database.prepare("INSERT INTO volume VALUES (?1, ?2, ?3, ?4, ?5)");
  insert.bind(1, key).bind(2, std::int64_t{volume.slices}).bind(3, std::int64_t{volume.input_slices});
  insert.bind(4, std::int64_t{volume.map_slices});
  insert.bind_blob(5, std::as_bytes(std::span(volume.positions_mm))).run();
  Statement evidence = database.prepare("INSERT INTO slice_evidence VALUES (?1, ?2, ?3)");
  for (std::size_t k = 0; k < volume.evidence.size(); ++k) {
    evidence.bind(1, key).bind(2, static_cast<std::int64_t>(k)).bind(3, volume.evidence[k]).run();
  }
}

std::string ExplanationStore::concept_json(const std::string& key, int class_index) const {
  Statement select = state_->database.prepare(
      "SELECT result_json FROM concept_result WHERE key = ?1 AND class_index = ?2");
  select.bind(1, key).bind(2, std::int64_t{class_index});
  return select.step() ? select.text(0) : std::string();
}

std::vector<double> ExplanationStore::State::map_maxima(int class_index) {
  Statement select = database.prepare(
      "SELECT substr(maps, 1 + ?1 * 4 * map_rows * map_cols, 4 * map_rows * map_cols)"
      " FROM explained_case JOIN explanation USING (key)");
  select.bind(1, std::int64_t{class_index});
  std::vector<double> maxima;
  const bool is_signed = manifest.output_kind == "regression";
  while (select.step()) {
    double largest = 0;
    for (const float value : as_floats(select.blob(0), database.path().string())) {
      largest = std::max(largest, static_cast<double>(is_signed ? std::abs(value) : value));
    }
    maxima.push_back(largest);
  }
  return maxima;
}

double ExplanationStore::State::stored_scale(std::int64_t n_cases, int class_index,
                                             bool& is_there) {
  Statement select = database.prepare(
      "SELECT value FROM colour_scale WHERE n_cases = ?1 AND class_index = ?2");
  select.bind(1, n_cases).bind(2, std::int64_t{class_index});
  is_there = select.step();
  return is_there ? select.real(0) : 0;
}

std::string ExplanationStore::State::scales_content(std::int64_t n_cases) {
  Sha256 digest;
  digest.field("scales").field(std::to_string(n_cases));
  Statement select = database.prepare(
      "SELECT class_index, value FROM colour_scale WHERE n_cases = ?1 ORDER BY class_index");
  select.bind(1, n_cases);
  while (select.step()) {
    digest.field(std::to_string(select.integer(0))).field(fmt::format("{:a}", select.real(1)));
  }
  return digest.hex();
}

double ExplanationStore::scale(int class_index) const {
  const std::vector<double>& given = state_->manifest.scales;
  const double reference = given.empty() ? 0 : given.at(static_cast<std::size_t>(class_index));
  return reference > 0 ? reference : own_scale(class_index);
}

double ExplanationStore::own_scale(int class_index) const {
  if (const auto known = state_->scales.find(class_index); known != state_->scales.end()) {
    return known->second;
  }
  const std::int64_t n_cases = state_->integer_of("SELECT count(*) FROM explained_case");
  bool is_there = false;
  double value = state_->stored_scale(n_cases, class_index, is_there);
  if (!is_there) value = percentile_99(state_->map_maxima(class_index));
  state_->scales[class_index] = value;
  return value;
}

std::filesystem::path ExplanationStore::film(const ExplainedCase& one) const {
  return (list_folder() / one.file).lexically_normal();  // an absolute file stays what it is
}

std::filesystem::path ExplanationStore::list_folder() const {
  const std::string folder = state_->text_of("SELECT list_folder FROM place");
  if (folder.empty()) return {};
  return (std::filesystem::absolute(file()).parent_path() / folder).lexically_normal();
}

void ExplanationStore::begin() {
  state_->pending.clear();
  state_->transaction = std::make_unique<Transaction>(state_->database);
}

void ExplanationStore::commit(const std::string& made_at) {
  state_->write_entries(made_at);
  state_->transaction->commit();
  state_->transaction.reset();
}

void ExplanationStore::roll_back() {
  state_->transaction.reset();
  state_->pending.clear();
  state_->scales.clear();
}

std::string ExplanationStore::content_key(const std::string& pixel_sha256) const {
  const ExplanationManifest& m = state_->manifest;
  return Sha256()
      .field("rationale.explanation.1")
      .field(pixel_sha256)
      .field(m.model_sha256)
      .field(m.card_sha256)
      .field(m.layer)
      .field(std::to_string(m.call))
      .field(m.method)
      .field(m.mode)
      .field(m.program_version)
      .field(m.concepts_sha256)
      .hex();
}

bool ExplanationStore::has_content(const std::string& pixel_sha256) const {
  Statement select = state_->database.prepare("SELECT 1 FROM explanation WHERE key = ?1");
  select.bind(1, content_key(pixel_sha256));
  return select.step();
}

void ExplanationStore::add(ExplainedCase one, const Explanation& e) {
  check(state_->manifest, e);
  one.key = content_key(e.pixel_sha256);
  if (const auto there = find_case_if_any(one.name)) {
    if (there->key == one.key && there->file_sha256 == one.file_sha256) return;
    throw Error(Error::Kind::kInput,
                fmt::format("the store has case \"{}\" with another film", one.name), one.file,
                "give the changed film a case name of its own, or explain into another folder")
        .with_code("case_changed");
  }
  Database& database = state_->database;
  if (!has_content(e.pixel_sha256)) {
    Statement insert = database.prepare(sql::kExplanationsInsertSql);
    std::vector<float> maps;
    for (const Plane& map : e.maps) maps.insert(maps.end(), map.values.begin(), map.values.end());
    insert.bind(1, one.key).bind(2, e.pixel_sha256);
    insert.bind(3, std::int64_t{e.rows}).bind(4, std::int64_t{e.cols});
    insert.bind(5, std::int64_t{e.input_rows}).bind(6, std::int64_t{e.input_cols});
    insert.bind(7, e.input_to_picture.row_scale).bind(8, e.input_to_picture.row_offset);
    insert.bind(9, e.input_to_picture.col_scale).bind(10, e.input_to_picture.col_offset);
    insert.bind_blob(11, as_bytes(e.logits));
    insert.bind(12, std::int64_t{e.maps[0].rows}).bind(13, std::int64_t{e.maps[0].cols});
    insert.bind_blob(14, as_bytes(maps)).run();
    Statement concepts = database.prepare("INSERT INTO concept_result VALUES (?1, ?2, ?3)");
    for (std::size_t k = 0; k < e.concepts.size(); ++k) {
      concepts.bind(1, one.key).bind(2, static_cast<std::int64_t>(k)).bind(3, e.concepts[k]).run();
    }
    if (e.volume) state_->add_volume(one.key, *e.volume);
    state_->pending.push_back({"explanation", one.key, content_sha256(one.key, e)});
  }
  Statement insert = database.prepare(sql::kExplanationsInsertCaseSql);
  insert.bind(1, one.name).bind(2, one.patient).bind(3, one.file).bind(4, one.file_sha256);
  insert.bind(5, columns_to_json(one.columns));
  insert.bind(6, one.spacing.vertical_mm).bind(7, one.spacing.horizontal_mm);
  insert.bind(8, one.spacing.aspect).bind(9, std::int64_t{one.spacing.is_detector ? 1 : 0});
  insert.bind(10, one.key).run();
  state_->pending.push_back({"case", one.name, content_sha256(one)});
  state_->scales.clear();
}

void ExplanationStore::add_all(const ExplanationStore& other) {
  for (const ExplainedCase& one : other.cases()) add(one, other.explanation(one.key));
}

void ExplanationStore::add_scales() {
  const std::int64_t n_cases = state_->integer_of("SELECT count(*) FROM explained_case");
  bool is_there = false;
  state_->stored_scale(n_cases, 0, is_there);
  if (is_there || n_cases == 0) return;
  Statement insert = state_->database.prepare("INSERT INTO colour_scale VALUES (?1, ?2, ?3)");
  for (std::size_t k = 0; k < state_->manifest.classes.size(); ++k) {
    insert.bind(1, n_cases).bind(2, static_cast<std::int64_t>(k));
    insert.bind(3, own_scale(static_cast<int>(k))).run();
  }
  state_->pending.push_back(
      {"scales", std::to_string(n_cases), state_->scales_content(n_cases)});
}

void ExplanationStore::set_list_folder(const std::filesystem::path& folder) {
  std::error_code error;
  const std::filesystem::path here = std::filesystem::absolute(file()).parent_path();
  std::filesystem::path relative = std::filesystem::relative(folder, here, error);
  if (error || relative.empty()) relative = std::filesystem::absolute(folder);
  state_->database.prepare("INSERT OR REPLACE INTO place VALUES (1, ?1)")
      .bind(1, relative.generic_string())
      .run();
}

std::string ExplanationStore::chain_head() const { return state_->head(); }

std::string ExplanationStore::canonical_digest() const {
  Sha256 digest;
  digest.field("rationale.explanations.1").field(identity_sha256(state_->manifest));
  Statement keys = state_->database.prepare("SELECT key FROM explanation ORDER BY key");
  while (keys.step()) digest.field(content_sha256(keys.text(0), explanation(keys.text(0))));
  Statement names = state_->database.prepare("SELECT name FROM explained_case ORDER BY name");
  while (names.step()) digest.field(content_sha256(find_case(names.text(0))));
  return digest.hex();
}

std::vector<ExplanationStore::Finding> ExplanationStore::verify() const {
  std::vector<Finding> findings;
  State& state = *state_;
  try {
    if (const std::string said = state.text_of("PRAGMA integrity_check"); said != "ok") {
      findings.push_back({0, "SQLite finds the file damaged: " + said});
      return findings;
    }
    std::int64_t expected_seq = 0;
    std::string previous = kFirstLink;
    std::map<std::string, std::int64_t> counts;
    Statement entries = state.database.prepare(
        "SELECT seq, kind, record, content_sha256, made_at, chain_sha256 FROM entry ORDER BY seq");
    while (entries.step()) {
      const std::int64_t seq = entries.integer(0);
      const std::string kind = entries.text(1), record = entries.text(2);
      const std::string content = entries.text(3);
      ++counts[kind];
      if (seq != ++expected_seq) {
        findings.push_back({seq, fmt::format("entry {} is missing", expected_seq)});
        expected_seq = seq;
      }
      std::string found;
      try {
        if (kind == "run") {
          found = sha256_hex(std::string_view(state.text_of("SELECT manifest_json FROM run")));
        } else if (kind == "explanation") {
          found = content_sha256(record, explanation(record));
        } else if (kind == "case") {
          found = content_sha256(find_case(record));
        } else {
          found = state.scales_content(std::stoll(record));
        }
      } catch (const std::exception&) {
        found = "missing";
      }
      if (found != content) {
        findings.push_back({seq, fmt::format("{} {} is not what was written", kind, record)});
      }
      if (entries.text(5) != link(previous, seq, kind, record, content, entries.text(4))) {
        findings.push_back({seq, "the chain breaks here"});
      }
      previous = entries.text(5);
    }
    const auto count_of = [&](const char* kind, const char* sql) {
      const std::int64_t there = state.integer_of(sql);
      if (there != counts[kind]) {
        findings.push_back({0, fmt::format("{} records of kind {}, but {} entries in the chain",
                                           there, kind, counts[kind])});
      }
    };
    count_of("run", "SELECT count(*) FROM run");
    count_of("explanation", "SELECT count(*) FROM explanation");
    count_of("case", "SELECT count(*) FROM explained_case");
    count_of("scales", "SELECT count(DISTINCT n_cases) FROM colour_scale");
  } catch (const Error& error) {
    findings.push_back({0, error.what()});
  }
  return findings;
}

}  // namespace rationale

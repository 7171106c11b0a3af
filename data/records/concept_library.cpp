#include "data/records/concept_library.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>
#include <span>
#include <string_view>

#include "data/base/error.h"
#include "data/base/text.h"
#include "data/records/sqlite.h"
#include "library_schema_1.sql.h"

namespace rationale {
namespace {

using nlohmann::json;

constexpr std::array<const char*, 4> kLabels{"present", "absent", "uncertain", "unjudged"};
constexpr int kSchema = 1;

ExampleLabel label_of(const Statement& row, int column) {
  const auto label = example_label_from_name(row.text(column));
  if (!label) throw Error(Error::Kind::kInput, "the library has an unknown label");
  return *label;
}

void bind_key(Statement& statement, const BankKey& key) {
  statement.bind(1, key.model_sha256)
      .bind(2, key.card_sha256)
      .bind(3, key.layer)
      .bind(4, key.recipe)
      .bind(5, key.features);
}

constexpr char kWhereKey[] =
    " WHERE model_sha256 = ?1 AND card_sha256 = ?2 AND layer = ?3 AND recipe = ?4 AND features = ?5";

/// Joins what an import says with what the library has: empty fields say nothing.
ConceptCard merged(const ConceptCard& old_card, const ConceptCard& new_card) {
  const auto pick = [](const std::string& is_new, const std::string& was) {
    return is_new.empty() ? was : is_new;
  };
  return {.name = new_card.name,
          .definition = pick(new_card.definition, old_card.definition),
          .excludes = pick(new_card.excludes, old_card.excludes),
          .code = pick(new_card.code, old_card.code),
          .author = pick(new_card.author, old_card.author),
          .is_confounder = new_card.is_confounder || old_card.is_confounder,
          .rule = pick(new_card.rule, old_card.rule)};
}

}  // namespace

const char* example_label_name(ExampleLabel label) {
  return kLabels[static_cast<std::size_t>(label)];
}

std::optional<ExampleLabel> example_label_from_name(std::string_view name) {
  for (std::size_t i = 0; i < kLabels.size(); ++i) {
    if (name == kLabels[i]) return static_cast<ExampleLabel>(i);
  }
  return std::nullopt;
}

std::string ConceptVersion::id() const { return fmt::format("{}@{}", card.name, version); }

struct ConceptLibrary::State {
  mutable Database database;

  State(const std::filesystem::path& file, Database::Open how) : database(file, how) {}

  std::vector<ConceptVersion> read_versions(const std::string& condition,
                                            const std::string& name) const {
    Statement rows = database.prepare(
        "SELECT name, version, state, is_trained, definition, excludes, code, author, "
        "is_confounder, rule FROM concept " + condition + " ORDER BY name, version");
    if (!name.empty()) rows.bind(1, name);
    std::vector<ConceptVersion> versions;
    while (rows.step()) {
      ConceptVersion one;
      one.card = {.name = rows.text(0), .definition = rows.text(4), .excludes = rows.text(5),
                  .code = rows.text(6), .author = rows.text(7),
                  .is_confounder = rows.integer(8) != 0, .rule = rows.text(9)};
      one.version = static_cast<int>(rows.integer(1));
      one.state = rows.text(2);
      one.is_trained = rows.integer(3) != 0;
      Statement counts = database.prepare(
          "SELECT label, COUNT(*) FROM example WHERE concept = ?1 AND version = ?2 GROUP BY label");
      counts.bind(1, one.card.name).bind(2, std::int64_t{one.version});
      std::array<int, 4> of_label{};
      while (counts.step()) {
        of_label[static_cast<std::size_t>(label_of(counts, 0))] =
            static_cast<int>(counts.integer(1));
      }
      one.n_present = of_label[0];
      one.n_absent = of_label[1];
      one.n_uncertain = of_label[2];
      one.n_unjudged = of_label[3];
      Statement annotators = database.prepare(
          "SELECT COUNT(DISTINCT annotator) FROM example WHERE concept = ?1 AND version = ?2");
      annotators.bind(1, one.card.name).bind(2, std::int64_t{one.version});
      annotators.step();
      one.n_annotators = static_cast<int>(annotators.integer(0));
      versions.push_back(std::move(one));
    }
    return versions;
  }

  void write_card(const ConceptCard& card, int version) {
    database
        .prepare("INSERT INTO concept (name, version, state, definition, excludes, code, author, "
                 "is_confounder, rule) VALUES (?1, ?2, 'draft', ?3, ?4, ?5, ?6, ?7, ?8) "
                 "ON CONFLICT (name, version) DO UPDATE SET definition = excluded.definition, "
                 "excludes = excluded.excludes, code = excluded.code, author = excluded.author, "
                 "is_confounder = excluded.is_confounder, rule = excluded.rule")
        .bind(1, card.name)
        .bind(2, std::int64_t{version})
        .bind(3, card.definition)
        .bind(4, card.excludes)
        .bind(5, card.code)
        .bind(6, card.author)
        .bind(7, std::int64_t{card.is_confounder ? 1 : 0})
        .bind(8, card.rule)
        .run();
  }

  void write_example(const std::string& name, int version, const ConceptExample& example) {
    Statement clear = database.prepare(
        "DELETE FROM region WHERE concept = ?1 AND version = ?2 AND case_name = ?3 AND annotator = "
        "?4");
    clear.bind(1, name).bind(2, std::int64_t{version}).bind(3, example.case_name);
    clear.bind(4, example.annotator).run();
    database
        .prepare("INSERT INTO example (concept, version, case_name, annotator, label, patient, "
                 "pixel_sha256) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO UPDATE SET "
                 "label = excluded.label, patient = excluded.patient, "
                 "pixel_sha256 = excluded.pixel_sha256")
        .bind(1, name)
        .bind(2, std::int64_t{version})
        .bind(3, example.case_name)
        .bind(4, example.annotator)
        .bind(5, std::string_view(example_label_name(example.label)))
        .bind(6, example.patient)
        .bind(7, example.pixel_sha256)
        .run();
    std::int64_t ordinal = 0;
    for (const ExampleRegion& region : example.regions) {
      database.prepare("INSERT INTO region VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")
          .bind(1, name)
          .bind(2, std::int64_t{version})
          .bind(3, example.case_name)
          .bind(4, example.annotator)
          .bind(5, ordinal++)
          .bind(6, region.x)
          .bind(7, region.y)
          .bind(8, region.w)
          .bind(9, region.h)
          .run();
    }
  }

  /// Marks a version as trained and notes the pixels of its examples. What a version that was fixed before names
  /// stays; cases whose pixels are others now are added to `changed`.
  void fix_version(const StoredConcept& one, const std::vector<StoredRow>& rows, std::set<std::string>& changed) {
    Statement known =
        database.prepare("SELECT is_trained OR state <> 'draft' FROM concept WHERE name = ?1 AND version = ?2");
    known.bind(1, one.name).bind(2, std::int64_t{one.version});
    const bool is_fixed = known.step() && known.integer(0) != 0;
    Statement differs = database.prepare(
        "SELECT COUNT(*) FROM example WHERE concept = ?1 AND version = ?2 AND case_name = ?3 AND pixel_sha256 <> '' "
        "AND pixel_sha256 <> ?4");
    Statement note = database.prepare(
        "UPDATE example SET pixel_sha256 = ?4 WHERE concept = ?1 AND version = ?2 AND case_name = ?3 AND "
        "(pixel_sha256 = '' OR ?5 = 0)");
    for (const StoredRow& row : rows) {
      if (is_fixed) {
        differs.bind(1, one.name).bind(2, std::int64_t{one.version}).bind(3, row.case_name);
        differs.bind(4, row.pixel_sha256);
        if (differs.step() && differs.integer(0) > 0) changed.insert(row.case_name);
        differs.reset();
      }
      note.bind(1, one.name).bind(2, std::int64_t{one.version}).bind(3, row.case_name);
      note.bind(4, row.pixel_sha256).bind(5, std::int64_t{is_fixed ? 1 : 0}).run();
    }
    database.prepare("UPDATE concept SET is_trained = 1 WHERE name = ?1 AND version = ?2")
        .bind(1, one.name)
        .bind(2, std::int64_t{one.version})
        .run();
  }

  std::optional<std::int64_t> bank_id(const BankKey& key) const {
    Statement row = database.prepare(std::string("SELECT bank_id FROM bank") + kWhereKey);
    bind_key(row, key);
    if (!row.step()) return std::nullopt;
    return row.integer(0);
  }

  void write_evidence(std::int64_t id, const std::vector<StoredEvidence>& evidence) {
    database.prepare("DELETE FROM bank_evidence WHERE bank_id = ?1").bind(1, id).run();
    for (const StoredEvidence& one : evidence) {
      database.prepare("INSERT INTO bank_evidence VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
          .bind(1, id)
          .bind(2, std::int64_t{one.class_index})
          .bind(3, std::int64_t{one.ordinal})
          .bind(4, one.class_name)
          .bind(5, one.verdict)
          .bind(6, one.evidence_json)
          .run();
    }
  }
};

ConceptLibrary::ConceptLibrary(const std::filesystem::path& file, Access access)
    : state_(std::make_unique<State>(file, access == Access::kRead    ? Database::Open::kRead
                                           : access == Access::kWrite ? Database::Open::kWrite
                                                                      : Database::Open::kCreate)) {
  Database& database = state_->database;
  const int found = database.schema_version();
  if (found > kSchema) {
    throw Error(Error::Kind::kInput, "the library was written by a later version of Rationale",
                file.string(), "update Rationale").with_code("later_version");
  }
  Statement tables = database.prepare(
      "SELECT COUNT(*), SUM(name = 'bank_evidence') FROM sqlite_master WHERE type = 'table'");
  tables.step();
  const bool is_empty = tables.integer(0) == 0;
  if (is_empty && access == Access::kCreate) {
    Transaction transaction(database);
    database.execute(sql::kLibrarySchema1Sql);
    database.set_schema_version(kSchema);
    transaction.commit();
  } else if (found == 0 || tables.integer(1) != 1) {
    throw Error(Error::Kind::kInput, "this database is no concept library", file.string(),
                "`rationale concepts import` makes one").with_code("no_library");
  }
}

ConceptLibrary::ConceptLibrary(ConceptLibrary&&) noexcept = default;
ConceptLibrary::~ConceptLibrary() = default;

const std::filesystem::path& ConceptLibrary::file() const { return state_->database.path(); }

std::vector<ConceptVersion> ConceptLibrary::concepts() const {
  return state_->read_versions(
      "AS one WHERE version = (SELECT MAX(version) FROM concept WHERE name = one.name)", "");
}

std::vector<ConceptVersion> ConceptLibrary::versions(const std::string& name) const {
  return state_->read_versions("WHERE name = ?1", name);
}

ConceptVersion ConceptLibrary::find(const std::string& wanted) const {
  const std::size_t at = wanted.rfind('@');
  const auto number = at == std::string::npos ? std::nullopt : parse_integer(wanted.substr(at + 1));
  const std::string name = number ? wanted.substr(0, at) : wanted;
  const std::vector<ConceptVersion> all = versions(name);
  if (!all.empty() && !number) return all.back();
  for (const ConceptVersion& one : all) {
    if (one.version == *number) return one;
  }
  std::vector<std::string> names;
  for (const ConceptVersion& one : concepts()) names.push_back(one.card.name);
  const std::vector<std::string> near = near_names(name, names);
  throw Error(Error::Kind::kUsage, fmt::format("the library has no concept \"{}\"", wanted),
              file().string(),
              near.empty() ? "`rationale concepts list` shows what it has"
                           : fmt::format("did you mean {}?", fmt::join(near, ", ")))
      .with_code("unknown_concept");
}

std::vector<ConceptExample> ConceptLibrary::examples(const std::string& name, int version) const {
  Statement rows = state_->database.prepare(
      "SELECT case_name, annotator, label, patient, pixel_sha256 FROM example WHERE concept = ?1 "
      "AND version = ?2 ORDER BY case_name, annotator");
  rows.bind(1, name).bind(2, std::int64_t{version});
  std::vector<ConceptExample> examples;
  std::map<std::pair<std::string, std::string>, std::size_t> places;
  while (rows.step()) {
    places[{rows.text(0), rows.text(1)}] = examples.size();
    examples.push_back({.case_name = rows.text(0), .annotator = rows.text(1),
                        .label = label_of(rows, 2), .patient = rows.text(3),
                        .pixel_sha256 = rows.text(4), .regions = {}});
  }
  Statement regions = state_->database.prepare(
      "SELECT case_name, annotator, x, y, w, h FROM region WHERE concept = ?1 AND version = ?2 "
      "ORDER BY case_name, annotator, ordinal");
  regions.bind(1, name).bind(2, std::int64_t{version});
  while (regions.step()) {
    examples[places.at({regions.text(0), regions.text(1)})].regions.push_back(
        {regions.real(2), regions.real(3), regions.real(4), regions.real(5)});
  }
  return examples;
}

ConceptLibrary::Imported ConceptLibrary::import(const std::vector<ConceptImport>& concepts) {
  Imported result;
  Transaction transaction(state_->database);
  for (const ConceptImport& incoming : concepts) {
    ++result.concepts;
    const std::string& name = incoming.card.name;
    const std::vector<ConceptVersion> known = versions(name);
    std::vector<ConceptExample> current;
    ConceptCard card = incoming.card;
    if (!known.empty()) {
      current = examples(name, known.back().version);
      card = merged(known.back().card, incoming.card);
    }
    std::map<std::pair<std::string, std::string>, const ConceptExample*> there;
    for (const ConceptExample& one : current) there[{one.case_name, one.annotator}] = &one;
    std::vector<ConceptExample> changes;
    for (ConceptExample one : incoming.examples) {
      const auto old = there.find({one.case_name, one.annotator});
      if (old == there.end()) {
        ++result.new_examples;
      } else {
        const ConceptExample& was = *old->second;
        if (one.patient.empty()) one.patient = was.patient;
        if (one.pixel_sha256.empty()) one.pixel_sha256 = was.pixel_sha256;
        if (was.label == one.label && was.regions == one.regions && was.patient == one.patient &&
            was.pixel_sha256 == one.pixel_sha256) {
          continue;
        }
        ++result.changed_examples;
      }
      changes.push_back(std::move(one));
    }
    const bool is_same = !known.empty() && changes.empty() && card == known.back().card;
    if (is_same) continue;
    int version = known.empty() ? 1 : known.back().version;
    const bool is_fixed =
        !known.empty() && (known.back().is_trained || known.back().state != "draft");
    if (known.empty()) ++result.new_concepts;
    if (is_fixed) {
      ++version;
      ++result.new_versions;
    }
    state_->write_card(card, version);
    if (is_fixed) {
      for (const ConceptExample& one : current) state_->write_example(name, version, one);
    }
    for (const ConceptExample& one : changes) state_->write_example(name, version, one);
  }
  transaction.commit();
  return result;
}

std::vector<BankKey> ConceptLibrary::banks() const {
  Statement rows = state_->database.prepare(
      "SELECT model_sha256, card_sha256, layer, recipe, features FROM bank ORDER BY bank_id");
  std::vector<BankKey> keys;
  while (rows.step()) {
    keys.push_back({rows.text(0), rows.text(1), rows.text(2), rows.text(3), rows.text(4)});
  }
  return keys;
}

std::vector<std::string> ConceptLibrary::store(const StoredBank& bank) {
  Database& database = state_->database;
  Transaction transaction(database);
  std::set<std::string> changed;
  if (const auto old = state_->bank_id(bank.key)) {
    database.prepare("DELETE FROM bank WHERE bank_id = ?1").bind(1, *old).run();
  }
  Statement insert = database.prepare(
      "INSERT INTO bank (model_sha256, card_sha256, layer, recipe, features, model_name, "
      "activation_json, seed, n_permutations, n_resamples, strata_json, program_version) VALUES "
      "(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)");
  bind_key(insert, bank.key);
  insert.bind(6, bank.model_name)
      .bind(7, json(bank.activation_shape).dump())
      .bind(8, std::to_string(bank.seed))
      .bind(9, std::int64_t{bank.n_permutations})
      .bind(10, std::int64_t{bank.n_resamples})
      .bind(11, json(bank.strata).dump())
      .bind(12, bank.program_version)
      .run();
  const std::int64_t id = database.last_insert_rowid();
  for (std::size_t i = 0; i < bank.rows.size(); ++i) {
    database.prepare("INSERT INTO bank_row VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
        .bind(1, id)
        .bind(2, static_cast<std::int64_t>(i))
        .bind(3, bank.rows[i].case_name)
        .bind(4, bank.rows[i].patient)
        .bind(5, bank.rows[i].pixel_sha256)
        .bind(6, std::int64_t{bank.rows[i].fold})
        .run();
  }
  for (std::size_t k = 0; k < bank.concepts.size(); ++k) {
    const StoredConcept& one = bank.concepts[k];
    database.prepare("INSERT INTO bank_concept VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
        .bind(1, id)
        .bind(2, static_cast<std::int64_t>(k))
        .bind(3, one.name)
        .bind(4, std::int64_t{one.version})
        .bind(5, std::int64_t{one.is_trained ? 1 : 0})
        .bind(6, one.facts_json)
        .run();
    if (one.is_trained) state_->fix_version(one, bank.rows, changed);
  }
  state_->write_evidence(id, bank.evidence);
  for (const auto& [name, array] : bank.arrays) {
    const bool is_float = std::holds_alternative<FloatArray>(array);
    const Shape& shape = std::visit([](const auto& one) -> const Shape& { return one.shape; }, array);
    const auto bytes = std::visit(
        [](const auto& one) { return std::as_bytes(std::span(one.values)); }, array);
    database.prepare("INSERT INTO bank_array VALUES (?1, ?2, ?3, ?4, ?5)")
        .bind(1, id)
        .bind(2, name)
        .bind(3, std::string_view(is_float ? "float32" : "float64"))
        .bind(4, json(shape).dump())
        .bind_blob(5, bytes)
        .run();
  }
  transaction.commit();
  return {changed.begin(), changed.end()};
}

std::optional<StoredBank> ConceptLibrary::load(const BankKey& key) const {
  const auto id = state_->bank_id(key);
  if (!id) return std::nullopt;
  Database& database = state_->database;
  StoredBank bank{.key = key};
  try {
    Statement head = database.prepare(
        "SELECT model_name, activation_json, seed, n_permutations, n_resamples, strata_json, "
        "program_version FROM bank WHERE bank_id = ?1");
    head.bind(1, *id).step();
    bank.model_name = head.text(0);
    bank.activation_shape = json::parse(head.text(1)).get<Shape>();
    bank.seed = std::stoull(head.text(2));
    bank.n_permutations = static_cast<int>(head.integer(3));
    bank.n_resamples = static_cast<int>(head.integer(4));
    bank.strata = json::parse(head.text(5)).get<std::vector<std::string>>();
    bank.program_version = head.text(6);
    Statement rows = database.prepare(
        "SELECT case_name, patient, pixel_sha256, fold FROM bank_row WHERE bank_id = ?1 ORDER BY "
        "ordinal");
    rows.bind(1, *id);
    while (rows.step()) {
      bank.rows.push_back(
          {rows.text(0), rows.text(1), rows.text(2), static_cast<int>(rows.integer(3))});
    }
    Statement concepts = database.prepare(
        "SELECT concept, version, is_trained, facts_json FROM bank_concept WHERE bank_id = ?1 "
        "ORDER BY ordinal");
    concepts.bind(1, *id);
    while (concepts.step()) {
      bank.concepts.push_back({concepts.text(0), static_cast<int>(concepts.integer(1)),
                               concepts.integer(2) != 0, concepts.text(3)});
    }
    Statement evidence = database.prepare(
        "SELECT class_index, class_name, ordinal, verdict, evidence_json FROM bank_evidence WHERE "
        "bank_id = ?1 ORDER BY class_index, ordinal");
    evidence.bind(1, *id);
    while (evidence.step()) {
      bank.evidence.push_back({static_cast<int>(evidence.integer(0)), evidence.text(1),
                               static_cast<int>(evidence.integer(2)), evidence.text(3),
                               evidence.text(4)});
    }
    Statement arrays = database.prepare(
        "SELECT name, type, shape_json, data FROM bank_array WHERE bank_id = ?1 ORDER BY name");
    arrays.bind(1, *id);
    while (arrays.step()) {
      const Shape shape = json::parse(arrays.text(2)).get<Shape>();
      const std::vector<std::byte> bytes = arrays.blob(3);
      const auto count = static_cast<std::size_t>(element_count(shape));
      const auto fill = [&]<typename T>(Array<T> array) {
        if (bytes.size() != count * sizeof(T)) {
          throw Error(Error::Kind::kInput, "an array of the library has the wrong size",
                      file().string(), "train again").with_code("damaged_database");
        }
        array.values.resize(count);
        std::memcpy(array.values.data(), bytes.data(), bytes.size());
        bank.arrays[arrays.text(0)] = std::move(array);
      };
      if (arrays.text(1) == "float32") {
        fill(FloatArray{shape, {}});
      } else {
        fill(DoubleArray{shape, {}});
      }
    }
  } catch (const json::exception& error) {
    throw Error(Error::Kind::kInput, std::string("the library is damaged: ") + error.what(),
                file().string(), "restore it from a copy, or train again")
        .with_code("damaged_database");
  }
  return bank;
}

void ConceptLibrary::replace_evidence(const BankKey& key,
                                      const std::vector<StoredEvidence>& evidence) {
  Transaction transaction(state_->database);
  const auto id = state_->bank_id(key);
  if (!id) throw Error(Error::Kind::kInternal, "evidence for a bank that is not there");
  state_->write_evidence(*id, evidence);
  transaction.commit();
}

}  // namespace rationale

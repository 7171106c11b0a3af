#include "study/coordinator/rehearsal_copy.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "data/base/error.h"
#include "data/base/file.h"
#include "data/base/text.h"
#include "data/base/toml_text.h"
#include "data/cases/csv.h"
#include "study/coordinator/case_files.h"
#include "study/log/private_file.h"

namespace rationale::study {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestId = 40, kLongestTitle = 200;  // as the protocol's format allows
constexpr const char* kIdEnd = "-rehearsal";
constexpr const char* kTitleBegin = "REHEARSAL: ";

TomlValue& entry(TomlValue& table, const std::string& key) {
  const auto found = std::ranges::find(table.entries, key, &TomlEntry::key);
  if (found != table.entries.end()) return found->value;
  return table.entries.emplace_back(TomlEntry{key, {}}).value;
}

void drop(TomlValue& table, const std::string& key) {
  std::erase_if(table.entries, [&](const auto& one) { return one.key == key; });
}

TomlValue text_value(std::string text) {
  TomlValue value;
  value.kind = TomlValue::Kind::kString;
  value.text = std::move(text);
  return value;
}

TomlValue count_value(std::int64_t count) {
  TomlValue value;
  value.kind = TomlValue::Kind::kInteger;
  value.integer = count;
  return value;
}

TomlValue true_value() {
  TomlValue value;
  value.kind = TomlValue::Kind::kBoolean;
  value.boolean = true;
  return value;
}

std::string rehearsal_id(const std::string& id) {
  std::string begin = id.substr(0, kLongestId - std::string_view(kIdEnd).size());
  while (begin.ends_with('-')) begin.pop_back();
  return begin + kIdEnd;
}

std::string rehearsal_title(const std::string& title) {
  std::string words = title.substr(0, kLongestTitle - std::string_view(kTitleBegin).size());
  if (const auto cut = first_invalid_utf8(words)) words.resize(*cut);
  return kTitleBegin + words;
}

/// `n` of `cases`, as far from each other as they can be.
std::vector<const StudyCase*> spread(const std::vector<const StudyCase*>& cases, std::size_t n) {
  std::vector<const StudyCase*> chosen;
  for (std::size_t i = 0; i < n; ++i) chosen.push_back(cases[i * cases.size() / n]);
  return chosen;
}

/// By id, as the manifest's are.
std::vector<const StudyCase*> choose_cases(const Manifest& manifest, const Truth& truth, const Protocol& p,
                                           int wanted) {
  std::vector<const StudyCase*> normal, diseased, chosen;
  for (const StudyCase& one : manifest.cases) {
    if (one.is_training) {
      chosen.push_back(&one);
    } else {
      (truth.label.at(one.id) == p.truth.positive ? diseased : normal).push_back(&one);
    }
  }
  const std::size_t n_all = normal.size() + diseased.size();
  const auto at_least_4 = static_cast<std::size_t>(std::max(4, wanted));
  const std::size_t n = wanted == 0 ? n_all : std::min(n_all, at_least_4);
  const double share = static_cast<double>(diseased.size()) / static_cast<double>(n_all);
  // At least two of each class, where the study has them.
  const std::size_t least = std::max(std::min<std::size_t>(2, diseased.size()), n - std::min(n, normal.size()));
  const std::size_t most = std::min(diseased.size(), n - std::min<std::size_t>(2, normal.size()));
  const auto wanted_diseased = static_cast<std::size_t>(std::lround(share * static_cast<double>(n)));
  const std::size_t n_diseased = std::clamp(wanted_diseased, least, most);
  for (const auto& [cases, count] : {std::pair{&diseased, n_diseased}, {&normal, n - n_diseased}}) {
    const auto some = spread(*cases, count);
    chosen.insert(chosen.end(), some.begin(), some.end());
  }
  std::ranges::sort(chosen, {}, [](const StudyCase* one) { return one->id; });
  return chosen;
}

std::string manifest_text(const std::vector<const StudyCase*>& cases) {
  std::size_t n_files = 1;
  std::set<std::string> columns;
  bool has_training = false;
  for (const StudyCase* one : cases) {
    n_files = std::max(n_files, one->files.size());
    for (const auto& [name, value] : one->columns) columns.insert(name);
    has_training = has_training || one->is_training;
  }
  std::vector<std::string> header{"case", "patient"};
  for (std::size_t i = 1; i <= n_files; ++i) header.push_back(i == 1 ? std::string("file") : fmt::format("file{}", i));
  if (has_training) header.emplace_back("training");
  header.insert(header.end(), columns.begin(), columns.end());
  std::string text = csv_line(header);
  for (const StudyCase* one : cases) {
    std::vector<std::string> cells{one->id, one->patient};
    for (std::size_t i = 0; i < n_files; ++i) {
      cells.push_back(i < one->files.size() ? one->files[i].string() : std::string());
    }
    if (has_training) cells.emplace_back(one->is_training ? "1" : "0");
    for (const std::string& name : columns) cells.push_back(one->columns.at(name));
    text += csv_line(cells);
  }
  return text;
}

/// The rows of the chosen cases, each case's under another chosen case's id.
std::string truth_text(const Truth& truth, const std::string& name, const std::vector<const StudyCase*>& cases,
                       const Seed& seed) {
  const CsvTable table = parse_csv(truth.bytes, name);
  const std::size_t id = table.need("case");
  std::vector<std::string> ids;
  for (const StudyCase* one : cases) ids.push_back(one->id);
  std::vector<std::string> dealt = ids;
  Stream(seed, "rehearsal/truth").sattolo(dealt);
  std::map<std::string, std::string> new_id;
  for (std::size_t i = 0; i < ids.size(); ++i) new_id[ids[i]] = dealt[i];
  std::string text = csv_line(table.header);
  for (const CsvRow& row : table.rows) {
    const auto found = new_id.find(row.cells[id]);
    if (found == new_id.end()) continue;
    std::vector<std::string> cells = row.cells;
    cells[id] = found->second;
    text += csv_line(cells);
  }
  return text;
}

std::string protocol_text(const Protocol& p, const RehearsalSize& size, std::int64_t n_cases) {
  TomlValue toml = parse_toml(p.toml, "protocol.toml");
  TomlValue& study = entry(toml, "study");
  entry(study, "id") = text_value(rehearsal_id(p.study.id));
  entry(study, "title") = text_value(rehearsal_title(p.study.title));
  entry(study, "synthetic") = true_value();
  entry(entry(toml, "cases"), "count") = count_value(n_cases);
  drop(entry(toml, "cases"), "sha256");
  drop(entry(toml, "truth"), "sha256");
  auto& readers = entry(toml, "reader").items;
  if (size.readers) readers.resize(static_cast<std::size_t>(*size.readers));
  for (TomlValue& reader : readers) drop(reader, "key");
  return fmt::format("# REHEARSAL of {}: made by `rationale study rehearse`; no person read anything.\n", p.study.id) +
         toml_text(toml);
}

}  // namespace

StudyFolder copy_for_rehearsal(const StudyFolder& study, const fs::path& out, const RehearsalSize& size,
                               const Seed& seed) {
  std::error_code ignored;
  if (fs::exists(study.certificate(), ignored)) {
    throw Error(Error::Kind::kRefused, "the study is locked: its truth is not to be read again (rule I6)",
                study.certificate().string(), "rehearse a study before its lock")
        .with_code("locked");
  }
  const Protocol p = read_study_protocol(study);
  if (size.readers && *size.readers > std::ssize(p.readers)) {
    throw Error(Error::Kind::kUsage, fmt::format("the protocol has {} readers", p.readers.size()), "--readers",
                fmt::format("ask for 1 to {}, or leave --readers out", p.readers.size()));
  }
  const Manifest manifest = read_manifest(study.folder / p.cases.manifest, p);
  const Truth truth = read_truth(study.folder / p.truth.file, p, manifest);
  const auto cases = choose_cases(manifest, truth, p, size.cases);
  const auto n_main = std::ranges::count_if(cases, [](const StudyCase* one) { return !one->is_training; });
  const StudyFolder copy{out};
  write_file(copy.protocol(), protocol_text(p, size, n_main));
  write_file(out / p.cases.manifest, manifest_text(cases));
  write_private_file(out / p.truth.file, truth_text(truth, p.truth.file, cases, seed));
  if (p.ai) {
    const fs::path link = out / p.ai->explanations;
    fs::create_directories(link.parent_path());
    fs::create_directory_symlink(fs::weakly_canonical(study.folder / p.ai->explanations), link);
  }
  return copy;
}

}  // namespace rationale::study

#include "study/coordinator/case_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "data/base/digest.h"
#include "data/base/error.h"
#include "data/base/file.h"
#include "data/base/text.h"
#include "data/cases/csv.h"

namespace rationale::study {
namespace {

constexpr std::size_t kLongestId = 64;

[[noreturn]] void bad(const std::string& what, const std::string& where, const std::string& remedy,
                      const char* code) {
  throw Error(Error::Kind::kInput, what, where, remedy).with_code(code);
}

/// Ids stand in tables, file names and log lines: nothing in them may need quoting.
bool is_case_id(std::string_view id) {
  return !id.empty() && id.size() <= kLongestId && id != "." && id != ".." &&
         std::ranges::all_of(id, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  c == '_' || c == '.' || c == '-';
         });
}

bool is_file_column(const std::string& name) {
  return name == "file" ||
         (name.starts_with("file") && parse_integer(std::string_view(name).substr(4)).has_value());
}

bool training_flag(const std::string& cell, const std::string& where) {
  if (cell.empty() || cell == "0") return false;
  if (cell == "1") return true;
  bad(fmt::format("training is \"{}\"", cell), where, "write 1 for a training case, else 0",
      "bad_training");
}

void check_counts(const std::vector<StudyCase>& cases, const Protocol& protocol,
                  const std::string& name) {
  const auto n_training = std::ranges::count(cases, true, &StudyCase::is_training);
  const auto n_main = std::ssize(cases) - n_training;
  if (n_main != protocol.cases.count) {
    bad(fmt::format("{} cases, the protocol says cases.count = {}", n_main, protocol.cases.count),
        name, "complete the manifest, or write the true number into the protocol", "case_count");
  }
  if (n_training != protocol.cases.training) {
    bad(fmt::format("{} training cases, the protocol says cases.training = {}", n_training,
                    protocol.cases.training),
        name, "mark training cases by 1 in a column training, or change the protocol", "case_count");
  }
}

void check_columns(const CsvTable& table, const Protocol& protocol) {
  if (table.find(protocol.truth.label)) {
    bad(fmt::format("the manifest has the truth in its column \"{}\"", protocol.truth.label),
        table.name + ":1",
        "move that column into the truth file: everybody in the study may read the manifest",
        "truth_in_manifest");
  }
  for (const std::string& column : protocol.design.strata) {
    if (!table.find(column)) {
      bad(fmt::format("no column \"{}\", which design.strata names", column), table.name + ":1",
          "add the column, or take it out of design.strata", "missing_column");
    }
  }
}

/// The protocol may name the very file that it was signed for.
void check_digest(const std::string& found, const std::string& stated, const std::filesystem::path& file, const char* key) {
  if (stated.empty() || found == stated) return;
  bad(fmt::format("the protocol states another file: {} is {}…, this one has {}…", key, stated.substr(0, 12), found.substr(0, 12)),
      file.filename().string(), fmt::format("take the file that the protocol means; if this is the right one, correct {}", key),
      "other_file");
}

}  // namespace

Manifest read_manifest(const std::filesystem::path& file, const Protocol& protocol) {
  const std::string bytes = read_file(file);
  const std::string digest = sha256_hex(bytes);
  check_digest(digest, protocol.cases.sha256, file, "cases.sha256");
  const CsvTable table = parse_csv(bytes, file.filename().string());
  const std::size_t id_column = table.need("case");
  static_cast<void>(table.need("file"));
  check_columns(table, protocol);

  Manifest manifest{.cases = {}, .sha256 = digest};
  std::map<std::string, std::string> seen;
  const std::filesystem::path folder = std::filesystem::absolute(file).parent_path();
  for (const CsvRow& row : table.rows) {
    StudyCase one{.id = row.cells[id_column], .where = table.where(row)};
    if (!is_case_id(one.id)) {
      bad(fmt::format("\"{}\" is no case id", one.id), one.where,
          "use letters, digits, _ . and -, at most 64", "bad_case_id");
    }
    if (const auto [before, is_new] = seen.emplace(one.id, one.where); !is_new) {
      bad(fmt::format("case {} stands here a second time", one.id), one.where,
          "each case has one row; the first is " + before->second, "duplicate_case");
    }
    for (std::size_t c = 0; c < table.header.size(); ++c) {
      const std::string& name = table.header[c];
      const std::string& cell = row.cells[c];
      if (name == "case") continue;
      if (name == "patient") {
        one.patient = cell;
      } else if (name == "training") {
        one.is_training = training_flag(cell, one.where);
      } else if (is_file_column(name)) {
        if (cell.empty()) continue;
        one.files.push_back((folder / cell).lexically_normal());
        std::error_code ignored;
        if (!std::filesystem::is_regular_file(one.files.back(), ignored)) {
          bad(fmt::format("the film {} is not there", cell), one.where,
              "file names are relative to the manifest", "missing_file");
        }
      } else {
        one.columns[name] = cell;
      }
    }
    if (one.files.empty()) bad("no file", one.where, "name the case's film", "missing_file");
    manifest.cases.push_back(std::move(one));
  }
  std::ranges::sort(manifest.cases, {}, &StudyCase::id);
  check_counts(manifest.cases, protocol, table.name);
  return manifest;
}

Truth parse_truth(std::string bytes, const std::string& name, const Protocol& protocol) {
  const CsvTable table = parse_csv(bytes, name);
  const std::size_t id_column = table.need("case");
  const std::size_t label_column = table.need(protocol.truth.label);
  Truth truth{.label = {}, .bytes = {}};
  for (const CsvRow& row : table.rows) {
    const std::string& id = row.cells[id_column];
    const std::string& label = row.cells[label_column];
    if (label.empty()) {
      bad(fmt::format("case {} has no {}", id, protocol.truth.label), table.where(row),
          "every case of the study needs its truth", "missing_truth");
    }
    // A case may have several rows (one a location); they must agree.
    const auto [before, is_new] = truth.label.emplace(id, label);
    if (!is_new && before->second != label) {
      bad(fmt::format("case {} is \"{}\" here and \"{}\" above", id, label, before->second),
          table.where(row), "one case has one truth", "conflicting_truth");
    }
  }
  truth.bytes = std::move(bytes);
  return truth;
}

Truth read_truth(const std::filesystem::path& file, const Protocol& protocol,
                 const Manifest& manifest) {
  std::string bytes = read_file(file);
  check_digest(sha256_hex(bytes), protocol.truth.sha256, file, "truth.sha256");
  const std::string name = file.filename().string();
  Truth truth = parse_truth(std::move(bytes), name, protocol);
  std::set<std::string> listed;
  std::ptrdiff_t n_positive = 0, n_main = 0;
  for (const StudyCase& one : manifest.cases) {
    listed.insert(one.id);
    const auto found = truth.label.find(one.id);
    if (found == truth.label.end()) {
      bad(fmt::format("case {} has no truth", one.id), name,
          fmt::format("add it ({} lists it)", one.where), "missing_truth");
    }
    if (one.is_training) continue;
    ++n_main;
    n_positive += found->second == protocol.truth.positive ? 1 : 0;
  }
  for (const auto& [id, label] : truth.label) {
    if (!listed.contains(id)) {
      bad(fmt::format("case {} is not in the manifest", id), name, "remove it, or add the case",
          "unknown_case");
    }
  }
  if (n_positive == 0 || n_positive == n_main) {
    bad(fmt::format("{} of {} cases have {} = \"{}\"", n_positive, n_main, protocol.truth.label,
                    protocol.truth.positive),
        name, "a study needs diseased and normal cases; check truth.positive in the protocol",
        "one_class");
  }
  return truth;
}

}  // namespace rationale::study

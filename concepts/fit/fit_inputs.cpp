#include "concepts/fit/fit_inputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "concepts/evidence/resampling.h"
#include "data/arrays/npy.h"
#include "data/base/error.h"
#include "data/base/file.h"

namespace rationale::concepts {
namespace {

using nlohmann::json;

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& what) {
  throw Error(Error::Kind::kInput, what, file.string(),
              "compare the arrays with docs/concepts.md, `concepts fit`");
}

/// The optional files of one folder, checked for their first extent.
class Folder {
 public:
  Folder(std::filesystem::path path, Eigen::Index rows) : path_(std::move(path)), rows_(rows) {}

  std::filesystem::path file(const char* name) const { return path_ / name; }
  bool has(const char* name) const { return std::filesystem::is_regular_file(file(name)); }

  Eigen::MatrixXd matrix(const char* name, Eigen::Index rows, Eigen::Index cols) const {
    const DoubleArray array = read_npy_double(file(name));
    if (array.shape.empty() || array.shape.size() > 2) refuse(file(name), "not a matrix");
    Eigen::MatrixXd matrix = to_matrix(array);
    if ((rows >= 0 && matrix.rows() != rows) || (cols >= 0 && matrix.cols() != cols)) {
      refuse(file(name), fmt::format("its shape [{}, {}] does not fit the other arrays",
                                     matrix.rows(), matrix.cols()));
    }
    return matrix;
  }

  std::vector<int> integers(const char* name) const {
    const Array<std::int64_t> array = read_npy_integer(file(name));
    if (array.shape.size() != 1 || array.shape[0] != rows_) {
      refuse(file(name), fmt::format("it must have {} entries, one a row of H", rows_));
    }
    std::vector<int> values;
    for (const std::int64_t value : array.values) values.push_back(static_cast<int>(value));
    return values;
  }

  std::vector<RowIndices> row_lists(const char* name, bool are_permutations) const {
    const Array<std::int64_t> array = read_npy_integer(file(name));
    if (array.shape.size() != 2 || array.shape[1] != rows_) {
      refuse(file(name), fmt::format("it must be [lists, {}]", rows_));
    }
    std::vector<RowIndices> lists;
    for (std::int64_t first = 0; first < element_count(array.shape); first += rows_) {
      RowIndices list(array.values.begin() + first, array.values.begin() + first + rows_);
      std::vector<bool> is_seen(static_cast<std::size_t>(rows_));
      for (const Eigen::Index row : list) {
        if (row < 0 || row >= rows_) refuse(file(name), fmt::format("there is no row {}", row));
        if (are_permutations && is_seen[static_cast<std::size_t>(row)]) {
          refuse(file(name), fmt::format("row {} comes twice in a permutation", row));
        }
        is_seen[static_cast<std::size_t>(row)] = true;
      }
      lists.push_back(std::move(list));
    }
    return lists;
  }

 private:
  std::filesystem::path path_;
  Eigen::Index rows_;
};

Eigen::Index index_of(const std::vector<std::string>& names, const std::string& name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) {
    throw Error(Error::Kind::kInput, fmt::format("settings.json names an unknown concept \"{}\"", name));
  }
  return found - names.begin();
}

FitSettings parse_settings(const json& given, const std::vector<std::string>& names) {
  FitSettings settings;
  for (const json& row : given.value("cav_settings", json::array())) {
    FilterSetting filter;
    filter.concept_index = index_of(names, row.at("concept").get<std::string>());
    const std::string loss = row.at("loss").get<std::string>();
    if (loss != "lr" && loss != "l2svc") {
      throw Error(Error::Kind::kInput, fmt::format("the loss \"{}\" is neither lr nor l2svc", loss));
    }
    filter.options.loss = loss == "lr" ? Loss::kLogistic : Loss::kSquaredHinge;
    filter.options.C = row.at("C").get<double>();
    filter.options.bias = row.value("bias", 1.0);
    settings.filters.push_back(filter);
  }
  if (given.contains("ridge")) {  // "lambda = 0.1 trace(G)/n"
    const std::string rule = given["ridge"].get<std::string>();
    const auto equals = rule.find('=');
    if (equals != std::string::npos) {
      settings.ridge_factor = std::strtod(rule.c_str() + equals + 1, nullptr);
    }
    if (!(settings.ridge_factor > 0)) {
      throw Error(Error::Kind::kInput, fmt::format("cannot read the ridge rule \"{}\"", rule), "",
                  "write it as \"lambda = 0.1 trace(G)/n\"");
    }
  }
  if (given.contains("nested_lr")) {
    settings.nested_concept = index_of(names, given["nested_lr"].at("concept").get<std::string>());
    settings.nested_grid = given["nested_lr"].at("grid").get<std::vector<double>>();
  }
  if (given.contains("gbar")) {
    const auto rows = given["gbar"].at("rows").get<std::vector<Eigen::Index>>();
    if (rows.size() != 2) throw Error(Error::Kind::kInput, "gbar.rows must be [first, last]");
    settings.first_reference_row = rows[0];
    settings.last_reference_row = rows[1];
    settings.reference_midpoints = given["gbar"].value("midpoints", 8);
  }
  settings.path_midpoints = given.value("path_midpoints", 32);
  return settings;
}

}  // namespace

Eigen::MatrixXd to_matrix(const DoubleArray& array) {
  const Eigen::Index rows = array.shape.empty() ? 1 : array.shape[0];
  const Eigen::Index cols = array.shape.size() < 2 ? 1 : array.shape[1];
  return Eigen::Map<
      const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>(
      array.values.data(), rows, cols);
}

DoubleArray to_array(const Eigen::MatrixXd& matrix) {
  DoubleArray array{{matrix.rows(), matrix.cols()}, {}};
  array.values.resize(static_cast<std::size_t>(matrix.size()));
  Eigen::Map<Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>(
      array.values.data(), matrix.rows(), matrix.cols()) = matrix;
  return array;
}

DoubleArray to_array(const Eigen::VectorXd& vector) {
  return {{vector.size()}, {vector.data(), vector.data() + vector.size()}};
}

FitInputs read_fit_inputs(const std::filesystem::path& path, std::uint64_t seed) {
  FitInputs in;
  in.activations = Folder(path, 0).matrix("H.npy", -1, -1);
  const Eigen::Index n = in.activations.rows(), d = in.activations.cols();
  const Folder folder(path, n);
  in.labels = folder.matrix("labels.npy", n, -1);
  const Eigen::Index k = in.labels.cols();
  for (Eigen::Index j = 0; j < k; ++j) {
    if (((in.labels.col(j).array() != 0) && (in.labels.col(j).array() != 1)).any()) {
      refuse(folder.file("labels.npy"), fmt::format("column {} is not all 0 or 1", j));
    }
    const double present = in.labels.col(j).sum();
    if (present < 2 || present > static_cast<double>(n) - 2) {
      throw Error(Error::Kind::kInput,
                  fmt::format("too few examples: column {} has {} with and {} without", j, present,
                              static_cast<double>(n) - present),
                  folder.file("labels.npy").string(), "add examples of the missing kind")
          .with_code("too_few_examples");
    }
  }
  try {
    if (folder.has("names.json")) {
      in.names = json::parse(read_file(folder.file("names.json"))).get<std::vector<std::string>>();
    } else {
      for (Eigen::Index j = 0; j < k; ++j) in.names.push_back(fmt::format("concept{}", j));
    }
    if (static_cast<Eigen::Index>(in.names.size()) != k) {
      refuse(folder.file("names.json"), fmt::format("it must have {} names", k));
    }
    const json settings = folder.has("settings.json")
                              ? json::parse(read_file(folder.file("settings.json")))
                              : json::object();
    in.settings = parse_settings(settings, in.names);
  } catch (const json::exception& error) {
    throw Error(Error::Kind::kInput, std::string("not as expected: ") + error.what(), path.string(),
                "look at settings.json and names.json");
  }
  in.groups = folder.has("groups.npy") ? folder.integers("groups.npy") : std::vector<int>();
  if (in.groups.empty()) {
    for (Eigen::Index i = 0; i < n; ++i) in.groups.push_back(static_cast<int>(i));
  }
  in.folds = folder.has("folds.npy") ? folder.integers("folds.npy")
                                     : folds_by_group(in.groups, in.labels, 5, seed);
  if (folder.has("perms.npy")) in.permutations = folder.row_lists("perms.npy", true);
  if (folder.has("boot.npy")) in.resamples = folder.row_lists("boot.npy", false);
  in.strata = folder.has("strata.npy") ? folder.matrix("strata.npy", n, -1) : Eigen::MatrixXd(n, 0);
  if (folder.has("measure.npy")) in.measure = folder.matrix("measure.npy", n, 1).col(0);
  if (folder.has("H_test.npy")) in.test_activations = folder.matrix("H_test.npy", -1, d);
  if (folder.has("labels_test.npy")) {
    in.test_labels = folder.matrix(
        "labels_test.npy", in.test_activations ? in.test_activations->rows() : -1, k);
  }
  if (folder.has("grad_test.npy")) in.test_gradients = folder.matrix("grad_test.npy", -1, d);
  if (folder.has("suffix.ts.pt")) in.suffix = folder.file("suffix.ts.pt");
  FitSettings& settings = in.settings;
  settings.last_reference_row = std::min(settings.last_reference_row, n - 1);
  if (settings.first_reference_row < 0 ||
      settings.first_reference_row > settings.last_reference_row ||
      settings.reference_midpoints < 1 || settings.path_midpoints < 1) {
    refuse(folder.file("settings.json"), "gbar or path_midpoints is out of range");
  }
  return in;
}

}  // namespace rationale::concepts

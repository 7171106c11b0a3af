#include "data/cases/cases.h"

#include <fmt/format.h>

#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>

#include "data/base/digest.h"
#include "data/base/error.h"
#include "data/cases/csv.h"
#include "data/image/window.h"

namespace rationale {
namespace {

static_assert(std::endian::native == std::endian::little, "digests are over little-endian values");

/// Adds values to a digest, framed by their count.
class Fields {
 public:
  template <typename T>
  Fields& values(const std::vector<T>& all) {
    static_assert(std::is_arithmetic_v<T>);
    hash_.field({reinterpret_cast<const char*>(all.data()), all.size() * sizeof(T)});
    return *this;
  }
  Fields& number(double value) {
    value += 0.0;  // -0 and 0 are one value
    hash_.text({reinterpret_cast<const char*>(&value), sizeof(value)});
    return *this;
  }
  Fields& integer(std::int64_t value) {
    hash_.text({reinterpret_cast<const char*>(&value), sizeof(value)});
    return *this;
  }
  Fields& text(std::string_view value) {
    hash_.field(value);
    return *this;
  }
  Fields& table(const LookupTable& table) {
    return integer(table.first).integer(table.bits).values(table.data);
  }
  std::string hex() { return hash_.hex(); }

 private:
  Sha256 hash_;
};

}  // namespace

std::vector<Case> read_cases(const std::filesystem::path& path, MissingFiles missing) {
  const CsvTable table = read_csv(path);
  const std::size_t name_column = table.need("case");
  const std::size_t file_column = table.need("file");
  const auto patient_column = table.find("patient");
  const std::filesystem::path folder = std::filesystem::absolute(path).parent_path();

  std::vector<Case> cases;
  std::map<std::string, int> lines;
  for (const CsvRow& row : table.rows) {
    Case one;
    one.where = table.where(row);
    one.name = row.cells[name_column];
    const auto refuse = [&](const std::string& what, const std::string& remedy,
                            const std::string& code) {
      throw Error(Error::Kind::kInput, what, one.where, remedy).with_code(code);
    };
    if (one.name.empty()) refuse("a case without a name", "give each case a name", "empty_case");
    const auto [first, is_new] = lines.emplace(one.name, row.line);
    if (!is_new) {
      refuse(fmt::format("the case \"{}\" is also on line {}", one.name, first->second),
             "give each case a name of its own", "duplicate_case");
    }
    if (row.cells[file_column].empty()) {
      refuse(fmt::format("the case \"{}\" has no file", one.name), "name its DICOM or PNG file",
             "missing_file");
    }
    one.file = (folder / row.cells[file_column]).lexically_normal();
    if (patient_column) one.patient = row.cells[*patient_column];
    for (std::size_t i = 0; i < table.header.size(); ++i) {
      one.columns.emplace(table.header[i], row.cells[i]);
    }
    if (missing == MissingFiles::kRefuse) check_case_file(one);
    cases.push_back(std::move(one));
  }
  if (cases.empty()) {
    throw Error(Error::Kind::kInput, "the table has a header but no cases", path.string() + ":1",
                "add one row a case")
        .with_code("no_cases");
  }
  return cases;
}

void check_case_file(const Case& one) {
  std::error_code error;
  if (std::filesystem::is_regular_file(one.file, error)) return;
  throw Error(Error::Kind::kInput,
              fmt::format("the file of case \"{}\" is not there: {}", one.name, one.file.string()),
              one.where, "file names are relative to the table's folder")
      .with_code("missing_file");
}

std::string names_sha256(const std::vector<Case>& cases) {
  Sha256 digest;
  for (const Case& one : cases) digest.field(one.name);
  return digest.hex();
}

std::string pixel_digest(const Picture& picture) {
  Fields fields;
  fields.text("rationale.pixels.2").integer(picture.rows).integer(picture.cols);
  // 16-bit pixels are hashed as such: half the bytes, and their sign is a field of its own below.
  if (picture.bits_stored <= 16) {
    fields.values(std::vector<std::uint16_t>(picture.stored.begin(), picture.stored.end()));
  } else {
    fields.values(picture.stored);
  }
  fields.values(picture.float_values).values(picture.padding);
  fields.number(picture.slope).number(picture.intercept).table(picture.modality_lut);
  fields.integer(picture.is_inverted ? 1 : 0).integer(picture.is_monochrome1 ? 1 : 0);
  fields.integer(picture.bits_stored).integer(picture.is_stored_signed ? 1 : 0);
  fields.integer(static_cast<std::int64_t>(picture.windows.size()));
  for (const Window& window : picture.windows) {
    fields.number(window.centre).number(window.width).text(window_function_name(window.function));
  }
  fields.integer(static_cast<std::int64_t>(picture.voi_luts.size()));
  for (const LookupTable& table : picture.voi_luts) fields.table(table);
  return fields.hex();
}

}  // namespace rationale

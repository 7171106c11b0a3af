#include "tests/explain/archive_parts.h"

#pragma push_macro("CHECK")
#undef CHECK
#include <caffe2/serialize/inline_container.h>
#undef CHECK
#pragma pop_macro("CHECK")

#include "tests/support/catch.h"

namespace rationale::test {

std::map<std::string, std::string> read_parts(const std::filesystem::path& file) {
  caffe2::serialize::PyTorchStreamReader reader(file.string());
  std::map<std::string, std::string> parts;
  for (const std::string& name : reader.getAllRecords()) {
    const auto [bytes, size] = reader.getRecord(name);
    parts[name] = std::string(static_cast<const char*>(bytes.get()), size);
  }
  return parts;
}

void write_parts(const std::filesystem::path& file, const std::map<std::string, std::string>& parts) {
  caffe2::serialize::PyTorchStreamWriter writer(file.string());
  for (const auto& [name, bytes] : parts) {
    if (name == "version" || name.rfind(".data/", 0) == 0 || name == "byteorder") continue;
    writer.writeRecord(name, bytes.data(), bytes.size());
  }
  writer.writeEndOfFile();
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace rationale::test

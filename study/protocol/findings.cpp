#include "study/protocol/findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace rationale::study {
namespace {

void collect(const TomlValue& table, const std::string& path, std::map<std::string, int>& lines) {
  for (const auto& [key, value] : table.entries) {
    const std::string inner = path.empty() ? key : path + "." + key;
    lines[inner] = value.line;
    if (value.kind == TomlValue::Kind::kTable) collect(value, inner, lines);
    if (value.kind != TomlValue::Kind::kArray) continue;
    for (std::size_t i = 0; i < value.items.size(); ++i) {
      if (value.items[i].kind != TomlValue::Kind::kTable) continue;
      const std::string item = fmt::format("{}[{}]", inner, i);
      lines[item] = value.items[i].line;
      collect(value.items[i], item, lines);
    }
  }
}

bool comes_before(const Finding& a, const Finding& b) {
  return std::tie(a.line, a.code, a.path) < std::tie(b.line, b.code, b.path);
}

}  // namespace

KeyLines::KeyLines(const TomlValue& document) { collect(document, "", lines_); }

int KeyLines::of(const std::string& path) const {
  if (const auto found = lines_.find(path); found != lines_.end()) return found->second;
  const auto parent = lines_.find(path.substr(0, path.rfind('.')));
  return parent != lines_.end() ? parent->second : 1;
}

void Findings::error(const std::string& code, const std::string& path,
                     const std::string& message) {
  check_.errors.push_back({lines_.of(path), code, path, message});
}

void Findings::missing(const std::string& table, const std::string& path,
                       const std::string& message) {
  check_.errors.push_back({table.empty() ? 1 : lines_.of(table), "RS111", path, message});
}

void Findings::warning(const std::string& code, const std::string& path,
                       const std::string& message) {
  check_.warnings.push_back({lines_.of(path), code, path, message});
}

ProtocolCheck Findings::sorted() && {
  std::ranges::stable_sort(check_.errors, comes_before);
  std::ranges::stable_sort(check_.warnings, comes_before);
  return std::move(check_);
}

}  // namespace rationale::study

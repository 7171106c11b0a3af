#include "explain/model/torchscript_archive.h"

#include <caffe2/serialize/inline_container.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "data/base/error.h"
#include "explain/model/torchscript_pickle.h"

namespace rationale::explain::torchscript {
namespace {

constexpr std::uint64_t kMostUnpackedBytes = std::uint64_t{256} << 20;  // of the compressed parts
constexpr int kMostBrackets = 256;
constexpr const char* kHowToExport =
    "export it with torch.jit.trace(model.eval(), x).save(FILE) or "
    "torch.jit.script(model.eval()).save(FILE)";

struct Entry {
  std::string name;
  bool is_compressed = false;
  std::uint64_t unpacked = 0;
};

std::uint64_t little_endian(std::string_view bytes, std::size_t at, std::size_t n) {
  std::uint64_t value = 0;
  for (std::size_t i = n; i-- > 0;) {
    value = value << 8 | static_cast<unsigned char>(bytes.at(at + i));
  }
  return value;
}

std::string read_part(std::ifstream& in, std::uint64_t offset, std::uint64_t size) {
  std::string bytes(static_cast<std::size_t>(size), '\0');
  in.seekg(static_cast<std::streamoff>(offset));
  in.read(bytes.data(), static_cast<std::streamsize>(size));
  if (!in) throw std::out_of_range("truncated");
  return bytes;
}

/// The central directory (APPNOTE.TXT 4.3.12 to 4.3.16, with the zip64 records that LibTorch
/// writes).
std::vector<Entry> directory(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  const std::uint64_t length = std::filesystem::file_size(file);
  const std::uint64_t tail_size = std::min<std::uint64_t>(length, 65557);
  const std::string tail = read_part(in, length - tail_size, tail_size);
  const std::size_t end = tail.rfind("PK\x05\x06");
  if (end == std::string::npos) throw std::out_of_range("no zip archive");
  // Nothing behind it, as LibTorch writes: no second directory that another reader might find.
  if (end + 22 != tail.size() || little_endian(tail, end + 20, 2) != 0) throw std::out_of_range("a tail");
  std::uint64_t size = little_endian(tail, end + 12, 4);
  std::uint64_t offset = little_endian(tail, end + 16, 4);
  std::uint64_t behind = length - 22;  // where the directory must end
  if (end >= 20 && tail.compare(end - 20, 4, "PK\x06\x07") == 0) {
    const std::string record = read_part(in, little_endian(tail, end - 20 + 8, 8), 56);
    if (record.compare(0, 4, "PK\x06\x06") != 0) throw std::out_of_range("zip64");
    size = little_endian(record, 40, 8);
    offset = little_endian(record, 48, 8);
    behind = little_endian(tail, end - 20 + 8, 8);
  }
  if (size > length || offset > length || offset + size != behind) throw std::out_of_range("directory");
  const std::string bytes = read_part(in, offset, size);
  std::vector<Entry> entries;
  for (std::size_t at = 0; at + 46 <= bytes.size();) {
    if (bytes.compare(at, 4, "PK\x01\x02") != 0) throw std::out_of_range("entry");
    const std::size_t name_size = little_endian(bytes, at + 28, 2);
    const std::size_t extra_size = little_endian(bytes, at + 30, 2);
    const std::size_t comment_size = little_endian(bytes, at + 32, 2);
    Entry entry{bytes.substr(at + 46, name_size), little_endian(bytes, at + 10, 2) != 0,
                little_endian(bytes, at + 24, 4)};
    if (entry.unpacked == 0xFFFFFFFFu) {  // the real size is the first of the zip64 extra field
      const std::size_t first = at + 46 + name_size;
      for (std::size_t e = first; e + 12 <= first + extra_size;
           e += 4 + little_endian(bytes, e + 2, 2)) {
        if (little_endian(bytes, e, 2) == 1) entry.unpacked = little_endian(bytes, e + 4, 8);
      }
    }
    entries.push_back(entry);
    at += 46 + name_size + extra_size + comment_size;
  }
  return entries;
}

/// LibTorch takes a file for a flatbuffer by four bytes that a zip archive may have there too.
bool begins_as_zip(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string head = read_part(in, 0, 8);
  return head.compare(0, 4, "PK\x03\x04") == 0 && head.compare(4, 4, "PTMF") != 0;
}

std::string lower_case(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

/// LibTorch's reader does not tell capital letters apart: two such names are one part with two contents.
void check_names(const std::vector<Entry>& entries) {
  std::set<std::string> names;
  for (const Entry& entry : entries) {
    if (!names.insert(lower_case(entry.name)).second) throw std::out_of_range("two parts of one name");
  }
}

bool has_part(const std::vector<Entry>& entries, std::string_view part) {
  return std::any_of(entries.begin(), entries.end(), [&](const Entry& entry) {
    return entry.name.find(part) != std::string::npos;
  });
}

void check_sizes(const std::vector<Entry>& entries, const std::string& where) {
  std::uint64_t unpacked = 0;
  for (const Entry& entry : entries) {
    const bool is_tensor = entry.name.find("/data/") != std::string::npos ||
                           entry.name.find("/constants/") != std::string::npos;
    if (is_tensor && entry.is_compressed) {
      throw Error(Error::Kind::kInput, "a tensor in the file is compressed: " + entry.name, where,
                  "save it again with torch.jit.save, which stores tensors plainly");
    }
    if (entry.is_compressed) unpacked += std::min(entry.unpacked, kMostUnpackedBytes + 1);
    if (unpacked > kMostUnpackedBytes) {
      throw Error(Error::Kind::kInput, "the code in the file unpacks to more than 256 MB", where,
                  "this is no ordinary model: do not use it");
    }
  }
}

[[noreturn]] void refuse(const std::string& what, const std::string& where) {
  throw Error(Error::Kind::kInput, what, where,
              "export the model without it; `rationale doctor` shows what is allowed")
      .with_code("operator_not_allowed");
}

void check_text(const std::string& name, std::string_view text, const std::string& where) {
  if (text.find("ConstantMKLDNNTensor") != std::string_view::npos) {
    refuse("the model was made for one machine by optimize_for_inference (prim::ConstantMKLDNNTensor), in " + name, where);
  }
  // However it is spaced: LibTorch reads Python's words, not lines.
  if (text.find("__setstate__") != std::string_view::npos) {
    refuse("a class of the file runs code while it is loaded (__setstate__), in " + name, where);
  }
  // LibTorch's parser calls itself for each bracket, and has no more stack than we.
  int depth = 0;
  for (const char c : text) {
    depth += c == '(' || c == '[' || c == '{' ? 1 : c == ')' || c == ']' || c == '}' ? -1 : 0;
    if (depth > kMostBrackets) refuse("brackets nested more than 256 deep, in " + name, where);
  }
}

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

/// The parts as LibTorch's own reader finds them: what is checked is what will be read.
void check_parts(const std::filesystem::path& file, const std::vector<Entry>& entries) {
  const std::string where = file.string();
  caffe2::serialize::PyTorchStreamReader reader(where);
  const std::string folder = entries.front().name.substr(0, entries.front().name.find('/') + 1);
  std::map<std::string, std::uint64_t> sizes;
  for (const Entry& entry : entries) sizes[entry.name] = entry.unpacked;
  const auto size_in = [&](const char* inner) {
    return [&, inner](const std::string& key) -> std::optional<std::uint64_t> {
      const auto found = sizes.find(folder + inner + key);
      return found == sizes.end() ? std::nullopt : std::optional<std::uint64_t>(found->second);
    };
  };
  for (const std::string& name : reader.getAllRecords()) {
    const bool is_code = name.rfind("code/", 0) == 0;
    const bool is_pickle = ends_with(name, ".pkl") || ends_with(name, ".debug_pkl");
    if (!is_code && !is_pickle) continue;
    const auto [bytes, size] = reader.getRecord(name);
    const std::string_view text(static_cast<const char*>(bytes.get()), size);
    if (is_pickle) {
      check_pickle(text, name, size_in(name == "constants.pkl" ? "constants/" : "data/"), where);
    } else {
      check_text(name, text, where);
    }
  }
}

}  // namespace

void check_archive(const std::filesystem::path& file) {
  const std::string where = file.string();
  std::error_code failed;
  if (!std::filesystem::is_regular_file(file, failed)) {
    throw Error(Error::Kind::kInput, "there is no such model file", where, "check the path");
  }
  std::vector<Entry> entries;
  try {
    if (!begins_as_zip(file)) throw std::out_of_range("another kind of file");
    entries = directory(file);
    check_names(entries);
  } catch (const std::exception&) {
    throw Error(Error::Kind::kInput, "this is not a TorchScript file (no complete zip archive)",
                where, kHowToExport)
        .with_code("not_torchscript");
  }
  if (!has_part(entries, "/code/") || !has_part(entries, "/constants.pkl")) {
    const bool is_export = has_part(entries, "exported_program");
    const bool is_pickle = has_part(entries, "/data.pkl");
    throw Error(Error::Kind::kInput,
                is_export ? "this is a torch.export program, not a TorchScript file"
                : is_pickle
                    ? "this is a file of torch.save (weights, or a Python model), not TorchScript"
                    : "this archive is not a TorchScript file",
                where, kHowToExport)
        .with_code("not_torchscript");
  }
  check_sizes(entries, where);
  try {
    check_parts(file, entries);
  } catch (const Error&) {
    throw;
  } catch (const std::exception&) {
    throw Error(Error::Kind::kInput, "the archive is damaged", where, "copy or export it again")
        .with_code("not_torchscript");
  }
}

}  // namespace rationale::explain::torchscript

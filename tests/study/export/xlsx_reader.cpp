#include "tests/study/export/xlsx_reader.h"

#include <zlib.h>

#include <charconv>
#include <cstdint>
#include <map>
#include <stdexcept>

namespace rationale::test {
namespace {

void need(bool is_so, const std::string& what) {
  if (!is_so) throw std::runtime_error(what);
}

std::uint32_t little(const std::string& bytes, std::size_t at, std::size_t n) {
  need(at + n <= bytes.size(), "the file ends early");
  std::uint32_t value = 0;
  for (std::size_t i = n; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

std::string inflated(const std::string& packed, std::size_t size) {
  std::string plain(size, '\0');
  z_stream stream{};
  need(inflateInit2(&stream, -MAX_WBITS) == Z_OK, "zlib");
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(plain.data());
  stream.avail_out = static_cast<uInt>(size);
  const int status = inflate(&stream, Z_FINISH);
  inflateEnd(&stream);
  need(status == Z_STREAM_END && stream.avail_out == 0, "a part does not inflate");
  return plain;
}

/// Parts by name, from the central directory; checksums are held.
std::map<std::string, std::string> unzip(const std::string& bytes) {
  const std::size_t end = bytes.rfind("PK\x05\x06");
  need(end != std::string::npos, "no ZIP directory");
  const std::uint32_t n = little(bytes, end + 10, 2);
  std::size_t at = little(bytes, end + 16, 4);
  std::map<std::string, std::string> parts;
  for (std::uint32_t i = 0; i < n; ++i) {
    need(little(bytes, at, 4) == 0x02014b50, "a broken ZIP directory");
    const std::uint32_t method = little(bytes, at + 10, 2), crc = little(bytes, at + 16, 4),
                        packed = little(bytes, at + 20, 4), size = little(bytes, at + 24, 4),
                        name = little(bytes, at + 28, 2), extra = little(bytes, at + 30, 2),
                        comment = little(bytes, at + 32, 2), local = little(bytes, at + 42, 4);
    need(little(bytes, local, 4) == 0x04034b50, "a broken ZIP entry");
    const std::size_t data = local + 30 + little(bytes, local + 26, 2) + little(bytes, local + 28, 2);
    const std::string raw = bytes.substr(data, packed);
    need(method == 0 || method == 8, "an unknown ZIP method");
    std::string plain = method == 0 ? raw : inflated(raw, size);
    need(crc32(0, reinterpret_cast<const Bytef*>(plain.data()), static_cast<uInt>(plain.size())) == crc, "a wrong CRC");
    parts[bytes.substr(at + 46, name)] = std::move(plain);
    at += 46 + name + extra + comment;
  }
  return parts;
}

std::string unescaped(std::string text) {
  for (const auto& [entity, c] :
       {std::pair{"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&apos;", "'"}, {"&amp;", "&"}}) {
    for (std::size_t at = text.find(entity); at != std::string::npos; at = text.find(entity, at + 1)) {
      text.replace(at, std::string(entity).size(), c);
    }
  }
  return text;
}

/// One element after the other, with the text that follows it.
struct Tag {
  std::string name;  ///< "/row" closes
  std::string attributes, text;

  std::string attribute(const std::string& key) const {
    const std::size_t at = attributes.find(' ' + key + "=\"");
    if (at == std::string::npos) return {};
    const std::size_t from = at + key.size() + 3;
    return unescaped(attributes.substr(from, attributes.find('"', from) - from));
  }
};

std::vector<Tag> tags_of(const std::string& xml) {
  std::vector<Tag> tags;
  for (std::size_t at = xml.find('<'); at != std::string::npos;) {
    const std::size_t close = xml.find('>', at);
    need(close != std::string::npos, "an open tag");
    const std::string inside = xml.substr(at + 1, close - at - 1);
    const std::size_t space = inside.find_first_of(" \n\r\t");
    const std::size_t next = xml.find('<', close);
    Tag tag{inside.substr(0, space), space == std::string::npos ? "" : inside.substr(space),
            unescaped(xml.substr(close + 1, (next == std::string::npos ? xml.size() : next) - close - 1))};
    const bool is_empty = inside.ends_with('/');
    if (is_empty && tag.name.ends_with('/')) tag.name.pop_back();
    tags.push_back(tag);
    if (is_empty) tags.push_back({"/" + tag.name, "", ""});
    at = next;
  }
  return tags;
}

std::vector<std::string> shared_strings(const std::string& xml) {
  std::vector<std::string> strings;
  for (const Tag& tag : tags_of(xml)) {
    if (tag.name == "si") strings.emplace_back();
    if (tag.name == "t") strings.back() += tag.text;
  }
  return strings;
}

std::size_t column_of(const std::string& reference) {
  std::size_t column = 0;
  for (const char c : reference) {
    if (c < 'A' || c > 'Z') break;
    column = 26 * column + static_cast<std::size_t>(c - 'A' + 1);
  }
  need(column > 0, "a cell without a reference");
  return column - 1;
}

double number(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  need(error == std::errc() && end == text.data() + text.size(), "a number cell holds '" + text + "'");
  return value;
}

void read_cells(ReadSheet& sheet, const std::string& xml, const std::vector<std::string>& strings) {
  std::string type;
  std::size_t column = 0;
  for (const Tag& tag : tags_of(xml)) {
    if (tag.name == "row") sheet.rows.emplace_back();
    if (tag.name == "c") {
      type = tag.attribute("t");
      column = column_of(tag.attribute("r"));
    }
    const bool is_value = tag.name == "v" || (tag.name == "t" && type == "inlineStr");
    if (!is_value) continue;
    auto& row = sheet.rows.back();
    if (row.size() <= column) row.resize(column + 1);
    if (type == "s") {
      row[column] = strings.at(static_cast<std::size_t>(number(tag.text)));
    } else if (type == "inlineStr" || type == "str") {
      row[column] = tag.text;
    } else {
      row[column] = number(tag.text);
    }
  }
}

}  // namespace

std::vector<ReadSheet> read_xlsx(const std::string& bytes) {
  const auto parts = unzip(bytes);
  const auto part = [&](const std::string& name) {
    need(parts.contains(name), "no part " + name);
    return parts.at(name);
  };
  std::map<std::string, std::string> targets;
  for (const Tag& tag : tags_of(part("xl/_rels/workbook.xml.rels"))) {
    if (tag.name == "Relationship") targets[tag.attribute("Id")] = tag.attribute("Target");
  }
  const std::vector<std::string> strings = parts.contains("xl/sharedStrings.xml")
                                               ? shared_strings(part("xl/sharedStrings.xml"))
                                               : std::vector<std::string>{};
  std::vector<ReadSheet> sheets;
  for (const Tag& tag : tags_of(part("xl/workbook.xml"))) {
    if (tag.name != "sheet") continue;
    ReadSheet& sheet = sheets.emplace_back();
    sheet.name = tag.attribute("name");
    read_cells(sheet, part("xl/" + targets.at(tag.attribute("r:id"))), strings);
  }
  return sheets;
}

}  // namespace rationale::test

#include "data/dicom/attributes.h"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcelem.h>
#include <dcmtk/dcmdata/dcitem.h>
#include <dcmtk/dcmdata/dcsequen.h>
#include <dcmtk/dcmdata/dctag.h>
#include <fmt/format.h>

#include <cmath>

#include "data/base/error.h"
#include "data/base/text.h"

namespace rationale {
namespace {

/// DICOM pads with spaces, and some writers with NULs.
std::string without_padding(std::string_view text) {
  while (!text.empty() && (text.back() == '\0' || text.back() == ' ')) text.remove_suffix(1);
  return std::string(trim(text));
}

DcmElement* find(DcmItem& item, const DcmTagKey& tag) {
  DcmElement* element = nullptr;
  if (item.findAndGetElement(tag, element).bad()) return nullptr;
  return element != nullptr && element->getLength() > 0 ? element : nullptr;
}

}  // namespace

std::string tag_name(const DcmTagKey& key) {
  DcmTag tag(key);
  return fmt::format("({:04X},{:04X}) {}", key.getGroup(), key.getElement(), tag.getTagName());
}

void Attributes::refuse(const DcmTagKey& tag, const std::string& what,
                        const std::string& remedy) const {
  throw Error(Error::Kind::kInput, what, file_ + ", " + tag_name(tag),
              remedy.empty() ? "correct the header, or leave the file out" : remedy)
      .with_code("bad_dicom");
}

bool Attributes::has(const DcmTagKey& tag) const { return find(item_, tag) != nullptr; }

std::string Attributes::text(const DcmTagKey& tag) const {
  OFString value;
  if (find(item_, tag) == nullptr || item_.findAndGetOFStringArray(tag, value).bad()) return "";
  return without_padding({value.data(), value.size()});
}

std::vector<std::string> Attributes::parts(const DcmTagKey& tag) const {
  const std::string whole = text(tag);
  if (whole.empty()) return {};
  std::vector<std::string> result = split(whole, '\\');
  for (std::string& part : result) part = without_padding(part);
  return result;
}

std::vector<double> Attributes::numbers(const DcmTagKey& tag) const {
  std::vector<double> result;
  for (const std::string& part : parts(tag)) {
    const auto number = parse_number(part);
    if (!number) return {};
    result.push_back(*number);
  }
  return result;
}

std::optional<long long> Attributes::integer(const DcmTagKey& tag) const {
  DcmElement* element = find(item_, tag);
  if (element == nullptr) return std::nullopt;
  switch (element->ident()) {
    case EVR_US: {
      Uint16 value = 0;
      if (element->getUint16(value).good()) return value;
      break;
    }
    case EVR_SS: {
      Sint16 value = 0;
      if (element->getSint16(value).good()) return value;
      break;
    }
    case EVR_UL: {
      Uint32 value = 0;
      if (element->getUint32(value).good()) return value;
      break;
    }
    case EVR_SL: {
      Sint32 value = 0;
      if (element->getSint32(value).good()) return value;
      break;
    }
    default:
      if (const auto value = parse_integer(text(tag))) return *value;
  }
  refuse(tag, "not a whole number");
}

long long Attributes::need_integer(const DcmTagKey& tag) const {
  const auto value = integer(tag);
  if (!value) refuse(tag, "missing");
  return *value;
}

std::optional<double> Attributes::real(const DcmTagKey& tag) const {
  DcmElement* element = find(item_, tag);
  if (element == nullptr || element->getVM() != 1) return std::nullopt;
  double value = NAN;
  Float32 single = 0;
  Float64 wide = 0;
  if (element->ident() == EVR_FL && element->getFloat32(single).good()) value = static_cast<double>(single);
  if (element->ident() == EVR_FD && element->getFloat64(wide).good()) value = wide;
  return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

std::vector<std::uint16_t> Attributes::words(const DcmTagKey& tag) const {
  DcmElement* element = find(item_, tag);
  if (element == nullptr) return {};
  const std::size_t n = element->getLength() / 2;
  Uint16* unsigned_words = nullptr;
  if (element->ident() == EVR_SS) {
    Sint16* signed_words = nullptr;
    if (element->getSint16Array(signed_words).bad() || signed_words == nullptr) return {};
    return {signed_words, signed_words + n};
  }
  if (element->ident() == EVR_OB) {
    Uint8* bytes = nullptr;
    if (element->getUint8Array(bytes).bad() || bytes == nullptr) return {};
    std::vector<std::uint16_t> result(n);
    for (std::size_t i = 0; i < n; ++i) {
      result[i] = static_cast<std::uint16_t>(bytes[2 * i] | bytes[2 * i + 1] << 8);
    }
    return result;
  }
  if (element->getUint16Array(unsigned_words).bad() || unsigned_words == nullptr) return {};
  return {unsigned_words, unsigned_words + n};
}

unsigned long Attributes::item_count(const DcmTagKey& sequence) const {
  DcmElement* element = nullptr;
  if (item_.findAndGetElement(sequence, element).bad() || element == nullptr) return 0;
  const auto* items = dynamic_cast<DcmSequenceOfItems*>(element);
  return items == nullptr ? 0 : const_cast<DcmSequenceOfItems*>(items)->card();
}

std::optional<Attributes> Attributes::item(const DcmTagKey& sequence, unsigned long index) const {
  if (index >= item_count(sequence)) return std::nullopt;
  DcmItem* inner = nullptr;
  if (item_.findAndGetSequenceItem(sequence, inner, static_cast<long>(index)).bad() ||
      inner == nullptr) {
    return std::nullopt;
  }
  return Attributes(*inner, file_);
}

}  // namespace rationale

// Values of a DICOM data set, read strictly: absent, or what it says, or refused by name.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

class DcmItem;
class DcmTagKey;

namespace rationale {

/// One data set or item. Keeps references: both must outlive it.
class Attributes {
 public:
  Attributes(DcmItem& item, const std::string& file) : item_(item), file_(file) {}

  /// @throws Error (kInput, code "bad_dicom") naming the file and the tag
  [[noreturn]] void refuse(const DcmTagKey& tag, const std::string& what,
                           const std::string& remedy = "") const;

  bool has(const DcmTagKey& tag) const;
  /// Without the spaces and NULs around it; empty if absent.
  std::string text(const DcmTagKey& tag) const;
  /// The parts of a multi-valued text, each trimmed; none if absent or empty.
  std::vector<std::string> parts(const DcmTagKey& tag) const;
  /// Numbers of a DS or IS; nothing if absent, empty, or any part is not a finite number.
  std::vector<double> numbers(const DcmTagKey& tag) const;
  /// A whole number of type US, SS, UL, SL or IS. @throws Error if it is something else
  std::optional<long long> integer(const DcmTagKey& tag) const;
  /// As `integer`, and it has to be there.
  long long need_integer(const DcmTagKey& tag) const;
  /// The one finite number of an FL or FD; nothing if it is something else.
  std::optional<double> real(const DcmTagKey& tag) const;
  /// 16-bit words of a US, SS, OW or OB value, as their bits.
  std::vector<std::uint16_t> words(const DcmTagKey& tag) const;
  /// The n-th item of a sequence, if there is one.
  std::optional<Attributes> item(const DcmTagKey& sequence, unsigned long index) const;
  unsigned long item_count(const DcmTagKey& sequence) const;

 private:
  DcmItem& item_;
  const std::string& file_;
};

/// "(0028,0010) Rows"
std::string tag_name(const DcmTagKey& tag);

}  // namespace rationale

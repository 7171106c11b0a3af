#include "data/dicom/slices.h"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <fmt/format.h>

#include <memory>

#include "data/dicom/attributes.h"
#include "data/dicom/data_set.h"
#include "data/dicom/display_attributes.h"
#include "data/dicom/frame.h"
#include "data/dicom/scan.h"

namespace rationale {
namespace {

constexpr long long kMostFrames = 65536;

int extent(const Attributes& header, const DcmTagKey& tag) {
  const long long value = header.need_integer(tag);
  if (value < 1 || value > 65535) header.refuse(tag, fmt::format("{} is not possible", value));
  return static_cast<int>(value);
}

/// The numbers of the first place that states the tag; none if no place does.
std::vector<double> numbers(const Attributes& header, int frame, const DcmTagKey& macro, const DcmTagKey& tag,
                            std::size_t count) {
  for (const Attributes& place : attribute_places(header, frame, macro)) {
    if (!place.has(tag)) continue;
    std::vector<double> values = place.numbers(tag);
    if (values.size() != count) {
      place.refuse(tag, fmt::format("\"{}\" is not {} finite numbers", place.text(tag), count));
    }
    return values;
  }
  return {};
}

}  // namespace

std::vector<Slice> slices_of(std::string_view bytes, const std::filesystem::path& file) {
  prepare_dcmtk();
  const std::string name = file.string();
  const DicomLayout layout = scan_dicom(bytes, name);
  const std::unique_ptr<DcmDataset> data_set = parse_data_set(layout, name);
  const Attributes header(*data_set, name);
  const long long n_frames = header.integer(DCM_NumberOfFrames).value_or(1);
  if (n_frames < 1 || n_frames > kMostFrames) {
    header.refuse(DCM_NumberOfFrames, fmt::format("{} frames are not possible", n_frames));
  }
  Slice common;
  common.file = file;
  common.series = header.text(DCM_SeriesInstanceUID);
  common.rows = extent(header, DCM_Rows);
  common.cols = extent(header, DCM_Columns);
  std::vector<Slice> slices;
  for (int frame = 1; frame <= n_frames; ++frame) {
    Slice slice = common;
    slice.frame = frame;
    Picture facts;
    facts.frame = frame;
    read_spacing(header, facts);
    slice.spacing = facts.spacing;
    const std::vector<double> p = numbers(header, frame, DCM_PlanePositionSequence, DCM_ImagePositionPatient, 3);
    if (!p.empty()) slice.position = Vector3{p[0], p[1], p[2]};
    const std::vector<double> o = numbers(header, frame, DCM_PlaneOrientationSequence, DCM_ImageOrientationPatient, 6);
    if (!o.empty()) {
      slice.along_row = Vector3{o[0], o[1], o[2]};
      slice.along_column = Vector3{o[3], o[4], o[5]};
    }
    slices.push_back(std::move(slice));
  }
  return slices;
}

}  // namespace rationale

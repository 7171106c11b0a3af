#include "data/dicom/write_ct.h"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>
#include <dcmtk/dcmdata/dcuid.h>
#include <fmt/format.h>

#include "data/base/error.h"
#include "data/dicom/put.h"

namespace rationale {
namespace {

constexpr int kIntercept = -1024, kBits = 12, kLargest = (1 << kBits) - 1;

std::string numbers(std::initializer_list<double> values) { return fmt::format("{}", fmt::join(values, "\\")); }

void put_identity(DcmDataset& data, const CtSlice& slice) {
  put(data, DCM_SOPClassUID, UID_CTImageStorage);
  put(data, DCM_SOPInstanceUID, uid_from(fmt::format("instance.{}.{}", slice.series_key, slice.number)));
  put(data, DCM_StudyInstanceUID, uid_from("study." + slice.series_key));
  put(data, DCM_SeriesInstanceUID, uid_from("series." + slice.series_key));
  put(data, DCM_FrameOfReferenceUID, uid_from("frame." + slice.series_key));
  put(data, DCM_PatientName, slice.patient_name);
  put(data, DCM_PatientID, slice.patient_id);
  put(data, DCM_PatientBirthDate, "");
  put(data, DCM_PatientSex, slice.sex);
  put(data, DCM_StudyDate, kFixedDate);
  put(data, DCM_StudyTime, kFixedTime);
  put(data, DCM_ReferringPhysicianName, "");
  put(data, DCM_StudyID, "");
  put(data, DCM_AccessionNumber, "");
  put(data, DCM_SeriesNumber, "1");
  put(data, DCM_AcquisitionNumber, "1");
  put(data, DCM_InstanceNumber, std::to_string(slice.number));
  put(data, DCM_Manufacturer, "Rationale");
  put(data, DCM_ManufacturerModelName, "phantom");
  put(data, DCM_PositionReferenceIndicator, "");
  if (!slice.comment.empty()) put(data, DCM_ImageComments, slice.comment);
}

/// What PS3.3 A.3 asks of a CT image, and where it lies.
void put_slice(DcmDataset& data, const CtSlice& slice) {
  put(data, DCM_Modality, "CT");
  put(data, DCM_ImageType, "ORIGINAL\\PRIMARY\\AXIAL");
  put(data, DCM_BodyPartExamined, "CHEST");
  put(data, DCM_KVP, "");
  put(data, DCM_SliceThickness, fmt::format("{}", slice.thickness_mm));
  put(data, DCM_PixelSpacing, numbers({slice.spacing.vertical_mm, slice.spacing.horizontal_mm}));
  put(data, DCM_ImagePositionPatient, numbers({slice.position[0], slice.position[1], slice.position[2]}));
  put(data, DCM_ImageOrientationPatient,
      numbers({slice.along_row[0], slice.along_row[1], slice.along_row[2], slice.along_column[0], slice.along_column[1],
               slice.along_column[2]}));
  put(data, DCM_RescaleIntercept, std::to_string(kIntercept));
  put(data, DCM_RescaleSlope, "1");
  put(data, DCM_RescaleType, "HU");
  put(data, DCM_WindowCenter, fmt::format("{}", slice.window.centre));
  put(data, DCM_WindowWidth, fmt::format("{}", slice.window.width));
  put(data, DCM_BurnedInAnnotation, "NO");
  put(data, DCM_LossyImageCompression, "00");
}

void put_pixels(DcmDataset& data, const CtSlice& slice) {
  put(data, DCM_SamplesPerPixel, 1);
  put(data, DCM_PhotometricInterpretation, "MONOCHROME2");
  put(data, DCM_Rows, slice.rows);
  put(data, DCM_Columns, slice.cols);
  put(data, DCM_BitsAllocated, 16);
  put(data, DCM_BitsStored, kBits);
  put(data, DCM_HighBit, kBits - 1);
  put(data, DCM_PixelRepresentation, 0);
  std::vector<Uint16> stored;
  for (const std::int16_t value : slice.hounsfield) {
    const int cell = value - kIntercept;
    if (cell < 0 || cell > kLargest) throw Error(Error::Kind::kInternal, "a CT number does not fit into 12 bits");
    stored.push_back(static_cast<Uint16>(cell));
  }
  check(data.putAndInsertUint16Array(DCM_PixelData, stored.data(), static_cast<unsigned long>(stored.size())),
        "the pixels could not be set");
}

}  // namespace

std::string encode_ct(const CtSlice& slice) {
  if (slice.rows < 1 || slice.cols < 1 ||
      slice.hounsfield.size() != static_cast<std::size_t>(slice.rows) * static_cast<std::size_t>(slice.cols)) {
    throw Error(Error::Kind::kInternal, "a slice's pixels do not match its size");
  }
  DcmFileFormat format;
  DcmDataset& data = *format.getDataset();
  put_identity(data, slice);
  put_slice(data, slice);
  put_pixels(data, slice);
  return encoded(format, EXS_LittleEndianExplicit, slice.hounsfield.size());
}

}  // namespace rationale

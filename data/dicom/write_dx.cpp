#include "data/dicom/write_dx.h"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcfilefo.h>
#include <dcmtk/dcmdata/dcpixel.h>
#include <dcmtk/dcmdata/dcrleerg.h>
#include <dcmtk/dcmdata/dcrlerp.h>
#include <dcmtk/dcmdata/dctk.h>
#include <dcmtk/dcmdata/dcuid.h>
#include <dcmtk/dcmjpeg/djencode.h>
#include <dcmtk/dcmjpeg/djrplol.h>
#include <dcmtk/dcmjpls/djencode.h>
#include <dcmtk/dcmjpls/djrparam.h>
#include <dcmtk/oflog/oflog.h>
#include <fmt/format.h>

#include <cmath>
#include <memory>
#include <mutex>

#include "data/base/error.h"
#include "data/base/file.h"
#include "data/dicom/put.h"

namespace rationale {
namespace {

/// A coded concept as the only item of a sequence.
DcmItem& put_code(DcmItem& item, const DcmTagKey& sequence, const char* code, const char* scheme,
                  const char* meaning) {
  DcmItem* inner = nullptr;
  check(item.findOrCreateSequenceItem(sequence, inner), "a DICOM sequence could not be made");
  put(*inner, DCM_CodeValue, code);
  put(*inner, DCM_CodingSchemeDesignator, scheme);
  put(*inner, DCM_CodeMeaning, meaning);
  return *inner;
}

void put_identity(DcmDataset& data, const DxFile& file) {
  put(data, DCM_SOPClassUID, UID_DigitalXRayImageStorageForPresentation);
  put(data, DCM_SOPInstanceUID, uid_from("instance." + file.uid_key));
  put(data, DCM_StudyInstanceUID, uid_from("study." + file.study_key));
  put(data, DCM_SeriesInstanceUID, uid_from("series." + file.uid_key));
  put(data, DCM_PatientName, file.patient_name);
  put(data, DCM_PatientID, file.patient_id);
  put(data, DCM_PatientBirthDate, "");
  put(data, DCM_PatientSex, file.sex);
  put(data, DCM_PatientAge, fmt::format("{:03}Y", file.age));
  put(data, DCM_StudyDate, kFixedDate);
  put(data, DCM_StudyTime, kFixedTime);
  put(data, DCM_ContentDate, kFixedDate);
  put(data, DCM_ContentTime, kFixedTime);
  put(data, DCM_AcquisitionDate, kFixedDate);
  put(data, DCM_AcquisitionTime, kFixedTime);
  put(data, DCM_ReferringPhysicianName, "");
  put(data, DCM_StudyID, "");
  put(data, DCM_AccessionNumber, "");
  put(data, DCM_SeriesNumber, "1");
  put(data, DCM_InstanceNumber, std::to_string(file.number));
  put(data, DCM_Manufacturer, "Rationale");
  put(data, DCM_ManufacturerModelName, "phantom");
  put(data, DCM_StationName, file.station);
  if (!file.comment.empty()) put(data, DCM_ImageComments, file.comment);
}

/// What PS3.3 A.26 asks of a film for presentation.
void put_film(DcmDataset& data, const DxFile& file) {
  put(data, DCM_Modality, "DX");
  put(data, DCM_PresentationIntentType, "FOR PRESENTATION");
  put(data, DCM_ImageType, "ORIGINAL\\PRIMARY");
  put(data, DCM_BodyPartExamined, "CHEST");
  put(data, DCM_ImageLaterality, "U");
  put(data, DCM_ViewPosition, file.view);
  put(data, DCM_PatientOrientation, "L\\F");
  put_code(data, DCM_AnatomicRegionSequence, "51185008", "SCT", "Chest");
  DcmItem& view =
      file.view == "AP"
          ? put_code(data, DCM_ViewCodeSequence, "399348003", "SCT", "antero-posterior")
          : put_code(data, DCM_ViewCodeSequence, "272479007", "SCT", "postero-anterior");
  check(view.insertEmptyElement(DCM_ViewModifierCodeSequence),
        "a DICOM sequence could not be made");
  check(data.insertEmptyElement(DCM_AcquisitionContextSequence),
        "a DICOM sequence could not be made");
  put(data, DCM_DetectorType, "DIRECT");
  put(data, DCM_BurnedInAnnotation, "NO");  // side marker and stamp name nobody
  put(data, DCM_LossyImageCompression, "00");
  put(data, DCM_PixelIntensityRelationship, "LOG");
  check(data.putAndInsertSint16(DCM_PixelIntensityRelationshipSign, file.is_monochrome1 ? 1 : -1),
        "a DICOM number could not be set");
  put(data, DCM_RescaleIntercept, "0");
  put(data, DCM_RescaleSlope, "1");
  put(data, DCM_RescaleType, "US");
  put(data, DCM_PresentationLUTShape, file.is_monochrome1 ? "INVERSE" : "IDENTITY");
  put(data, DCM_ImagerPixelSpacing,
      fmt::format("{}\\{}", file.spacing.vertical_mm, file.spacing.horizontal_mm));
}

void put_windows(DcmDataset& data, const DxFile& file) {
  std::string centres, widths, explanations;
  for (const Window& window : file.windows) {
    // LINEAR is symmetric about c - 0.5 (PS3.3 C.11.2.1.2.1): v → max - v moves c to max - c + 1.
    const double largest = std::exp2(file.bits_stored) - 1;
    const double centre = file.is_monochrome1 ? largest - window.centre + 1 : window.centre;
    const char* separator = centres.empty() ? "" : "\\";
    centres += fmt::format("{}{}", separator, centre);
    widths += fmt::format("{}{}", separator, window.width);
    explanations += separator + window.explanation;
  }
  if (centres.empty()) return;
  put(data, DCM_WindowCenter, centres);
  put(data, DCM_WindowWidth, widths);
  put(data, DCM_WindowCenterWidthExplanation, explanations);
}

void put_pixels(DcmDataset& data, const DxFile& file) {
  put(data, DCM_SamplesPerPixel, 1);
  put(data, DCM_PhotometricInterpretation, file.is_monochrome1 ? "MONOCHROME1" : "MONOCHROME2");
  put(data, DCM_Rows, file.rows);
  put(data, DCM_Columns, file.cols);
  put(data, DCM_BitsAllocated, 16);
  put(data, DCM_BitsStored, file.bits_stored);
  put(data, DCM_HighBit, file.bits_stored - 1);
  put(data, DCM_PixelRepresentation, 0);
  const int largest = (1 << file.bits_stored) - 1;
  std::vector<Uint16> stored(file.values.begin(), file.values.end());
  for (Uint16& value : stored) {
    if (value > largest) {
      throw Error(Error::Kind::kInternal, "a pixel value does not fit into the bits stored");
    }
    if (file.is_monochrome1) value = static_cast<Uint16>(largest - value);
  }
  check(data.putAndInsertUint16Array(DCM_PixelData, stored.data(),
                                     static_cast<unsigned long>(stored.size())),
        "the pixels could not be set");
}

E_TransferSyntax encode_pixels(DcmDataset& data, DxEncoding encoding) {
  static std::once_flag once;
  std::call_once(once, [] {
    OFLog::configure(OFLogger::OFF_LOG_LEVEL);  // what fails is thrown, not printed
    DcmRLEEncoderRegistration::registerCodecs();
    DJEncoderRegistration::registerCodecs();
    DJLSEncoderRegistration::registerCodecs();
  });
  const auto choose = [&](E_TransferSyntax syntax, const DcmRepresentationParameter* parameter) {
    check(data.chooseRepresentation(syntax, parameter), "the pixels could not be encoded");
    return syntax;
  };
  switch (encoding) {
    case DxEncoding::kExplicit:
      return EXS_LittleEndianExplicit;
    case DxEncoding::kImplicit:
      return EXS_LittleEndianImplicit;
    case DxEncoding::kRle: {
      const DcmRLERepresentationParameter parameter;
      return choose(EXS_RLELossless, &parameter);
    }
    case DxEncoding::kJpegLossless: {
      const DJ_RPLossless parameter;  // prediction 1, no point transform
      return choose(EXS_JPEGProcess14SV1, &parameter);
    }
    case DxEncoding::kJpegLs: {
      const DJLSRepresentationParameter parameter;
      return choose(EXS_JPEGLSLossless, &parameter);
    }
  }
  throw Error(Error::Kind::kInternal, "unknown encoding");
}

}  // namespace

std::string encode_dx(const DxFile& file) {
  if (file.rows < 1 || file.cols < 1 || file.bits_stored < 1 || file.bits_stored > 16 ||
      file.values.size() !=
          static_cast<std::size_t>(file.rows) * static_cast<std::size_t>(file.cols)) {
    throw Error(Error::Kind::kInternal, "a film's pixels do not match its size");
  }
  DcmFileFormat format;
  DcmDataset& data = *format.getDataset();
  put_identity(data, file);
  put_film(data, file);
  put_windows(data, file);
  put_pixels(data, file);
  const E_TransferSyntax syntax = encode_pixels(data, file.encoding);

  return encoded(format, syntax, file.values.size());
}

void write_dx(const std::filesystem::path& path, const DxFile& file) {
  write_file(path, encode_dx(file));
}

}  // namespace rationale

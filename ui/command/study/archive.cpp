// `rationale study archive`: a finished study as one file with checksums.
#include "study/coordinator/archive.h"

#include <fmt/format.h>

#include "data/base/digest.h"
#include "study/coordinator/unblind.h"
#include "ui/command/bodies.h"

namespace rationale::ui {

using namespace rationale::study;

int run_study_archive(const CommandLine& line) {
  const StudyOptions& o = line.study;
  LockedStudy study(StudyFolder{o.folder});
  read_unblinded(study);  // whole, and what was unblinded
  const int n_files = archive_study(study, o.out);
  const std::string digest = sha256_of_file(o.out);
  if (line.common.json) {
    print_json("rationale.study.archive", {{"archive", o.out.string()},
                                           {"files", n_files},
                                           {"sha256", digest},
                                           {"bytes", std::filesystem::file_size(o.out)}});
  } else {
    fmt::print("{}: {} files\nSHA-256 {}\nto check it: rationale study verify --archive {}\n", o.out.string(), n_files,
               digest, o.out.string());
  }
  return 0;
}

}  // namespace rationale::ui

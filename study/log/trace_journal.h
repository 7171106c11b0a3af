// A trace of what was acknowledged, to be compared with the store after a crash.
#pragma once

#include <filesystem>

#include "study/log/event.h"

namespace rationale::study {

/// Passes events on to `inner`; once one is stored, its line "seq hash" is appended to a file.
class TraceJournal : public Journal {
 public:
  /// `inner` outlives this. @throws Error (kEnvironment) if the file cannot be opened
  TraceJournal(Journal& inner, const std::filesystem::path& file);
  ~TraceJournal() override;
  TraceJournal(const TraceJournal&) = delete;
  TraceJournal& operator=(const TraceJournal&) = delete;

  Head append(const Event& event) override;
  void sign_head() override { inner_.sign_head(); }

 private:
  Journal& inner_;
  int file_ = -1;
};

}  // namespace rationale::study

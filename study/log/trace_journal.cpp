#include "study/log/trace_journal.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "data/base/error.h"
#include "study/log/bytes.h"

namespace rationale::study {
namespace {

Error trace_error(const std::string& file) {
  return Error(Error::Kind::kEnvironment, fmt::format("cannot write the trace: {}", std::strerror(errno)), file,
               "choose another file, or leave --trace out")
      .with_code("cannot_write");
}

}  // namespace

TraceJournal::TraceJournal(Journal& inner, const std::filesystem::path& file) : inner_(inner) {
  file_ = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file_ < 0) throw trace_error(file.string());
}

TraceJournal::~TraceJournal() { ::close(file_); }

Head TraceJournal::append(const Event& event) {
  const Head head = inner_.append(event);
  // One write, no flush: the line survives the program, which is what a trace is for.
  const std::string line = fmt::format("{} {}\n", head.seq, to_hex(head.hash));
  if (::write(file_, line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
    // The event is stored; a trace that lacks it claims less than there is.
  }
  return head;
}

}  // namespace rationale::study

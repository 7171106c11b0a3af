#include "data/decode/film_server.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>

#include "data/base/error.h"
#include "data/base/file.h"
#include "data/base/sandbox.h"
#include "data/decode/film_request.h"
#include "data/decode/picture_bytes.h"
#include "data/decode/slice_bytes.h"

namespace rationale {
namespace {

struct Received {
  FilmRequest request;
  int film = -1, answer = -1;
};

/// False: the other side has closed the socket, or sent what is no request.
bool receive(int socket, Received& received) {
  iovec data{&received.request, sizeof received.request};
  alignas(cmsghdr) char control[CMSG_SPACE(2 * sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  ssize_t n = 0;
  do {
    n = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  } while (n < 0 && errno == EINTR);
  const cmsghdr* descriptors = CMSG_FIRSTHDR(&message);
  if (n != static_cast<ssize_t>(sizeof received.request) || descriptors == nullptr ||
      descriptors->cmsg_len != CMSG_LEN(2 * sizeof(int)) ||
      received.request.name_size > sizeof received.request.name) {
    return false;
  }
  std::memcpy(&received.film, CMSG_DATA(descriptors), sizeof(int));
  std::memcpy(&received.answer, CMSG_DATA(descriptors) + sizeof(int), sizeof(int));
  return true;
}

bool write_all(int file, const void* from, std::size_t size) {
  const char* at = static_cast<const char*>(from);
  while (size > 0) {
    const ssize_t n = ::write(file, at, size);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    at += n;
    size -= static_cast<std::size_t>(n);
  }
  return true;
}

int answer(int pipe, FilmAnswer::Kind kind, std::string_view bytes) {
  const FilmAnswer head{kind, bytes.size()};
  return write_all(pipe, &head, sizeof head) && write_all(pipe, bytes.data(), bytes.size()) ? 0 : 1;
}

int answer_error(int pipe, const Error& error) {
  std::string fields;
  for (const std::string& field : {std::string(error.what()), error.where, error.remedy, error.code}) {
    fields.append(field.c_str());  // up to a zero, should there be one
    fields.push_back('\0');
  }
  return answer(pipe, FilmAnswer::Kind::kError, fields);
}

void limit(int what, rlim_t soft, rlim_t hard) {
  const rlimit both{soft, hard};
  ::setrlimit(static_cast<__rlimit_resource_t>(what), &both);
}

void take_limits(const DecodeLimits& limits, std::size_t film_bytes) {
#ifndef __SANITIZE_ADDRESS__  // it maps terabytes of shadow
  const rlim_t memory = limits.memory + 2 * film_bytes;
  limit(RLIMIT_AS, memory, memory);
#else
  (void)film_bytes;
#endif
  const auto seconds = static_cast<rlim_t>(limits.processor_seconds);
  limit(RLIMIT_CPU, seconds, seconds + 1);  // SIGXCPU says why, SIGKILL a second later makes sure
  limit(RLIMIT_FSIZE, 0, 0);
  limit(RLIMIT_CORE, 0, 0);
}

/// The film's bytes. Mapped, not copied: of a file of many frames a child looks at one. A file that shrinks meanwhile
/// ends the child.
class FilmBytes {
 public:
  FilmBytes(int film, const std::string& name) {
    struct stat status {};
    const bool is_file = ::fstat(film, &status) == 0 && S_ISREG(status.st_mode);
    const auto size = static_cast<std::size_t>(status.st_size);
    if (is_file && size > 0 && size <= kMostFilmBytes) {
      void* mapped = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, film, 0);  // until the child ends
      if (mapped != MAP_FAILED) {
        view_ = {static_cast<const char*>(mapped), size};
        return;
      }
    }
    copy_ = read_file(film, name, kMostFilmBytes);
    view_ = copy_;
  }

  std::string_view view() const { return view_; }

 private:
  static constexpr std::size_t kMostFilmBytes = std::size_t{1} << 31;

  std::string copy_;
  std::string_view view_;
};

/// The child: reads the film, gives up everything else, decodes, answers.
int read_one(const Received& received, const FilmReader& reader, const DecodeLimits& limits) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const std::string name(received.request.name, received.request.name_size);
  try {
    struct stat status {};
    ::fstat(received.film, &status);
    take_limits(limits, static_cast<std::size_t>(std::max<off_t>(status.st_size, 0)));
    const FilmBytes bytes(received.film, name);
    const std::string_view film = bytes.view();
    restrict_calls(Calls::kDecoder);
    const FilmRequest& asked = received.request;
    const std::string found = asked.what == FilmRequest::What::kSlices
                                  ? slice_bytes(reader.slices(film, name))
                                  : picture_bytes(reader.picture(film, name, asked.frame, asked.colour));
    return answer(received.answer, FilmAnswer::Kind::kAsked, found);
  } catch (const Error& error) {
    return answer_error(received.answer, error);
  } catch (const std::bad_alloc&) {
    return kOutOfMemory;
  } catch (const std::exception& error) {
    return answer_error(received.answer,
                        Error(Error::Kind::kInput, std::string("the decoder gave up: ") + error.what(), name));
  }
}

/// Waits for the child, and no longer than it may take. SIGCHLD is blocked.
FilmEnded wait_for(pid_t child, std::chrono::seconds most) {
  sigset_t child_ends;
  sigemptyset(&child_ends);
  sigaddset(&child_ends, SIGCHLD);
  const auto end = std::chrono::steady_clock::now() + most;
  FilmEnded ended;
  while (::waitpid(child, &ended.wait_status, WNOHANG) == 0) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    if (left.count() <= 0) {
      ended.is_too_slow = 1;
      ::kill(child, SIGKILL);
      ::waitpid(child, &ended.wait_status, 0);
      break;
    }
    const timespec timeout{left.count() / 1000, (left.count() % 1000) * 1000000};
    ::sigtimedwait(&child_ends, nullptr, &timeout);
  }
  return ended;
}

}  // namespace

int serve_films(int socket, const FilmReader& reader, const DecodeLimits& limits) {
  ::signal(SIGINT, SIG_IGN);  // Ctrl-C goes to the program that asks, which decides what becomes of the film in hand
  ::signal(SIGTERM, SIG_IGN);
  ::signal(SIGPIPE, SIG_IGN);
  ::syscall(SYS_close_range, std::max(socket, STDERR_FILENO) + 1, ~0U, 0);  // what the starting program left open
  sigset_t child_ends;
  sigemptyset(&child_ends);
  sigaddset(&child_ends, SIGCHLD);
  ::sigprocmask(SIG_BLOCK, &child_ends, nullptr);
  restrict_files({.writable = {}, .devices = {}, .readable = {"/usr"}});  // the libraries' own tables, no film
  restrict_calls(Calls::kDecoderParent);

  for (Received received; receive(socket, received); received = {}) {
    const pid_t child = ::fork();
    if (child == 0) {
      ::close(socket);
      ::_exit(read_one(received, reader, limits));
    }
    ::close(received.film);
    ::close(received.answer);
    const FilmEnded ended = child < 0 ? FilmEnded{.wait_status = 1 << 8} : wait_for(child, limits.seconds);
    if (::send(socket, &ended, sizeof ended, MSG_NOSIGNAL) != static_cast<ssize_t>(sizeof ended)) break;
  }
  return 0;
}

}  // namespace rationale

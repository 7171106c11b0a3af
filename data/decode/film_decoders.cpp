#include "data/decode/film_decoders.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "data/base/error.h"
#include "data/base/file.h"
#include "data/decode/film_request.h"
#include "data/decode/picture_bytes.h"
#include "data/decode/slice_bytes.h"

extern char** environ;

namespace rationale {
namespace {

constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 30;  // of an answer
constexpr int kPipeBytes = 1 << 20;

/// A descriptor that is closed when it goes.
struct Descriptor {
  int file = -1;
  explicit Descriptor(int of) : file(of) {}
  ~Descriptor() { close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  void close() {
    if (file >= 0) ::close(file);
    file = -1;
  }
};

/// This process's environment but what is Rationale's own: a passphrase may be among it.
std::vector<char*> environment() {
  std::vector<char*> kept;
  for (char** one = environ; *one != nullptr; ++one) {
    if (!std::string_view(*one).starts_with("RATIONALE_")) kept.push_back(*one);
  }
  kept.push_back(nullptr);
  return kept;
}

Error gone(const std::string& what) {
  return Error(Error::Kind::kEnvironment, what, "rationale-decode", "run the same command again: it goes on")
      .with_code("decoder_gone");
}

bool send_request(int socket, const FilmRequest& request, int film, int answer) {
  iovec data{const_cast<FilmRequest*>(&request), sizeof request};
  alignas(cmsghdr) char control[CMSG_SPACE(2 * sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  cmsghdr* descriptors = CMSG_FIRSTHDR(&message);
  descriptors->cmsg_level = SOL_SOCKET;
  descriptors->cmsg_type = SCM_RIGHTS;
  descriptors->cmsg_len = CMSG_LEN(2 * sizeof(int));
  std::memcpy(CMSG_DATA(descriptors), &film, sizeof(int));
  std::memcpy(CMSG_DATA(descriptors) + sizeof(int), &answer, sizeof(int));
  ssize_t n = 0;
  do {
    n = ::sendmsg(socket, &message, MSG_NOSIGNAL);
  } while (n < 0 && errno == EINTR);
  return n == static_cast<ssize_t>(sizeof request);
}

/// Up to `size` bytes; fewer if the other end is closed before.
std::size_t read_all(int file, char* to, std::size_t size) {
  std::size_t done = 0;
  while (done < size) {
    const ssize_t n = ::read(file, to + done, size - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    done += static_cast<std::size_t>(n);
  }
  return done;
}

struct Answer {
  FilmAnswer head;
  std::unique_ptr<char[]> bytes;
  bool is_whole = false;
};

/// Never waits for a child that is gone: its end of the pipe is the only one.
Answer read_answer(int pipe) {
  Answer answer;
  if (read_all(pipe, reinterpret_cast<char*>(&answer.head), sizeof answer.head) != sizeof answer.head) return answer;
  if (answer.head.size > kMostBytes) return answer;
  answer.bytes = std::make_unique_for_overwrite<char[]>(answer.head.size);
  answer.is_whole = read_all(pipe, answer.bytes.get(), answer.head.size) == answer.head.size;
  return answer;
}

/// One line of at most 1,000 characters, without what a terminal would obey.
std::string plain_text(std::string_view text) {
  std::string plain(text.substr(0, 1000));
  for (char& c : plain) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  return plain;
}

/// Whatever kind the child claims: the fault is the film's, and the run goes on.
Error error_of(std::string_view fields, const std::string& name) {
  std::array<std::string, 4> texts;
  for (std::string& text : texts) {
    const std::size_t end = std::min(fields.find('\0'), fields.size());
    text = plain_text(fields.substr(0, end));
    fields.remove_prefix(std::min(end + 1, fields.size()));
  }
  if (texts[1].empty()) texts[1] = name;
  return Error(Error::Kind::kInput, texts[0], texts[1], texts[2]).with_code(texts[3]);
}

/// Why there is no answer.
Error failure_of(const FilmEnded& ended, const std::string& name) {
  const int status = ended.wait_status;
  const auto error = [&](const std::string& what, const char* code) {
    return Error(Error::Kind::kInput, what, name, "do not use this film: it is damaged, or an attack on the decoder")
        .with_code(code);
  };
  const bool is_out_of_time = WIFSIGNALED(status) && (WTERMSIG(status) == SIGXCPU);
  if (ended.is_too_slow != 0 || is_out_of_time) {
    return error("decoding the film took longer than a film may take", "decode_timeout");
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == kOutOfMemory) {
    return error("decoding the film takes more memory than a film may take", "decode_memory");
  }
  if (WIFSIGNALED(status)) {
    return error(fmt::format("the decoder crashed on the film (signal {}: {})", WTERMSIG(status),
                             ::strsignal(WTERMSIG(status))),
                 "decoder_crashed");
  }
  return error("the decoder ended without an answer", "decoder_crashed");
}

}  // namespace

/// One process, as long as a film takes.
class FilmDecoders::Use {
 public:
  explicit Use(FilmDecoders& all) : all_(all) {
    std::unique_lock lock(all.mutex_);
    all.is_free_.wait(lock, [&] {
      index_ = all.processes_.size();
      bool is_any_left = false;
      for (std::size_t i = 0; i < all.processes_.size(); ++i) {
        if (all.processes_[i].socket < 0) continue;
        is_any_left = true;
        if (!all.processes_[i].is_busy) index_ = i;
      }
      return index_ < all.processes_.size() || !is_any_left;
    });
    if (index_ == all.processes_.size()) throw gone("all decode processes were ended from outside");
    all.processes_[index_].is_busy = true;
    socket_ = all.processes_[index_].socket;
  }
  ~Use() {
    const std::lock_guard lock(all_.mutex_);
    Process& process = all_.processes_[index_];
    process.is_busy = false;
    if (is_lost_) {
      ::close(process.socket);
      process.socket = -1;
    }
    all_.is_free_.notify_all();
  }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;

  int socket() const { return socket_; }
  void lose() { is_lost_ = true; }

 private:
  FilmDecoders& all_;
  std::size_t index_ = 0;
  int socket_ = -1;
  bool is_lost_ = false;
};

FilmDecoders::FilmDecoders(const std::filesystem::path& program, std::size_t n) {
  try {
    for (std::size_t i = 0; i < std::max<std::size_t>(n, 1); ++i) start(program);
  } catch (...) {
    stop();
    throw;
  }
}

FilmDecoders::~FilmDecoders() { stop(); }

void FilmDecoders::start(const std::filesystem::path& program) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    throw gone(std::string("cannot start the decoder: ") + std::strerror(errno));
  }
  Descriptor ours(ends[0]), theirs(ends[1]);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, theirs.file, STDIN_FILENO);
  for (const int output : {STDOUT_FILENO, STDERR_FILENO}) {  // a film must not write to the terminal
    posix_spawn_file_actions_addopen(&actions, output, "/dev/null", O_WRONLY, 0);
  }
  std::string name = program.string();
  std::array<char*, 2> argv{name.data(), nullptr};
  const std::vector<char*> variables = environment();
  Process process;
  const int error = ::posix_spawn(&process.id, name.c_str(), &actions, nullptr, argv.data(), variables.data());
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    throw Error(Error::Kind::kEnvironment, std::string("cannot start the decoder: ") + std::strerror(error), name,
                "install Rationale whole: libexec/rationale has it")
        .with_code("no_decoder");
  }
  process.socket = std::exchange(ours.file, -1);
  processes_.push_back(process);
}

void FilmDecoders::stop() {
  for (const Process& process : processes_) {
    if (process.socket >= 0) ::close(process.socket);
  }
  for (const Process& process : processes_) {
    while (::waitpid(process.id, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
}

Picture FilmDecoders::load(const std::filesystem::path& film, int frame, Colour colour) {
  FilmRequest request;
  request.colour = colour;
  request.frame = frame;
  Picture picture;
  ask(request, film, [&](std::string_view bytes) { picture = picture_from_bytes(bytes, film.string()); });
  return picture;
}

std::vector<Slice> FilmDecoders::slices(const std::filesystem::path& film) {
  FilmRequest request;
  request.what = FilmRequest::What::kSlices;
  std::vector<Slice> slices;
  ask(request, film, [&](std::string_view bytes) { slices = slices_from_bytes(bytes, film); });
  return slices;
}

void FilmDecoders::ask(FilmRequest& request, const std::filesystem::path& path, const TakeAnswer& take) {
  const std::string name = path.string();
  request.name_size = static_cast<std::uint32_t>(std::min(name.size(), sizeof request.name));
  std::memcpy(request.name, name.data(), request.name_size);

  const Descriptor film(open_file(path));
  while (true) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
      throw Error(Error::Kind::kEnvironment, std::string("no pipe: ") + std::strerror(errno), name);
    }
    Descriptor reading(ends[0]), writing(ends[1]);
    ::fcntl(reading.file, F_SETPIPE_SZ, kPipeBytes);  // fewer switches between the two processes; works without

    Use process(*this);
    if (!send_request(process.socket(), request, film.file, writing.file)) {
      process.lose();  // ended from outside before it saw the film: another one may
      continue;
    }
    writing.close();
    const Answer answer = read_answer(reading.file);
    reading.close();  // a child that goes on writing does not wait for us
    FilmEnded ended;
    ssize_t n = 0;
    do {
      n = ::recv(process.socket(), &ended, sizeof ended, 0);
    } while (n < 0 && errno == EINTR);
    if (n != static_cast<ssize_t>(sizeof ended)) {
      process.lose();
      ended.wait_status = SIGKILL;
    }
    if (!answer.is_whole) throw failure_of(ended, name);
    const std::string_view bytes(answer.bytes.get(), answer.head.size);
    if (answer.head.kind == FilmAnswer::Kind::kError) throw error_of(bytes, name);
    return take(bytes);
  }
}

}  // namespace rationale

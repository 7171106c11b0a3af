// The sandbox, by real attempts in child processes. On a kernel without Landlock or seccomp the tests say so and
// look at what is left.
#include "data/base/sandbox.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "data/base/file.h"
#include "tests/support/catch.h"
#include "tests/support/in_child.h"

using namespace rationale;
using test::ChildFacts;
using test::in_child;

namespace {

/// Whether this kernel has it: measured in a child, as the program itself finds out.
bool has_landlock() {
  return in_child([](ChildFacts& facts) { facts.check(restrict_files({}).is_on, "on"); }).empty();
}
bool has_seccomp() {
  return in_child([](ChildFacts& facts) { facts.check(restrict_calls(Calls::kEngine).is_on, "on"); }).empty();
}

bool is_refused(long result, int error = EPERM) { return result == -1 && errno == error; }

void try_to_write(ChildFacts& facts, const std::filesystem::path& folder, const std::filesystem::path& victim) {
  const auto refused = [&](long result, const std::string& what) {
    facts.check(result == -1 && errno == EACCES, what + " is refused with EACCES");
  };
  refused(::open((folder / "new").c_str(), O_WRONLY | O_CREAT, 0600), "making a file");
  refused(::open(victim.c_str(), O_WRONLY), "opening a file for writing");
  refused(::open(victim.c_str(), O_RDWR | O_APPEND), "opening a file for appending");
  refused(::mkdir((folder / "sub").c_str(), 0700), "making a folder");
  refused(::unlink(victim.c_str()), "removing a file");
  refused(::symlink("/etc/passwd", (folder / "link").c_str()), "making a link");
  refused(::mknod((folder / "fifo").c_str(), S_IFIFO | 0600, 0), "making a fifo");
  facts.check(::rename(victim.c_str(), (folder / "other").c_str()) == -1, "renaming is refused");
  facts.check(::link(victim.c_str(), (folder / "hard").c_str()) == -1, "linking is refused");
  refused(::open("/proc/self/mem", O_RDWR), "writing memory through /proc");
}

}  // namespace

TEST_CASE("A process with confined files writes beneath its output folder and nowhere else", "[data][sandbox]") {
  if (!has_landlock()) {
    WARN("this kernel has no Landlock: not tried");
    return;
  }
  const TemporaryFolder outside, output;
  const auto victim = outside.path() / "victim";
  std::ofstream(victim) << "precious";
  std::ofstream(output.path() / "old") << "old";
  CHECK(in_child([&](ChildFacts& facts) {
          facts.check(may_write_anywhere(), "before, the probe may write");
          const Restriction files = restrict_files({.writable = {output.path(), "/no/such/folder"}, .devices = {}, .readable = {}});
          facts.check(files.is_on, "on: " + files.why_not);
          facts.check(!may_write_anywhere(), "the probe sees it");
          try_to_write(facts, outside.path(), victim);
          facts.check(read_file(victim) == "precious", "files elsewhere can be read");

          write_file(output.path() / "sub" / "result.txt", "done");  // beside, then renamed
          write_file(output.path() / "old", "new");
          facts.check(read_file(output.path() / "old") == "new", "an output is replaced");
          std::filesystem::create_directories(output.path() / "a" / "b");
          std::filesystem::remove_all(output.path() / "a");
          facts.check(!std::filesystem::exists(output.path() / "a"), "folders come and go in the output");
          facts.check(::open("/dev/null", O_WRONLY) >= 0, "/dev/null takes what nobody wants");
          facts.check(::mknod((output.path() / "device").c_str(), S_IFCHR | 0600, makedev(1, 1)) == -1,
                      "no device in the output");
          std::thread([&] { facts.check(!may_write_anywhere(), "threads are covered"); }).join();
          const pid_t child = ::fork();
          if (child == 0) ::_exit(may_write_anywhere() ? 1 : 0);
          int status = 0;
          ::waitpid(child, &status, 0);
          facts.check(WIFEXITED(status) && WEXITSTATUS(status) == 0, "children are covered");
        }) == "");
  CHECK(read_file(victim) == "precious");
  CHECK(read_file(output.path() / "sub" / "result.txt") == "done");
  CHECK_FALSE(std::filesystem::exists(outside.path() / "new"));
}

TEST_CASE("A process that may read but a few folders cannot read the films of others", "[data][sandbox]") {
  if (!has_landlock()) return;
  const TemporaryFolder secret, open;
  std::ofstream(secret.path() / "film") << "patient";
  std::ofstream(open.path() / "table") << "codes";
  CHECK(in_child([&](ChildFacts& facts) {
          const int before = ::open((secret.path() / "film").c_str(), O_RDONLY);
          facts.check(restrict_files({.writable = {}, .devices = {}, .readable = {open.path()}}).is_on, "on");
          facts.check(::open((secret.path() / "film").c_str(), O_RDONLY) == -1, "a film is not opened");
          facts.check(::open(secret.path().c_str(), O_RDONLY | O_DIRECTORY) == -1, "nor its folder listed");
          facts.check(read_file(open.path() / "table") == "codes", "what is listed is read");
          facts.check(read_file(before, "film") == "patient", "what was opened before stays open");
        }) == "");
}

TEST_CASE("Threads from before are said to be outside the file rules", "[data][sandbox]") {
  if (!has_landlock()) return;
  CHECK(in_child([](ChildFacts& facts) {
          std::atomic<bool> is_done = false;
          std::thread other([&] {
            while (!is_done) std::this_thread::yield();
          });
          const Restriction files = restrict_files({});
          facts.check(!files.is_on, "not said to be on");
          facts.check(files.why_not.find("1 threads") != std::string::npos, "the reason names them: " + files.why_not);
          facts.check(!may_write_anywhere(), "this thread is covered");
          is_done = true;
          other.join();
        }) == "");
}

TEST_CASE("The engine's process opens no connection and starts no program", "[data][sandbox]") {
  if (!has_seccomp()) {
    WARN("this kernel takes no system call filter: not tried");
    return;
  }
  for (const Calls calls : {Calls::kEngine, Calls::kEngineWithGpu, Calls::kDecoderParent}) {
    INFO(static_cast<int>(calls));
    CHECK(in_child([&](ChildFacts& facts) {
            std::array<int, 2> before{};
            ::socketpair(AF_UNIX, SOCK_STREAM, 0, before.data());
            const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
            facts.check(restrict_calls(calls).is_on, "on");

            for (const int family : {AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_VSOCK}) {
              facts.check(is_refused(::socket(family, SOCK_STREAM, 0)), "socket of family " + std::to_string(family));
            }
            facts.check((::socket(AF_UNIX, SOCK_STREAM, 0) >= 0) == (calls == Calls::kEngineWithGpu), "local socket");
            sockaddr_in address{};
            address.sin_family = AF_INET;
            address.sin_port = htons(80);
            address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
            if (calls != Calls::kEngineWithGpu) {
              facts.check(is_refused(::connect(listener, reinterpret_cast<sockaddr*>(&address), sizeof address)),
                          "connect");
            }
            facts.check(is_refused(::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address)), "bind");
            facts.check(is_refused(::listen(listener, 1)), "listen");
            std::array<int, 2> more{};
            facts.check(is_refused(::socketpair(AF_UNIX, SOCK_STREAM, 0, more.data())), "socketpair");
            facts.check(is_refused(::syscall(SYS_io_uring_setup, 1, nullptr)), "io_uring");

            char program[] = "/bin/true";
            std::array<char*, 2> argv{program, nullptr};
            facts.check(is_refused(::execve(program, argv.data(), nullptr)), "execve");
            facts.check(is_refused(::syscall(SYS_execveat, AT_FDCWD, program, argv.data(), nullptr, 0)), "execveat");
            if (calls != Calls::kDecoderParent) {
              facts.check(is_refused(::fork()), "fork");
              facts.check(is_refused(::vfork()), "vfork");
              facts.check(::system("true") != 0, "system()");
              facts.check(::popen("true", "r") == nullptr, "popen()");
              facts.check(is_refused(::kill(::getppid(), 0)), "signals to others");
              facts.check(is_refused(::syscall(SYS_tgkill, ::getppid(), ::getppid(), 0)), "signals to their threads");
            }
            facts.check(is_refused(::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr)), "ptrace");
            facts.check(is_refused(::syscall(SYS_process_vm_writev, ::getppid(), nullptr, 0, nullptr, 0, 0)),
                        "memory of others");
            facts.check(is_refused(::syscall(SYS_bpf, 0, nullptr, 0)), "bpf");
            facts.check(is_refused(::unshare(CLONE_NEWUSER)), "namespaces");
            facts.check(is_refused(::chmod("/tmp", 01777)), "chmod");
            facts.check(is_refused(::truncate("/dev/null", 0)), "truncate by name");
            facts.check(is_refused(::setxattr("/tmp", "user.x", "", 0, 0)), "setxattr");
            facts.check(is_refused(::ioctl(STDIN_FILENO, TIOCSTI, "x")), "typing into the terminal");
            rlimit most{};
            facts.check(is_refused(static_cast<long>(::prlimit(::getppid(), RLIMIT_CPU, nullptr, &most))), "limits of others");

            // What an engine needs goes on.
            facts.check(::write(before[0], "x", 1) == 1, "what was open stays open");
            std::atomic<int> sum = 0;
            {
              std::array<std::jthread, 4> threads;
              for (std::jthread& one : threads) one = std::jthread([&] { ++sum; });
            }
            facts.check(sum == 4, "threads start");
            void* memory = ::mmap(nullptr, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            facts.check(memory != MAP_FAILED, "memory");
            facts.check(::raise(0) == 0, "a signal to itself");
          }) == "");
  }
}

TEST_CASE("Threads that run already are covered by the call filter", "[data][sandbox]") {
  if (!has_seccomp()) return;
  CHECK(in_child([](ChildFacts& facts) {
          std::atomic<int> step = 0;
          std::thread other([&] {
            while (step != 1) std::this_thread::yield();
            facts.check(is_refused(::socket(AF_INET, SOCK_STREAM, 0)), "socket in a thread from before");
          });
          facts.check(restrict_calls(Calls::kEngine).is_on, "on");
          step = 1;
          other.join();
        }) == "");
}

TEST_CASE("A decoding child is left memory, time and what is open", "[data][sandbox]") {
  if (!has_seccomp()) return;
  const TemporaryFolder folder;
  std::ofstream(folder.path() / "x") << "x";
  CHECK(in_child([&](ChildFacts& facts) {
          facts.check(restrict_calls(Calls::kDecoder).is_on, "on");
          facts.check(is_refused(::open((folder.path() / "y").c_str(), O_WRONLY | O_CREAT, 0600)), "making a file");
          facts.check(is_refused(::open((folder.path() / "x").c_str(), O_RDWR)), "writing a file");
          facts.check(is_refused(::open((folder.path() / "x").c_str(), O_RDONLY | O_TRUNC)), "emptying a file");
          facts.check(is_refused(::open(folder.path().c_str(), O_TMPFILE | O_WRONLY, 0600)), "an unnamed file");
          facts.check(is_refused(::unlink((folder.path() / "x").c_str())), "removing a file");
          facts.check(is_refused(::socket(AF_UNIX, SOCK_STREAM, 0)), "socket");
          facts.check(is_refused(::fork()), "fork");
          facts.check(is_refused(::kill(::getppid(), SIGTERM)), "kill");
          const rlimit most{RLIM_INFINITY, RLIM_INFINITY};
          facts.check(is_refused(::setrlimit(RLIMIT_CPU, &most)), "limits");
          facts.check(is_refused(::ioctl(0, TIOCSTI, "x")), "ioctl");
          std::vector<char> memory(std::size_t{64} << 20, 'x');
          facts.check(memory.back() == 'x', "memory");
          facts.check(read_file(folder.path() / "x") == "x", "reading");
        }) == "");
}

TEST_CASE("On a kernel without Landlock or call filters the reason is said and the process goes on", "[data][sandbox]") {
  CHECK(in_child([](ChildFacts& facts) {
          test::pretend_calls_are_missing(test::landlock_calls());
          const Restriction files = restrict_files({});
          facts.check(!files.is_on, "files not said to be confined");
          facts.check(files.why_not.find("no Landlock") != std::string::npos, "the reason: " + files.why_not);
          facts.check(may_write_anywhere(), "the probe is honest");
        }) == "");
  CHECK(in_child([](ChildFacts& facts) {
          test::pretend_calls_are_missing(test::seccomp_calls());
          const Restriction calls = restrict_calls(Calls::kEngine);
          facts.check(!calls.is_on, "calls not said to be confined");
          facts.check(calls.why_not.find("no system call filter") != std::string::npos, "the reason: " + calls.why_not);
          facts.check(::socket(AF_INET, SOCK_STREAM, 0) >= 0, "nothing is refused");
        }) == "");
}

// seccomp-bpf: a small program in the kernel looks at the number (and first arguments) of every system call
// (https://docs.kernel.org/userspace-api/seccomp_filter.html).
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <vector>

#include "data/base/sandbox.h"

namespace rationale {
namespace {

#if defined(__x86_64__)
constexpr std::uint32_t kProcessor = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kProcessor = AUDIT_ARCH_AARCH64;
#else
constexpr std::uint32_t kProcessor = 0;
#endif

constexpr std::uint32_t kAllow = SECCOMP_RET_ALLOW;
constexpr std::uint32_t fails_with(int error) {
  return SECCOMP_RET_ERRNO | (static_cast<std::uint32_t>(error) & SECCOMP_RET_DATA);
}
constexpr std::uint32_t kRefuse = fails_with(EPERM);

/// Statements of the classic Berkeley packet filter, as the kernel's macros make them.
class Filter {
 public:
  /// Calls of another processor's table (32-bit, x32) are refused: their numbers mean something else.
  Filter() {
    load(offsetof(seccomp_data, arch));
    jump(BPF_JEQ, kProcessor, 1, 0);
    leave(kRefuse);
    load(offsetof(seccomp_data, nr));
#if defined(__x86_64__)
    jump(BPF_JGE, 0x40000000, 0, 1);
    leave(kRefuse);
#endif
  }

  void answer(std::initializer_list<long> calls, std::uint32_t action) {
    for (const long call : calls) {
      jump(BPF_JEQ, static_cast<std::uint32_t>(call), 0, 1);
      leave(action);
    }
  }

  /// `call` is answered by whether argument `index` & mask == wanted (its lower 32 bits).
  void answer_by_bits(long call, std::size_t index, std::uint32_t mask, std::uint32_t wanted, std::uint32_t if_so,
                      std::uint32_t if_not) {
    jump(BPF_JEQ, static_cast<std::uint32_t>(call), 0, 5);
    load(argument(index));
    program_.push_back(BPF_STMT(BPF_ALU | BPF_AND | BPF_K, mask));
    jump(BPF_JEQ, wanted, 0, 1);
    leave(if_so);
    leave(if_not);
  }

  Restriction enforce(std::uint32_t otherwise) {
    if (kProcessor == 0) return {false, "not built for this processor"};
    leave(otherwise);
    sock_fprog program{static_cast<unsigned short>(program_.size()), program_.data()};
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program) != 0) {
      return {false, fmt::format("the kernel takes no system call filter ({})", std::strerror(errno))};
    }
    return {true, {}};
  }

 private:
  static std::uint32_t argument(std::size_t index) {  // little-endian: the lower half comes first
    return static_cast<std::uint32_t>(offsetof(seccomp_data, args) + index * sizeof(std::uint64_t));
  }
  void load(std::size_t offset) {
    program_.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset)));
  }
  void jump(std::uint16_t test, std::uint32_t value, std::uint8_t if_so, std::uint8_t if_not) {
    program_.push_back(
        BPF_JUMP(static_cast<std::uint16_t>(BPF_JMP | BPF_K | test), value, if_so, if_not));
  }
  void leave(std::uint32_t action) { program_.push_back(BPF_STMT(BPF_RET | BPF_K, action)); }

  std::vector<sock_filter> program_;
};

void signal_only_itself(Filter& filter) {
  filter.answer_by_bits(SYS_tgkill, 0, ~0U, static_cast<std::uint32_t>(::getpid()), kAllow, kRefuse);
}

constexpr long kFchmodat2 = 452;  // newer than Debian 12's headers, the same number everywhere

void refuse_dangerous(Filter& filter) {
  filter.answer({SYS_execve, SYS_execveat, SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_kcmp,
                 SYS_pidfd_open, SYS_pidfd_getfd, SYS_pidfd_send_signal, SYS_tkill, SYS_rt_sigqueueinfo,
                 SYS_rt_tgsigqueueinfo},
                kRefuse);  // programs, and what other processes hold
  filter.answer({SYS_socketpair, SYS_bind, SYS_listen, SYS_accept, SYS_accept4, SYS_io_uring_setup,
                 SYS_io_uring_enter, SYS_io_uring_register},
                kRefuse);  // connections (an io_uring makes them without a call that this filter sees)
  filter.answer({SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_move_mount, SYS_open_tree, SYS_fsopen,
                 SYS_fsconfig, SYS_fsmount, SYS_fspick, SYS_mount_setattr, SYS_unshare, SYS_setns, SYS_bpf,
                 SYS_perf_event_open, SYS_userfaultfd, SYS_keyctl, SYS_add_key, SYS_request_key, SYS_kexec_load,
                 SYS_kexec_file_load, SYS_init_module, SYS_finit_module, SYS_delete_module, SYS_reboot, SYS_swapon,
                 SYS_swapoff, SYS_sethostname, SYS_setdomainname, SYS_settimeofday, SYS_clock_settime, SYS_adjtimex,
                 SYS_clock_adjtime, SYS_acct, SYS_quotactl, SYS_syslog, SYS_open_by_handle_at, SYS_personality},
                kRefuse);  // the machine
  filter.answer({SYS_fchmod, SYS_fchmodat, kFchmodat2, SYS_fchown, SYS_fchownat, SYS_setxattr, SYS_lsetxattr,
                 SYS_fsetxattr, SYS_removexattr, SYS_lremovexattr, SYS_fremovexattr, SYS_utimensat, SYS_truncate},
                kRefuse);  // files' rights, owners and dates, which Landlock does not look at
  filter.answer({SYS_shmget, SYS_shmat, SYS_msgget, SYS_semget, SYS_mq_open}, kRefuse);  // other programs' memory
#if defined(__x86_64__)
  filter.answer({SYS_chmod, SYS_chown, SYS_lchown, SYS_utime, SYS_utimes, SYS_futimesat, SYS_iopl, SYS_ioperm,
                 SYS_modify_ldt},
                kRefuse);
#endif
  // Text typed into the terminal for the user to send.
  filter.answer_by_bits(SYS_ioctl, 1, ~0U, TIOCSTI, kRefuse, kAllow);
  // Limits of other processes.
  filter.answer_by_bits(SYS_prlimit64, 0, ~0U, 0, kAllow, kRefuse);
}

void refuse_processes(Filter& filter) {
  filter.answer({SYS_kill}, kRefuse);
#if defined(__x86_64__)
  filter.answer({SYS_fork, SYS_vfork}, kRefuse);
#endif
  filter.answer({SYS_clone3}, fails_with(ENOSYS));  // its flags are out of sight; the C library then takes clone
  filter.answer_by_bits(SYS_clone, 0, CLONE_THREAD, CLONE_THREAD, kAllow, kRefuse);
}

void refuse_connections(Filter& filter) { filter.answer({SYS_socket, SYS_connect}, kRefuse); }

void refuse_all_but_local_connections(Filter& filter) {
  filter.answer_by_bits(SYS_socket, 0, ~0U, AF_UNIX, kAllow, kRefuse);
}

void allow_decoding(Filter& filter) {
  filter.answer({SYS_read, SYS_pread64, SYS_readv, SYS_write, SYS_writev, SYS_close, SYS_lseek, SYS_fstat,
                 SYS_newfstatat, SYS_statx, SYS_fcntl, SYS_faccessat, SYS_readlinkat, SYS_getcwd},
                kAllow);
  filter.answer({SYS_mmap, SYS_munmap, SYS_mprotect, SYS_mremap, SYS_madvise, SYS_brk, SYS_futex, SYS_rt_sigaction,
                 SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_sigaltstack, SYS_exit, SYS_exit_group, SYS_getpid,
                 SYS_gettid, SYS_clock_gettime, SYS_clock_getres, SYS_gettimeofday, SYS_clock_nanosleep,
                 SYS_nanosleep, SYS_sched_yield, SYS_sched_getaffinity, SYS_getrandom, SYS_sysinfo, SYS_uname,
                 SYS_getuid, SYS_geteuid, SYS_getgid, SYS_getegid, SYS_getrusage},
                kAllow);
  constexpr std::uint32_t kWriting = O_ACCMODE | O_CREAT | O_TRUNC | (O_TMPFILE & ~O_DIRECTORY);
  filter.answer_by_bits(SYS_openat, 2, kWriting, O_RDONLY, kAllow, kRefuse);
#if defined(__x86_64__)
  filter.answer_by_bits(SYS_open, 1, kWriting, O_RDONLY, kAllow, kRefuse);
  filter.answer({SYS_stat, SYS_lstat, SYS_access, SYS_readlink, SYS_time}, kAllow);
#endif
  signal_only_itself(filter);
}

}  // namespace

Restriction restrict_calls(Calls calls) {
  Filter filter;
  if (calls == Calls::kDecoder) {
    allow_decoding(filter);
    return filter.enforce(kRefuse);
  }
  refuse_dangerous(filter);
  if (calls != Calls::kDecoderParent) {  // its children inherit the filter, and have other numbers
    signal_only_itself(filter);
    refuse_processes(filter);
  }
  calls == Calls::kEngineWithGpu ? refuse_all_but_local_connections(filter) : refuse_connections(filter);
  return filter.enforce(kAllow);
}

}  // namespace rationale

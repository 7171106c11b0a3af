// Faults that a study must survive: each is done to real programs and files, and what must hold is checked.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "data/base/progress.h"
#include "study/log/chain.h"
#include "tests/end_to_end/trial_study.h"

namespace rationale::faults {

/// What happened: how often the fault was tried, and how often all that must hold held.
struct Outcome {
  int tried = 0, held = 0;
  std::vector<std::string> failures;  ///< what did not hold, in words
  std::string not_tried;              ///< why, if nothing was tried (no Xvfb, no right to mount)

  void count(const std::string& failure);  ///< empty: it held
};

/// A locked study whose first packages are out, and the first reader's key.
struct Trial {
  test::TrialStudy study;
  study::SigningKey key;  ///< r1's
  std::filesystem::path package;

  explicit Trial(int n_films);
};

/// kill -9 of the reading app in its window at random moments of a scripted run, until it was killed `n`
/// times: every acknowledged event is in the store, the chain is good, the next case is the first that is not
/// confirmed, and confirmed answers are the script's.
Outcome kill_reader(const Trial& trial, int n, std::uint64_t seed, Quiet quiet);

/// kill -9 of `rationale explain` at random moments, each time resumed, until it was killed `n` times: no film that
/// was stored is lost, every record is what was written, and a finished store has the digest of an undisturbed run.
Outcome kill_explain(int n, int n_films, std::uint64_t seed, Quiet quiet);

/// Ctrl-C at a random moment of `rationale explain`: it stops, says how many films are stored and how to go on, and
/// the same command gives the digest of an undisturbed run.
Outcome interrupt_explain(int n, int n_films, std::uint64_t seed, Quiet quiet);

/// One flipped bit in a log, bundle, package or store: found, or (free bytes of the store) no change.
Outcome flip_bits(const Trial& trial, int n, std::uint64_t seed, Quiet quiet);

/// The disk fills while the reading app reads: it says so, covers the film, keeps what it acknowledged, and
/// goes on once there is room.
Outcome fill_disk(const Trial& trial);

/// Power goes at every write and sync of a session, with unsynced sectors lost at random; and the disk is
/// full at every write.
Outcome cut_power(int n_events, std::uint64_t seed, Quiet quiet);

/// A session or study folder that lies on a network file system is refused.
Outcome use_network_folder(const Trial& trial);

/// Two processes on one session: one has it, the other is told who.
Outcome race_for_session(const Trial& trial, int n);

/// A session folder that was copied and read on in two places: the second bundle is refused, both kept.
Outcome fork_session(const Trial& trial);

/// The machine's clock is set back before the last event; a package is opened before its date.
Outcome set_clock_back(const Trial& trial);

/// The write-ahead log of a killed session is lost: the signed head says so.
Outcome lose_log_tail(const Trial& trial);

}  // namespace rationale::faults

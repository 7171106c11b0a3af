// A study on made films, ready to be locked, and the driver that takes it through its steps.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "data/base/file.h"

namespace rationale::test {

/// What the driver answered with --json.
struct Answered {
  int status = 0;
  std::string text;
  nlohmann::json json() const { return nlohmann::json::parse(text); }
  std::string code() const { return json().at("error").at("code"); }
};

/// The first place of `from` in `text` becomes `to`. @throws std::runtime_error if there is none
void replace(std::string& text, const std::string& from, const std::string& to);
void replace_in(const std::filesystem::path& file, const std::string& from, const std::string& to);

/// protocols/phantom.toml with fewer films: made, explained, keys made, everybody enrolled; in a temporary
/// folder. Readers r1, r2, r3. @throws std::runtime_error if a step does not end with 0
class TrialStudy {
 public:
  static constexpr const char* kPassphrase = "correct horse";

  /// @param n_repeats  cases that each reader sees twice
  /// @param has_ai  false: the arms show nothing, and nothing is explained: needs no engine
  explicit TrialStudy(int n_films, int n_repeats = 1, bool has_ai = true);

  int n_films() const { return n_films_; }
  std::filesystem::path study() const { return folder_.path() / "study"; }
  std::string at(const std::string& name) const { return (folder_.path() / name).string(); }

  Answered run(const std::string& words) const;
  Answered lock(const std::string& out = "release") const;
  /// A `study` command on the locked study. @param now  empty: the machine's
  Answered step(const std::string& words, const std::string& now = "") const;
  /// Releases a period into "outbox".
  Answered package(int period, const std::string& now) const;
  /// The reader's package is read by a simulated reader.
  Answered simulate(const std::string& reader, int period, const std::string& now) const;

 private:
  TemporaryFolder folder_;
  int n_films_;
};

}  // namespace rationale::test

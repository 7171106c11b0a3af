// A reader made of a few numbers, who reads through the same session as people do: for rehearsals, the demo
// and sizing. Nothing here claims to be how radiologists see.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "data/base/utc.h"
#include "study/session/item.h"
#include "study/session/session.h"

namespace rationale::study {

/// A latent suspicion, in standard deviations; positive above the threshold (probit model).
struct SimulatedModel {
  double separation = 1.7;          ///< mean suspicion, diseased minus normal
  double threshold = 0.75;          ///< false-positive rate about 0.2
  double case_sd = 0.6;             ///< difficulty that all readers share
  double reader_sd = 0.15;          ///< readers' thresholds
  double ai_weight = 0.25;          ///< suspicion per logit of the shown AI score, which is cut at +-4
  double heatmap_normal = -0.25;    ///< change of suspicion while a heatmap is shown
  double heatmap_diseased = 0.1;
  double heatmap_reader_sd = 0.1;   ///< readers react differently to it
  double log_seconds_mean = 3.2, log_seconds_sd = 0.4, heatmap_log_seconds = 0.07;
  double toggles = 0.3, loses_focus = 0.02, pauses = 0.01, flags = 0.02, not_assessable = 0.004,
         seen_before = 0.01;        ///< rates per case
};

struct SimulatedCase {
  bool is_diseased = false;
  std::string key;  ///< the same for all readers: what they share of a case's difficulty
};

/// A clock that goes as far as it is told.
class VirtualClock {
 public:
  explicit VirtualClock(UtcTime start) : start_(start) {}
  void advance_ms(std::int64_t ms) { ms_ += ms; }
  Stamp now() const;

 private:
  UtcTime start_;
  std::int64_t ms_ = 1000;
};

class SimulatedReader {
 public:
  /// Same seed, reader, period and cases: same answers, whatever the order.
  SimulatedReader(const SimulatedModel& model, std::uint64_t seed, std::string reader, int period);

  /// Opens the item (unless it is open), looks, answers all that is asked and confirms.
  void read(ReadingSession& session, VirtualClock& clock, const Item& item, const SimulatedCase& one,
            const Protocol& protocol);

  /// A whole session: opens it, checks the display, reads until it is over, closes. Returns the readings.
  int read_session(ReadingSession& session, VirtualClock& clock, const Protocol& protocol,
                   const std::function<Item(int position)>& item,
                   const std::function<SimulatedCase(const Item&)>& truth);

 private:
  SimulatedModel model_;
  std::uint64_t seed_;
  std::string reader_;
  int period_;
  double threshold_, heatmap_shift_;
};

}  // namespace rationale::study

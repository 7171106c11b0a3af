#include "study/log/event.h"

#include "data/base/error.h"
#include "study/log/canonical.h"

namespace rationale::study {

std::string event_payload(const Event& event, std::int64_t seq) {
  return canonical_json({{"actor", event.actor},
                         {"body", event.body},
                         {"boot", event.at.boot},
                         {"boot_us", event.at.boot_us},
                         {"kind", event.kind},
                         {"mono_us", event.at.mono_us},
                         {"seq", seq},
                         {"t", event.at.utc},
                         {"v", 1}});
}

Event parse_event(const std::string& payload) {
  try {
    const nlohmann::json json = parse_canonical(payload);
    if (json.at("v") != 1) {
      throw Error(Error::Kind::kInput, "the event is of another version", "v",
                  "read it with a newer program")
          .with_code("bad_event");
    }
    Event event;
    event.seq = json.at("seq").get<std::int64_t>();
    event.at.utc = json.at("t").get<std::string>();
    event.at.mono_us = json.at("mono_us").get<std::int64_t>();
    // Events of other programs may lack the second clock; the first then stands for both.
    event.at.boot_us = json.value("boot_us", event.at.mono_us);
    event.at.boot = json.at("boot").get<std::string>();
    event.actor = json.at("actor").get<std::string>();
    event.kind = json.at("kind").get<std::string>();
    event.body = json.at("body");
    return event;
  } catch (const nlohmann::json::exception& error) {
    throw Error(Error::Kind::kInput, std::string("not an event: ") + error.what(), "the log",
                "the log was not written by this program, or was changed")
        .with_code("bad_event");
  }
}

}  // namespace rationale::study

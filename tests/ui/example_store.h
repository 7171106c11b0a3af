// A small explanations.db with films, as the studio's tests need it: written by the store's own
// writer.
#pragma once

#include <filesystem>
#include <vector>

namespace rationale::test {

enum class Concepts { kNone, kSome };

/// DIR/explanations.db with the classes Mass, Effusion and Pneumothorax and one case for each film,
/// named C-0001, C-0002, …; case i has the logits 3.10 - i, -1.2 and 0.4 - 0.3 i. Class
/// Pneumothorax has no positive evidence in any map. With concepts, Mass carries the mockup's
/// numbers, moved by -i in the residual. @param films  PNG files; empty: three are drawn into
/// DIR/films
void make_example_store(const std::filesystem::path& folder, Concepts concepts,
                        std::vector<std::filesystem::path> films = {});

}  // namespace rationale::test

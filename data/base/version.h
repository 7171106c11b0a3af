// The version that every stored result carries.
#pragma once

namespace rationale {

/// As in CMakeLists.txt, such as "0.1.0".
const char* version();

}  // namespace rationale

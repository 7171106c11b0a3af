#include "data/base/version.h"

namespace rationale {

const char* version() { return RATIONALE_VERSION; }

}  // namespace rationale

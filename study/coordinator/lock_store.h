// Writes what was locked into the coordinator's store.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "study/coordinator/case_files.h"
#include "study/coordinator/certificate.h"
#include "study/coordinator/enrolment.h"
#include "study/coordinator/sealed_set.h"
#include "study/log/store.h"

namespace rationale::study {

struct LockedContent {
  const Protocol& protocol;
  const Enrolment& enrolment;
  const std::map<std::string, Sealed>& sealed;  ///< by kind
  const std::vector<CustodianShare>& shares;
  const Certificate& certificate;
};

/// The list of cases, before the rest. Of the manifest's columns only the protocol's strata and subgroups are
/// kept, of films digest and size: whoever holds the store must not learn more than the study needs.
void write_cases(EventStore& store, const Protocol& protocol, const Manifest& manifest);
/// SHA-256 over the stored list of cases, for the certificate.
std::string case_rows_digest(EventStore& store);

/// All but the cases. One transaction.
void write_lock(EventStore& store, const LockedContent& content);

/// What `write_lock` sealed. @throws Error (kInput, "not_locked") if it is not there
Sealed read_sealed(EventStore& store, const std::string& kind);

}  // namespace rationale::study

// Numbers as a reader of a report meets them: U+2212 for minus, no sign on a rounded zero.
#pragma once

#include <optional>
#include <string>

namespace rationale {

inline constexpr const char* kMinus = "\u2212";
inline constexpr const char* kNoBreakSpace = "\u00a0";

/// "12.3", "−4.8"; a value that rounds to zero is "0.0", never "−0.0". @pre finite
std::string fixed_text(double value, int decimals);

/// As fixed_text, with "+" before what is above zero: "+6.0", "−15.6", "0.0".
std::string signed_text(double value, int decimals);

/// A proportion in per cent, one decimal: 0.1704 -> "17.0 %" (U+00A0 before the sign).
std::string percent_text(double proportion, int decimals = 1);

/// "−15.6 to +6.0"; both limits are multiplied by `factor` first.
std::string interval_text(double lower, double upper, double factor, int decimals);

/// "0.204", or "< 0.001" below one in a thousand. @pre 0 <= p <= 1
std::string p_text(double p);

/// "p = 0.204" or "p < 0.001".
std::string p_phrase(double p);

/// "2.13"; without decimals from 100; no df, the normal distribution: "∞".
std::string df_text(std::optional<double> df);

}  // namespace rationale

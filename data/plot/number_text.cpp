#include "data/plot/number_text.h"

#include <fmt/format.h>

#include <cmath>

namespace rationale {

namespace {

/// The digits of |value| and whether any of them is not zero.
struct Digits {
  std::string text;
  bool is_zero = true;
};

Digits digits(double value, int decimals) {
  Digits result{fmt::format("{:.{}f}", std::fabs(value), decimals), true};
  result.is_zero = result.text.find_first_of("123456789") == std::string::npos;
  return result;
}

}  // namespace

std::string fixed_text(double value, int decimals) {
  const Digits absolute = digits(value, decimals);
  return (value < 0 && !absolute.is_zero ? kMinus : "") + absolute.text;
}

std::string signed_text(double value, int decimals) {
  const Digits absolute = digits(value, decimals);
  if (absolute.is_zero) return absolute.text;
  return (value < 0 ? kMinus : "+") + absolute.text;
}

std::string percent_text(double proportion, int decimals) {
  return fixed_text(100 * proportion, decimals) + kNoBreakSpace + "%";
}

std::string interval_text(double lower, double upper, double factor, int decimals) {
  return signed_text(lower * factor, decimals) + " to " + signed_text(upper * factor, decimals);
}

std::string p_text(double p) {
  if (p < 0.001) return std::string("<") + kNoBreakSpace + "0.001";
  return fmt::format("{:.3f}", p);
}

std::string p_phrase(double p) {
  if (p < 0.001) return "p " + p_text(p);
  return "p = " + p_text(p);
}

std::string df_text(std::optional<double> df) {
  if (!df) return "\u221e";
  // Freedom beyond nine digits is the normal distribution to every digit that is printed.
  if (*df >= 1e9) return "\u221e";
  return fmt::format("{:.{}f}", *df, *df >= 99.995 ? 0 : 2);
}

}  // namespace rationale

#include "data/plot/number_text.h"

#include "tests/support/catch.h"

namespace rationale {

TEST_CASE("minus is U+2212 and a rounded zero has no sign", "[data][plot]") {
  CHECK(fixed_text(-4.81, 1) == "\u22124.8");
  CHECK(fixed_text(-0.04, 1) == "0.0");
  CHECK(signed_text(-0.04, 1) == "0.0");
  CHECK(signed_text(0.04, 1) == "0.0");
  CHECK(signed_text(6, 1) == "+6.0");
  CHECK(signed_text(-15.589, 1) == "\u221215.6");
}

TEST_CASE("a space that does not break stands before the per cent sign", "[data][plot]") {
  CHECK(percent_text(0.17037037) == "17.0\u00a0%");
  CHECK(percent_text(0) == "0.0\u00a0%");
  CHECK(percent_text(1) == "100.0\u00a0%");
}

TEST_CASE("limits are joined by a word, because a dash would look like a minus", "[data][plot]") {
  CHECK(interval_text(-0.15589, 0.059598, 100, 1) == "\u221215.6 to +6.0");
}

TEST_CASE("p has three decimals or is below one in a thousand", "[data][plot]") {
  CHECK(p_text(0.2035) == "0.203");
  CHECK(p_text(0.00999) == "0.010");
  CHECK(p_text(0.0009999) == "<\u00a00.001");
  CHECK(p_text(0.001) == "0.001");
  CHECK(p_phrase(1e-300) == "p <\u00a00.001");
  CHECK(p_phrase(0.01034) == "p = 0.010");
}

TEST_CASE("degrees of freedom have two decimals, none from one hundred, and may be endless",
          "[data][plot]") {
  CHECK(df_text(2.1304) == "2.13");
  CHECK(df_text(2.0) == "2.00");
  CHECK(df_text(99.99) == "99.99");
  CHECK(df_text(99.999) == "100");
  CHECK(df_text(292.45) == "292");
  CHECK(df_text(std::nullopt) == "\u221e");
  CHECK(df_text(1.8e61) == "\u221e");
}

}  // namespace rationale

// How a protocol had the arms, or their order, drawn.
#pragma once

namespace rationale::study {

struct OrderDraw {
  bool is_by_reader = false;   ///< one order a reader; else one for every case of a reader
  bool is_stratified = false;  ///< cases within the values of the column stratum (of a draw by case)
  bool is_parallel = false;    ///< readers were drawn into arms, one arm each: there is no order
};

}  // namespace rationale::study

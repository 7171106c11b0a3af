// The cards of the sample models turn a film back into the network's input.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>

#include "data/dicom/read_dicom.h"
#include "data/samples/film.h"
#include "data/samples/place.h"
#include "explain/model/card.h"
#include "explain/model/preprocess.h"
#include "tests/support/catch.h"

using namespace rationale;
using namespace rationale::samples;

TEST_CASE("each sample model's card gives the network's input of every film, to float rounding",
          "[samples][models]") {
  const std::string name = GENERATE("honest", "shortcut-shoulder", "shortcut-portable", "rule");
  const explain::ModelCard card = explain::read_card(models_folder() / (name + ".toml"));
  for (std::uint64_t i = 0; i < 24; ++i) {
    const SampleCase one = describe_case(SampleSet::kTest, 7, i);
    const Phantom phantom = render(7, i, one.labels.findings);
    const FloatArray wanted = network_input(stored_values(phantom.image));
    const Picture picture = parse_dicom(encode_dx(film(one, phantom, "test")), one.name);

    const explain::Prepared prepared = explain::prepare(picture, card);

    REQUIRE(prepared.input.shape == wanted.shape);
    double worst = 0;
    for (std::size_t k = 0; k < wanted.values.size(); ++k) {
      worst = std::max(worst, std::abs(static_cast<double>(prepared.input.values[k]) -
                                       static_cast<double>(wanted.values[k])));
    }
    REQUIRE(worst < 1e-6);  // inputs reach 2.8, where floats lie 2.4e-7 apart
    REQUIRE(prepared.input_to_picture.row_scale == Approx(1));
    REQUIRE(prepared.input_to_picture.col_offset == Approx(0).margin(1e-12));
  }
}

// An item of a package as bytes. Inside a sealed box only: what is written here is seen by the reader alone.
#pragma once

#include <string>
#include <string_view>

#include "study/session/item.h"

namespace rationale::study {

/// Pixels as 16-bit integers where they are whole and span less than 65,536, else as 32-bit floats: no
/// value changes.
std::string encode_item(const Item& item);

/// Reads what encode_item wrote; bytes beyond it (padding) are ignored.
/// @throws Error (kInput, "bad_item") for anything else: sizes are checked before memory is taken
Item decode_item(std::string_view bytes);

/// What an item with these films and any AI output of at most `n_cells` map cells and `label_bytes` of
/// label takes at most: the size to which every item of a study is padded.
std::size_t item_capacity(const std::vector<ItemFilm>& films, std::size_t n_cells,
                          std::size_t label_bytes, std::size_t arm_bytes);

}  // namespace rationale::study
